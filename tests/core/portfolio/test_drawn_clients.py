"""Clients with their history: which tables are read, and which are named because they are not."""

from pathlib import Path

import polars as pl
import pytest

from commands.__main__ import main
from core.features import history_names
from core.portfolio.drawn_clients import draw_tables, is_synthetic, read_clients, unread_tables
from core.tables.sources import TableError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = tmp_path_factory.mktemp("tables")
    draw_tables(drawn, 200, 4)
    return drawn


def test_every_client_comes_once_with_its_history(folder: Path) -> None:
    clients = read_clients(folder)
    assert clients.height == clients["SK_ID_CURR"].n_unique() == 200
    assert set(history_names()) <= set(clients.columns)
    assert clients["BUREAU_LOANS"].null_count() < 200
    assert is_synthetic(folder)
    assert unread_tables(folder) == ()


def test_side_tables_as_csv_are_named_not_read(folder: Path, tmp_path: Path) -> None:
    pl.read_parquet(folder / "application_train.parquet").write_csv(tmp_path / "application_train.csv")
    pl.read_parquet(folder / "bureau.parquet").write_csv(tmp_path / "Bureau.csv")
    (tmp_path / "notes.csv").write_text("not ours", encoding="utf-8")
    assert unread_tables(tmp_path) == ("Bureau.csv",)
    clients = read_clients(tmp_path)
    assert clients.height == 200
    assert clients["BUREAU_LOANS"].null_count() == 200
    (tmp_path / "bureau.parquet").write_bytes((folder / "bureau.parquet").read_bytes())
    assert unread_tables(tmp_path) == ()
    assert not is_synthetic(tmp_path)


def test_without_applications_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="application_train"):
        read_clients(tmp_path)
    assert unread_tables(tmp_path / "nowhere") == ()


def test_real_tables_are_not_drawn_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bureau.csv.gz").write_bytes(b"real")
    assert main(["data", "demo", "--clients", "30", "--out", str(tmp_path)]) == 1
    assert "holds real tables (bureau)" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["bureau.csv.gz"]
