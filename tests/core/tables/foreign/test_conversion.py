"""Foreign tables become CSV: the same rows, whichever program wrote them."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zipfile
from dataclasses import asdict
from time import process_time
from typing import TYPE_CHECKING, Any

import polars as pl
import pyreadstat
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from core.settings import Settings
from core.tables.errors import UnusableFile
from core.tables.foreign import conversion, error_cells, spreadsheets, statistics_files
from core.tables.foreign.kinds import Converted, foreign_kind
from core.tables.foreign.sheets import SheetTable
from core.tables.limits import FileLimits
from core.tables.reading import open_source
from tests.core.tables.foreign.writers import sas_missing, write_ods, write_sas7bdat, write_xlsb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.tables.foreign.kinds import ForeignKind

limits = FileLimits.of(Settings())
# Numbers that no short decimal is, codes, a missing value, and text that CSV has to quote.
rows: list[dict[str, Any]] = [
    {
        "SK_ID_CURR": 100001,
        "AMT_CREDIT": 1234.56789012,
        "NAME_CONTRACT_TYPE": "Cash loans",
        "ORGANIZATION_TYPE": 'A "b", c',
    },
    {"SK_ID_CURR": 100002, "AMT_CREDIT": None, "NAME_CONTRACT_TYPE": "Revolving loans", "ORGANIZATION_TYPE": "School"},
    {"SK_ID_CURR": 100003, "AMT_CREDIT": 1e-7, "NAME_CONTRACT_TYPE": "Cash loans", "ORGANIZATION_TYPE": "été"},
]
names = list(rows[0])


def frame() -> pl.DataFrame:
    return pl.DataFrame(rows)


def as_xlsx(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes").write(0, 0, "Extracted for the committee")
    sheet = book.add_worksheet("Clients")
    sheet.write(0, 0, "Clients of November")
    sheet.write_row(2, 0, names)
    for place, row in enumerate(rows, start=3):
        for column, name in enumerate(names):
            if row[name] is not None:
                sheet.write(place, column, row[name])
    book.close()


def as_ods(path: Path) -> None:
    write_ods(path, {"Notes": [["Extracted"]], "Clients": [names, *([*row.values()] for row in rows)]})


def as_xlsb(path: Path) -> None:
    write_xlsb(path, {"Notes": [["Extracted"]], "Clients": [names, *([*row.values()] for row in rows)]})


def as_sas7bdat(path: Path) -> None:
    def cell(value: Any) -> float | bytes:
        return value.encode() if isinstance(value, str) else sas_missing() if value is None else float(value)

    write_sas7bdat(path, names, [[cell(value) for value in row.values()] for row in rows])


def as_sav(path: Path) -> None:
    labels: dict[str, dict[int | float, str]] = {"NAME_CONTRACT_TYPE": {1: "Cash loans", 2: "Revolving loans"}}
    coded = frame().with_columns(
        pl.col("NAME_CONTRACT_TYPE").replace_strict({"Cash loans": 1, "Revolving loans": 2}, return_dtype=pl.Float64),
        # A value that the file declares to be missing.
        pl.col("AMT_CREDIT").fill_null(-99.0),
    )
    pyreadstat.write_sav(coded, path, variable_value_labels=labels, missing_ranges={"AMT_CREDIT": [-99]})


def as_dta(path: Path) -> None:
    pyreadstat.write_dta(frame().with_columns(pl.col("SK_ID_CURR").cast(pl.Int32)), path)


def as_xpt(path: Path) -> None:
    short = dict(zip(names, ("ID", "CREDIT", "TYPE", "ORG"), strict=True))
    pyreadstat.write_xport(frame().rename(short), path, file_format_version=5, column_labels=[*names])


def as_long_xpt(path: Path) -> None:
    """Version 8 has the names themselves."""
    pyreadstat.write_xport(frame(), path, file_format_version=8)


def as_json_lines(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def as_json_records(path: Path) -> None:
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def as_json_batch(path: Path) -> None:
    path.write_text(json.dumps({"clients": [{"features": row} for row in rows]}), encoding="utf-8")


def as_json_columns(path: Path) -> None:
    columns = {name: {str(place): row[name] for place, row in enumerate(rows)} for name in names}
    path.write_text(json.dumps(columns), encoding="utf-8")


def as_json_split(path: Path) -> None:
    path.write_text(json.dumps({"columns": names, "data": [list(row.values()) for row in rows]}), encoding="utf-8")


def as_feather(path: Path) -> None:
    typed = frame().with_columns(pl.col("NAME_CONTRACT_TYPE").cast(pl.Categorical))
    typed.write_ipc(path, compression="zstd")


def as_arrow_stream(path: Path) -> None:
    frame().write_ipc_stream(path)


kinds: dict[str, Callable[[Path], None]] = {
    "clients.xlsx": as_xlsx,
    "clients.xlsb": as_xlsb,
    "clients.ods": as_ods,
    "clients.sas7bdat": as_sas7bdat,
    "clients.sav": as_sav,
    "clients.dta": as_dta,
    "clients.xpt": as_xpt,
    "clients8.xpt": as_long_xpt,
    "clients.jsonl": as_json_lines,
    "clients.json": as_json_records,
    "batch.json": as_json_batch,
    "columns.json": as_json_columns,
    "split.json": as_json_split,
    "clients.feather": as_feather,
    "clients.arrows": as_arrow_stream,
}


def read(path: Path) -> list[dict[str, Any]]:
    # A title of a sheet leaves its lines empty.
    found = pl.read_csv(
        path.read_bytes().lstrip(b"\n"), schema_overrides={"SK_ID_CURR": pl.Float64, "AMT_CREDIT": pl.Float64}
    )
    return found.to_dicts()


@pytest.mark.parametrize("name", kinds)
def test_a_table_becomes_the_same_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    kinds[name](path)
    before = path.read_bytes()
    with conversion.readable(path, limits) as plain:
        assert list(read(plain)[0]) == names
        for row, expected in zip(read(plain), rows, strict=True):
            # XPORT has the floats of a mainframe, to the base 16.
            credit = row.pop("AMT_CREDIT")
            assert credit == (
                None if expected["AMT_CREDIT"] is None else pytest.approx(expected["AMT_CREDIT"], rel=1e-15)
            )
            assert row == {key: value for key, value in expected.items() if key != "AMT_CREDIT"}
    assert path.read_bytes() == before
    assert not plain.exists()


# 1234.5 in the floats of Stata, of XPORT (to the base 16) and of SAS, and what stands there for `.`, `.a` and `.z`.
special_missing: list[tuple[ForeignKind, str, bytes, bytes]] = [
    *(
        ("STATA", f".{letter}", struct.pack("<d", 1234.5), (0x7FE0000000000000 + (place << 40)).to_bytes(8, "little"))
        for place, letter in ((0, ""), (1, "a"), (26, "z"))
    ),
    *(
        ("XPORT", f".{letter}", bytes.fromhex("434d280000000000"), mark + bytes(7))
        for letter, mark in (("", b"."), ("A", b"A"), ("Z", b"Z"), ("_", b"_"))
    ),
    *(
        ("SAS7BDAT", f".{letter}", struct.pack("<d", 1234.5), struct.pack("<d", sas_missing(letter or ".")))
        for letter in ("", "A", "Z")
    ),
]


@pytest.mark.parametrize(
    ("kind", "number", "missing"),
    [pytest.param(kind, number, missing, id=f"{kind}{mark}") for kind, mark, number, missing in special_missing],
)
def test_a_special_missing_value_is_missing(kind: ForeignKind, number: bytes, missing: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clients"
    numbers = pl.DataFrame({"SK_ID": [1.0, 2.0, 3.0], "AMT_CRED": [500.25, 1234.5, 750.75]})
    if kind == "STATA":
        pyreadstat.write_dta(numbers, path)
    elif kind == "XPORT":
        pyreadstat.write_xport(numbers, path, file_format_version=5)
    else:
        write_sas7bdat(path, numbers.columns, [[*row] for row in numbers.iter_rows()])
    content, out = path.read_bytes(), io.BytesIO()
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, missing))
    statistics_files.convert(path, kind, out, limits)
    assert pl.read_csv(out.getvalue())["AMT_CRED"].to_list() == [500.25, None, 750.75]


def test_a_file_that_was_sent_is_replaced_by_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    as_xlsx(path)
    converted = conversion.convert(path, limits)
    assert converted == Converted("XLSX", "Clients")
    assert len(read(path)) == len(rows)
    assert foreign_kind(path) is None
    assert conversion.convert(path, limits) is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        *((b"%PDF-1.7\n", "PDF"), (b"<!DOCTYPE html><p>", "HTML"), (b"\x80\x04\x95", "pickle"), (b"ORC", "ORC")),
        *((bytes(257) + b"ustar", "TAR"), (b"\x5d\x00\x00\x80", "LZMA"), (b"\x93NUMPY", "NumPy")),
    ],
)
def test_a_format_that_is_not_read_is_called_by_its_name(head: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_bytes(head + bytes(600))
    with pytest.raises(UnusableFile) as raised, conversion.readable(path, limits):
        pass
    assert (raised.value.key, raised.value.parts) == ("file_format_not_read", {"kind": kind})


@pytest.mark.parametrize("name", [name for name in kinds if not name.endswith((".json", ".jsonl"))])
def test_a_file_that_was_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    kinds[name](path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(UnusableFile), conversion.readable(path, limits):
        pass


def test_cells_are_read_for_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    share = book.add_format({"num_format": "0 %"})
    sheet.write_row(0, 0, ["SK_ID_CURR", "EXT_SOURCE_1", "EXT_SOURCE_2", "FLAG_OWN_CAR", "NOTE", "AMT_CREDIT"])
    sheet.write_string(1, 0, "100001")
    sheet.write(1, 1, 0.5, share)
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    sheet.write_formula(2, 2, "=NA()", None, "#N/A")
    sheet.write_string(2, 5, ' t="e" <c t="e">')
    sheet.write_boolean(1, 3, True)
    sheet.write_datetime(1, 4, dt.datetime(2026, 11, 2, tzinfo=dt.UTC).replace(tzinfo=None), date)
    sheet.write_string(1, 5, "500 000,50")
    book.close()
    with conversion.readable(path, limits) as plain:
        row, second = pl.read_csv(plain, infer_schema=False).to_dicts()
    assert row == {
        "SK_ID_CURR": "100001",
        "EXT_SOURCE_1": "0.5",
        # As CSV of the sheet has it: what is no number is said to be none.
        "EXT_SOURCE_2": "#DIV/0!",
        "FLAG_OWN_CAR": "true",
        "NOTE": "2026-11-02 00:00:00",
        "AMT_CREDIT": "500 000,50",
    }
    assert (second["EXT_SOURCE_2"], second["AMT_CREDIT"]) == ("#N/A", ' t="e" <c t="e">')


@pytest.mark.parametrize("hidden_rows", [1, 50_000])
def test_a_hidden_sheet_is_not_read_where_another_is_the_table(tmp_path: Path, hidden_rows: int) -> None:
    path = tmp_path / "clients.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    old = book.add_worksheet("Old")
    old.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT", "AMT_ANNUITY"])
    for row in range(1, hidden_rows + 1):
        old.write_row(row, 0, [row, 1.5, 2.5])
    old.hide()
    now = book.add_worksheet("Now")
    now.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT"])
    now.write_row(1, 0, [7, 480000.5])
    now.activate()
    book.close()
    out = tmp_path / "out.csv"
    with out.open("wb") as stream:
        assert spreadsheets.convert(path, "XLSX", stream, limits) == SheetTable("Now", 0, 0)
    assert out.read_text() == "SK_ID_CURR,AMT_CREDIT\n7,480000.5\n"


def test_a_hidden_sheet_is_read_where_it_alone_is_a_table(tmp_path: Path) -> None:
    path, out = tmp_path / "clients.xlsx", tmp_path / "out.csv"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes").write_row(0, 0, ["about", "AMT_CREDIT"])
    data = book.add_worksheet("Data")
    data.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT"])
    data.write_row(1, 0, [7, 480000.5])
    data.hide()
    book.close()
    with out.open("wb") as stream:
        assert spreadsheets.convert(path, "XLSX", stream, limits) == SheetTable("Data", 0, 0)


@pytest.mark.parametrize("rows_of_first", [3, 40_000])
def test_rows_have_the_numbers_of_the_sheet_and_other_tables_are_counted(tmp_path: Path, rows_of_first: int) -> None:
    path, out = tmp_path / "clients.xlsx", tmp_path / "out.csv"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    for name, known in (("January", names), ("February", names), ("Summary", names[:1]), ("Hidden", names)):
        sheet = book.add_worksheet(name)
        sheet.write(0, 0, "Portfolio")
        sheet.write_row(3, 1, known)
        for row in range(5, (rows_of_first if name == "January" else 3) + 5):
            sheet.write_row(row, 1, [row + 1, 1.5])
        if name == "Hidden":
            sheet.hide()
    book.close()
    with out.open("wb") as stream:
        assert spreadsheets.convert(path, "XLSX", stream, limits) == SheetTable("January", 3, 1)
    numbers = [
        (number, int(client))
        for batch in open_source(out).batches()
        for number, client in zip(batch.numbers, batch.frame["SK_ID_CURR"], strict=True)
    ]
    # The number of a client is that of its row here.
    assert numbers == [(row + 1, row + 1) for row in range(5, rows_of_first + 5)]


def test_a_sheet_of_another_table_is_found_below_its_title(tmp_path: Path) -> None:
    path, out = tmp_path / "bureau_balance.xlsx", tmp_path / "out.csv"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Notes").write(0, 0, "Monthly balances")
    sheet = book.add_worksheet("Balances")
    sheet.write(0, 0, "Monthly balances")
    sheet.write_row(2, 0, ["SK_ID_BUREAU", "MONTHS_BALANCE", "STATUS"])
    sheet.write_row(3, 0, [5000001, -1, "C"])
    book.close()
    with out.open("wb") as stream:
        assert spreadsheets.convert(path, "XLSX", stream, limits) == SheetTable("Balances", 2, 0)
    # On the lines of their rows.
    assert out.read_text() == "\n\nSK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5000001,-1,C\n"


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        (b'<c r="B2"><f>A2*2</f><v></v></c>', "#FORMULA?"),
        (b'<c r="B2" s="1"><f>A2*2</f><v/></c>', "#FORMULA?"),
        (b'<c r="B2"><f>A2*2</f><v /></c>', "#FORMULA?"),
        (b'<c r="B2"><f>A2*2</f></c>', "#FORMULA?"),
        (b'<c r="B2"><f t="shared" si="0"/></c>', "#FORMULA?"),
        (b'<c r="B2" t="n"><f>A2*2</f></c>', "#FORMULA?"),
        (b"<c r='B2' s='1' t='n'><f>A2*2</f><v></v></c>", "#FORMULA?"),
        (b'<c r="B2" t="n"><f>A2*2</f><v>14</v></c>', "14"),
        (b'<c r="B2"><f t="shared" si="0"/><v>14</v></c>', "14"),
        (b'<c r="B2"><f>A2*2</f><v>14</v></c>', "14"),
        # A formula whose text is empty was computed.
        (b'<c r="B2" t="str"><f>IF(A2,"","x")</f><v></v></c>', ""),
        (b'<c r="B2" s="1"/>', ""),
    ],
)
def test_a_formula_that_nobody_has_computed_is_no_empty_cell(tmp_path: Path, cell: bytes, read_as: str) -> None:
    path, out = tmp_path / "clients.xlsx", tmp_path / "out.csv"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["SK_ID_CURR", "AMT_CREDIT", "AMT_ANNUITY"])
    sheet.write_row(1, 0, [7, 31, 3])
    book.close()
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for part, xml in parts.items():
            archive.writestr(part, xml.replace(b'<c r="B2"><v>31</v></c>', cell))
    with out.open("wb") as stream:
        spreadsheets.convert(path, "XLSX", stream, limits)
    assert out.read_text().replace('""', "") == f"SK_ID_CURR,AMT_CREDIT,AMT_ANNUITY\n7,{read_as},3\n"


def test_blanks_of_a_sheet_are_looked_at_once() -> None:
    xml = b'<c r="B2"><f>A2*2</f>' + b" " * 200_000 + b"<f></c>"
    before = process_time()
    assert error_cells.as_text(xml) == xml
    assert process_time() - before < 5


labelled: list[tuple[str, dict[int, str], list[int], list[str]]] = [
    ("CODE_GENDER", {0: "Male", 1: "Female"}, [0, 1], ["Male", "Female"]),
    ("CODE_GENDER", {1: "F", 2: "M"}, [1, 2], ["F", "M"]),
    ("FLAG_OWN_CAR", {1: "Yes", 2: "No"}, [1, 2], ["Yes", "No"]),
    ("FLAG_MOBIL", {1: "Non", 2: "Oui"}, [1, 2], ["Non", "Oui"]),
    ("FLAG_MOBIL", {0: "0", 1: "1"}, [0, 1], ["0.0", "1.0"]),
    ("TARGET", {0: "Paid", 1: "In default"}, [0, 1], ["0.0", "1.0"]),
    ("CNT_CHILDREN", {0: "None", 9: "Many"}, [0, 9], ["0.0", "9.0"]),
    ("NAME_CONTRACT_TYPE", {1: "CASH LOANS", 2: "Revolving loans"}, [1, 2], ["CASH LOANS", "Revolving loans"]),
]


@pytest.mark.parametrize(("column", "labels", "values", "shown"), labelled)
@pytest.mark.parametrize("kind", ["SPSS", "STATA"])
def test_labels_say_what_numbers_stand_for(
    tmp_path: Path, kind: ForeignKind, column: str, labels: dict[int | float, str], values: list[int], shown: list[str]
) -> None:
    path, out = tmp_path / "clients", io.BytesIO()
    table = pl.DataFrame({"AMT_CREDIT": [50000.5, 60000.5], column: pl.Series(values, dtype=pl.Float64)})
    if kind == "SPSS":
        pyreadstat.write_sav(table, path, variable_value_labels={column: labels})
    else:
        # Labels of Stata belong to whole numbers.
        whole = table.with_columns(pl.col(column).cast(pl.Int32))
        pyreadstat.write_dta(whole, path, variable_value_labels={column: labels})
    statistics_files.convert(path, kind, out, limits)
    found = pl.read_csv(out.getvalue(), infer_schema=False)[column].to_list()
    assert [text.removesuffix(".0") for text in found] == [text.removesuffix(".0") for text in shown]


def test_a_text_behind_a_thousand_numbers_is_read(tmp_path: Path) -> None:
    path, out = tmp_path / "long.xlsx", tmp_path / "long.csv"
    book = xlsxwriter.Workbook(path)
    cells = ["AMT_CREDIT", *range(1200), "500 000,50 €", 7]
    book.add_worksheet().write_column(0, 0, cells)
    book.close()
    with out.open("wb") as stream:
        spreadsheets.convert(path, "XLSX", stream, limits)
    assert pl.read_csv(out, infer_schema=False)["AMT_CREDIT"].to_list() == [str(cell) for cell in cells[1:]]


def test_decimals_become_floats(tmp_path: Path) -> None:
    path = tmp_path / "decimals.arrow"
    pl.DataFrame({"AMT_CREDIT": ["1.25", "3.10"]}).cast(pl.Decimal(10, 2)).write_ipc(path)
    with conversion.readable(path, limits) as plain:
        assert pl.read_csv(plain)["AMT_CREDIT"].to_list() == [1.25, 3.1]


def test_a_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clients.jsonl"
    path.write_text('{"SK_ID_CURR": 1}\n\n{"SK_ID_CURR": 2\n')
    with pytest.raises(UnusableFile) as raised, conversion.readable(path, limits):
        pass
    assert (raised.value.key, raised.value.parts) == ("file_json_line", {"line": "3"})


def test_a_name_that_only_a_later_line_has_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "clients.jsonl"
    path.write_text('{"SK_ID_CURR": 1}\n{"SK_ID_CURR": 2, "AMT_CREDIT": NaN, "CNT_CHILDREN": 1}\n')
    with conversion.readable(path, limits) as plain:
        assert plain.read_text() == "SK_ID_CURR,AMT_CREDIT,CNT_CHILDREN\n1,,\n2,nan,1\n"


def test_limits_hold(tmp_path: Path) -> None:
    path = tmp_path / "clients.feather"
    pl.DataFrame({"SK_ID_CURR": range(100)}).write_ipc(path)
    few = FileLimits(10, 10, 1000, 100, 10_000, 100)
    with pytest.raises(UnusableFile) as raised, conversion.readable(path, few):
        pass
    assert raised.value.key == "file_too_many_rows"


def test_what_the_process_says_of_a_failure_repeats_nothing_of_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clients.feather"
    pl.DataFrame({"AMT_SECRET": ["of a client"]}).write_ipc(path)
    monkeypatch.setattr(conversion, "__name__", "core.tables.foreign.nothing")
    with pytest.raises(UnusableFile) as raised, conversion.readable(path, limits):
        pass
    assert raised.value.key == "file_unreadable"
    assert "SECRET" not in caplog.text
    assert io.StringIO(caplog.text).readline().count("could not be converted") == 1


def test_a_table_that_takes_too_much_memory_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clients.jsonl"
    as_json_lines(path)

    def without_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(conversion, "_write", without_memory)
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    monkeypatch.setattr("os.nice", lambda _: 0)
    refused = conversion.main([str(path), "JSON", str(tmp_path / "out.csv"), json.dumps(asdict(limits))])
    assert refused == 3
    assert json.loads(capsys.readouterr().out) == {"key": "file_conversion_large", "parts": {"kind": "JSON"}}
