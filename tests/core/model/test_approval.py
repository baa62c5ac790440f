"""The checks before a model is put into use: the shipped model passes, and each fault is found by its check."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from core import catalogue
from core.model import artefacts
from core.model.approval import Champion, checks
from core.model.artefacts import Artefacts
from core.model.booster import Booster


@pytest.fixture(scope="module")
def model(models_dir: Path) -> Artefacts:
    return artefacts.load(models_dir)


def failed(model: Artefacts, champion: Champion | None = None) -> list[str]:
    return [check.name for check in checks(model, champion or Champion()) if not check.passed]


def rewritten(model: Artefacts, key: str, change: str) -> Artefacts:
    """The model with its lines of that key made by the name of a change."""
    changes = {
        "negative": lambda line: " ".join(str(-float(word)) for word in line.split()),
        # Bits 2 and 3 are how a missing value is read: neither is as none was ever seen.
        "no missing values": lambda line: " ".join(str(int(word) & 3) for word in line.split()),
    }
    text = model.booster.model_to_string(num_iteration=-1)
    text = re.sub(rf"^{key}=(.+)$", lambda line: f"{key}={changes[change](line[1])}", text, flags=re.MULTILINE)
    blocks = re.split(r"(?=^Tree=)", text.partition("end of trees")[0], flags=re.MULTILINE)[1:]
    sizes = " ".join(str(len(block)) for block in blocks)
    text = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", text, flags=re.MULTILINE)
    return dataclasses.replace(model, booster=Booster(model_str=text))


def of_info(model: Artefacts, **changed: object) -> Artefacts:
    return dataclasses.replace(model, info=dataclasses.replace(model.info, **changed))  # type: ignore[arg-type]


def test_the_shipped_model_passes_beside_itself(model: Artefacts, models_dir: Path) -> None:
    champion = Champion.of(model, json.loads(artefacts.read_report(models_dir)))
    assert champion.auc_low is not None
    assert champion.auc_low < model.info.auc
    assert failed(model, champion) == []
    assert [check.name for check in checks(model, champion)] == ["missing_type", "monotonicity", "calibration", "auc"]


def test_a_feature_that_moves_against_its_direction_is_found(model: Artefacts) -> None:
    assert failed(rewritten(model, "leaf_value", "negative")) == ["monotonicity"]


def test_a_direction_is_looked_at_over_the_values_of_training(
    model: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the catalogue wanted the strongest constrained feature the other way."""
    entry = catalogue.entry
    monkeypatch.setattr(
        catalogue,
        "entry",
        lambda name: dataclasses.replace(entry(name), direction=1) if name == "EXT_SOURCE_2" else entry(name),
    )
    (check,) = (check for check in checks(model, Champion()) if not check.passed)
    assert check.name == "monotonicity"
    assert "EXT_SOURCE_2" in check.figures


def test_a_missing_value_that_is_read_as_zero_is_found(model: Artefacts) -> None:
    assert "missing_type" in failed(rewritten(model, "decision_type", "no missing values"))


def test_a_calibration_error_is_held_against_what_chance_does(model: Artefacts) -> None:
    metrics = model.info.metrics | {"calibration_error": 0.02}
    assert failed(of_info(model, metrics=metrics)) == ["calibration"]
    # Ten bins of 200 rows are off by as much without any fault.
    assert np.sqrt(0.08 * 0.92 / 200) > 0.01
    few = metrics | {"n_rows": 2000.0}
    assert failed(of_info(model, metrics=few, n_training_rows=2000)) == []
    unknown = {name: value for name, value in metrics.items() if name != "calibration_error"}
    assert failed(of_info(model, metrics=unknown)) == ["calibration"]


def test_an_auc_below_the_champions_interval_is_refused_where_both_saw_alike_rows(model: Artefacts) -> None:
    auc, other = model.info.auc, {"demo": "real", "real": "demo"}[model.info.trained_on]
    assert failed(model, Champion(auc + 0.001, model.info.trained_on)) == ["auc"]
    assert failed(model, Champion(auc, model.info.trained_on)) == []
    assert failed(model, Champion(auc + 0.1, other)) == []
    assert failed(model, Champion()) == []
    # To go back is no progress.
    assert all(check.passed for check in checks(model, Champion(auc + 0.1, model.info.trained_on), returning=True))
