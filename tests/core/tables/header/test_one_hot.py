"""A category in several columns of 0 and 1 is the category that pandas made them of."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pytest

from core.batch.rows import inspect_batch
from core.data import demo
from core.tables.columns import match_columns
from core.tables.errors import UnusableFile
from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.batch.rows import Inspected

cash = "NAME_CONTRACT_TYPE_Cash loans"


def inspected(path: Path, content: str | bytes) -> Inspected:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (batch,) = open_source(path).batches()
    return inspect_batch(batch)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("values", [bool, int, float])
def test_what_pandas_takes_apart_is_put_together(tmp_path: Path, kind: str, values: type) -> None:
    drawn = demo.draw_applications(200, 5, "test")
    names = ["NAME_CONTRACT_TYPE", "NAME_EDUCATION_TYPE", "OCCUPATION_TYPE", "WEEKDAY_APPR_PROCESS_START"]
    apart = pd.get_dummies(drawn.select("AMT_CREDIT", *names).to_pandas(), columns=names, dummy_na=True, dtype=values)
    content = io.BytesIO()
    if kind == "csv":
        apart.to_csv(content, index=False)
    else:
        pl.from_pandas(apart).write_parquet(content)
    found = inspected(tmp_path / f"in.{kind}", content.getvalue())
    assert found.errors.is_empty()
    assert found.readings.is_empty()
    for name in names:
        assert found.rows[name].to_list() == drawn[name].to_list(), name


@pytest.mark.parametrize(
    ("values", "code", "problem", "reading"),
    [
        ("1,0", "Higher education", None, None),
        ("True,False", "Higher education", None, None),
        ("non,oui", "Lower secondary", None, None),
        (",1.0", "Lower secondary", None, None),
        (",", None, None, None),
        ("0,0", None, None, "one_hot_none"),
        ("0,", None, None, "one_hot_none"),
        ("1,1", None, "one_hot_several", None),
        ("1,2", None, "one_hot_value", None),
        ("0,0.5", None, "one_hot_value", None),
        ("1,red", None, "one_hot_value", None),
    ],
)
def test_a_row(tmp_path: Path, values: str, code: str | None, problem: str | None, reading: str | None) -> None:
    header = "AMT_CREDIT,NAME_EDUCATION_TYPE_Higher education,NAME_EDUCATION_TYPE_Lower secondary"
    text = f"{header}\n450000,{values}\n270000,0,1\n"
    found = inspected(tmp_path / "in.csv", text)
    assert found.frame["NAME_EDUCATION_TYPE"].to_list() == [code, "Lower secondary"]
    assert found.rows.height == (1 if problem else 2)
    expected = [(0, "NAME_EDUCATION_TYPE", problem)] if problem else []
    assert found.errors.rows() == expected
    assert found.readings.rows() == ([(0, "NAME_EDUCATION_TYPE", reading)] if reading else [])


def test_where_every_code_has_a_column_a_row_of_zeros_is_a_missing_value(tmp_path: Path) -> None:
    text = "AMT_CREDIT,FLAG_OWN_CAR_N,FLAG_OWN_CAR_Y\n450000,0,0\n270000,0,1\n"
    found = inspected(tmp_path / "in.csv", text)
    assert found.rows["FLAG_OWN_CAR"].to_list() == [None, "Y"]
    assert found.readings.is_empty()


@pytest.mark.parametrize("name", [cash, "name_contract_type_cash_loans", "NAME_CONTRACT_TYPE=Cash loans"])
def test_names_as_programs_write_them(name: str) -> None:
    match = match_columns(["AMT_CREDIT", name, "colour"])
    assert match.known() == ("AMT_CREDIT", "NAME_CONTRACT_TYPE")
    assert match.aliases == ((name, "NAME_CONTRACT_TYPE"),)
    assert match.unknown == ("colour",)
    assert "NAME_CONTRACT_TYPE" not in match.missing


@pytest.mark.parametrize(
    "header",
    [
        ["NAME_CONTRACT_TYPE", cash],
        ["AMT_CREDIT", "NAME_CONTRACT_TYPE_Zebra loans"],
        ["AMT_CREDIT", "NAME_CONTRACT_TYPE_nan"],
    ],
)
def test_what_is_no_part_of_a_category_is_not_used(header: list[str]) -> None:
    match = match_columns(header)
    assert (match.names, match.unknown) == ({0: header[0]}, (header[1],))


def test_one_column_of_a_flag_is_the_flag() -> None:
    # As the earlier system's clients send it, or with the suffix of a join: both are read.
    assert match_columns(["AMT_CREDIT", "FLAG_OWN_CAR_Y"]).names == {0: "AMT_CREDIT", 1: "FLAG_OWN_CAR"}


def test_two_columns_of_one_code_are_one_too_many() -> None:
    with pytest.raises(UnusableFile) as refused:
        match_columns(["AMT_CREDIT", cash, "NAME_CONTRACT_TYPE_Cash_loans"])
    assert refused.value.key == "file_column_twice"
