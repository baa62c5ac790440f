"""A file scored on a cluster is the file that one machine writes, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.batch.files import rejected_path, score_file
from core.cluster.scoring import ClusterScoring
from core.data import demo
from core.tables import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

    from core.batch.rows import Scored
    from core.portfolio.clients import Portfolio
    from core.portfolio.stored_history import StoredHistory
    from core.scoring import Scorer
    from core.tables.batches import Batch


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several batches of a file of a moment."""
    monkeypatch.setattr(reading, "rows_per_batch", 120)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Applications with a row now and then that is not sound."""
    path = tmp_path_factory.mktemp("source") / "in.csv"
    rows = demo.draw_applications(1200, 5, "train").with_columns(pl.col("AMT_CREDIT").cast(pl.String))
    spoilt = pl.when(pl.int_range(pl.len()) % 161 == 7).then(pl.lit("dear")).otherwise("AMT_CREDIT")
    rows.with_columns(AMT_CREDIT=spoilt).write_csv(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_scored_by_workers_is_the_same_byte_for_byte(
    kind: str, source: Path, tmp_path: Path, scorer: Scorer, models_dir: Path, client: Client, portfolio: Portfolio
) -> None:
    if kind == "parquet":
        sound = pl.read_csv(source, infer_schema=False).filter(pl.col("AMT_CREDIT") != "dear")
        source = tmp_path / "in.parquet"
        sound.write_parquet(source)
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    stored = portfolio.stored_history
    expected = score_file(source, here, rejected_path(here), scorer, 0.11, stored=stored)
    on_cluster = ClusterScoring(client, models_dir)
    found = score_file(source, there, rejected_path(there), scorer, 0.11, score_batches=on_cluster, stored=stored)
    assert found.joined > 100
    assert there.read_bytes() == here.read_bytes()
    assert found == expected
    assert found.rows > 1150
    if kind == "csv":
        assert found.rejected == 8
        assert rejected_path(there).read_bytes() == rejected_path(here).read_bytes()


def test_a_worker_that_dies_costs_no_row(
    source: Path, tmp_path: Path, scorer: Scorer, models_dir: Path, client: Client
) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    score_file(source, here, rejected_path(here), scorer)
    on_cluster = ClusterScoring(client, models_dir)
    killed = []

    def with_a_loss(batches: Iterator[Batch], threshold: float, stored: StoredHistory | None) -> Iterator[Scored]:
        for number, scored in enumerate(on_cluster(batches, threshold, stored)):
            if number == 1:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)
            yield scored

    score_file(source, there, rejected_path(there), scorer, score_batches=with_a_loss)
    assert there.read_bytes() == here.read_bytes()
    client.wait_for_workers(2)
    assert killed[0] not in client.run(os.getpid).values()
