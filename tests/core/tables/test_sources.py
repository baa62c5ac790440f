"""Tables are found by name in whatever case and ending, and read in the types of the catalogue."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from core.tables.sources import TableError, read_table, stem_of

balance = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5000001,-1,C\n"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("application_train.csv", "application_train"),
        ("APPLICATION_TEST.CSV.GZ", "application_test"),
        ("pos_cash_balance.Parquet", "POS_CASH_balance"),
        ("application_train (1).csv", None),
        ("HomeCredit_columns_description.csv", None),
        ("bureau.zip", None),
    ],
)
def test_a_table_is_known_by_the_name_of_its_file(name: str, stem: str | None) -> None:
    assert stem_of(name) == stem


def test_a_table_is_read_whatever_its_case_and_packing(tmp_path: Path) -> None:
    (tmp_path / "BUREAU_BALANCE.csv.GZ").write_bytes(gzip.compress(balance.encode()))
    assert read_table(tmp_path, "bureau_balance").rows() == [(5000001, -1, "C")]


def test_parquet_is_read_before_csv(tmp_path: Path) -> None:
    (tmp_path / "bureau_balance.csv").write_text(balance)
    read_table(tmp_path, "bureau_balance").head(0).write_parquet(tmp_path / "bureau_balance.parquet")
    assert read_table(tmp_path, "bureau_balance").is_empty()


def test_a_table_that_is_absent_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(TableError, match=rf"there is no bureau \(.*\) in the folder {folder.name}"):
            read_table(folder, "bureau")


@pytest.mark.parametrize("name", ["bureau_balance.parquet", "bureau_balance.csv.gz"])
def test_a_damaged_table_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"neither")
    with pytest.raises(TableError, match=rf"{name}: The file cannot be read as"):
        read_table(tmp_path, "bureau_balance")
