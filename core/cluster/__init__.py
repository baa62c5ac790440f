"""The cluster: files are scored, histories gathered and trees grown by the workers of a Dask scheduler."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Final

__all__ = ["complete_lightgbm", "missing_packages"]

_needed: Final = ("dask", "distributed", "pandas", "sklearn")


def missing_packages() -> tuple[str, ...]:
    """The packages that a cluster needs and that are not installed here."""
    return tuple(name for name in _needed if importlib.util.find_spec(name) is None)


def complete_lightgbm() -> None:
    """Imports what LightGBM needs to train on a cluster, before it is imported itself: it looks for them once.

    See `core.model.booster`, which leaves them out otherwise.
    """
    if not missing_packages():
        importlib.import_module("pandas")
        importlib.import_module("sklearn")


# On a worker, which runs Dask before anything of ours, this package is the first to be asked for.
if "distributed" in sys.modules:
    complete_lightgbm()
