"""A record of many decisions with outcomes, made by SQL: to measure how it is read, not how it is written.

Its decisions are in blocks, as those of files are, with empty contents; its links are there, and their digests empty.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from core.audit.engine import Database, database_url
from core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

threshold: Final = 0.09
months: Final = 24
# Of the decisions of later months, no outcome is known.
months_with_outcomes: Final = 18
_of_block: Final = 10_000
# Fractions that look like chance, the same each time: multiplicative hashing (Knuth, volume 3, section 6.4).
_u: Final = "((i * 2654435761 % 4294967296) / 4294967296.0)"
_v: Final = "((i * 2246822519 % 4294967291) / 4294967291.0)"
_w: Final = "((i * 3266489917 % 4294967279) / 4294967279.0)"
_probability: Final = f"(0.002 + 0.5 * {_u} * {_u} * {_u} * {_u} * {_u})"
_is_refused: Final = f"{_probability} >= {threshold}"
# By officers, who decide on one application in thirty, and one time in ten otherwise than the model.
_is_seen: Final = "i % 30 = 0"
_is_override: Final = "i % 300 = 0"
_is_accepted: Final = f"CASE WHEN {_is_override} THEN {_is_refused} ELSE NOT {_is_refused} END"
_client: Final = "CASE WHEN i % 20 = 0 THEN i - 1 ELSE i END"
_decision: Final = f"CASE WHEN {_is_refused} THEN 'REFUSÉ' ELSE 'ACCEPTÉ' END"
_final: Final = f"CASE WHEN {_is_accepted} THEN 'ACCEPTÉ' ELSE 'REFUSÉ' END"


def make(file: Path, decisions: int, recorded: float = 1.0) -> None:
    """Makes a record.

    Args:
        file: to be made.
        decisions: how many, over `months`; 70 % are accepted, and those of the first months have an outcome.
        recorded: which share of them, from the first on, is there: `add` adds the rest.
    """
    Database.open(database_url(Settings(database_url=None, audit_file=file))).close()
    with closing(_connect(file)) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        indexes = connection.execute(query).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        last = int(decisions * recorded)
        _insert(connection, [*_decisions(1, last, decisions, "b"), *_outcomes(1, _last_known(decisions), decisions)])
        for _, statement in indexes:
            connection.execute(statement)


def add(file: Path, decisions: int, recorded: float, outcomes: int) -> None:
    """Adds the rest to a record of `decisions`, and the outcomes of some decisions that wait for theirs."""
    first, known = int(decisions * recorded) + 1, _last_known(decisions)
    with closing(_connect(file)) as connection:
        later = _outcomes(known + 1, known + outcomes, decisions)
        _insert(connection, [*_decisions(first, decisions, decisions, "c"), *later])


def _last_known(decisions: int) -> int:
    return decisions * months_with_outcomes // months


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {statement}")
    return connection


def _insert(connection: sqlite3.Connection, statements: list[str]) -> None:
    """Runs statements without the guards of the record, which look at each row."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        connection.execute(statement)
    for _, statement in triggers:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


def _decisions(first: int, last: int, decisions: int, blocks: str) -> list[str]:
    """Statements that add decisions from one number to another, in blocks of a name, and those of officers on them."""
    moment, version = _moment(decisions), f"'model-' || ({_month(decisions)} / 8)"
    # The last month was seen by a challenger as well.
    challenged = f"CASE WHEN {_month(decisions)} = {months - 1} THEN"
    predictions = (
        "INSERT INTO predictions (id, time, kind, request_id, caller, client_id, probability, threshold, decision, "
        "model_version, inputs, history, application, block, challenger_version, challenger_probability, "
        f"challenger_threshold) {_numbers(first, last)} SELECT {_id('i')}, {moment}, 'batch', 'r', 'bank', {_client}, "
        f"{_probability}, {threshold}, {_decision}, {version}, '{{}}', 'none', 'sent', "
        f"printf('{blocks}-%034d', i / {_of_block}), {challenged} 'challenger' END, "
        f"{challenged} {_probability} * (0.8 + 0.4 * {_w}) END, {challenged} {threshold} END FROM n"
    )
    of_blocks = (
        "INSERT INTO prediction_blocks (id, time, first_id, last_id, predictions, format, fingerprints, content) "
        "SELECT block, max(time), min(id), max(id), count(*), 'none', x'', x'' FROM predictions "
        f"WHERE id >= {_id(first)} GROUP BY block"
    )
    officers = (
        "INSERT INTO officer_decisions (id, time, request_id, caller, officer, decision, kind, reason, client_id, "
        "prediction_id, model_decision, model_version, probability, threshold, application) "
        f"{_numbers(first, last)} SELECT 'd' || substr({_id('i')}, 2), {moment}, 'r', 'bank', "
        f"'P' || (i % 41), {_final}, CASE WHEN {_is_override} THEN 'override' ELSE 'confirm' END, '', {_client}, "
        f"{_id('i')}, {_decision}, {version}, {_probability}, {threshold}, 'sent' FROM n WHERE {_is_seen}"
    )
    links = [
        _links("block", "prediction_blocks", f"printf('{blocks}-%034d', {first} / {_of_block})"),
        _links("decision", "officer_decisions", f"'d' || substr({_id(first)}, 2)"),
    ]
    return [predictions, of_blocks, officers, *links]


def _outcomes(first: int, last: int, decisions: int) -> list[str]:
    """Statements that add the outcomes of accepted decisions from one number to another."""
    defaulted = f"{_v} < {_probability}"
    outcomes = (
        "INSERT INTO outcomes (id, time, request_id, caller, prediction_id, client_id, defaulted, observed, "
        "amount_lost, decided, kind, probability, threshold, model_decision, model_version, application, "
        f"contract_type, income_type, age_band) {_numbers(first, last)} SELECT 'e' || substr({_id('i')}, 2), "
        f"'2026-01-01 00:00:00.000000', 'r', 'bank', {_id('i')}, {_client}, {defaulted}, '2025-12-31', "
        f"CASE WHEN {defaulted} THEN 1000.0 + i % 5000 END, {_moment(decisions)}, 'batch', {_probability}, "
        f"{threshold}, {_decision}, 'model-' || ({_month(decisions)} / 8), 'sent', "
        "CASE i % 9 WHEN 0 THEN 'Revolving loans' ELSE 'Cash loans' END, "
        "CASE i % 7 WHEN 0 THEN 'Pensioner' WHEN 1 THEN 'State servant' ELSE 'Working' END, "
        "CASE i % 4 WHEN 0 THEN '20-29' WHEN 1 THEN '30-39' ELSE '40-49' END "
        f"FROM n WHERE {_is_accepted}"
    )
    return [outcomes, _links("outcome", "outcomes", f"'e' || substr({_id(first)}, 2)")]


def _links(kind: str, table: str, first: str) -> str:
    return (
        "INSERT INTO audit_chain (sequence, recorded, version, kind, entry_id, content, digest) "
        "SELECT coalesce((SELECT max(sequence) FROM audit_chain), 0) + row_number() OVER (), 0, 1, "
        f"'{kind}', id, x'', x'' FROM {table} WHERE id >= {first}"
    )


def _numbers(first: int, last: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"


def _id(number: int | str) -> str:
    return f"printf('%08x-0000-7000-8000-%012x', {number} / 65536, {number})"


def _month(decisions: int) -> str:
    return f"(i * {months} / {decisions})"


def _moment(decisions: int) -> str:
    """From the first of January 2024 on, evenly."""
    seconds = f"1704067200 + i * {int(months * 30.4 * 86400)} / {decisions}"
    return f"strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch') || '.000000'"
