"""Guards of the record: triggers by which the database itself refuses to change, replace or delete what was recorded.

They are made from the tables as they are, dropped before each migration and made again after it: Alembic's batch mode
makes a table of SQLite anew, without its triggers. A program that finds one absent or altered does not start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

# What is refused of each table, and how the refusal ends.
_refusals: Final[Mapping[str, str]] = {
    "predictions": "predictions are never changed, and deleted by the retention alone",
    "prediction_blocks": "blocks of predictions are never changed, and deleted by the retention alone",
    "officer_decisions": "officer decisions are never changed or deleted",
    "outcomes": "outcomes are never changed or deleted: a later one corrects an earlier one",
    "audit_statements": "statements on the record are never changed or deleted",
    "audit_chain": "links of the record are never changed or deleted",
}
# The table of the links: a row of another is added once its link is there, in the same transaction.
_chain: Final = "audit_chain"
_unlinked: Final = "nothing is added to the record without its link: it is to be added by this program"
# Deleted by the retention: what is older than a statement says that was recorded before.
_retained: Final = ("predictions", "prediction_blocks")
# A prediction may be part of an entry, in the place of being one.
_in_blocks: Final = "predictions"
_names: Final = "guard_"
# Of the first migration, which made them once and for all.
_former_triggers: Final = tuple(f"officer_decisions_no_{event}" for event in ("update", "delete", "truncate"))
_former_function: Final = "refuse_change_of_officer_decisions"


@dataclass(frozen=True, slots=True, order=True)
class Guard:
    """A trigger: its name, its table, and what the database says of it."""

    name: str
    table: str
    definition: str


def make(connection: Connection) -> None:
    """Makes all guards anew, within the transaction of a connection."""
    drop(connection)
    if connection.dialect.name == "postgresql":
        _make_postgresql(connection)
        return
    for guard in _expected_sqlite(connection):
        connection.execute(text(guard.definition))


def drop(connection: Connection) -> None:
    """Takes all guards away, within the transaction of a connection that makes them again before it ends."""
    if connection.dialect.name != "postgresql":
        for name in [guard.name for guard in _present_sqlite(connection)]:
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        return
    for name, table in connection.execute(text(_postgresql_names), _own_names()).all():
        connection.execute(text(f'DROP TRIGGER "{name}" ON "{table}"'))
    for function in (*_functions, _former_function):
        connection.execute(text(f"DROP FUNCTION IF EXISTS {function}()"))


def absent(connection: Connection) -> tuple[str, ...]:
    """Names of the guards that are not there, or not as they were made; in order."""
    if connection.dialect.name == "postgresql":
        expected, present = set(_expected_postgresql()), set(_present_postgresql(connection))
    else:
        expected, present = set(_expected_sqlite(connection)), set(_present_sqlite(connection))
    return tuple(sorted(guard.name for guard in expected - present))


# --- SQLite


def _expected_sqlite(connection: Connection) -> Iterator[Guard]:
    for table, refusal in _refusals.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        kept = ' WHEN OLD.time >= coalesce((SELECT max(older_than) FROM audit_statements), "")'.replace('"', "'")
        for event, condition in {
            "UPDATE": "",
            "DELETE": kept if table in _retained else "",
            # `INSERT OR REPLACE` deletes what is in its way, and fires no trigger of deletions while
            # recursive_triggers is off, which each connection says for itself.
            "INSERT": f" WHEN {_is_taken(connection, table)}",
        }.items():
            name = f"{_names}{table}_{event.lower()}"
            yield Guard(name, table, f"CREATE TRIGGER {name} BEFORE {event} ON {table}{condition} {refuse}")
        if table != _chain:
            name = f"{_names}{table}_link"
            refuse_unlinked = f"BEGIN SELECT RAISE(ABORT, '{_unlinked}'); END"
            unlinked = _is_outside if table == _in_blocks else _is_unlinked
            yield Guard(
                name, table, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {unlinked} {refuse_unlinked}"
            )
        # Before it is inserted, the number of a row that the statement does not give reads as -1.
        name = f"{_names}{table}_number"
        yield Guard(name, table, f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN NEW.rowid < 1 {refuse}")


_is_unlinked: Final = f"NOT EXISTS (SELECT 1 FROM {_chain} WHERE entry_id = NEW.id)"  # noqa: S608
# Neither linked, nor in the block that it names, which is.
_is_outside: Final = (
    f"(NEW.block IS NULL AND {_is_unlinked}) OR (NEW.block IS NOT NULL AND "  # noqa: S608
    "NOT EXISTS (SELECT 1 FROM prediction_blocks WHERE id = NEW.block AND NEW.id BETWEEN first_id AND last_id))"
)


def _is_taken(connection: Connection, table: str) -> str:
    """Whether a new row has a key of a row that is there: any key by which `INSERT OR REPLACE` finds rows to delete."""
    keys = {("rowid",)}
    for index in connection.exec_driver_sql(f"PRAGMA index_list({table})").mappings().all():
        if index["unique"]:
            columns = connection.exec_driver_sql(f"PRAGMA index_info({index['name']})").mappings().all()
            keys.add(tuple(column["name"] for column in columns))
    # All of them, also where an index is of some rows only.
    conditions = [" AND ".join(f"{column} = NEW.{column}" for column in key) for key in sorted(keys)]
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {condition})" for condition in conditions)  # noqa: S608


def _present_sqlite(connection: Connection) -> Iterator[Guard]:
    query = text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    for name, table, definition in connection.execute(query).all():
        if name.startswith(_names) or name in _former_triggers:
            yield Guard(name, table, definition)


# --- PostgreSQL

# Row by row, or TRUNCATE as a whole; the numbers are those of `pg_trigger.tgtype`.
_events: Final[Mapping[str, tuple[str, int]]] = {
    "UPDATE": ("ROW", 1 + 2 + 16),
    "DELETE": ("ROW", 1 + 2 + 8),
    "TRUNCATE": ("STATEMENT", 2 + 32),
    "INSERT": ("ROW", 1 + 2 + 4),
}
_functions: Final[Mapping[str, str]] = {
    "guard_refuse": " BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END ",
    "guard_link": (
        f" BEGIN IF {_is_unlinked} THEN RAISE EXCEPTION '%', TG_ARGV[0] "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END "
    ),
    "guard_link_or_block": (
        f" BEGIN IF {_is_outside} THEN RAISE EXCEPTION '%', TG_ARGV[0] "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END "
    ),
    # Names the schema, so that no other table of that name is asked.
    "guard_retain": (
        " DECLARE kept timestamptz; BEGIN "
        "EXECUTE format('SELECT max(older_than) FROM %I.audit_statements', TG_TABLE_SCHEMA) INTO kept; "
        "IF kept IS NULL OR OLD.time >= kept THEN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END "
    ),
}
_postgresql_names: Final = (
    "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace "
    "AND (t.tgname LIKE :ours OR t.tgname = ANY(:former))"
)
_postgresql_guards: Final = (
    "SELECT t.tgname, c.relname, t.tgenabled, t.tgtype, p.proname, p.prosrc, t.tgqual IS NULL FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE :ours"
)


def _own_names() -> dict[str, object]:
    return {"ours": _names.replace("_", r"\_") + "%", "former": list(_former_triggers)}


def _postgresql_triggers() -> Iterator[tuple[str, str, str, str, str]]:
    """Name, table, event, function, and what it says."""
    for table, refusal in _refusals.items():
        for event in ("UPDATE", "DELETE", "TRUNCATE"):
            function = "guard_retain" if event == "DELETE" and table in _retained else "guard_refuse"
            yield f"{_names}{table}_{event.lower()}", table, event, function, refusal
        if table != _chain:
            function = "guard_link_or_block" if table == _in_blocks else "guard_link"
            yield f"{_names}{table}_link", table, "INSERT", function, _unlinked


def _make_postgresql(connection: Connection) -> None:
    for function, body in _functions.items():
        connection.execute(text(f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
    for name, table, event, function, refusal in _postgresql_triggers():
        connection.execute(
            text(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {_events[event][0]} "
                f"EXECUTE FUNCTION {function}('{refusal}')"
            )
        )
        # Also for a session that says it replicates, which leaves ordinary triggers out.
        connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))


def _expected_postgresql() -> Iterator[Guard]:
    for name, table, event, function, _ in _postgresql_triggers():
        yield Guard(name, table, _described("A", _events[event][1], function, _functions[function]))


def _present_postgresql(connection: Connection) -> Iterator[Guard]:
    triggers = connection.execute(text(_postgresql_guards), {"ours": _own_names()["ours"]}).all()
    for name, table, enabled, kind, function, body, is_unconditional in triggers:
        if is_unconditional:
            yield Guard(name, table, _described(enabled, kind, function, body))


def _described(enabled: str | bytes, kind: int, function: str, body: str) -> str:
    state = enabled.decode() if isinstance(enabled, bytes) else enabled
    return f"{state} {kind} {function} {body}"
