"""A large XLSX workbook is read in parts: the same rows as where it is read whole, and as the program wrote them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings
from core.tables.errors import UnusableFile
from core.tables.foreign import spreadsheets
from core.tables.foreign.large_workbooks import LargeWorkbook
from core.tables.foreign.sheet_xml import NotCut
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from collections.abc import Callable

limits = FileLimits.of(Settings())
_spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_package = "http://schemas.openxmlformats.org/package/2006/relationships"
_declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Style 1 is a date, style 2 a percentage.
_styles = (
    f'<styleSheet xmlns="{_spreadsheet}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/></cellXfs>'
    "</styleSheet>"
)
_shared = ("Cash loans", "", "été", "A < B", "two\nlines")


def in_parts(path: Path, part_bytes: int, allowed: FileLimits = limits) -> str:
    """The CSV of a workbook that is read in parts of so many bytes. Raises `NotCut` where it cannot be."""
    with TemporaryDirectory() as scratch, zipfile.ZipFile(path) as archive, (Path(scratch) / "out").open("w+b") as out:
        LargeWorkbook(archive, Path(scratch), part_bytes).convert(out, allowed)
        out.seek(0)
        return out.read().decode()


def converted(path: Path, allowed: FileLimits = limits) -> str:
    """The CSV of a workbook as the product reads it: one as small as these, whole."""
    out = path.with_suffix(".csv")
    with out.open("w+b") as stream:
        spreadsheets.convert(path, "XLSX", stream, allowed)
    return out.read_text(encoding="utf-8")


def write_book(path: Path, sheets: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> None:
    """A workbook of sheets that are given as XML; their files have other numbers than they have places."""
    numbers = range(len(sheets), 0, -1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for name, number in zip(sheets, numbers, strict=True)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_relations}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in _shared)
    with zipfile.ZipFile(path, "w", compression) as book:
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_package}"><Relationship Id="rId1" Type="{_relations}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_spreadsheet}" xmlns:r="{_relations}"><sheets>{listed}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_package}">{related}'
            f'<Relationship Id="rId98" Type="{_relations}/styles" Target="styles.xml"/>'
            f'<Relationship Id="rId99" Type="{_relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        book.writestr("xl/styles.xml", _styles)
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_spreadsheet}">{strings}</sst>')
        for text, number in zip(sheets.values(), numbers, strict=True):
            book.writestr(f"xl/worksheets/sheet{number}.xml", text)


def sheet_of(rows: str, prefix: str = "", before: str = "") -> str:
    """The XML of a sheet with these rows."""
    space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return (
        f'{_declaration}<{prefix}worksheet {space}="{_spreadsheet}">{before}<{prefix}sheetData>{rows}'
        f"</{prefix}sheetData></{prefix}worksheet>"
    )


def plain_rows(count: int) -> str:
    """A header and rows of a number and a shared text."""
    head = '<row r="1"><c r="A1" t="str"><v>SK_ID_CURR</v></c><c r="B1" t="str"><v>NAME_CONTRACT_TYPE</v></c></row>'
    return head + "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="s"><v>0</v></c></row>'
        for row in range(2, count + 2)
    )


def _cell(kind: str, value: Any, place: str) -> tuple[str, str]:
    """The attributes and the content of a cell; its place is left out where cells do not say it."""
    attributes, content = {
        "number": ("", f"<v>{value!r}</v>"),
        "date": (' s="1"', f"<v>{abs(value) % 60_000:.3f}</v>"),
        "share": (' s="2"', f"<v>{value!r}</v>"),
        "bool": (' t="b"', f"<v>{int(value > 0)}</v>"),
        "error": (' t="e"', "<v>#DIV/0!</v>"),
        "shared": (' t="s"', f"<v>{int(abs(value)) % len(_shared)}</v>"),
        "text": (' t="str"', f"<f>A1&gt;0</f><v>{escape(str(value))} &lt;row&gt;</v>"),
        "inline": (' t="inlineStr"', f"<is><t>of {value} &amp; &lt;/row&gt;</t></is>"),
        "styled": (' s="1"', ""),
    }[kind]
    return f"{place}{attributes}", content


def random_sheet(*, seed: int, prefix: str, rows_say: bool, cells_say: bool, before: str) -> str:
    """A sheet as some program may write it, with gaps, empty rows, and cells of every type.

    Args:
        seed: of what is in the cells.
        prefix: of the elements, with its colon.
        rows_say: whether rows say their numbers.
        cells_say: whether cells say their places.
        before: what stands before the rows.
    """
    pick = Random(seed)  # noqa: S311
    names = ("SK_ID_CURR", "AMT_CREDIT", "NAME_CONTRACT_TYPE", "FLAG_OWN_CAR", "NOTE")
    kinds = ("number", "date", "share", "bool", "error", "shared", "text", "inline", "styled", "styled")
    header, first, number, rows = pick.randint(1, 5), pick.randint(0, 2) if cells_say else 0, 0, []
    for _ in range(pick.randint(30, 80)):
        number += pick.choice((1, 1, 1, 1, 3)) if rows_say and number > header else 1
        # Some rows of data are wider than the header, or begin before it.
        width = 4 if number <= header else pick.choice((0, 4, 4, 4, 4, 5))
        start = first if number <= header or not cells_say else max(0, first - pick.choice((0, 0, 0, 1)))
        cells = []
        for place in range(width):
            said = f' r="{"ABCDEFGH"[start + place]}{number}"' if cells_say else ""
            if number == header:
                attributes, content = f'{said} t="str"', f"<v>{names[place]}</v>"
            else:
                kind = pick.choice(kinds) if number > header or not place else "styled"
                attributes, content = _cell(
                    kind, pick.choice((-1, 1)) * pick.random() * 10 ** pick.randint(-9, 9), said
                )
            cells.append(f"<c{attributes}>{content}</c>" if content else f"<c{attributes}/>")
        said = f' spans="1:9" r="{number}"' if rows_say else ""
        rows.append(f"<row{said}>{''.join(cells)}</row>" if cells else f"<row{said}/>")
    text = "".join(rows)
    for name in ("row", "c", "v", "f", "is", "t") if prefix else ():
        for end in (" ", ">", "/"):
            text = text.replace(f"<{name}{end}", f"<{prefix}{name}{end}")
        text = text.replace(f"</{name}>", f"</{prefix}{name}>")
    return sheet_of(text, prefix, before and f"<{prefix}{before}/>")


def outcome(convert: Callable[[], str]) -> str:
    """The CSV, or the key of the sentence that says why there is none."""
    try:
        return convert()
    except UnusableFile as error:
        return error.key


@given(
    sheet=st.builds(
        random_sheet,
        seed=st.integers(0, 10**9),
        prefix=st.sampled_from(("", "x:")),
        rows_say=st.booleans(),
        cells_say=st.booleans(),
        before=st.sampled_from(("", 'dimension ref="B2:C3"', 'dimension ref="A1:XFD9"')),
    ),
    part_bytes=st.integers(200, 6000),
)
def test_parts_are_what_the_whole_is(sheet: str, part_bytes: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clients.xlsx"
        write_book(path, {"Notes": sheet_of('<row r="1"><c r="A1"><v>7</v></c></row>'), "Clients & others": sheet})
        assert outcome(lambda: in_parts(path, part_bytes)) == outcome(lambda: converted(path))


def test_cells_are_what_was_written(tmp_path: Path) -> None:
    """Every kind of cell in 3,000 rows, against what stands in them; text comes after numbers."""
    path = tmp_path / "clients.xlsx"
    book = xlsxwriter.Workbook(path)
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Clients")
    sheet.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT", "NAME_CONTRACT_TYPE", "FLAG_OWN_CAR", "DAYS_BIRTH", "NOTE"])
    expected = []
    for row in range(1, 3001):
        credit = "500 000,50 €" if row == 2900 else row * 1.25
        day = dt.datetime(2026, 1, 1) + dt.timedelta(days=row)  # noqa: DTZ001
        loan = "Cash loans" if row % 2 else "Revolving loans"
        sheet.write_number(row, 0, row)
        sheet.write(row, 1, credit)
        sheet.write_string(row, 2, loan)
        sheet.write_boolean(row, 3, row % 3 == 0)
        sheet.write_datetime(row, 4, day, date)
        if row % 500 == 0:
            sheet.write_formula(row, 5, "=1/0", None, "#DIV/0!")
        shown = credit if isinstance(credit, str) else f"{credit:g}"
        expected.append((str(row), shown, loan, str(row % 3 == 0).lower(), str(day), None if row % 500 else "#DIV/0!"))
    book.close()
    text = in_parts(path, 20_000)
    assert pl.read_csv(io.StringIO(text), infer_schema=False).rows() == expected


def test_a_cell_beside_the_table_far_below_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    note = '<row r="103"><c r="D103" t="str"><v>checked</v></c></row>'
    write_book(path, {"Clients": sheet_of(plain_rows(100) + note)})
    lines = in_parts(path, 1000).splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == (
        "SK_ID_CURR,NAME_CONTRACT_TYPE,,",
        "2,Cash loans,,",
        ",,,",
        ",,,checked",
    )
    assert len(lines) == 103


def test_a_workbook_that_is_large_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clients.xlsx"
    write_book(path, {"Clients": sheet_of(plain_rows(200))})
    whole = converted(path)

    def not_whole(_: Path) -> None:
        raise AssertionError("it was read whole")

    monkeypatch.setattr(spreadsheets, "LargeWorkbook", partial(LargeWorkbook, least_part_bytes=1000))
    monkeypatch.setattr(spreadsheets, "_whole", not_whole)
    assert converted(path) == whole


def test_a_sheet_that_is_a_chart_keeps_no_table_from_being_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Clients")
    sheet.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT"])
    for row in range(1, 301):
        sheet.write_row(row, 0, [row, row * 2])
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Clients!$B$2:$B$301"})
    book.add_chartsheet("Chart").set_chart(chart)
    book.close()
    lines = in_parts(path, 2000).splitlines()
    assert lines == ["SK_ID_CURR,AMT_CREDIT", *(f"{row},{row * 2}" for row in range(1, 301))]


_as_it_is: dict[str, Callable[[str], bytes]] = {
    "comment": lambda text: text.replace("<sheetData>", "<!-- <sheetData> --><sheetData>").encode(),
    "comment between rows": lambda text: text.replace('<row r="150">', '<!-- </row> --><row r="150">').encode(),
    "instruction between rows": lambda text: text.replace('<row r="150">', '<?p </row> ?><row r="150">').encode(),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "Latin-1": lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "rows out of order": lambda text: text.replace('"150"', '"0"').replace("150", "3").replace('"0"', '"3"').encode(),
    "no row at the top": lambda text: text.replace('<row r="1">', "<row></row>" * 40 + '<row r="1">').encode(),
}


@pytest.mark.parametrize("how", _as_it_is)
def test_a_sheet_that_cannot_be_cut_is_read_whole(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clients.xlsx"
    write_book(path, {"Clients": _as_it_is[how](sheet_of(plain_rows(200)))})  # type: ignore[dict-item]
    whole = outcome(lambda: converted(path))
    monkeypatch.setattr(spreadsheets, "LargeWorkbook", partial(LargeWorkbook, least_part_bytes=300))
    with pytest.raises(NotCut):
        in_parts(path, 300)
    assert outcome(lambda: converted(path)) == whole


def test_limits_hold_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "clients.xlsx"
    write_book(path, {"Clients": sheet_of(plain_rows(200))})
    few = FileLimits(150, 10, 1000, 100, 100_000, 100)
    with pytest.raises(UnusableFile) as raised:
        in_parts(path, 1000, few)
    assert (raised.value.key, raised.value.parts["maximum"]) == ("file_too_many_rows", "150")


def test_a_sheet_that_is_damaged_behind_its_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clients.xlsx"
    text = sheet_of(plain_rows(200)).replace("</worksheet>", "<hyperlinks/></worksheet>")
    write_book(path, {"Clients": text}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"<hyperlinks/>", b"<hyperlink_/>"))
    monkeypatch.setattr(spreadsheets, "LargeWorkbook", partial(LargeWorkbook, least_part_bytes=1000))
    with pytest.raises(UnusableFile) as raised:
        converted(path)
    assert raised.value.key == "file_unreadable"


def test_sections_of_characters_are_read(tmp_path: Path) -> None:
    """calamine takes such values for nothing; so many that one lies across each border of what is read at once."""
    path = tmp_path / "sections.xlsx"
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v><![CDATA[{row}]]></v></c>'
        f'<c r="B{row}" t="inlineStr"><is><t><![CDATA[A < B & C > {row}]]]]><![CDATA[>]]></t></is></c>'
        f'<c r="C{row}" t="e"><v><![CDATA[#DIV/0!]]></v></c></row>'
        for row in range(2, 12_002)
    )
    head = "".join(
        f'<c r="{place}1" t="str"><v>{name}</v></c>'
        for place, name in zip("ABC", ("SK_ID_CURR", "NAME_CONTRACT_TYPE", "EXT_SOURCE_2"), strict=True)
    )
    write_book(path, {"Clients": sheet_of(f'<row r="1">{head}</row>{rows}')})
    table = pl.read_csv(io.StringIO(converted(path)), infer_schema=False)
    assert table.rows() == [(str(row), f"A < B & C > {row}]]>", "#DIV/0!") for row in range(2, 12_002)]
