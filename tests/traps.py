"""Harmless pickles that leave a trace where somebody opens them, and folders of models that vouch for them."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import dataclass
from pathlib import Path

from core.model.artefacts import config_file


@dataclass(frozen=True)
class Trap:
    """A pickle that touches a file when it is loaded, as another would do what its author wants."""

    trace: Path

    def pickled(self) -> bytes:
        """What to put in place of an artefact."""
        return pickle.dumps(_Touching(self.trace))

    @property
    def sprung(self) -> bool:
        """Whether somebody loaded it."""
        return self.trace.exists()

    def spring(self) -> None:
        """Loads it, to see that it works."""
        pickle.loads(self.pickled())  # noqa: S301


class _Touching:
    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self._trace,)


def vouch_for(folder: Path, *names: str) -> None:
    """Has the configuration in a folder list files as they are now: who can write the one can write the other."""
    path = folder / config_file
    config = json.loads(path.read_text(encoding="utf-8"))
    for name in names:
        config["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(config), encoding="utf-8")
