"""Trees grown by workers: fold by fold those of one machine, all together as good a model."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.cluster.training import ClusterBackend
from core.data import demo
from core.model.booster import Booster
from core.model.preprocessor import Preprocessor
from core.model.training.averaging import boosters
from core.model.training.backend import TrainingRows, local_backend
from core.model.training.fitting import constrained_parameters, directions, training_rows
from core.settings import root

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

_rounds = 60

# As `python -m commands train` does it: what LightGBM needs beside it is imported first, which here is too late.
_grow = """
import sys
from pathlib import Path
from core.cluster import complete_lightgbm
complete_lightgbm()
import joblib
from core.cluster.connection import connected
from core.cluster.training import ClusterBackend
if __name__ == "__main__":
    rows, chosen = joblib.load(sys.argv[2])
    with connected(sys.argv[1]) as client:
        grown = ClusterBackend(client).grow(rows, chosen, int(sys.argv[3]))
    Path(sys.argv[4]).write_text(grown.model_to_string(), encoding="utf-8")
"""


@pytest.fixture(scope="module")
def rows() -> TrainingRows:
    return drawn(4000, 1)


@pytest.fixture(scope="module")
def chosen(rows: TrainingRows) -> dict[str, object]:
    return constrained_parameters(rows.feature_names, 1)


def drawn(clients: int, seed: int) -> TrainingRows:
    applications = demo.draw_applications(clients, seed, "train")
    preprocessor = Preprocessor.fit(applications)
    return training_rows(applications, preprocessor, seed)


def test_folds_are_the_same_wherever_they_are_computed(
    rows: TrainingRows, chosen: dict[str, object], client: Client
) -> None:
    expected, found = (
        local_backend.cross_validate(rows, chosen, 2, 1),
        ClusterBackend(client).cross_validate(rows, chosen, 2, 1),
    )
    np.testing.assert_array_equal(found.out_of_fold, expected.out_of_fold)
    aucs = [[fold.auc for fold in side.folds] for side in (found, expected)]
    assert (aucs[0], found.rounds) == (aucs[1], expected.rounds)


def test_a_model_grown_by_all_workers_is_as_good(
    rows: TrainingRows, chosen: dict[str, object], client: Client, tmp_path: Path
) -> None:
    joblib.dump((rows, chosen), tmp_path / "rows")
    arguments = [client.scheduler.address, str(tmp_path / "rows"), str(_rounds), str(tmp_path / "model.txt")]
    subprocess.run([sys.executable, "-c", _grow, *arguments], cwd=root, check=True)
    text = (tmp_path / "model.txt").read_text("utf-8")
    # Grown together, and silent on where.
    assert "[tree_learner: data]" in text
    assert "127.0.0.1" not in text
    assert Booster(model_str=text).num_trees() == boosters * _rounds

    unseen = drawn(6000, 2)
    alone, together = local_backend.grow(rows, chosen, _rounds), Booster(model_str=text)
    of_one, of_all = (roc_auc_score(unseen.target, each.predict(unseen.matrix)) for each in (alone, together))
    assert of_one > 0.7
    assert of_all == pytest.approx(of_one, abs=0.015)

    # A constraint is one on every machine.
    index = rows.feature_names.index("EXT_SOURCE_2")
    assert directions(rows.feature_names)[index] == -1
    varied = np.repeat(unseen.matrix[:50], 21, axis=0)
    varied[:, index] = np.tile(np.linspace(0, 1, 21), 50)
    assert np.diff(np.asarray(together.predict(varied)).reshape(50, 21), axis=1).max() <= 1e-12
