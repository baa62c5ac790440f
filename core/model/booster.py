"""The import of LightGBM, without the optional companions that prediction does not need.

`import lightgbm` also imports pandas, pyarrow and scikit-learn where they are installed: measured here, 167 MB and
2.6 s of a web worker's start for functions that a service never calls. Training imports them first, and gets them.
"""

from __future__ import annotations

import sys
from typing import Final

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

from lightgbm import Booster, Dataset, early_stopping, train  # noqa: E402
from lightgbm.basic import LightGBMError  # noqa: E402

__all__ = ["Booster", "Dataset", "LightGBMError", "early_stopping", "train"]
