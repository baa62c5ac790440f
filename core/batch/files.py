"""The `score` command: a file of applications becomes a CSV file of decisions and a list of the rows set aside."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import outputs
from core.batch import rejections
from core.batch.batch_columns import columns_of_decisions
from core.batch.caveats import Caveats
from core.batch.repeats import repeated_rows
from core.batch.rows import Scored, score_batch
from core.explain.absent_gain import AbsentGain, absent_gain
from core.exports.csv_text import as_csv
from core.model.evidence.performance import measure
from core.settings import settings
from core.tables.columns import number_columns
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import open_source
from core.tables.unpacking import prepared
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.catalogue import Language
    from core.portfolio.stored_history import StoredHistory
    from core.scoring import Scorer
    from core.tables.batches import Batch

    # Scores the batches of a file at a threshold, rows completed by the stored history of their clients where there is
    # one; in their order.
    BatchScoring = Callable[[Iterator[Batch], float, StoredHistory | None], Iterator[Scored]]

_max_problems: Final = 10


@dataclass(slots=True)
class BatchReport:
    """What became of a file.

    Attributes:
        rows: data rows read; `scored` + `rejected` of them.
        joined: scored rows that got the stored history of a client on hand; `sent` brought one of their own.
        missing_columns: application columns that the file lacks; they counted as missing values.
        unknown_columns: columns that are not in the catalogue; they were not used.
        similar_columns: of these, those that are one slip away from a missing column, and that one's name.
        absent: what of the model rests on columns that the file lacks.
        default_rate, auc: where the file holds `TARGET` with both outcomes.
        problems: the first bad values, as sentences that name row, column and what was expected.
        caveats: what is to be known of the rows that were scored.
    """

    rows: int = 0
    scored: int = 0
    rejected: int = 0
    accepted: int = 0
    refused: int = 0
    joined: int = 0
    sent: int = 0
    missing_columns: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    similar_columns: tuple[tuple[str, str], ...] = ()
    absent: AbsentGain = field(default_factory=lambda: AbsentGain(0.0, ()))
    default_rate: float | None = None
    auc: float | None = None
    problems: list[str] = field(default_factory=list)
    caveats: Caveats = field(default_factory=Caveats)


def score_file(
    source: Path,
    result: Path,
    rejected: Path,
    scorer: Scorer,
    threshold: float | None = None,
    lang: Language = "en",
    score_batches: BatchScoring | None = None,
    stored: StoredHistory | None = None,
) -> BatchReport:
    """Scores a file of applications, batch by batch: CSV, Parquet, or what `core.tables.foreign` converts.

    Args:
        source: the file; any subset of the application columns and history features, in any order.
        result: CSV to write: SK_ID_CURR, probability, prediction, decision, risk_category, threshold,
            missing_essentials, information, history (where it comes from), the columns of
            `core.batch.certainty.certainty_schema`, and TARGET where the source has it; one line per sound row, in the
            order of the source.
        rejected: CSV to write where a row is bad: row number, SK_ID_CURR, column, problem, expected.
        threshold: replaces the model's own, 0 to 1.
        score_batches: who scores them with the same model; by default this process, one after the other.
        stored: the history that rows without one get by the number of their client; None: none.

    Raises:
        UnusableFile: with a sentence that says why.
        OSError: where `result` or `rejected` is `source`, or cannot be written. An earlier result is then as it was.
    """
    at = scorer.model.optimal_threshold if threshold is None else threshold
    outputs.check_output(rejected, inputs=[source])
    with ExitStack() as written:
        plain = written.enter_context(prepared(source, FileLimits.of(settings())))
        opened = open_source(plain, numbers=number_columns())
        match = opened.columns
        report = BatchReport(
            missing_columns=match.missing, unknown_columns=match.unknown, similar_columns=match.similar
        )
        report.absent = absent_gain(match.known(), scorer.model.importances)
        absent = ("row",) if "TARGET" in match.names.values() else ("row", "TARGET")
        columns = [name for name in columns_of_decisions() if name not in absent]
        outcomes: list[np.ndarray] = []
        probabilities: list[np.ndarray] = []
        clients: list[pl.Series] = []
        out = written.enter_context(outputs.replacing(result, inputs=[source]))
        lines_out = written.enter_context(out.open("w", encoding="utf-8", newline=""))
        aside: Path | None = None
        csv.writer(lines_out, lineterminator="\n").writerow(columns)
        for scored in (score_batches or _here(scorer))(opened.batches(), at, stored):
            scored.decisions.select(columns).write_csv(lines_out, include_header=False)
            if aside is None and scored.rejections.height:
                aside = written.enter_context(outputs.replacing(rejected, inputs=[source]))
            _set_aside(scored, aside, report, lang)
            _count(scored.decisions, report)
            report.caveats += scored.caveats
            outcomes.append(scored.decisions["TARGET"].cast(float).to_numpy())
            probabilities.append(scored.decisions["probability"].to_numpy())
            clients.append(scored.decisions["SK_ID_CURR"])
        if report.rows == 0:
            raise UnusableFile("file_no_rows")
    if aside is None:
        # Of an earlier result under this name.
        rejected.unlink(missing_ok=True)
    report.caveats = replace(report.caveats, repeated_rows=repeated_rows(clients))
    costs = scorer.model.cost_fn, scorer.model.cost_fp
    if (performance := measure(np.concatenate(outcomes), np.concatenate(probabilities), at, costs)) is not None:
        report.default_rate, report.auc = performance.default_rate, performance.auc
    return report


def rejected_path(result: Path) -> Path:
    """Where the rejected rows of a result are written: `scored.csv` -> `scored.rejected.csv`."""
    return result.with_name(f"{result.stem}.rejected.csv")


def _here(scorer: Scorer) -> BatchScoring:
    def score(batches: Iterator[Batch], threshold: float, stored: StoredHistory | None) -> Iterator[Scored]:
        return (score_batch(batch, scorer, threshold, stored) for batch in batches)

    return score


def _count(decisions: pl.DataFrame, report: BatchReport) -> None:
    refused = int(decisions["prediction"].sum())
    report.scored += decisions.height
    report.refused += refused
    report.accepted += decisions.height - refused
    report.rows = report.scored + report.rejected
    report.joined += int((decisions["history"] == "portfolio").sum())
    report.sent += int((decisions["history"] == "sent").sum())


def _set_aside(scored: Scored, path: Path | None, report: BatchReport, lang: Language) -> None:
    report.rejected += scored.rejected
    if path is None or not scored.rejections.height:
        return
    heading = [] if path.stat().st_size else [rejections.heading]
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(as_csv([*heading, *rejections.lines(scored.rejections, lang)]))
    room = _max_problems - len(report.problems)
    for number, _, name, problem, expected in rejections.lines(scored.rejections.head(room), lang):
        where = message("row", lang, number=str(number)) + (f", {name}" if name else "")
        report.problems.append(f"{where}: {problem} ({message('expected', lang)} {expected})")
