"""The scoring of a batch of rows: decisions on the sound ones, errors for each of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.application import largest_number
from core.batch.batch_columns import columns_of_decisions, rejections_schema
from core.batch.caveats import Caveats, caveats_of, with_readings
from core.batch.certainty import certainty_columns
from core.batch.decisions import decide
from core.features import history_names
from core.portfolio.stored_history import sources
from core.scoring import ScoredRows
from core.tables.cells.number_text import point_decimals
from core.tables.checking import check, errors_schema, in_order, listed_problems
from core.tables.values import ReadNumbers, read_numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.batch.challenges import Challenges
    from core.portfolio.stored_history import StoredHistory
    from core.scoring import Scorer
    from core.tables.batches import Batch

# Of which the features are held at once: 3 MB, and 13 for a whole batch.
_rows_at_once: Final = 2_500


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a batch.

    Attributes:
        applications: the sound rows, typed by the catalogue, in the order of the file: the columns of the application
            that the file has, and history features.
        decisions: a row for each of them: `row` (its number in the file), `SK_ID_CURR` and `TARGET` (null where the
            file lacks them), the columns of `core.batch.decisions.decisions_schema`, `missing_essentials` (names, with
            a space between) and `information` (0 to 1), as in `core.decision.Decision`, the columns of
            `core.batch.certainty.certainty_schema`, and `history`: where the history of the row comes from, a
            `core.portfolio.provenance.HistorySource`.
        rejections: a line for each problem of the other rows, by `rejections_schema`: `problem` is a key of
            `core.text.messages`, `detail` what that says; never a value of the file.
        rejected: how many rows those are.
        caveats: what is to be known of the sound ones.
        challenges: what a challenger in shadow says of the sound ones; None where none was asked.
    """

    applications: pl.DataFrame
    decisions: pl.DataFrame
    rejections: pl.DataFrame
    rejected: int
    caveats: Caveats
    challenges: Challenges | None = None


def score_batch(batch: Batch, scorer: Scorer, threshold: float, stored: StoredHistory | None = None) -> Scored:
    """Checks and scores a batch. A row that gives the model nothing is set aside: nothing would be decided on.

    Args:
        batch: rows as read.
        threshold: probability from which an application is refused.
        stored: the history that rows get by the number of their client; None: what the file says is all.
    """
    inspected = inspect_batch(batch)
    positions = inspected.positions
    rows = inspected.rows if stored is None else stored.complete_rows(inspected.rows)
    history = sources(inspected.rows, rows)
    scores = _scores(rows, scorer, threshold)
    errors = inspected.errors
    if not scores.usable.all():
        errors = pl.concat([errors, _nothing_usable(positions, scores.usable)]).sort("row", maintain_order=True)
        usable = pl.Series(scores.usable)
        rows, positions, history = rows.filter(usable), positions.filter(usable), history.filter(usable)
        scores = scores.where_usable()
    numbers = pl.Series("row", batch.numbers, dtype=pl.Int64)
    decisions = (
        pl.DataFrame({"row": numbers.gather(positions), "SK_ID_CURR": _whole(rows, "SK_ID_CURR")})
        .hstack(decide(scores.probabilities, threshold))
        .with_columns(
            missing_essentials_of_rows(rows).alias("missing_essentials"),
            pl.Series("information", scores.information, dtype=pl.Float64),
            pl.Series("fold_agreement", scores.agreement, dtype=pl.Float64).fill_nan(None),
            history.alias("history"),
            _whole(rows, "TARGET").alias("TARGET"),
        )
        .with_columns(**certainty_columns())
        .select(*columns_of_decisions())
    )
    rejections = _rejections(batch, inspected.frame, numbers, errors)
    rejected = errors["row"].n_unique() + len(batch.broken)
    caveats = with_readings(caveats_of(rows, scorer.training_ranges), inspected.readings_of(positions))
    return Scored(rows, decisions, rejections, rejected, caveats)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A batch that was checked and not scored.

    Attributes:
        frame: all its rows, as the catalogue writes them.
        rows: the sound ones, typed.
        positions: position of each sound row in `frame`.
        errors: one line per bad value, by `core.tables.checking.errors_schema`.
        readings: one line per value that could mean something else, likewise.
    """

    frame: pl.DataFrame
    rows: pl.DataFrame
    positions: pl.Series
    errors: pl.DataFrame
    readings: pl.DataFrame

    def readings_of(self, positions: pl.Series) -> pl.DataFrame:
        """Those of some rows."""
        return self.readings.filter(pl.col("row").is_in(positions.implode()))


def inspect_batch(batch: Batch) -> Inspected:
    """Checks a batch: the application columns against the catalogue, history features as numbers."""
    frame = batch.frame
    checked = check(frame, formats=batch.formats)
    history, problems, readings = _history(batch)
    problems, readings = in_order([problems, batch.problems]), in_order([readings, batch.readings])
    errors = checked.errors
    rows, positions = checked.rows, checked.positions
    if history.width:
        rows = rows.hstack(history.gather(positions))
    if problems.height:
        errors = pl.concat([errors, problems]).sort("row", maintain_order=True)
        sound = ~positions.is_in(problems["row"].unique().implode())
        rows, positions = rows.filter(sound), positions.filter(sound)
    return Inspected(
        frame, rows, positions, errors, in_order([checked.readings, readings, *_unnumbered(rows, positions)])
    )


def _unnumbered(rows: pl.DataFrame, positions: pl.Series) -> list[pl.DataFrame]:
    """A line for each row without the number of a client in a file that has them: a total, which is no application."""
    numbers = rows.get_column("SK_ID_CURR", default=None)
    if numbers is None or not numbers.null_count():
        return []
    unnumbered = pl.DataFrame({"row": positions.filter(numbers.is_null())})
    listed = unnumbered.with_columns(column=pl.lit("SK_ID_CURR"), problem=pl.lit("no_client_number"))
    return [listed.select(pl.col(name).cast(kind) for name, kind in errors_schema.items())]


def missing_essentials_of_rows(rows: pl.DataFrame) -> pl.Series:
    """The essential columns that each row lacks: names in the catalogue's order, with a space between."""
    sent = set(rows.columns)
    names = [
        pl.when(pl.col(name).is_null()).then(pl.lit(name)) if name in sent else pl.lit(name)
        for name in (column.name for column in catalogue.essential_columns())
    ]
    # A frame of no columns has no rows either; one at least says how many there are.
    joined = pl.concat_str(names, separator=" ", ignore_nulls=True)
    return rows.select(pl.int_range(pl.len()).alias("row"), joined.alias("missing"))["missing"]


def _scores(rows: pl.DataFrame, scorer: Scorer, threshold: float) -> ScoredRows:
    # The features of a row take a hundred times the text of a short one: piece by piece, however many rows came.
    return ScoredRows.joined([scorer.score_rows(piece, threshold) for piece in rows.iter_slices(_rows_at_once)])


def _nothing_usable(positions: pl.Series, usable: NDArray[np.bool_]) -> pl.DataFrame:
    """A line for each row of which nothing can be used, by `core.tables.checking.errors_schema`."""
    unusable = pl.DataFrame({"row": positions.filter(pl.Series(~usable))})
    listed = unusable.with_columns(column=pl.lit(""), problem=pl.lit("nothing_usable"))
    return listed.select(pl.col(name).cast(kind) for name, kind in errors_schema.items())


def _whole(rows: pl.DataFrame, name: str) -> pl.Series:
    if name in rows.columns:
        return rows[name].cast(pl.Int64)
    return pl.Series(name, [None], dtype=pl.Int64).extend_constant(None, rows.height).head(rows.height)


def _history(batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The history features of a batch as numbers, what is wrong with them, and what could mean something else."""
    numbers: list[pl.Series] = []
    errors: list[pl.DataFrame] = []
    readings: list[pl.DataFrame] = []
    present = set(batch.frame.columns)
    for name in history_names():
        if name not in present:
            continue
        written = batch.formats.get(name, point_decimals)
        read = read_numbers(batch.frame[name], catalogue.feature(name).unit, written=written)
        numbers.append(read.numbers.alias(name))
        errors += listed_problems(name, _problems_of_history(read))
        readings += listed_problems(name, read.readings)
    return pl.DataFrame(numbers), in_order(errors), in_order(readings)


def _problems_of_history(read: ReadNumbers) -> pl.Series:
    number = pl.col("number")
    problem = (
        pl.when(number.is_finite().not_())
        .then(pl.lit("not_finite"))
        .when(number.abs() > largest_number)
        .then(pl.lit("out_of_bounds"))
    )
    problems = pl.DataFrame({"number": read.numbers}).select(problem=problem)["problem"]
    return problems if read.problems is None else pl.select(pl.coalesce(read.problems, problems)).to_series()


def _rejections(batch: Batch, frame: pl.DataFrame, numbers: pl.Series, errors: pl.DataFrame) -> pl.DataFrame:
    rejections = [pl.DataFrame(schema=rejections_schema)]
    if errors.height:
        clients = pl.Series("client_id", [None], dtype=pl.Int64).new_from_index(0, errors.height)
        if "SK_ID_CURR" in frame.columns:
            # Only what is a number: a cell of another kind is a value of the file like any other.
            read = read_numbers(frame["SK_ID_CURR"], written=batch.formats.get("SK_ID_CURR", point_decimals))
            clients = read.numbers.cast(pl.Int64, strict=False).gather(errors["row"])
        listed = errors.with_columns(row=numbers.gather(errors["row"]), client_id=clients, detail=pl.lit(""))
        rejections.append(listed.select(pl.col(name).cast(kind) for name, kind in rejections_schema.items()))
    if batch.broken:
        lines = [(line.number, None, "", "broken_row", line.why) for line in batch.broken]
        rejections.append(pl.DataFrame(lines, schema=rejections_schema, orient="row"))
    return pl.concat(rejections).sort("row", maintain_order=True)
