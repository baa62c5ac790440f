"""Applications are read leniently: what does not fit is counted, and codes nobody knows are kept."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from core.data import demo
from core.drift.compare import compare
from core.drift.rows import NoApplications, from_inputs, read_applications, typed, with_side_tables
from core.portfolio.drawn_clients import read_clients
from core.tables.errors import UnusableFile


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    demo.write_tables(folder, 300, 1)
    return folder


def test_the_same_rows_are_the_same_in_every_format(tmp_path: Path, tables: Path) -> None:
    table = pl.read_parquet(tables / "application_train.parquet")
    table.write_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    numbers = pl.selectors.float().cast(pl.String).str.replace(".", ",", literal=True)
    table.with_columns(numbers).write_csv(tmp_path / "c.csv", separator=";")
    table.write_parquet(tmp_path / "d.parquet")
    whole = read_applications(tables)
    assert whole.name == f"{tables.name}/application_train"
    for name in ("a.csv", "b.csv.gz", "c.csv", "d.parquet"):
        found = read_applications(tmp_path / name)
        assert (found.name, found.unreadable, found.broken, found.synthetic) == (name, {}, 0, None)
        assert_frame_equal(found.frame, whole.frame)
    assert max(column.psi for column in compare(table, whole.frame).columns) == 0


def test_a_folder_brings_the_wanted_table_and_its_history(tables: Path) -> None:
    later = read_applications(tables, ("application_test", "application_train"))
    assert later.frame.height == pl.read_parquet(tables / "application_test.parquet").height
    complete = with_side_tables(later, tables)
    history = pl.selectors.by_name("INSTALMENT_LATE_SHARE", "BUREAU_ACTIVE_SHARE")
    assert_frame_equal(complete.frame.select(history), read_clients(tables, "application_test").select(history))


def test_what_does_not_fit_is_counted_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    lines = [
        "SK_ID_CURR,AMT_CREDIT,NAME_HOUSING_TYPE,FLAG_OWN_CAR,FLAG_EMAIL,CODE_GENDER,SHOE_SIZE",
        "1,100000,Houseboat,1,1,0,43",
        "2,much,House / apartment,N,0,F,44",
        "3,,  ,Y,NA,XNA,45",
        "4,5,6",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = read_applications(path)
    assert found.frame.columns == lines[0].split(",")[:-1]
    assert found.frame.rows() == [
        (1, 100000.0, "Houseboat", "Y", 1, "F"),
        (2, None, "House / apartment", "N", 0, "F"),
        (3, None, None, "Y", None, "XNA"),
    ]
    assert found.unreadable == {"AMT_CREDIT": 1}
    assert found.broken == 1


@pytest.mark.parametrize("mark", ["3.4028235e+38", "-3.4028235e+38", "1e307", "1.7976931348623157e+308", "inf"])
def test_a_number_that_no_application_holds_is_counted_as_missing(tmp_path: Path, mark: str) -> None:
    written = pl.DataFrame({"AMT_CREDIT": [100000.0, float(mark), None, float("nan")], "EXT_SOURCE_1": [0.5] * 4})
    written.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text(
        f"AMT_CREDIT,EXT_SOURCE_1\n100000,0.5\n{mark},0.5\n,0.5\nNaN,0.5\n", encoding="utf-8"
    )
    for name in ("a.parquet", "a.csv"):
        found = read_applications(tmp_path / name)
        assert found.frame["AMT_CREDIT"].to_list() == [100000.0, None, None, None]
        assert found.unreadable == {"AMT_CREDIT": 1}


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoApplications, match="there is no file or folder"):
        read_applications(tmp_path / "nowhere.csv")
    with pytest.raises(NoApplications, match=r"there is no application_train or application_test \(\.parquet"):
        read_applications(tmp_path)
    empty = tmp_path / "empty.csv"
    empty.write_text("AMT_CREDIT,AMT_ANNUITY\n")
    with pytest.raises(UnusableFile):
        read_applications(empty)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(UnusableFile):
        read_applications(other)


def test_inputs_of_the_audit_become_rows() -> None:
    found = from_inputs(
        [
            {"AMT_CREDIT": 5, "NAME_CONTRACT_TYPE": "Cash loans", "FLAG_EMAIL": 1, "INSTALMENT_LATE_SHARE": 0.5},
            {"AMT_CREDIT": 2.5, "SK_ID_CURR": 7},
        ]
    )
    assert set(found.columns) == {
        "SK_ID_CURR",
        "AMT_CREDIT",
        "NAME_CONTRACT_TYPE",
        "FLAG_EMAIL",
        "INSTALMENT_LATE_SHARE",
    }
    assert found["AMT_CREDIT"].to_list() == [5, 2.5]
    assert found["FLAG_EMAIL"].to_list() == [1, None]
    assert found.schema["FLAG_EMAIL"] == pl.Int8


def test_numbers_in_place_of_text_are_taken_as_they_are() -> None:
    frame, bad = typed(pl.DataFrame({"FLAG_OWN_CAR": [0, 1], "AMT_CREDIT": [1, None], "FLAG_EMAIL": [1.0, 0.0]}))
    assert frame.rows() == [("N", 1.0, 1), ("Y", None, 0)]
    assert bad == {}
