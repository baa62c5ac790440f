"""The import of LightGBM, without the optional companions that prediction does not need.

`import lightgbm` also imports pandas, pyarrow and scikit-learn where they are installed: measured here, 167 MB and
2.6 s of a web worker's start for functions that a service never calls. Training imports them first, and gets them.
"""

from __future__ import annotations

import sys
from typing import Any, Final

_companions: Final = ("pandas", "pyarrow", "sklearn", "dask", "matplotlib", "graphviz")


def _import_lightgbm() -> None:
    # An entry of None makes `import` raise ModuleNotFoundError, which LightGBM takes for "not installed".
    blocked = [name for name in _companions if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        import lightgbm  # noqa: F401
    finally:
        for name in blocked:
            del sys.modules[name]


if "lightgbm" not in sys.modules:
    _import_lightgbm()

from lightgbm import Booster, Dataset, basic, early_stopping, train  # noqa: E402
from lightgbm.basic import LightGBMError  # noqa: E402

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
