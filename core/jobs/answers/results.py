"""The result of a job: a page of it for a grid, one row of it whole, or all of it as text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from core import catalogue
from core.batch.batch_columns import columns_of_decisions, rejections_schema
from core.batch.rejections import expected_sentence, heading, problem_sentence
from core.decision import Decision, Value
from core.explain.information import missing_essentials
from core.exports.csv_text import as_csv, frame_as_csv, head_of
from core.features import history_names
from core.jobs import files, set_aside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.batch.rejections import Rejection
    from core.catalogue import Language
    from core.contract.record.officer_decisions import FinalDecisionAnswer
    from core.exports.csv_text import Convention
    from core.jobs.job import Job
    from core.portfolio.provenance import HistorySource

# 20,000 are no faster, and took 35 MB more of the process that answers requests.
_rows_at_once: Final = 4_000

# What an officer decided on a row, beside what the model did: text, so that it is the same in every kind of file.
columns_of_officers: Final = ("final_decision", "officer", "decided_at")

Operation = Literal["min", "max", "in", "prefix", "missing"]

# Of a result as a file, in any format: the decision and the main columns, or these and all others of the file.
Columns = Literal["main", "all"]


class UnknownRow(LookupError):
    """No sound row of the result has that number."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column has to be: at least or at most a number, one of several values, begin with digits, be missing."""

    column: str
    operation: Operation
    value: Any


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a result, in which order; without `sort` in that of the file."""

    offset: int = 0
    limit: int = 100
    sort: str | None = None
    descending: bool = False
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows of a result, by the names of `shown_columns`, of `total` that meet the conditions."""

    rows: tuple[dict[str, Value], ...]
    total: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A sound row whole.

    Attributes:
        decision: what was decided.
        application: as it was understood, with the history that it got, and without what is missing.
        history: where that history comes from.
    """

    decision: dict[str, Value]
    application: dict[str, Value]
    history: HistorySource

    @property
    def missing_essentials(self) -> tuple[str, ...]:
        """The essential columns that it lacks; told of the results of earlier versions too."""
        return missing_essentials(self.application)

    def as_decision(self) -> Decision:
        """The decision with what makes it sure or not; what an earlier version did not keep is not known."""
        values: dict[str, Any] = self.decision
        return Decision(
            client_id=values["SK_ID_CURR"],
            probability=values["probability"],
            threshold=values["threshold"],
            missing_essentials=self.missing_essentials,
            information=values.get("information"),
            agreement=values.get("fold_agreement"),
        )


@cache
def column_types() -> dict[str, pl.DataType]:
    """The columns that are shown of a result, with their types: those of the decision, then the main ones."""
    types = columns_of_decisions() | catalogue.polars_schema("application")
    names = dict.fromkeys((*columns_of_decisions(), *(column.name for column in catalogue.main_columns())))
    return {name: types[name] for name in names} | {"SK_ID_CURR": pl.Int64(), "TARGET": pl.Int64()}


def shown_columns(folder: Path) -> list[str]:
    """Those of `column_types` that a result has."""
    present = set(_scan(folder).collect_schema().names())
    return [name for name in column_types() if name in present]


def columns_of_file(folder: Path, columns: Columns) -> list[str]:
    """The columns of a result as a file, in their order: those of `shown_columns`, then the others where all go."""
    shown = shown_columns(folder)
    if columns == "main":
        return shown
    return [*shown, *(name for name in _scan(folder).collect_schema().names() if name not in set(shown))]


def page(folder: Path, query: RowQuery) -> RowPage:
    """A page of a result.

    Args:
        folder: of a job that is done.
        query: by names of `column_types`; a column that the result lacks is missing in each row.
    """
    rows = _scan(folder)
    shown = shown_columns(folder)
    present = set(shown)
    for condition in query.conditions:
        met = (
            _condition(condition)
            if condition.column in present
            else pl.lit(condition.operation == "missing" and condition.value)
        )
        rows = rows.filter(met)
    sort = query.sort if query.sort in present else None
    order = [(sort, query.descending)] * (sort is not None) + [("row", False)] * (sort != "row")
    ordered = rows.select(shown).sort(
        [name for name, _ in order], descending=[down for _, down in order], nulls_last=True
    )
    total, frame = pl.collect_all([rows.select(pl.len()), ordered.slice(query.offset, query.limit)])
    return RowPage(tuple(frame.iter_rows(named=True)), total.item())


def row(folder: Path, number: int) -> ResultRow:
    """The row of that number in the file. Raises `UnknownRow`."""
    frame = _scan(folder).filter(pl.col("row") == number).collect()
    if frame.is_empty():
        raise UnknownRow
    (values,) = frame.iter_rows(named=True)
    decision: dict[str, Value] = {name: values.pop(name) for name in columns_of_decisions() if name in values}
    known = {name: value for name, value in values.items() if value is not None}
    client = {} if decision["SK_ID_CURR"] is None else {"SK_ID_CURR": decision["SK_ID_CURR"]}
    return ResultRow(decision, client | known, _source(decision, known))


def _source(decision: dict[str, Value], application: dict[str, Value]) -> HistorySource:
    if "history" in decision:
        source: HistorySource = decision["history"]  # type: ignore[assignment]
        return source
    # A result of an earlier version, which did not say: what is in it stands as it is.
    return "none" if application.keys().isdisjoint(history_names()) else "sent"


def officers_values(final: FinalDecisionAnswer | None) -> dict[str, str | None]:
    """The `columns_of_officers` of a row, each None where no officer has decided; the time as ISO 8601."""
    values = (None,) * 3 if final is None else (final.decision, final.officer, final.time.isoformat(timespec="seconds"))
    return dict(zip(columns_of_officers, values, strict=True))


def decided_rows(decisions: Mapping[int, FinalDecisionAnswer]) -> pl.DataFrame | None:
    """What officers decided on rows of a file, in the order of the rows; None where they decided on none.

    Args:
        decisions: by the number of the row.

    Returns:
        `row`, and the `columns_of_officers`.
    """
    if not decisions:
        return None
    schema = {"row": columns_of_decisions()["row"]} | dict.fromkeys(columns_of_officers, pl.String())
    return pl.DataFrame(
        [{"row": number} | officers_values(final) for number, final in sorted(decisions.items())], schema=schema
    )


def csv_lines(
    folder: Path,
    decided: pl.DataFrame | None = None,
    convention: Convention = "plain",
    columns: Columns = "main",
) -> Iterator[str]:
    """A result as CSV, with a heading, many lines at a time; `decided` as in `frames`."""
    yield head_of(convention) + as_csv([heading_of_file(folder, decided, columns)], convention)
    for frame in frames(folder, decided, columns):
        yield frame_as_csv(frame, convention)


def heading_of_file(folder: Path, decided: pl.DataFrame | None, columns: Columns) -> list[str]:
    """The names of the columns that `frames` gives."""
    return [*columns_of_file(folder, columns), *(columns_of_officers if decided is not None else ())]


def frames(folder: Path, decided: pl.DataFrame | None = None, columns: Columns = "main") -> Iterator[pl.DataFrame]:
    """A result, some rows at a time.

    Args:
        decided: as `decided_rows` gives it; its columns come last.
    """
    rows = _scan(folder).select(columns_of_file(folder, columns))
    height: int = rows.select(pl.len()).collect().item()
    for first in range(0, height, _rows_at_once):
        frame = rows.slice(first, _rows_at_once).collect()
        yield frame if decided is None else frame.join(decided, on="row", how="left", maintain_order="left")


def write_parquet(folder: Path, path: Path, decided: pl.DataFrame | None, columns: Columns) -> None:
    """A result, with what officers decided last, as Parquet. Raises `OSError` where the disk is full."""
    rows = _scan(folder).select(columns_of_file(folder, columns))
    if decided is not None:
        rows = rows.join(decided.lazy(), on="row", how="left", maintain_order="left")
    rows.sink_parquet(path)


def rejected_lines(folder: Path, lang: Language, convention: Convention = "plain") -> Iterator[str]:
    """The list of rows set aside as CSV for a reader, with a heading, many lines at a time."""
    yield head_of(convention) + as_csv([heading], convention)
    for rejections in rejections_of_file(folder, lang):
        yield as_csv(rejections, convention)


def rejections_of_file(folder: Path, lang: Language) -> Iterator[list[Rejection]]:
    """The list of rows set aside for a reader, many at a time."""
    rows = pl.scan_csv(
        files.rejected(folder), has_header=False, schema=rejections_schema, raise_if_empty=False, glob=False
    )
    first = 0
    while (frame := rows.slice(first, _rows_at_once).collect()).height:
        yield [_for_reader(rejection, lang) for rejection in frame.iter_rows()]
        first += frame.height


def set_aside_lines(folder: Path, job: Job, lang: Language, convention: Convention = "plain") -> Iterator[str]:
    """The rows set aside as they were sent, with their numbers and what is wrong, as CSV, many lines at a time.

    Raises:
        RowsNotKept: the job has set rows aside, and has not kept them.
    """
    rejections = (rejection for part in rejections_of_file(folder, lang) for rejection in part)
    return set_aside.lines(folder, job, ((rejection[0], _problem(rejection)) for rejection in rejections), convention)


def _problem(rejection: Rejection) -> str:
    """What is wrong with a row, in one cell: `AMT_CREDIT is not a number (a number from 0)`."""
    _, _, column, problem, expected = rejection
    return f"{column} {problem} ({expected})".strip()


def _for_reader(rejection: tuple[Any, ...], lang: Language) -> Rejection:
    number, client, column, problem, detail = rejection
    expected = expected_sentence(column, lang, problem)
    return number, client, column or "", problem_sentence(problem, detail or "", lang), expected


def _scan(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(files.result(folder), glob=False)


def _condition(condition: Condition) -> pl.Expr:
    column, value = pl.col(condition.column), condition.value
    if condition.operation == "min":
        return column.ge(value)
    if condition.operation == "max":
        return column.le(value)
    if condition.operation == "in":
        return column.is_in(value)
    if condition.operation == "prefix":
        return column.cast(pl.String).str.starts_with(value)
    return column.is_null() if value else column.is_not_null()
