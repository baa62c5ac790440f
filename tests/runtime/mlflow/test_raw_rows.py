"""The registered model: raw rows in, our probabilities out, by its own copy of the code; a signature that says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import polars as pl
import pytest
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.types import DataType

from core import catalogue
from core.application import parse_application
from core.features import history_names
from core.model.raw_rows import UnusableRow
from core.portfolio.clients import Portfolio, clients_file
from core.scoring import Scorer
from runtime.mlflow import raw_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many

# What the packages of the requirements bring.
brought = {
    "annotated_types",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
    "charset_normalizer",
    "narwhals",
}
asked_for = """
import json, sys
from core.application import parse_application
from core.model import raw_rows
model = raw_rows._load_pyfunc(sys.argv[1])
model.scorer.decide_many([parse_application({"AMT_CREDIT": 1.0})])
packages = sorted({name.partition(".")[0] for name, module in list(sys.modules.items())
                   if "site-packages" in (getattr(module, "__file__", None) or "")})
import pandas as pd
frame = pd.read_json(sys.argv[2], orient="split", dtype=False)
print(json.dumps({"probabilities": model.predict(frame).tolist(), "code": raw_rows.__file__, "packages": packages}))
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer, models_dir: Path) -> Path:
    folder = tmp_path_factory.mktemp("mlflow") / "model"
    raw_rows.save_model(str(folder), Model(), scorer.artefacts, str(models_dir))
    return folder


@pytest.fixture
def loaded(saved: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # MLflow puts the code of the model before all others, for good.
    monkeypatch.setattr(sys, "path", list(sys.path))
    return mlflow.pyfunc.load_model(str(saved))


@pytest.fixture(scope="module")
def clients(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file).drop("probability", "TARGET").head(60)


def as_pandas(clients: pl.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(clients.to_dict(as_series=False))
    return frame.astype(dict.fromkeys(frame.select_dtypes("integer"), float))


def test_raw_rows_have_our_probabilities(loaded: Any, clients: pl.DataFrame, scorer: Scorer) -> None:
    np.testing.assert_array_equal(loaded.predict(as_pandas(clients)), scorer.probabilities(clients))


def test_a_missing_value_is_none_nan_or_no_column(loaded: Any, scorer: Scorer) -> None:
    expected = scorer.decide(parse_application({"AMT_CREDIT": 450000.0, "AMT_ANNUITY": 20000.0})).probability
    for missing in ({}, {"EXT_SOURCE_2": [None]}, {"EXT_SOURCE_2": [np.nan]}, {"OCCUPATION_TYPE": [None]}):
        frame = pd.DataFrame({"AMT_CREDIT": [450000.0], "AMT_ANNUITY": [20000.0]} | missing)
        assert loaded.predict(frame).tolist() == [expected]


def test_the_signature_is_written_out(loaded: Any) -> None:
    columns = loaded.metadata.signature.inputs.inputs
    codes = {column.name for column in catalogue.columns() if column.type == "category"}
    expected = [column.name for column in catalogue.columns() if column.type != "target"] + list(history_names())
    assert [column.name for column in columns] == expected
    assert {column.name for column in columns if column.type == DataType.string} == codes
    assert {column.type for column in columns} == {DataType.string, DataType.double}
    assert not any(column.required for column in columns)


def test_the_example_has_missing_values_and_is_scored(loaded: Any, saved: Path) -> None:
    example = loaded.input_example
    assert {"float64"} == {str(example[name].dtype) for name in ("AMT_CREDIT", "EXT_SOURCE_3")}
    assert example["AMT_ANNUITY"].isna().sum() == 1
    assert example["OCCUPATION_TYPE"].isna().sum() == 1
    assert "null" in (saved / "serving_input_example.json").read_text()
    assert ((predicted := loaded.predict(example)) > 0).all()
    assert len(predicted) == 3


def test_a_value_that_is_none_of_its_column_is_named_and_not_repeated(loaded: Any) -> None:
    frame = pd.DataFrame({"AMT_CREDIT": [450000.0, 450000.0], "NAME_CONTRACT_TYPE": ["Cash loans", "Mortgage"]})
    with pytest.raises(UnusableRow, match=r"row 1: NAME_CONTRACT_TYPE: .* one of: Cash loans") as refusal:
        loaded.predict(frame)
    assert "Mortgage" not in str(refusal.value)


def test_what_mlflow_refuses_by_the_signature(loaded: Any) -> None:
    """Guards docs/known-traps.md: whole numbers of 64 bits, and a category column."""
    for values in ({"AMT_CREDIT": [450000]}, {"AMT_CREDIT": [1.0], "OCCUPATION_TYPE": pd.Categorical(["Drivers"])}):
        with pytest.raises(MlflowException, match="Can not safely convert"):
            loaded.predict(pd.DataFrame(values))


def test_it_is_scored_by_its_own_copy_of_the_code_and_its_own_requirements(
    saved: Path, clients: pl.DataFrame, scorer: Scorer, tmp_path: Path
) -> None:
    (tmp_path / "rows.json").write_text(as_pandas(clients.head(5)).to_json(orient="split", double_precision=15))
    command = [sys.executable, "-c", asked_for, str(saved / "extra_files"), str(tmp_path / "rows.json")]
    environment = {"PYTHONPATH": str(saved / "code"), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    np.testing.assert_allclose(said["probabilities"], scorer.probabilities(clients.head(5)), rtol=1e-9)
    assert Path(said["code"]).is_relative_to(saved)
    required = {line.partition("==")[0] for line in (saved / "requirements.txt").read_text().splitlines()}
    assert {name for name in said["packages"] if not name.startswith("_")} <= required | brought
    assert not [path for path in saved.rglob("*") if path.suffix in (".pkl", ".joblib", ".skops", ".npz", ".pyc")]


def test_the_description_says_what_it_takes(saved: Path, scorer: Scorer) -> None:
    text = str((Model.load(str(saved)).metadata or {})["description"])
    assert scorer.model.version in text
    assert "raw rows" in text
    assert f"{scorer.model.optimal_threshold:.4f}" in text
