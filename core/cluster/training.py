"""The training backend of a cluster: each fold is one worker's, the model on every row is that of all."""

from __future__ import annotations

import re
import sys
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.cluster.connection import ClusterUnavailable
from core.model import booster as lightgbm
from core.model.training.averaging import mean_of, settings_of
from core.model.training.backend import combined, grow_fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distributed import Client

    from core.model.training.backend import CrossValidated, TrainingRows

# Where the workers were is nothing that a model should tell.
_network: Final = re.compile(r"^\[(machines|local_listen_port|num_machines|time_out): .*\]\n", re.MULTILINE)


@dataclass(frozen=True)
class ClusterBackend:
    """Grows trees on a cluster, as `core.model.training.fitting.train` wants it done.

    A fold is what `core.model.training.backend.grow_fold` makes of it, wherever: evaluation, threshold and rounds are
    those that one machine finds. The model on every row is grown by all workers together, each on its part of the rows
    (`lightgbm.dask`, data-parallel). Its trees are not those of one machine: each worker bins and draws its own rows,
    and LightGBM then keeps to the "basic" method of monotone constraints; they hold all the same.

    Attributes:
        client: of the cluster.
    """

    client: Client

    def cross_validate(self, rows: TrainingRows, chosen: Mapping[str, object], folds: int, seed: int) -> CrossValidated:
        """Stratified cross-validation with early stopping inside each fold, the folds at the same time."""
        # On each worker, so that one that dies takes nothing with it.
        there = self.client.scatter(rows, broadcast=True, hash=False)
        tasks = [
            self.client.submit(grow_fold, there, dict(chosen), folds, seed, fold, pure=False) for fold in range(folds)
        ]
        return combined(self.client.gather(tasks))

    def grow(self, rows: TrainingRows, chosen: Mapping[str, object], rounds: int) -> lightgbm.Booster:
        """The model on every row, the mean of boosters of `rounds` trees each, grown by all workers.

        Raises:
            ClusterUnavailable: where a worker is lost on the way, for LightGBM cannot go on without it; begin again.
        """
        from concurrent.futures import CancelledError

        from lightgbm.basic import LightGBMError

        try:
            return mean_of([self._together(rows, chosen, rounds, number) for number in range(len(rows.withheld))])
        except (CancelledError, LightGBMError) as error:
            # Who is lost is either missed by the scheduler first, or by the other workers.
            raise ClusterUnavailable(f"The workers could not grow the trees together: {error}") from error

    def _together(self, rows: TrainingRows, chosen: Mapping[str, object], rounds: int, number: int) -> lightgbm.Booster:
        """Booster `number` of those that the model is the mean of."""
        import dask.array as da
        from dask import delayed
        from lightgbm.dask import DaskLGBMClassifier

        # Who answers: the scheduler may not know yet who is gone.
        workers = list(self.client.run(_leave, on_error="ignore"))
        matrices, targets = [], []
        for place, worker in enumerate(workers):
            # Every n-th row: each part then is like the whole, however the rows are sorted. LightGBM bins a feature on
            # one part alone (findings/lightgbm_machines.sh).
            matrix, target = rows.withheld[number][place :: len(workers)], rows.target[place :: len(workers)]
            part, labels = self.client.scatter(
                [np.ascontiguousarray(matrix), np.ascontiguousarray(target)], workers=[worker], hash=False
            )
            matrices.append(da.from_delayed(delayed(part), matrix.shape, matrix.dtype))
            targets.append(da.from_delayed(delayed(labels), target.shape, target.dtype))
        parameters: dict[str, Any] = {"client": self.client, "n_estimators": rounds, **settings_of(chosen, number)}
        estimator = DaskLGBMClassifier(**parameters)
        names, categorical = list(rows.feature_names), list(rows.categorical_features)
        # Results alone go to standard output, and LightGBM writes of ports there.
        with redirect_stdout(sys.stderr), warnings.catch_warnings():
            # It sets this parameter itself.
            warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored", UserWarning)
            estimator.fit(
                da.concatenate(matrices), da.concatenate(targets), feature_name=names, categorical_feature=categorical
            )
        return lightgbm.Booster(model_str=_network.sub("", estimator.booster_.model_to_string()))


def _leave() -> None:
    """Takes a worker out of the network of those that grew trees, which LightGBM keeps where they failed."""
    # The network is that of the process; any booster leaves it.
    lightgbm.Booster.__new__(lightgbm.Booster).free_network()
