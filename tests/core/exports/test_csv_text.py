"""Exports: what comes out is what went in, and a spreadsheet runs none of it."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exports.csv_text import Convention, as_csv, csv_file, frame_as_csv

cells = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n")))


def read(text: str) -> list[str]:
    return [row[0] if row else "" for row in csv.reader(io.StringIO(text, newline=""))]


@given(st.lists(cells, min_size=1))
def test_a_cell_is_its_text_and_no_formula(column: list[str | None]) -> None:
    read_back = read(as_csv([cell] for cell in column))
    assert [cell.removeprefix("'") if (before or "")[:1] in tuple("=+-@\t") else cell
            for cell, before in zip(read_back, column, strict=True)] == [cell or "" for cell in column]  # fmt: skip
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in read_back)


@given(st.lists(cells, min_size=1))
def test_a_frame_is_written_as_its_rows_are(column: list[str | None]) -> None:
    frame = pl.DataFrame({"name": column, "number": range(len(column))}, schema={"name": pl.String, "number": pl.Int64})
    written = list(csv.reader(io.StringIO(frame_as_csv(frame), newline="")))
    assert written == list(csv.reader(io.StringIO(as_csv(frame.iter_rows()), newline="")))


@pytest.mark.parametrize(
    ("convention", "written"),
    [("plain", '"a,b;c",-1234.5,,7,\'=1\n'), ("fr", '"a,b;c";-1234,5;;7;\'=1\n')],
)
def test_a_row_in_the_convention_of_its_reader(convention: Convention, written: str) -> None:
    row = ("a,b;c", -1234.5, None, 7, "=1")
    assert as_csv([row], convention) == written
    assert frame_as_csv(pl.DataFrame([row], orient="row"), convention) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_with_a_decimal_comma_is_the_same_number(number: float) -> None:
    for text in (as_csv([[number]], "fr"), frame_as_csv(pl.DataFrame({"number": [number]}), "fr")):
        assert "." not in text
        assert float(text.strip().replace(",", ".")) == number


def test_a_file_says_that_it_is_utf_8_and_numbers_stay_numbers() -> None:
    assert csv_file([["Âge"], [-1.5]]).decode("utf-8-sig").splitlines() == ["Âge", "-1.5"]
