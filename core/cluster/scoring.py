"""The scoring of a file on a cluster; nothing but the rows of a batch and the model travels."""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections import deque
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from distributed import WorkerPlugin, get_worker

from core.batch.rows import Scored, score_batch
from core.cluster.connection import threads
from core.model.artefacts import data_files
from core.scoring import Scorer
from core.tables.batches import Batch
from core.tables.cells.number_text import point_decimals
from core.tables.values import read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client, Future
    from numpy.typing import NDArray

    from core.portfolio.stored_history import StoredHistory


@dataclass(frozen=True)
class ClusterScoring:
    """Scores batches on a cluster, as `core.batch.score_file` wants it done.

    The workers need no folder in common: this process reads the file, and sends the batches and the model. A worker
    that dies costs time only, since the scheduler gives what it had to another.

    Attributes:
        client: of the cluster.
        models_dir: the artefacts of the model; each worker checks and loads them once.
    """

    client: Client
    models_dir: Path

    def __call__(
        self, batches: Iterator[Batch], threshold: float, stored: StoredHistory | None = None
    ) -> Iterator[Scored]:
        """The batches scored, in their order; as many are under way as keep every worker busy.

        Of the stored history, what belongs to the clients of a batch travels with it.
        """
        model = WorkerModel(self.models_dir)
        self.client.register_plugin(model, name=model.name)
        under_way: deque[Future] = deque()
        try:
            for batch in batches:
                # Asked each time: workers come and go.
                while len(under_way) >= 2 * threads(self.client):
                    yield under_way.popleft().result()
                ours = None if stored is None else stored.only(_numbers(batch))
                task = self.client.submit(_score, _Packed.of(batch), model.name, threshold, ours, pure=False)
                under_way.append(task)
            while under_way:
                yield under_way.popleft().result()
        finally:
            self.client.unregister_worker_plugin(model.name)


class WorkerModel(WorkerPlugin):  # type: ignore[misc]
    """A model on every worker, those that come later too; loaded when the first batch asks for it."""

    def __init__(self, models_dir: Path) -> None:
        """Reads the artefacts that scoring needs."""
        self.name = f"model-{uuid.uuid4().hex}"
        present = (models_dir / name for name in data_files if (models_dir / name).is_file())
        self._files = {path.name: path.read_bytes() for path in present}

    def setup(self, worker: object) -> None:  # noqa: ARG002
        """Called by Dask on each worker."""
        self._lock = threading.Lock()
        self._scorer: Scorer | None = None

    def scorer(self) -> Scorer:
        """The model. Raises `core.model.errors.ArtefactError` where the files do not fit each other, or the code."""
        with self._lock:
            if self._scorer is None:
                with tempfile.TemporaryDirectory() as folder:
                    for name, content in self._files.items():
                        (Path(folder) / name).write_bytes(content)
                    scorer = Scorer.load(Path(folder))
                    # Read when first asked for, and by then its file would be gone.
                    _ = scorer.training_ranges
                    self._scorer = scorer
            return self._scorer


@dataclass(frozen=True, slots=True)
class _Packed:
    """A batch as it travels: its rows compressed, a tenth of what they are in memory."""

    batch: Batch
    rows: bytes

    @classmethod
    def of(cls, batch: Batch) -> _Packed:
        buffer = BytesIO()
        batch.frame.write_ipc(buffer, compression="lz4")
        return cls(replace(batch, frame=batch.frame.clear()), buffer.getvalue())

    def unpacked(self) -> Batch:
        return replace(self.batch, frame=pl.read_ipc(BytesIO(self.rows)))


def _numbers(batch: Batch) -> NDArray[np.int64]:
    """The client numbers that a batch may have; what is none is left to those who check it."""
    if "SK_ID_CURR" not in batch.frame.columns:
        return np.empty(0, dtype=np.int64)
    written = batch.formats.get("SK_ID_CURR", point_decimals)
    numbers = read_numbers(batch.frame["SK_ID_CURR"], written=written).numbers
    return numbers.cast(pl.Int64, strict=False).drop_nulls().to_numpy()


def _score(packed: _Packed, model_name: str, threshold: float, stored: StoredHistory | None) -> Scored:
    model = get_worker().plugins[model_name]
    scored = score_batch(packed.unpacked(), model.scorer(), threshold, stored)
    # Nobody asks for the rows again.
    return replace(scored, applications=scored.applications.clear())
