"""The command `data portfolio`: the clients on hand, prepared where they are not there or not up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.portfolio import check_note
from core.settings import root, settings
from runtime.console import counted, failed, note

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def run(namespace: Namespace) -> int:
    """Prepares the clients that the settings and `namespace` name; returns the exit code."""
    clients, tables = namespace.clients or settings().portfolio_clients, namespace.data or settings().data_dir
    # A registry may have another model by now: it is asked.
    is_asked = namespace.if_missing and settings().model_uri is None
    if is_asked and check_note.holds(settings().portfolio_dir, _made_for(clients, tables)):
        return 0
    return _prepare(namespace, clients, tables)


def _prepare(namespace: Namespace, clients: int, tables: Path) -> int:
    # The model and all that draws and scores clients: five times the time of a start that finds the note.
    from core.model.artefacts import data_files
    from core.model.errors import ArtefactError
    from core.portfolio import building
    from core.portfolio.clients import clients_file, history_file, profile_file, summary_file
    from core.tables.typed_rows import TableError
    from runtime.model_source import model_source, note_stand_in

    folder, made_for = settings().portfolio_dir, _made_for(clients, tables)
    stored = [folder / name for name in (summary_file, clients_file, history_file, profile_file)]
    model = [settings().models_dir / name for name in data_files]
    looked_at = check_note.seen([*model, *_rules(), tables / "application_train.parquet", *stored])
    is_demo = False
    try:
        made_of = building.tables_origin(tables, clients)
    except OSError:
        if namespace.data is not None:
            return failed(f"There is no application_train.parquet in {tables}: `data import` makes it")
        made_of, is_demo = building.demo_origin(clients), True
    try:
        source = model_source(settings())
        scorer = source.load()
    except ArtefactError as error:
        return failed(f"The portfolio needs a model: {error}. `python3 run.py train` makes one.")
    note_stand_in(source)
    if namespace.if_missing and building.is_current(folder, scorer.model, made_of):
        check_note.leave(folder, made_for, looked_at)
        return 0
    try:
        if is_demo:
            note(f"Preparing the demo portfolio: {clients:,} synthetic clients")
            building.build_demo(folder, scorer, clients)
        else:
            note(f"Preparing the portfolio from the tables in {tables}")
            note(counted(building.build_from(tables, folder, scorer, clients, made_of), "client"))
    except TableError as error:
        return failed(str(error))
    looked_at |= check_note.seen(stored)
    if building.is_current(folder, scorer.model, made_of):
        check_note.leave(folder, made_for, looked_at)
    return 0


def _rules() -> list[Path]:
    """What an update may change of how clients are stored and of which models still fit."""
    names = ("portfolio/building.py", "model/preprocessor.py", "features/encoding.py")
    return [*(root / "core" / name for name in names), *sorted((root / "core" / "catalogue").glob("*.csv"))]


def _made_for(clients: int, tables: Path) -> dict[str, str]:
    # That a registry's model has scored them says nothing about the one in the folder.
    model = settings().model_uri or str(settings().models_dir)
    return {"clients": str(clients), "tables": str(tables), "model": model}
