"""The `score` command: a file of applications in, their decisions out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import settings
from runtime.console import failed, note, table

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.batch.files import BatchReport
    from core.portfolio.provenance import HistoryChoice
    from core.portfolio.stored_history import StoredHistory


def run(namespace: Namespace) -> int:
    """Scores the file `namespace.file` into `namespace.out`; returns the exit code."""
    from core.batch.caveats import lines as caveat_lines
    from core.batch.files import rejected_path
    from core.cluster.connection import ClusterUnavailable
    from core.model.errors import ArtefactError
    from core.portfolio.clients import PortfolioMissing
    from core.tables.errors import UnusableFile
    from core.text.names import listed

    if not namespace.file.is_file():
        return failed(f"There is no file {namespace.file}")
    out, rejected = namespace.out, rejected_path(namespace.out)
    try:
        report = _scored(namespace, rejected)
    except (ArtefactError, ClusterUnavailable, PortfolioMissing, UnusableFile, OSError) as error:
        return failed(str(error))
    if report.missing_columns:
        note(f"Columns missing from the file, taken as missing values: {', '.join(report.missing_columns)}")
    if report.unknown_columns:
        note(f"Columns not in the catalogue, not used: {listed(report.unknown_columns)}")
    if report.absent.asks:
        note(f"{report.absent.sentence('en')}. The decisions rest on the rest")
    for given, name in report.similar_columns:
        note(f"Did you mean {name}? The column {given or 'without a name'} is not used")
    for sentence in (*report.problems, *caveat_lines(report.caveats, "en")):
        note(sentence)
    lines = [
        ("Rows read", f"{report.rows:,}"),
        ("Scored", f"{report.scored:,}"),
        ("Rejected", f"{report.rejected:,}"),
        ("Accepted", _with_share(report.accepted, report.scored)),
        ("Refused", _with_share(report.refused, report.scored)),
    ]
    if report.joined:
        lines.append(("With the history of clients on hand", _with_share(report.joined, report.scored)))
    if report.sent:
        lines.append(("With a history of their own", _with_share(report.sent, report.scored)))
    if report.auc is not None and report.default_rate is not None:
        lines += [("Default rate", f"{report.default_rate:.2%}"), ("AUC", f"{report.auc:.4f}")]
    lines.append(("Decisions", str(out)))
    if report.rejected:
        lines.append(("Rejected rows", str(rejected)))
    table(lines)
    return 0 if report.scored else failed("No row could be scored: nothing was decided")


def _scored(namespace: Namespace, rejected: Path) -> BatchReport:
    from core.batch.files import score_file
    from core.cluster.connection import connected
    from runtime.model_source import model_source, note_stand_in

    source = model_source(settings())
    scorer = source.load()
    note_stand_in(source)
    stored = _stored_history(namespace.history)
    address = namespace.cluster or settings().dask_scheduler_address
    if address is None:
        return score_file(namespace.file, namespace.out, rejected, scorer, namespace.threshold, stored=stored)
    with connected(address) as client:
        from core.cluster.scoring import ClusterScoring

        on_workers = ClusterScoring(client, source.folder())
        return score_file(
            namespace.file,
            namespace.out,
            rejected,
            scorer,
            namespace.threshold,
            score_batches=on_workers,
            stored=stored,
        )


def _stored_history(choice: HistoryChoice | None) -> StoredHistory | None:
    """The history that rows get, as in a job. Raises `PortfolioMissing` where it is asked for and there is none."""
    from core.portfolio.clients import Portfolio, PortfolioMissing
    from core.portfolio.provenance import joins

    if choice == "none":
        return None
    try:
        portfolio = Portfolio.open(settings().portfolio_dir)
    except PortfolioMissing:
        if choice == "portfolio":
            raise
        return None
    return portfolio.stored_history if joins(choice, portfolio.provenance) else None


def _with_share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})" if whole else "0"
