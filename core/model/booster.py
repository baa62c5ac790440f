"""The import of LightGBM, without the optional companions that prediction does not need.

`import lightgbm` also imports pandas, pyarrow and scikit-learn where they are installed: measured here, 167 MB and
2.6 s of a web worker's start for functions that a service never calls. Training imports them first, and gets them.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from core.model.companions import hidden

if "lightgbm" not in sys.modules:
    with hidden("pandas", "pyarrow", "sklearn", "dask", "matplotlib", "graphviz"):
        import lightgbm  # noqa: F401

from lightgbm import Booster, Dataset, basic, early_stopping, train
from lightgbm.basic import LightGBMError

__all__ = ["Booster", "Dataset", "LightGBMError", "checked", "early_stopping", "handle", "library", "train"]

# What calls of the C API go through; it has no public name.
library: Final[Any] = basic._LIB  # type: ignore[attr-defined]  # noqa: SLF001


def handle(booster: Booster) -> Any:
    """The booster as calls of the C API take it; of no use once the booster is gone."""
    return booster._handle  # noqa: SLF001 (likewise)


def checked(outcome: int) -> None:
    """Takes what a call of the C API returned. Raises `LightGBMError` where it failed."""
    if outcome != 0:
        raise LightGBMError(library.LGBM_GetLastError().decode())
