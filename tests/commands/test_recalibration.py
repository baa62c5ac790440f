"""The `model recalibrate` command: outcomes in, a challenger registered, the model in use as it was."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from commands.__main__ import main
from core.data import demo
from core.model import artefacts
from core.scoring import Scorer
from runtime.mlflow.runs import tracking_server
from runtime.mlflow.versions import challenger, registered_versions


def outcomes(folder: Path, scorer: Scorer, rows: int, slope: float) -> Path:
    """A table of clients whose outcomes ask for that slope; 1 is what the model says."""
    applications = demo.draw_applications(rows, 78, "train")
    chance = expit(slope * logit(scorer.probabilities(applications)) + 2.2 * (slope - 1))
    defaulted = np.random.default_rng(0).random(rows) < chance
    (folder / "data").mkdir()
    applications.with_columns(pl.Series("TARGET", defaulted.astype(np.int8))).write_parquet(
        folder / "data" / "application_train.parquet"
    )
    return folder / "data"


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of which there are many
def test_a_challenger_is_registered_and_the_model_in_use_stays(
    own: Path, scorer: Scorer, capsys: pytest.CaptureFixture[str]
) -> None:
    before = artefacts.fingerprint(own / "models")
    assert main(["model", "recalibrate", "--data", str(outcomes(own, scorer, 6000, 1.5))]) == 0
    assert "model approve 1" in capsys.readouterr().err
    assert artefacts.fingerprint(own / "models") == before
    with tracking_server(own / "mlruns") as address:
        (version,) = registered_versions(address)
    assert version.aliases == (challenger,)


@pytest.mark.parametrize(("rows", "slope", "code", "words"), [(6000, 1.0, 0, "hold on these"), (500, 1.0, 1, "100")])
def test_nothing_is_registered_where_nothing_is_asked_for_or_outcomes_are_few(
    own: Path, scorer: Scorer, capsys: pytest.CaptureFixture[str], rows: int, slope: float, code: int, words: str
) -> None:
    assert main(["model", "recalibrate", "--data", str(outcomes(own, scorer, rows, slope))]) == code
    assert words in capsys.readouterr().err
    assert not (own / "mlruns").exists()
