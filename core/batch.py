"""Scores a file of applications: sound rows get a decision, bad ones are named and set aside; the file goes on."""

from __future__ import annotations

import csv
import gzip
import itertools
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.application import expected
from core.data.checking import Checked, check
from core.decision import Decision
from core.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.catalogue import Language
    from core.scoring import Scorer

rows_per_batch: Final = 20_000
_formula_starts: Final = ("=", "+", "-", "@", "\t", "\r")
_result_columns: Final = (
    "SK_ID_CURR",
    "probability",
    "prediction",
    "decision",
    "risk_category",
    "threshold",
)


class UnusableFile(ValueError):
    """A file that cannot be scored at all: empty, unreadable, or without a single known column."""


@dataclass(slots=True)
class BatchReport:
    """What became of a file.

    Attributes:
        rows: data rows read; `scored` + `rejected` of them.
        missing_columns: application columns that the file lacks; they counted as missing values.
        unknown_columns: columns that are not in the catalogue; they were not used.
        default_rate, auc: where the file holds `TARGET` with both outcomes.
        problems: the first bad values, as sentences that name row, column and what was expected.
    """

    rows: int = 0
    scored: int = 0
    rejected: int = 0
    accepted: int = 0
    refused: int = 0
    missing_columns: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    default_rate: float | None = None
    auc: float | None = None
    problems: list[str] = field(default_factory=list)


def score_file(
    source: Path,
    result: Path,
    rejected: Path,
    scorer: Scorer,
    threshold: float | None = None,
    lang: Language = "en",
) -> BatchReport:
    """Scores a CSV (plain or .gz) or Parquet file of applications, batch by batch.

    Args:
        source: the file; any subset of the application columns, in any order.
        result: CSV to write: SK_ID_CURR, probability, prediction, decision, risk_category, threshold, and TARGET
            where the source has it; one line per sound row, in the order of the source.
        rejected: CSV to write where a row is bad: row number, SK_ID_CURR, column, problem, expected.
        threshold: replaces the model's own, 0 to 1.

    Raises:
        UnusableFile: with a sentence that says why.
    """
    report = BatchReport()
    at = scorer.model.optimal_threshold if threshold is None else threshold
    targets: list[np.ndarray] = []
    probabilities: list[np.ndarray] = []
    rejected.unlink(missing_ok=True)
    with result.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for batch in _batches(source):
            if report.rows == 0:
                _note_columns(report, batch.frame.columns)
                with_target = "TARGET" in batch.frame.columns
                writer.writerow([*_result_columns, "TARGET"] if with_target else _result_columns)
            checked = check(batch.frame)
            scores = scorer.probabilities(checked.rows)
            _write_decisions(writer, checked.rows, scores, at, report)
            _set_aside(batch, checked, rejected, report, lang)
            if with_target:
                outcome = checked.rows["TARGET"].cast(pl.Float64).to_numpy()
                targets.append(outcome[~np.isnan(outcome)])
                probabilities.append(scores[~np.isnan(outcome)])
            report.rows += batch.frame.height + len(batch.broken)
    if report.rows == 0:
        raise UnusableFile(f"{source.name} holds no row of data")
    if targets:
        outcomes = np.concatenate(targets)
        if 0 < outcomes.sum() < len(outcomes):
            report.default_rate = float(outcomes.mean())
            report.auc = auc(outcomes, np.concatenate(probabilities))
    return report


def rejected_path(result: Path) -> Path:
    """Where the rejected rows of a result are written: `scored.csv` -> `scored.rejected.csv`."""
    return result.with_name(f"{result.stem}.rejected.csv")


def auc(target: np.ndarray, probability: np.ndarray) -> float:
    """Area under the ROC curve: how often a defaulting client scores above a good one, ties counting half.

    Source: Mann and Whitney's U statistic (1947); equal to `sklearn.metrics.roc_auc_score`, which would cost a
    command 1.5 s of imports.
    """
    ranks = pl.Series(probability).rank("average").to_numpy()
    positive = target == 1
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows as read: `numbers` their line numbers as an editor counts them, `broken` the lines that are no row."""

    frame: pl.DataFrame
    numbers: list[int]
    broken: list[tuple[int, str]]


def _batches(source: Path) -> Iterator[_Batch]:
    if source.suffix.lower() == ".parquet":
        yield from _parquet_batches(source)
        return
    try:
        with _open_text(source) as stream:
            yield from _csv_batches(stream, source.name)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{source.name} cannot be read as UTF-8 CSV ({type(error).__name__})") from error


def _parquet_batches(source: Path) -> Iterator[_Batch]:
    try:
        rows = pl.scan_parquet(source)
        height = rows.select(pl.len()).collect().item()
        for start in range(0, height, rows_per_batch):
            frame = rows.slice(start, rows_per_batch).collect()
            yield _Batch(frame, list(range(start + 1, start + frame.height + 1)), [])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableFile(f"{source.name} cannot be read as Parquet ({type(error).__name__})") from error


def _open_text(source: Path) -> IO[str]:
    if source.suffix.lower() == ".gz":
        return gzip.open(source, "rt", encoding="utf-8-sig", newline="")
    return source.open(encoding="utf-8-sig", newline="")


def _csv_batches(stream: IO[str], name: str) -> Iterator[_Batch]:
    reader = csv.reader(stream)
    header = next(reader, None)
    if not header:
        raise UnusableFile(f"{name} is empty: expected a first line with the names of the columns")
    columns = [each.strip() for each in header]
    twice = sorted({each for each in columns if columns.count(each) > 1})
    if twice:
        raise UnusableFile(f"{name} names a column twice: {', '.join(twice)}")
    while chunk := list(itertools.islice(_numbered(reader), rows_per_batch)):
        sound = [(number, row) for number, row in chunk if isinstance(row, list) and len(row) == len(columns)]
        broken = [
            (number, row if isinstance(row, str) else f"{len(row)}/{len(columns)}")
            for number, row in chunk
            if isinstance(row, str) or len(row) != len(columns)
        ]
        cells = list(zip(*(row for _, row in sound), strict=True)) or [() for _ in columns]
        frame = pl.DataFrame(
            [pl.Series(each, values, dtype=pl.String) for each, values in zip(columns, cells, strict=True)]
        )
        yield _Batch(frame, [number for number, _ in sound], broken)


def _numbered(reader: csv._reader) -> Iterator[tuple[int, list[str] | str]]:  # type: ignore[name-defined]
    """Each row with the number of the line it begins on; a row that is not CSV as the reader's own words for why."""
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, str(error)
            continue
        if row:
            yield number, row


def _note_columns(report: BatchReport, columns: list[str]) -> None:
    known = [each.name for each in catalogue.columns()]
    given = set(columns)
    if not given & (set(known) - {"SK_ID_CURR", "TARGET"}):
        raise UnusableFile(
            "none of the file's columns is an application column: expected names such as AMT_INCOME_TOTAL, AMT_CREDIT"
        )
    report.missing_columns = tuple(each for each in known if each not in given and each != "TARGET")
    report.unknown_columns = tuple(each for each in columns if each not in set(known))


def _write_decisions(
    writer: csv._writer,  # type: ignore[name-defined]
    rows: pl.DataFrame,
    scores: np.ndarray,
    threshold: float,
    report: BatchReport,
) -> None:
    ids = rows["SK_ID_CURR"] if "SK_ID_CURR" in rows.columns else itertools.repeat(None)
    targets = rows["TARGET"].to_list() if "TARGET" in rows.columns else None
    for position, (client_id, score) in enumerate(zip(ids, scores, strict=False)):
        each = Decision(client_id, float(score), threshold)
        line = [client_id, f"{each.probability:.9f}", each.prediction, each.decision, each.risk_category, threshold]
        writer.writerow(line if targets is None else [*line, targets[position]])
        report.refused += each.prediction
    report.scored += len(scores)
    report.accepted = report.scored - report.refused


def _set_aside(batch: _Batch, checked: Checked, path: Path, report: BatchReport, lang: Language) -> None:
    ids = batch.frame["SK_ID_CURR"] if "SK_ID_CURR" in batch.frame.columns else None
    lines: list[tuple[int, str, str, str, str]] = []
    for position, name, problem in checked.errors.iter_rows():
        column = catalogue.column(name)
        client = "" if ids is None or ids[position] is None else str(ids[position])
        lines.append((batch.numbers[position], client, name, message(problem, lang), expected(column, lang)))
    for number, why in batch.broken:
        lines.append((number, "", "", message("broken_row", lang, why=why), message("expected_row", lang)))
    if not lines:
        return
    lines.sort(key=lambda each: each[0])
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if new:
            writer.writerow(["row", "SK_ID_CURR", "column", "problem", "expected"])
        writer.writerows([[number, *(_no_formula(each) for each in rest)] for number, *rest in lines])
    report.rejected += checked.errors["row"].n_unique() + len(batch.broken)
    for number, _, name, problem, wanted in lines[: max(0, 10 - len(report.problems))]:
        where = message("row", lang, number=str(number)) + (f", {name}" if name else "")
        report.problems.append(f"{where}: {problem} ({message('expected', lang)} {wanted})")


def _no_formula(cell: str) -> str:
    """The cell with a quote before anything that a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_formula_starts) else cell
