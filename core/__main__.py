"""The command line of the domain: `python -m core data | train | model | score | card | key | worker`."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.cli import command_line
from core.cli.console import failed, note, table
from core.settings import settings

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.batch import BatchReport
    from core.portfolio.provenance import HistoryChoice
    from core.portfolio.stored_history import StoredHistory


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 failed with a reason, 2 wrong usage, 130 interrupted."""
    namespace = command_line.parser().parse_args(arguments)
    try:
        level = settings().log_level
    except ValidationError as error:
        return failed("; ".join(f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()))
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    handler = {
        "data": _data,
        "train": _train,
        "score": _score,
        "model": _model,
        "card": _card,
        "key": _key,
        "drift": _drift,
        "audit": _audit,
        "worker": _worker,
    }[namespace.command]
    try:
        return handler(namespace)
    except KeyboardInterrupt:
        note("Stopped.")
        return 130


def _data(namespace: Namespace) -> int:
    handler = {
        "demo": _data_demo,
        "import": _data_import,
        "download": _data_download,
        "portfolio": _data_portfolio,
        "fit-demo": _data_fit_demo,
    }[namespace.action]
    return handler(namespace)


def _data_demo(namespace: Namespace) -> int:
    from core.portfolio.drawn_clients import draw_tables
    from core.tables.sources import TableError

    folder = namespace.out or settings().data_dir / "demo"
    note(f"Drawing {namespace.clients:,} synthetic clients (seed {namespace.seed}) into {folder}")
    try:
        written = draw_tables(folder, namespace.clients, namespace.seed)
    except (TableError, OSError) as error:
        return failed(str(error))
    table([(name, f"{rows:,} rows") for name, rows in written.rows.items()])
    return 0


def _data_import(namespace: Namespace) -> int:
    from core.data import command

    return command.run_import(namespace)


def _data_download(namespace: Namespace) -> int:
    from core.data import command

    return command.run_download(namespace)


def _data_fit_demo(namespace: Namespace) -> int:
    from core.data import demo

    demo.fit(namespace.folder)
    note("The demo profile was fitted.")
    return 0


def _data_portfolio(namespace: Namespace) -> int:
    from core.model.artefacts import ArtefactError
    from core.model.source import model_source, note_stand_in
    from core.portfolio import building
    from core.tables.sources import TableError

    clients, tables = namespace.clients or settings().portfolio_clients, namespace.data or settings().data_dir
    try:
        made_of = building.tables_origin(tables, clients)
    except OSError:
        if namespace.data is not None:
            return failed(f"There is no application_train.parquet in {tables}: `data import` makes it")
        made_of, tables = building.demo_origin(clients), None
    try:
        source = model_source(settings())
        scorer = source.load()
    except ArtefactError as error:
        return failed(f"The portfolio needs a model: {error}. `python3 run.py train` makes one.")
    note_stand_in(source)
    if namespace.if_missing and building.is_current(settings().portfolio_dir, scorer.model, made_of):
        return 0
    if tables is None:
        note(f"Preparing the demo portfolio: {clients:,} synthetic clients")
        building.build_demo(settings().portfolio_dir, scorer, clients)
        return 0
    note(f"Preparing the portfolio from the tables in {tables}")
    try:
        taken = building.build_from(tables, settings().portfolio_dir, scorer, clients, made_of)
    except TableError as error:
        return failed(str(error))
    note(f"{taken:,} clients")
    return 0


def _train(namespace: Namespace) -> int:
    if namespace.cluster or settings().dask_scheduler_address:
        from core.cluster import complete_lightgbm

        complete_lightgbm()
    from core.model import command

    return command.run(namespace)


def _model(namespace: Namespace) -> int:
    from core.model import command

    return {"register": command.run_register, "convert": command.run_convert}[namespace.action](namespace)


def _card(namespace: Namespace) -> int:
    from core import outputs
    from core.model.artefacts import ArtefactError
    from core.model.evidence.card import model_card

    models_dir = settings().models_dir
    try:
        text = model_card(models_dir)
        with outputs.replacing(namespace.card, inputs=models_dir.glob("*")) as aside:
            aside.write_text(text, encoding="utf-8")
    except ArtefactError as error:
        return failed(f"{error}: `python3 run.py train` writes it.")
    except OSError as error:
        return failed(str(error))
    note(f"Wrote {namespace.card}")
    return 0


def _key(namespace: Namespace) -> int:
    from core.access.keys import new_key

    key = new_key(namespace.name, namespace.role)
    table([("Key, shown once", key.secret), ("Entry of API_KEYS", key.entry)])
    note("The caller sends the key as `X-API-Key: KEY` or `Authorization: Bearer KEY`; the API needs the entry only.")
    return 0


def _audit(namespace: Namespace) -> int:
    from core.audit.upkeep import command

    return command.run(namespace)


def _worker(_: Namespace) -> int:
    from core.audit.engine import InvalidDatabaseUrl
    from core.audit.files import FileRecorder
    from core.jobs.queue import QueueUnavailable
    from core.jobs.running import worker
    from core.logs import configure

    # It runs beside the API for as long: its lines are read by the same programs.
    configure(settings().log_level, settings().log_format)
    try:
        worker.run(settings(), FileRecorder(settings()))
    except InvalidDatabaseUrl as error:
        return failed(str(error))
    except QueueUnavailable as error:
        return failed(f"The queue of the jobs cannot be opened: {error}")
    except OSError as error:
        return failed(f"The folder of the jobs, JOBS_DIR, cannot be used: {error.strerror}")
    return 0


def _drift(namespace: Namespace) -> int:
    from core.drift import command

    return command.run(namespace)


def _score(namespace: Namespace) -> int:
    from core.batch import UnusableFile, rejected_path
    from core.batch.caveats import lines as caveat_lines
    from core.cluster.connection import ClusterUnavailable
    from core.model.artefacts import ArtefactError
    from core.portfolio.clients import PortfolioMissing
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
    return 0


def _scored(namespace: Namespace, rejected: Path) -> BatchReport:
    from core.batch import score_file
    from core.cluster.connection import connected
    from core.model.source import model_source, note_stand_in

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


if __name__ == "__main__":
    sys.exit(main())
