"""Histories gathered by workers are those that one machine gathers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from core.cluster.history import DifferentFolder, _part, with_history
from core.portfolio.drawn_clients import draw_tables, read_clients
from core.tables.sources import read_table

if TYPE_CHECKING:
    from distributed import Client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables")
    draw_tables(path, 400, 3)
    return path


def test_every_feature_of_every_client_is_the_same(folder: Path, client: Client) -> None:
    applications = read_table(folder, "application_train").sample(fraction=1, shuffle=True, seed=1)
    found = with_history(client, applications, folder, clients_at_a_time=90)
    expected = read_clients(folder)
    assert found["SK_ID_CURR"].to_list() == applications["SK_ID_CURR"].to_list()
    assert expected["BUREAU_BALANCE_MONTHS"].null_count() < expected.height
    assert_frame_equal(found.sort("SK_ID_CURR"), expected.sort("SK_ID_CURR"), rel_tol=1e-12, abs_tol=0)


def test_a_table_less_is_no_harm(folder: Path, client: Client, tmp_path: Path) -> None:
    for name in ("application_train", "bureau"):
        (tmp_path / f"{name}.parquet").write_bytes((folder / f"{name}.parquet").read_bytes())
    applications = read_table(tmp_path, "application_train")
    assert_frame_equal(with_history(client, applications, tmp_path), read_clients(tmp_path), rel_tol=1e-12, abs_tol=0)


def test_a_worker_that_finds_another_table_says_so(folder: Path) -> None:
    file = folder / "bureau.parquet"
    with pytest.raises(DifferentFolder, match=r"bureau\.parquet"):
        _part(pl.DataFrame({"SK_ID_CURR": [100002]}), {"bureau": (str(file), file.stat().st_size + 1)})
