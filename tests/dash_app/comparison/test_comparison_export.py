"""The statistics as files: the numbers are plain numbers, and no cell is a formula."""

from __future__ import annotations

import base64
import csv
import io
import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.contract.clients.comparison import ComparedNumber
from dash_app.views.comparison import export
from tests.contracts import changed

if TYPE_CHECKING:
    from dash_app.service import ComparisonView


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.usefixtures("english")
class TestCsv:
    def test_a_row_for_each_with_the_numbers_of_the_view(self, view: ComparisonView) -> None:
        header, *rows = read(export.csv_file(view))
        assert [each[0] for each in rows] == [feature.name for feature in view.features]
        assert {len(each) for each in rows} == {len(header)}
        place = {name: header.index(name) for name in ("Median", "Percentile", "Missing")}
        for row, each in zip(rows, view.features, strict=True):
            if isinstance(each, ComparedNumber):
                found = each.spreads[view.group]
                assert float(row[place["Median"]]) == found.median
                assert float(row[place["Percentile"]]) == found.percentile
                assert float(row[place["Missing"]]) == found.missing_share

    def test_another_client_has_columns_too(self, beside: ComparisonView, view: ComparisonView) -> None:
        assert len(read(export.csv_file(beside))[0]) == len(read(export.csv_file(view))[0]) + 2

    def test_no_cell_is_taken_for_a_formula(self, view: ComparisonView) -> None:
        evil = changed(view, features=(changed(view.features[0], name="EXT_SOURCE_2"),), peers=view.peers)
        assert not any(cell.startswith(("=", "@", "\t")) for row in read(export.csv_file(evil)) for cell in row)


@pytest.mark.parametrize("lang", ["french", "english"])
def test_excel_has_the_same_numbers_and_says_who_is_compared(
    request: pytest.FixtureRequest, lang: str, view: ComparisonView
) -> None:
    request.getfixturevalue(lang)
    content = export.xlsx_file(view)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert "xl/worksheets/sheet2.xml" in book.namelist()
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml"), "no formulas"
        words = book.read("xl/sharedStrings.xml").decode()
    assert view.features[0].name in words
    assert view.peers.text.split()[-1] in words


def test_a_download_is_what_was_written() -> None:
    sent = export.download(b"\x00\xff", "a.xlsx")
    assert base64.b64decode(str(sent["content"])) == b"\x00\xff"
    assert (sent["filename"], sent["base64"]) == ("a.xlsx", True)


def test_a_french_reader_gets_the_same_numbers_with_semicolons_and_commas(
    view: ComparisonView, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("french")
    content = export.csv_file(view)
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert len(rows) == len(view.features)
    place = header.index("Moyenne")
    numbers = [
        (row[place], each.spreads[view.group].mean)
        for row, each in zip(rows, view.features, strict=True)
        if isinstance(each, ComparedNumber)
    ]
    assert any("," in cell for cell, _mean in numbers)
    assert all("." not in cell and float(cell.replace(",", ".")) == mean for cell, mean in numbers)


def test_a_csv_is_read_as_a_table(view: ComparisonView, english: None) -> None:
    frame = pl.read_csv(export.csv_file(view), infer_schema_length=None)
    assert frame.height == len(view.features)
    assert frame["Mean"].dtype.is_float()
