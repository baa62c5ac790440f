"""One table of spellings: what files and programs write means the same wherever it is read."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core import catalogue
from core.application import InvalidApplication, parse_application
from core.batch.rows import inspect_batch, score_batch
from core.drift.rows import read_applications
from core.tables.cells.number_text import decimal_mark
from core.tables.checking import check
from core.tables.reading import open_source
from core.tables.sources import table_file
from core.tables.typed_rows import typed

if TYPE_CHECKING:
    from pathlib import Path

    from core.scoring import Scorer

missing = None
bad = "bad"

# Column, what a file with a decimal point writes, and what that is: computed by hand.
spellings: list[tuple[str, str, object]] = [
    ("EXT_SOURCE_2", "8.17e-08", 0.0000000817),
    ("EXT_SOURCE_2", "5.33E-04", 0.000533),
    ("EXT_SOURCE_2", ".41", 0.41),
    ("EXT_SOURCE_2", "12 %", 0.12),
    ("EXT_SOURCE_2", "50%", 0.5),
    ("AMT_CREDIT", "4.8E+05", 480000.0),
    ("AMT_CREDIT", " 480000 ", 480000.0),
    ("AMT_CREDIT", "480 000", 480000.0),
    ("AMT_CREDIT", "480\u00a0000", 480000.0),
    ("AMT_CREDIT", "480\u202f000.50", 480000.5),
    ("AMT_CREDIT", "1'350'000", 1350000.0),
    ("AMT_CREDIT", "1’350’000.25", 1350000.25),
    ("AMT_CREDIT", "1,350,000", 1350000.0),
    ("AMT_CREDIT", "50 000 €", 50000.0),
    ("AMT_CREDIT", "€50000", 50000.0),
    ("AMT_CREDIT", "50 000 EUR", 50000.0),
    # Lakh and crore.
    ("AMT_CREDIT", "1,00,000", 100000.0),
    ("AMT_CREDIT", "₹ 12,34,567.50", 1234567.5),
    ("AMT_CREDIT", "Rs. 2,50,000/-", 250000.0),
    ("AMT_CREDIT", "INR 99 000.00", 99000.0),
    ("AMT_CREDIT", "1,0,000", bad),
    ("AMT_CREDIT", "Fr. 50'000.–", 50000.0),
    ("AMT_CREDIT", "CHF 1’350’000.25", 1350000.25),
    ("AMT_CREDIT", "50000,-", 50000.0),
    # The mark before the dash is the decimal one: the other sets thousands apart, whatever the rest of the file shows.
    ("AMT_CREDIT", "202.500,-", 202500.0),
    ("AMT_CREDIT", "202.500,– €", 202500.0),
    ("AMT_CREDIT", "1,350.--", 1350.0),
    ("AMT_CREDIT", "202.500.-", bad),
    ("AMT_CREDIT", "50,5.-", bad),
    ("AMT_CREDIT", "R$ 50000.5", 50000.5),
    ("AMT_CREDIT", "50 000 Kč", 50000.0),
    ("AMT_CREDIT", "50 000 kr.", 50000.0),
    ("AMT_CREDIT", "US$50000", 50000.0),
    ("AMT_CREDIT", "EUR 50000 €", bad),
    ("AMT_CREDIT", "(50000)", bad),
    ("AMT_CREDIT", "-€50000", bad),
    ("AMT_CREDIT", '="480000"', 480000.0),
    ("AMT_CREDIT", "'480000", 480000.0),
    ("AMT_CREDIT", '="dear"', bad),
    ("SK_ID_CURR", '="100001"', 100001),
    ("REGION_POPULATION_RELATIVE", "1.88%", 0.0188),
    ("REGION_POPULATION_RELATIVE", "%1.88", 0.0188),
    ("REGION_POPULATION_RELATIVE", "1.88%%", bad),
    ("EXT_SOURCE_2", "1e400%", bad),
    ("REGION_POPULATION_RELATIVE", "%1.88%", bad),
    ("AMT_CREDIT", "12 %", bad),
    ("AMT_CREDIT", "48 00", bad),
    ("AMT_CREDIT", "480 000 000 dear", bad),
    ("AMT_CREDIT", "true", bad),
    ("AMT_CREDIT", "inf", bad),
    ("CNT_CHILDREN", "−1", bad),
    ("CNT_CHILDREN", "2 €", bad),
    ("CNT_CHILDREN", "2.0", 2),
    ("DAYS_BIRTH", "-14000", -14000),
    ("DAYS_BIRTH", "−14 000", -14000),
    ("DAYS_BIRTH", "14000", -14000),
    # As older systems, accountants and word processors write it.
    ("DAYS_BIRTH", "14000-", -14000),
    ("DAYS_BIRTH", "14 000-", -14000),
    ("DAYS_BIRTH", "(14000)", -14000),
    ("DAYS_BIRTH", "(14,000.00)", -14000),
    ("DAYS_BIRTH", "–14000", -14000),
    ("DAYS_BIRTH", "- 14000", -14000),
    ("DAYS_BIRTH", "-14000-", bad),
    # Without cents, or with a minus behind it.
    ("DAYS_BIRTH", "14000.-", bad),
    ("EXT_SOURCE_2", "0,–", bad),
    ("DAYS_BIRTH", "(-14000)", bad),
    ("DAYS_BIRTH", "1988-07-01", bad),
    ("DAYS_BIRTH", "01/07/1988", bad),
    ("DAYS_BIRTH", "400000", bad),
    ("DAYS_EMPLOYED", "365243", 365243),
    ("DAYS_EMPLOYED", "365 243", 365243),
    *(("FLAG_MOBIL", yes, 1) for yes in ("1", "1.0", "True", "TRUE", "true", "VRAI", "oui", "Oui", "Y", "yes")),
    *(("FLAG_MOBIL", no, 0) for no in ("0", "0.0", "False", "FALSE", "false", "FAUX", "non", "N", "no")),
    *(("REG_CITY_NOT_WORK_CITY", yes, 1) for yes in ("True", "VRAI", "1")),
    *(("FLAG_OWN_CAR", yes, "Y") for yes in ("Y", "y", "1", "1.0", "True", "VRAI", "oui")),
    *(("FLAG_OWN_REALTY", no, "N") for no in ("N", "n", "0", "0.0", "False", "FAUX", "non")),
    *(("CODE_GENDER", male, "M") for male in ("M", "1", "1.0", "True", "VRAI", "oui", "Y")),
    *(("CODE_GENDER", female, "F") for female in ("F", "0", "False", "FAUX", "non", "N")),
    *(("FLAG_MOBIL", yes, 1) for yes in ("T", "ja", "Ja", "WAHR", "sí", "Sim", "da", "on")),
    *(("FLAG_MOBIL", no, 0) for no in ("F", "nein", "NEIN", "FALSCH", "não", "Nej", "off")),
    ("FLAG_OWN_CAR", "Ja", "Y"),
    ("FLAG_OWN_CAR", "Nein", "N"),
    ("FLAG_MOBIL", "maybe", bad),
    ("FLAG_MOBIL", "2", bad),
    ("FLAG_OWN_CAR", "maybe", bad),
    *(("CODE_GENDER", male, "M") for male in ("m", "Male", "MALE", "Homme", "männlich")),
    *(("CODE_GENDER", female, "F") for female in ("f", "Female", "Femme", "weiblich", '="F"')),
    # In Spanish M is a woman beside it.
    ("CODE_GENDER", "H", bad),
    ("CODE_GENDER", "XNA", "XNA"),
    ("ORGANIZATION_TYPE", "XNA", "XNA"),
    ("NAME_FAMILY_STATUS", "Unknown", "Unknown"),
    ("NAME_CONTRACT_TYPE", "cash loans?", bad),
    *(
        (column, mark, missing)
        for mark in ("#N/A", "<NA>", "n/a", "N/A", "NA", "NaN", "nan", "-nan", "-", ".", "?", "NR", "NULL", "None", "")
        for column in ("AMT_CREDIT", "FLAG_MOBIL", "FLAG_OWN_CAR", "NAME_CONTRACT_TYPE", "OCCUPATION_TYPE")
    ),
    ("AMT_CREDIT", "XNA", missing),
    ("OCCUPATION_TYPE", "XNA", missing),
]
# Codes in which a program has changed capitals or blanks: `/predict` takes them as they are documented.
of_files: list[tuple[str, str, object]] = [
    ("NAME_CONTRACT_TYPE", "CASH LOANS", "Cash loans"),
    ("NAME_CONTRACT_TYPE", "cash  loans ", "Cash loans"),
    ("NAME_FAMILY_STATUS", "single / NOT married", "Single / not married"),
    ("NAME_FAMILY_STATUS", "unknown", "Unknown"),
    ("ORGANIZATION_TYPE", "xna", "XNA"),
]
# Of which a comma-separated file or JSON says nothing else.
ids = [f"{column}={text}" for column, text, _ in spellings + of_files]


def written(path: Path, column: str, text: str) -> Path:
    # The age makes a row whose only other value is missing one that can be used.
    other = "DAYS_BIRTH" if column != "DAYS_BIRTH" else "AMT_INCOME_TOTAL"
    other_text = "-14000" if other == "DAYS_BIRTH" else "100000"
    pl.DataFrame({column: [text], other: [other_text]}).write_csv(path, quote_style="always")
    return path


def same(found: object, meant: object) -> bool:
    if isinstance(meant, float):
        return found == pytest.approx(meant, rel=1e-12)
    return found == meant


@pytest.mark.parametrize(("column", "text", "meant"), spellings + of_files, ids=ids)
def test_a_spelling_in_a_file_that_is_scored_or_compared(tmp_path: Path, column: str, text: str, meant: object) -> None:
    path = written(tmp_path / "in.csv", column, text)
    (batch,) = open_source(path).batches()
    inspected = inspect_batch(batch)
    assert (inspected.errors["column"].to_list() == [column]) == (meant is bad)
    compared = read_applications(path)
    if meant is not bad:
        assert same(inspected.rows[column][0], meant)
        assert same(compared.frame[column][0], meant)
        assert not compared.unreadable


@pytest.mark.parametrize(("column", "text", "meant"), spellings + of_files, ids=ids)
def test_a_spelling_in_text_of_parquet_and_in_a_table_to_import(column: str, text: str, meant: object) -> None:
    frame = pl.DataFrame({column: [text]})
    checked = check(frame)
    assert checked.errors.is_empty() == (meant is not bad)
    if meant is not bad:
        assert same(checked.rows[column][0], meant)
    file = table_file("application_test", "application_test.csv")
    rows, errors = typed(frame, type(file)(file.label, file.table, (column,)))
    assert errors.is_empty() == (meant is not bad and checked.readings.is_empty())
    if errors.is_empty():
        assert same(rows[column][0], meant)


@pytest.mark.parametrize("text", ['=""', '="NULL"', '=" n/a "', "NULL", ""])
def test_a_number_that_a_spreadsheet_keeps_as_an_empty_text_is_missing(text: str) -> None:
    file = table_file("application_test", "application_test.csv")
    _, errors = typed(pl.DataFrame({"SK_ID_CURR": [text]}), type(file)(file.label, file.table, ("SK_ID_CURR",)))
    assert errors["problem"].to_list() == ["missing"]


@pytest.mark.parametrize("text", ["—" * 400_000 + "1.x", "1" + " " * 400_000 + ".x1", "€" * 400_000 + ".1"])
def test_a_long_cell_is_looked_at_once(text: str) -> None:
    before = process_time()
    assert decimal_mark(text) is None
    assert process_time() - before < 5


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        row
        for row in spellings
        if row[2] is missing or (catalogue.column(row[0]).type in ("flag", "category") and row[0] != "CODE_GENDER")
    ],
)
def test_a_spelling_in_json(column: str, text: str, meant: object) -> None:
    try:
        value = parse_application({column: text}).values.get(column)
    except InvalidApplication:
        value = bad
    assert same(value, meant)


@pytest.mark.parametrize(
    ("column", "values", "meant"),
    [
        ("FLAG_MOBIL", [True, False, None], [1, 0, None]),
        ("FLAG_OWN_CAR", [True, False, None], ["Y", "N", None]),
        ("CODE_GENDER", [True, False, None], ["M", "F", None]),
        ("FLAG_DOCUMENT_3", pl.Series([1.0, 0.0, float("nan")]), [1, 0, None]),
        ("AMT_CREDIT", pl.Series(["480000.25", None], dtype=pl.Decimal(18, 2)), [480000.25, None]),
        ("AMT_CREDIT", pl.Series([480000, None], dtype=pl.Int128), [480000.0, None]),
        ("NAME_CONTRACT_TYPE", pl.Series(["Cash loans", None], dtype=pl.Categorical), ["Cash loans", None]),
        ("NAME_CONTRACT_TYPE", pl.Series(["Cash loans", None], dtype=pl.Enum(["Cash loans"])), ["Cash loans", None]),
    ],
)
def test_types_of_parquet(
    tmp_path: Path, column: str, values: pl.Series | list[bool | None], meant: list[object]
) -> None:
    frame = pl.DataFrame({column: values, "EXT_SOURCE_1": [0.5] * len(meant)})
    frame.write_parquet(tmp_path / "in.parquet")
    (batch,) = open_source(tmp_path / "in.parquet").batches()
    inspected = inspect_batch(batch)
    assert inspected.errors.is_empty()
    assert inspected.rows[column].to_list() == meant
    assert read_applications(tmp_path / "in.parquet").frame[column].to_list() == meant


# The rows of a semicolon file: amounts and a score, and what becomes of the first amount.
formats = [
    (["406597,5", "202500"], "0,26", 406597.5, None),
    (["4,8E+05", "202500"], ",41", 480000.0, None),
    (["202.500", "1.350.000"], "0,26", 202500.0, None),
    (["202.500", "1.350,50"], "", 202500.0, None),
    (["202 500", "1 350 000,5"], "8,17e-08", 202500.0, None),
    (["202.500", "406597.5"], "0.26", 202.5, None),
    (["202.500", "300.000"], "0,26", 202500.0, "read_as_thousands"),
    (["202.500", "300.000"], "0.26", 202.5, "read_as_decimal"),
    (["202,500", "300,000"], "0,26", 202.5, "read_as_decimal"),
    (["202.500", "300.000"], "", bad, "ambiguous_number"),
    (["202,500", "300,000"], "", bad, "ambiguous_number"),
    (["1,5", "406597.5"], "0.26", 1.5, None),
    (["1 234 000,5", "1234000.5"], "0,26", 1234000.5, None),
    (["1234000.5", "1 234 000,5", "1234000,5"], "0,26", 1234000.5, None),
    # A column that shows both marks proves neither.
    (["202.500", "1234.5", "1 234,5"], "0,26", bad, "ambiguous_number"),
    # A currency hides no mark.
    (["202.500 €", "1.350.000 €"], "0.26", 202500.0, None),
    (["202.500 €", "1.350,50 €"], "0.26", 202500.0, None),
    (["202,500 $", "1,350.50 $"], "0,26", 202500.0, None),
    (["202.500,- €", "1.350.000,- €"], "0.26", 202500.0, None),
    (["406597,5", "300.5"], "0,26", 406597.5, None),
]


@pytest.mark.parametrize(("amounts", "score", "meant", "said"), formats)
def test_marks_of_a_semicolon_file(
    tmp_path: Path, scorer: Scorer, amounts: list[str], score: str, meant: object, said: str | None
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "DAYS_BIRTH;AMT_CREDIT;EXT_SOURCE_2\n" + "".join(f"-14000;{amount};{score}\n" for amount in amounts)
    )
    (batch,) = open_source(path).batches()
    scored = score_batch(batch, scorer, 0.1)
    if meant is bad:
        assert set(scored.rejections["problem"]) == {said}
        return
    assert scored.applications["AMT_CREDIT"][0] == meant
    kinds = {reading.kind for reading in scored.caveats.readings}
    assert kinds == ({said} if said else set())
    assert read_applications(path).frame["AMT_CREDIT"][0] == meant


# Of a comma-separated file: amounts in quotes, another amount in each row, and what becomes of the first one.
between_commas = [
    (["202,500", "1,350,000"], "100000", 202500.0, None),
    (["202,500", "406,597.50"], "100000", 202500.0, None),
    (["$202,500", "$406,597.50"], "100000", 202500.0, None),
    (["202,500", "12,34,567"], "100000", 202500.0, None),
    (["202,500", "300,000"], "1,350,000.00", 202500.0, "read_as_thousands"),
    # A point between commas says nothing: a workbook writes its numbers so, whatever its texts are.
    (["202,500", "300,000"], "1350000.5", bad, "ambiguous_number"),
    (["202,500", "300000.5"], "100000", bad, "ambiguous_number"),
    (["202,500", "406597,5"], "100000", 202.5, None),
    (["202,500", "406597,5", "300000.5"], "100000", bad, "ambiguous_number"),
    (["202,500", "300,000"], "406597,5", bad, "ambiguous_number"),
    (["406597,5", "300000.5"], "100000", 406597.5, None),
]


@pytest.mark.parametrize(("amounts", "income", "meant", "said"), between_commas)
def test_marks_between_commas(
    tmp_path: Path, scorer: Scorer, amounts: list[str], income: str, meant: object, said: str | None
) -> None:
    path = tmp_path / "in.csv"
    rows = [{"DAYS_BIRTH": "-14000", "AMT_CREDIT": amount, "AMT_INCOME_TOTAL": income} for amount in amounts]
    pl.DataFrame(rows).write_csv(path)
    (batch,) = open_source(path).batches()
    scored = score_batch(batch, scorer, 0.1)
    if meant is bad:
        assert said in set(scored.rejections["problem"])
        assert read_applications(path).frame["AMT_CREDIT"][0] is None
        return
    assert scored.applications["AMT_CREDIT"][0] == meant
    assert said in {None, *(reading.kind for reading in scored.caveats.readings)}
    assert read_applications(path).frame["AMT_CREDIT"][0] == meant


def test_days_without_a_sign_are_counted_in_what_is_to_be_known(tmp_path: Path, scorer: Scorer) -> None:
    path = tmp_path / "in.csv"
    path.write_text("DAYS_BIRTH,AMT_CREDIT\n14000,480000\n-15000,480000\n16000,480000\n16000,dear\n")
    (batch,) = open_source(path).batches()
    scored = score_batch(batch, scorer, 0.1)
    assert scored.applications["DAYS_BIRTH"].to_list() == [-14000, -15000, -16000]
    assert [(reading.column, reading.kind, reading.rows) for reading in scored.caveats.readings] == [
        ("DAYS_BIRTH", "sign_turned", 2)
    ]
