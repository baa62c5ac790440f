"""What a demonstration shows: a synthetic year with a challenger and a drift report, made whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import make_url

from core import __version__
from core.audit.engine import Database
from core.audit.migrations import head
from core.drift.audiences import folder_of_new
from core.drift.datasets import compare_sides, of_live_traffic
from core.drift.errors import NothingToCompare
from core.drift.history import History
from core.drift.results.drift_report import live_name
from core.model import artefacts
from core.model.artefacts import config_file, sha256
from core.model.training.averaging import shortened
from core.outcomes.synthetic.year import play
from core.scoring import Scorer

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.artefacts import Artefacts
    from core.outcomes.synthetic.year import SyntheticYear

record_file: Final = "audit.db"
challenger_folder: Final = "challenger"
drift_folder: Final = "drift"
_made_file: Final = "made.json"
_months: Final = 12
_shift: Final = 0.3
# A day more than the months, which count 30.4 days.
_days, _compared_days = 366, 60
# The first trees weigh most: with a fifteenth of them, a few decisions in a hundred differ.
_challenger_share: Final = 15


@dataclass(frozen=True, slots=True)
class Made:
    """What a year was made with, and when.

    Attributes:
        version: of the workbench.
        schema: the migration that the tables of the record are at.
        model: SHA-256 of the configuration of the model that decided.
        clients, seed: as `core.outcomes.synthetic.year.play` takes them.
        moment: until when it was played; ISO 8601, UTC.
    """

    version: str
    schema: str
    model: str
    clients: int
    seed: int
    moment: str

    @classmethod
    def now(cls, models_dir: Path, clients: int, seed: int, moment: datetime) -> Made:
        """What would be made now, with the model in a folder. Raises `OSError` where there is none."""
        model = sha256((models_dir / config_file).read_bytes())
        return cls(__version__, head, model, clients, seed, moment.isoformat(timespec="seconds"))

    @classmethod
    def read(cls, folder: Path) -> Made | None:
        """What the year in a folder was made with; None where there is none, or none that can be used."""
        try:
            made = cls(**json.loads((folder / _made_file).read_text("utf-8")))
            # Compared, shown and played anew: a file that somebody has written must not fail later.
            is_sound = made._is_sound()
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return made if is_sound and (folder / record_file).exists() else None

    def is_as(self, other: Made) -> bool:
        """Whether both are of the same version, tables, model, clients and seed, whenever they were made."""
        return replace(self, moment=other.moment) == other

    def _is_sound(self) -> bool:
        """Whether it could be played. Raises `ValueError` and `TypeError` where the moment is none."""
        texts, numbers = (self.version, self.schema, self.model), (self.clients, self.seed)
        has_types = all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)
        # `fromisoformat` takes a moment of no zone as well, which cannot be compared with any other.
        is_aware = datetime.fromisoformat(self.moment).tzinfo is not None
        return has_types and is_aware and self.clients > 0 and self.seed >= 0


def make(folder: Path, made: Made, scorer: Scorer) -> SyntheticYear:
    """Plays a year until a moment into a folder, which replaces what was there once it is whole.

    Nobody else may make or use it meanwhile.

    Args:
        folder: gets the record, the challenger, a drift report, and what they were made with; what else it held goes.
        scorer: the model that decides.

    Raises:
        core.audit.writing.AuditUnavailable: the record cannot be written.
        core.model.errors.ArtefactError: there can be no challenger of that model.
        OSError: the folder cannot be written. Whichever it is, what was there stays.
    """
    aside, before = (folder.with_name(f"{folder.name}.{kind}") for kind in ("part", "before"))
    # One that was killed has left them; where it was killed between two renames, what it had moved is put back.
    if before.exists() and not folder.exists():
        before.rename(folder)
    for left in (aside, before):
        shutil.rmtree(left, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        challenger = aside / challenger_folder
        artefacts.save(smaller(scorer.artefacts), challenger)
        database = Database.open(make_url("sqlite://").set(database=str(aside / record_file)))
        try:
            year = play(
                database,
                scorer,
                clients=made.clients,
                months=_months,
                shift=_shift,
                seed=made.seed,
                now=datetime.fromisoformat(made.moment),
                challenger=Scorer.load(challenger),
            )
            _compare(database, scorer, datetime.fromisoformat(made.moment), aside / drift_folder)
        finally:
            database.close()
        (aside / _made_file).write_text(json.dumps(asdict(made)), encoding="utf-8")
        if folder.exists():
            folder.rename(before)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    shutil.rmtree(before, ignore_errors=True)
    return year


def _compare(database: Database, scorer: Scorer, until: datetime, folder: Path) -> None:
    """Keeps a report of how the last applications differ from the first; none where nobody applied in time."""
    try:
        first = of_live_traffic(database, until - timedelta(days=_days), until - timedelta(days=_days - _compared_days))
        last = of_live_traffic(database, until - timedelta(days=_compared_days), until)
    except NothingToCompare:
        return
    kept_in = folder_of_new(folder, (live_name,), owner=None)
    History(kept_in).keep(compare_sides(first, last, scorer), f"{last.name}-{first.name}")


def smaller(model: Artefacts) -> Artefacts:
    """A challenger of a model that is there at no cost: its first trees alone, which decide nearly alike."""
    booster = shortened(model.booster, _challenger_share)
    info = replace(model.info, version=f"{model.info.version}-small")
    return replace(model, booster=booster, info=info, reference_source=None, folds=None)
