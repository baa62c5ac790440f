"""How the model is laid down in MLflow: LightGBM's own flavour, our files as data, and `pyfunc` for raw rows.

What MLflow makes of a signature by itself is not trusted: one column of unsigned integers leaves one nameless `Any` for
all, a whole column is required where the sample is complete, and a category is refused by the signature that came from
it. So it is written out: text for codes, doubles for everything else, none required.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import mlflow.lightgbm
import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec

from core.model import artefacts, raw_rows
from core.settings import root
from runtime.mlflow.code_copy import copy_modules

if TYPE_CHECKING:
    from mlflow.models import Model

    from core.model.artefacts import Artefacts, ModelInfo

# What `core` needs to score, of which MLflow makes the requirements of the model.
_packages: Final = ("babel", "lightgbm", "numpy", "polars", "pydantic", "scipy")
_code: Final = "code"
# Where LightGBM's flavour puts `extra_files`.
_data: Final = "extra_files"
_config_file: Final = "MLmodel"
_missing: Final = math.nan


def save_model(path: str, mlflow_model: Model, loaded: Artefacts, folder: str, **_: Any) -> None:
    """Writes the model to `path`; MLflow's `Model.log` calls it as it does those of its own flavours.

    Args:
        mlflow_model: what MLflow writes down of it.
        loaded: the model.
        folder: its files, of which those that are data are copied.
    """
    mlflow.lightgbm.save_model(
        # MLflow saves a booster as LightGBM's own text: what it calls `model.lgb` holds no code.
        loaded.booster,
        path,
        mlflow_model=mlflow_model,
        signature=signature(),
        input_example=input_example(),
        pip_requirements=[f"{package}=={version(package)}" for package in _packages],
        # All that `runtime.mlflow.registry` hands to a service; the pickles stay where they were made.
        extra_files=[str(Path(folder, name)) for name in artefacts.data_files if Path(folder, name).is_file()],
        metadata={"description": description(loaded.info)},
    )
    copy_modules(root, "core", raw_rows.__name__, Path(path, _code))
    mlflow.pyfunc.add_to_model(
        mlflow_model,
        loader_module=raw_rows.__name__,
        data=_data,
        code=_code,
        conda_env="conda.yaml",
        python_env="python_env.yaml",
    )
    mlflow_model.save(str(Path(path, _config_file)))


def signature() -> ModelSignature:
    """Raw columns and history features, by name, none required; out a probability of default a row."""
    columns: list[ColSpec | TensorSpec] = [
        ColSpec(kind, name, required=False) for name, kind in raw_rows.columns().items()
    ]
    return ModelSignature(inputs=Schema(columns), outputs=Schema([TensorSpec(np.dtype(np.float64), (-1,))]))


def input_example() -> pd.DataFrame:
    """Three invented applicants: one who states much, one who leaves out numbers, one who leaves out codes."""
    numbers = {
        "AMT_INCOME_TOTAL": [180_000.0, 99_000.0, 135_000.0],
        "AMT_CREDIT": [600_000.0, 312_000.0, 450_000.0],
        "AMT_ANNUITY": [31_000.0, _missing, 22_500.0],
        "AMT_GOODS_PRICE": [540_000.0, _missing, 450_000.0],
        "DAYS_BIRTH": [-14_600.0, -9_800.0, -22_000.0],
        "DAYS_EMPLOYED": [-2_200.0, _missing, 365_243.0],
        "EXT_SOURCE_2": [0.62, 0.31, 0.55],
        "EXT_SOURCE_3": [0.48, _missing, _missing],
    }
    codes = {
        "NAME_CONTRACT_TYPE": ["Cash loans", "Cash loans", None],
        "NAME_INCOME_TYPE": ["Working", "Working", "Pensioner"],
        "OCCUPATION_TYPE": ["Core staff", "Laborers", None],
    }
    return pd.DataFrame(numbers).assign(**{name: pd.Series(values, dtype=object) for name, values in codes.items()})


def description(info: ModelInfo) -> str:
    """What whoever finds the model in MLflow has to know of it."""
    origin = "synthetic" if info.trained_on == "demo" else "real"
    return (
        f"{info.model_name} {info.version}: the probability of default of a loan application, by LightGBM, trained on"
        f" {info.n_training_rows:,} {origin} clients. `pyfunc` takes raw rows: any subset of the Home Credit"
        " application columns, and history features where they are known; numbers as doubles, codes as text, null or"
        " NaN where missing. It refuses values that are none of their column's. Refused is an application from a"
        f" probability of {info.optimal_threshold:.4f} on. LightGBM's own flavour takes the {info.n_features} features"
        " in the order of the matrix instead."
    )
