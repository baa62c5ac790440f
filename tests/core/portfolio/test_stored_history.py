"""A stored history goes whole to whoever bears the number and brings none, and it is said whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.application import Application, parse_application
from core.features import history_names
from core.portfolio.clients import clients_file
from core.portfolio.provenance import Provenance, joins
from core.portfolio.stored_history import StoredHistory, sources

if TYPE_CHECKING:
    from core.portfolio.clients import Portfolio

imported = Provenance("imported", "0123456789abcdef")


@pytest.fixture(scope="module")
def rows(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file)


@pytest.fixture(scope="module")
def known(rows: pl.DataFrame) -> dict[str, object]:
    """A client with bureau loans and instalments on record."""
    found = rows.filter(pl.col("INSTALMENTS").is_not_null() & pl.col("BUREAU_LOANS").is_not_null())
    return found.row(0, named=True)


def test_a_client_on_hand_gets_the_whole_history(portfolio: Portfolio, known: dict[str, object]) -> None:
    sent = parse_application({"AMT_CREDIT": 1e5, "SK_ID_CURR": known["SK_ID_CURR"]})
    (completed,) = portfolio.stored_history.complete([sent])
    assert (completed.history, completed.portfolio) == ("portfolio", portfolio.provenance)
    assert completed.values == {"AMT_CREDIT": 1e5} | {
        name: known[name] for name in history_names() if known[name] is not None
    }


def test_who_brings_a_history_gets_nothing_beside_it(portfolio: Portfolio, known: dict[str, object]) -> None:
    sent = parse_application({"AMT_CREDIT": 1e5, "SK_ID_CURR": known["SK_ID_CURR"], "BUREAU_LOANS": 99})
    assert sent.history == "sent"
    assert portfolio.stored_history.complete([sent]) == [sent]


@pytest.mark.parametrize("client_id", [None, 1, 100_002, 99_999_999])
def test_a_client_who_is_not_on_hand_gets_nothing(portfolio: Portfolio, client_id: int | None) -> None:
    sent = Application(values={"AMT_CREDIT": 1e5}, client_id=client_id)
    assert portfolio.stored_history.complete([sent]) == [sent]
    assert sent.history == "none"


def test_rows_of_a_file_get_what_single_applications_get(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    stored, numbers = portfolio.stored_history, [*rows["SK_ID_CURR"].head(5).to_list(), 100_002, None]
    given = pl.DataFrame({"SK_ID_CURR": numbers, "BUREAU_LOANS": [3.0, *[None] * 6]})
    completed = stored.complete_rows(given)
    singles = stored.complete(
        [
            parse_application({name: value for name, value in row.items() if value is not None})
            for row in given.iter_rows(named=True)
        ]
    )
    assert sources(given, completed).to_list() == [single.history for single in singles]
    assert set(sources(given, completed)) == {"sent", "portfolio", "none"}
    for row, single in zip(completed.iter_rows(named=True), singles, strict=True):
        assert {name: value for name, value in row.items() if value is not None and name != "SK_ID_CURR"} == dict(
            single.values
        )


def test_the_columns_of_a_batch_do_not_depend_on_who_is_in_it(portfolio: Portfolio) -> None:
    strangers = pl.DataFrame({"SK_ID_CURR": [1, 2]})
    ours = pl.DataFrame({"SK_ID_CURR": portfolio.index["SK_ID_CURR"].head(2).cast(pl.Int64)})
    stored = portfolio.stored_history
    assert stored.complete_rows(strangers).schema == stored.complete_rows(ours).schema


def test_rows_without_a_number_stay_as_they_are(portfolio: Portfolio) -> None:
    rows = pl.DataFrame({"AMT_CREDIT": [1.0]})
    assert portfolio.stored_history.complete_rows(rows).equals(rows)
    assert sources(rows, rows).to_list() == ["none"]


def test_nobody_is_on_hand_in_an_empty_portfolio() -> None:
    empty = StoredHistory(np.empty(0, dtype=np.int64), np.empty((0, len(history_names()))), imported)
    rows = pl.DataFrame({"SK_ID_CURR": [7]})
    assert sources(rows, empty.complete_rows(rows)).to_list() == ["none"]
    assert empty.complete([Application({}, 7)]) == [Application({}, 7)]


def test_a_client_of_whom_nothing_is_stored_has_no_history() -> None:
    blank = StoredHistory(np.array([7]), np.full((1, len(history_names())), np.nan), imported)
    rows = pl.DataFrame({"SK_ID_CURR": [7]})
    assert sources(rows, blank.complete_rows(rows)).to_list() == ["none"]
    assert blank.complete([Application({}, 7)])[0].history == "none"


@given(st.lists(st.integers(8_999_990, 9_000_600), max_size=30))
def test_what_goes_to_another_machine_is_enough_for_its_rows(portfolio: Portfolio, numbers: list[int]) -> None:
    rows = pl.DataFrame({"SK_ID_CURR": numbers}, schema={"SK_ID_CURR": pl.Int64})
    whole, part = portfolio.stored_history, portfolio.stored_history.only(np.array(numbers, dtype=np.int64))
    assert part.complete_rows(rows).equals(whole.complete_rows(rows))
    assert len(part.numbers) == len(set(numbers) & set(whole.numbers.tolist()))


@pytest.mark.parametrize(
    ("choice", "origin", "expected"),
    [
        (None, "synthetic", False),
        (None, "imported", True),
        ("portfolio", "synthetic", True),
        ("portfolio", "imported", True),
        ("none", "synthetic", False),
        ("none", "imported", False),
    ],
)
def test_only_real_clients_are_joined_unasked(choice, origin, expected: bool) -> None:
    assert joins(choice, replace(imported, origin=origin)) is expected


def test_a_provenance_reads_what_it_writes() -> None:
    assert str(imported) == "imported:0123456789abcdef"
    assert Provenance.parse(str(imported)) == imported
    for text in ("", "imported", "drawn:0123456789abcdef", "imported:0123", "imported:0123456789ABCDEF"):
        with pytest.raises(ValueError, match="not a provenance"):
            Provenance.parse(text)
