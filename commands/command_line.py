"""The commands of the domain, written once: what each is called, and the arguments it takes.

Standard library only, and in the syntax of Python 3.11: `run.py` reads this before anything is installed.
"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.access import keys

if TYPE_CHECKING:
    from collections.abc import Callable

_root: Final = Path(__file__).resolve().parents[1]
export_formats: Final = ("lightgbm-text", "c", "onnx", "treelite", "pmml", "scorecard")
"""What may be asked of `export`: the formats of `core.model.export.formats`, and the scorecard beside the model."""
single_formats: Final = ("onnx", "treelite")
"""Those that are written in single precision, too."""


def parser() -> argparse.ArgumentParser:
    """The command line of the domain; `namespace.command` and, under `data`, `namespace.action` say what was asked."""
    top = argparse.ArgumentParser(prog="python -m commands", description="Data, training and scoring.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_arguments) in _commands.items():
        add_arguments(commands.add_parser(name, help=summary, description=summary))
    return top


def names() -> tuple[str, ...]:
    """The commands of the domain."""
    return tuple(_commands)


def summary(name: str) -> str:
    """What a command of the domain does, in a sentence."""
    return _commands[name][0]


def command_parser(name: str, prog: str) -> argparse.ArgumentParser:
    """The parser of one command of the domain alone, to be shown under the name of the program that offers it."""
    summary, add_arguments = _commands[name]
    alone = argparse.ArgumentParser(prog=prog, description=summary)
    add_arguments(alone)
    return alone


def _data(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    demo = actions.add_parser("demo", help="draw synthetic applications, and write them as tables")
    _add_draw(demo, clients=10_000)
    demo.add_argument("--out", type=Path, metavar="DIR", help="folder to write to (default: DATA_DIR/demo)")
    importing = actions.add_parser("import", help="bring in the real tables from a folder or a zip")
    importing.add_argument(
        "path", type=Path, metavar="PATH", help="folder or zip with application_train and others (CSV, CSV.gz, Parquet)"
    )
    _add_out(importing)
    download = actions.add_parser("download", help="fetch the public tables, and bring them in")
    download.add_argument("--url", metavar="URL", help="address of the zip (default: DATA_URL, the public archive)")
    download.add_argument("--keep", action="store_true", help="keep the zip, in the folder download")
    _add_out(download)
    portfolio = actions.add_parser("portfolio", help="prepare the clients that the dashboard shows")
    portfolio.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder with tables (default: DATA_DIR where `data import` has written there, else synthetic clients)",
    )
    portfolio.add_argument(
        "--clients", type=_positive, metavar="N", help="how many clients at most (default: PORTFOLIO_CLIENTS, 10000)"
    )
    portfolio.add_argument("--if-missing", action="store_true", help="do nothing where they are there and up to date")
    traffic = actions.add_parser(
        "traffic", help="play months of business into a record of its own: applicants, officers, outcomes"
    )
    traffic.add_argument("--months", type=_positive, default=12, metavar="N", help="how many, up to now (default: 12)")
    _add_draw(traffic, clients=6000)
    traffic.add_argument(
        "--shift",
        type=_probability,
        default=0.3,
        metavar="S",
        help="how far the population moves until now: 0 not at all; 0.3: incomes and external scores 30%% lower, and "
        "more defaults (default: 0.3)",
    )
    traffic.add_argument(
        "--out", type=Path, metavar="FILE", help="the record to make (default: DATA_DIR/traffic/audit.db)"
    )
    year = actions.add_parser("demo-year", help="make the year that `run.py demo` shows, where it is not there yet")
    add_demo_year(year)
    year.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the year, replaced as a whole")
    fit = actions.add_parser("fit-demo", help="fit the statistics behind the synthetic tables to real ones")
    fit.add_argument("folder", type=Path, metavar="DIR", help="folder with the real tables (CSV, CSV.gz or Parquet)")


def add_demo_year(parser: argparse.ArgumentParser) -> None:
    """The options of the year that a demonstration shows, which `run.py demo` has too."""
    parser.add_argument("--again", action="store_true", help="play the year anew up to now; what was done in it goes")
    parser.add_argument(
        "--clients",
        type=_positive,
        metavar="N",
        help="how many apply (default: as before, else 6000)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="S", help="the same seed draws the same (default: as before, else 0)"
    )


def _train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder or file with application_train (default: synthetic data)"
    )
    _add_draw(parser, clients=100_000)
    parser.add_argument(
        "--tune", type=_positive, metavar="N", help="search the parameters with N Optuna trials first (default: none)"
    )
    parser.add_argument(
        "--card",
        type=Path,
        metavar="FILE",
        help="where to write the model card (default: nowhere, as `model approve` writes it; docs/model-card.md where "
        "there is no model in use yet)",
    )
    parser.add_argument(
        "--folds", type=_folds, default=5, metavar="K", help="folds of the cross-validation (default: 5)"
    )
    _add_cluster(parser)


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cluster",
        type=_scheduler,
        metavar="ADDRESS",
        help="let the workers of a Dask scheduler do the work, such as tcp://10.0.0.5:8786 "
        "(default: DASK_SCHEDULER_ADDRESS, else this machine)",
    )


def _model(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    registering = actions.add_parser(
        "register", help="put the model in MODELS_DIR into MLflow, and move an alias to it"
    )
    registering.add_argument(
        "--alias",
        type=_alias,
        metavar="NAME",
        help="which alias (default: champion where no version has it yet, else challenger)",
    )
    actions.add_parser("list", help="show the registered versions, with their aliases")
    approving = actions.add_parser(
        "approve", help="put a registered version into use, where every check passes, and record who did"
    )
    approving.add_argument("version", type=_positive, metavar="VERSION", help="its number, as `model list` shows it")
    approving.add_argument("--by", type=_line(1, 128), required=True, metavar="NAME", help="who approves it")
    approving.add_argument("--because", type=_line(3, 2000), required=True, metavar="REASON", help="why")
    _add_card(approving)
    recalibrating = actions.add_parser(
        "recalibrate", help="make a challenger of the model in use whose probabilities hold on outcomes of your own"
    )
    recalibrating.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder or file with application_train, whose TARGET says who defaulted; not what it was trained on",
    )
    actions.add_parser(
        "convert", help="save a model as data that an earlier version saved in MODELS_DIR as pickles, which are opened"
    )


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--card",
        type=Path,
        default=_root / "docs" / "model-card.md",
        metavar="FILE",
        help="where to write the model card (default: docs/model-card.md)",
    )


def _score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="applications as CSV, CSV.gz or Parquet")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV", help="where to write the decisions")
    parser.add_argument(
        "--threshold",
        type=_probability,
        metavar="P",
        help="probability of default from which an application is refused, 0 to 1 (default: the model's own)",
    )
    parser.add_argument(
        "--history",
        choices=("portfolio", "none"),
        help="whether rows without a history get that of the client on hand whose number they bear "
        "(default: portfolio where the clients on hand are real, none where they are synthetic)",
    )
    _add_cluster(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out",
        type=Path,
        nargs="?",
        metavar="OUT",
        help="folder to write to; an earlier export there is replaced (default: EXPORTS_DIR/FORMAT, for the API)",
    )
    parser.add_argument("--format", choices=export_formats, required=True, help="what the other system reads")
    parser.add_argument(
        "--precision",
        choices=("double", "single"),
        default="double",
        help="what it computes in: single, for onnx and treelite, where the other system knows no other; clients whose "
        "decision that turns are listed (default: double)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder with tables whose clients are compared as well (default: those on hand and generated edge rows)",
    )


def _drift(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reference", metavar="REF", help="file or folder of applications, or: reference (of the model), portfolio, test"
    )
    parser.add_argument("current", metavar="CUR", help="file or folder of applications, or: portfolio, test, live")
    parser.add_argument("--html", type=Path, metavar="FILE", help="where to write the report as a page, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the report as JSON, too")
    parser.add_argument("--lang", choices=("fr", "en"), default="fr", help="language of the page (default: fr)")
    parser.add_argument(
        "--threshold",
        type=_limit,
        action="append",
        default=[],
        metavar="NAME=MODERATE[:MAJOR]",
        help="what counts as drift, such as psi=0.1:0.25, wasserstein=0.2 or significance=0.01; may be repeated",
    )
    parser.add_argument("--since", type=_moment, metavar="TIME", help="start of live traffic (default: a day before)")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="end of live traffic, ISO 8601 (default: now)")
    parser.add_argument(
        "--columns-only", action="store_true", help="do not score: neither score drift nor what the model leans on"
    )


def _key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=_caller, metavar="NAME", help="who will use it, as the log and the audit say")
    parser.add_argument(
        "--role", choices=keys.roles, default=keys.usual_role, help=f"what it is good for (default: {keys.usual_role})"
    )


def _audit(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("upgrade", help="make its tables, or bring them up to date, as the API does when it starts")
    actions.add_parser(
        "guard", help="make the triggers again by which the database refuses changes, where any is absent"
    )
    purge = actions.add_parser("purge", help="delete the predictions older than the retention; decisions stay")
    purge.add_argument(
        "--days", type=_positive, metavar="N", help="keep those of N days (default: AUDIT_RETENTION_DAYS)"
    )
    export = actions.add_parser("export", help="write what is recorded as JSON, one object a line")
    export.add_argument("what", choices=("predictions", "decisions", "outcomes"))
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    copying = actions.add_parser("backup", help="copy it to a file, while the services run")
    copying.add_argument("file", type=Path, metavar="FILE", help="SQLite file to write; must not exist")
    restoring = actions.add_parser("restore", help="put back what a backup has and it has not; nothing is taken away")
    restoring.add_argument("file", type=Path, metavar="FILE", help="what `audit backup` wrote")
    verifying = actions.add_parser("verify", help="name what was changed, removed or inserted since it was recorded")
    verifying.add_argument("--head", metavar="HEAD", help="published: SEQUENCE:DIGEST, or a file with such heads")
    heading = actions.add_parser("head", help="say the head of the chain of a day, to be kept where nobody changes it")
    heading.add_argument("--date", type=_day, metavar="DAY", help="its end in UTC, as 2026-11-28 (default: now)")
    heading.add_argument("--out", type=Path, metavar="FILE", help="add it to a file as well")
    heading.add_argument("--webhook", action="store_true", help="post it to DRIFT_WEBHOOK_URL as well")


def _outcomes(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    importing = actions.add_parser("import", help="put the outcomes of a file on record, each once")
    importing.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="columns prediction_id, or client_id and decided (a day); defaulted, observed (a day), amount_lost; any "
        "format that `score` reads",
    )
    importing.add_argument(
        "--set-aside",
        type=Path,
        metavar="CSV",
        help="where to write rows that are no outcome of a decision on record (default: NAME.set-aside.csv, beside it)",
    )
    actions.add_parser("coverage", help="of the decisions of each month, how many have their outcome or wait for it")


def _performance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures as JSON, too")


def _worker(_: argparse.ArgumentParser) -> None:
    """Settings are all it needs."""


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder to write Parquet to (default: DATA_DIR)")


def _add_draw(parser: argparse.ArgumentParser, clients: int) -> None:
    parser.add_argument(
        "--clients", type=_positive, default=clients, metavar="N", help=f"how many to draw (default: {clients})"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed draws the same (default: 0)")


_commands: Final = {
    "data": ("Make the data that the workbench runs on.", _data),
    "train": ("Train a model, record the run in MLflow and register it as challenger.", _train),
    "score": ("Score a file of applications.", _score),
    "model": ("List, approve and register models, or save one of an earlier version as data.", _model),
    "card": ("Write the model card anew from the stored evaluation and measurements.", _add_card),
    "export": ("Write the model for another system, with a certificate that it decides the same.", _export),
    "drift": ("Compare two sets of applications; exit code 3 on an alert.", _drift),
    "key": ("Make a key for a caller of the API.", _key),
    "audit": ("Look after the record of predictions and decisions.", _audit),
    "outcomes": ("Put outcomes of decisions on record, and say how many wait for theirs.", _outcomes),
    "performance": ("Say how good the decisions were whose outcome is known.", _performance),
    "worker": ("Score the files that were sent to the API, until asked to stop.", _worker),
}


def _scheduler(text: str) -> str:
    scheme, _, place = text.partition("://")
    host, colon, number = place.rpartition(":")
    if scheme not in ("tcp", "tls") or not (host and colon and number.isdigit()):
        raise argparse.ArgumentTypeError(f"expected an address such as tcp://10.0.0.5:8786, got {text!r}")
    return text


def _limit(text: str) -> tuple[str, str]:
    name, equals, limits = text.partition("=")
    if not (name and equals and limits):
        raise argparse.ArgumentTypeError(f"expected NAME=MODERATE or NAME=MODERATE:MAJOR, got {text!r}")
    return name, limits


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-11-28, got {text!r}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time such as 2026-11-23T06:00, got {text!r}") from None
    # Without a zone, the time of this machine.
    return moment.astimezone(UTC)


def _caller(text: str) -> str:
    if not keys.name_pattern.fullmatch(text):
        raise argparse.ArgumentTypeError(f"expected 1 to 64 letters, digits, '.', '_' or '-', got {text!r}")
    return text


def _line(least: int, most: int) -> Callable[[str], str]:
    def line(text: str) -> str:
        written = text.strip()
        if not (least <= len(written) <= most and written.isprintable()):
            raise argparse.ArgumentTypeError(f"expected a line of {least} to {most} characters")
        return written

    return line


def _alias(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text):
        raise argparse.ArgumentTypeError(f"expected letters, digits, '_' or '-', got {text!r}")
    return text


def _positive(text: str) -> int:
    return _whole(text, 1)


def _folds(text: str) -> int:
    return _whole(text, 2)


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
    return number


def _probability(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # Written so that a NaN fails it.
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, got {text!r}")
    return number
