"""The catalogue is complete in both languages, consistent in itself, and accepts what the public tables hold."""

from __future__ import annotations

import csv
import re
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest

from core import catalogue
from core.catalogue import entries
from core.tables.sources import tables as table_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.catalogue import Column, Language

languages: Final[tuple[Language, ...]] = ("fr", "en")
units: Final = ("currency", "days", "months", "years", "hour", "score", "share", "ratio", "count", "index", "")
widths: Final = {
    "application": 122,
    "bureau": 17,
    "bureau_balance": 3,
    "previous_application": 37,
    "pos_cash_balance": 8,
    "installments_payments": 8,
    "credit_card_balance": 23,
}
every_column: Final = [column for table in widths for column in catalogue.columns(table)]
every_entry: Final = [*every_column, *catalogue.features()]

# Ends of what the full public tables hold, beyond what the sample beside the repository shows.
published: Final = [
    ("application", "AMT_INCOME_TOTAL", 25_650, 117_000_000),
    ("application", "AMT_CREDIT", 45_000, 4_050_000),
    ("application", "AMT_ANNUITY", 1_615.5, 258_025.5),
    ("application", "CNT_CHILDREN", 0, 20),
    ("application", "CNT_FAM_MEMBERS", 1, 21),
    ("application", "DAYS_BIRTH", -25_229, -7_338),
    ("application", "DAYS_EMPLOYED", -17_912, 0),
    ("application", "DAYS_REGISTRATION", -24_672, 0),
    ("application", "OWN_CAR_AGE", 0, 91),
    ("application", "OBS_30_CNT_SOCIAL_CIRCLE", 0, 354),
    ("application", "DEF_60_CNT_SOCIAL_CIRCLE", 0, 24),
    ("application", "AMT_REQ_CREDIT_BUREAU_QRT", 0, 261),
    ("application", "REGION_RATING_CLIENT_W_CITY", -1, 3),
    ("bureau", "CREDIT_DAY_OVERDUE", 0, 2_792),
    ("bureau", "DAYS_CREDIT_ENDDATE", -42_060, 31_199),
    ("bureau", "DAYS_ENDDATE_FACT", -42_023, 0),
    ("bureau", "DAYS_CREDIT_UPDATE", -41_947, 372),
    ("bureau", "AMT_CREDIT_SUM", 0, 585_000_000),
    ("bureau", "AMT_CREDIT_SUM_DEBT", -4_705_600.32, 170_100_000),
    ("bureau", "AMT_CREDIT_SUM_LIMIT", -586_406.115, 4_705_600.32),
    ("bureau", "AMT_CREDIT_MAX_OVERDUE", 0, 115_987_185),
    ("bureau", "AMT_ANNUITY", 0, 118_453_423.5),
    ("bureau_balance", "MONTHS_BALANCE", -96, 0),
    ("previous_application", "AMT_DOWN_PAYMENT", -0.9, 3_060_045),
    ("previous_application", "RATE_DOWN_PAYMENT", -1.5e-5, 1),
    ("previous_application", "AMT_CREDIT", 0, 6_905_160),
    ("previous_application", "SELLERPLACE_AREA", -1, 4_000_000),
    ("previous_application", "CNT_PAYMENT", 0, 84),
    ("previous_application", "DAYS_LAST_DUE_1ST_VERSION", -2_801, 2_389),
    ("pos_cash_balance", "CNT_INSTALMENT", 1, 92),
    ("pos_cash_balance", "SK_DPD", 0, 4_231),
    ("installments_payments", "NUM_INSTALMENT_VERSION", 0, 178),
    ("installments_payments", "NUM_INSTALMENT_NUMBER", 1, 277),
    ("installments_payments", "DAYS_ENTRY_PAYMENT", -4_921, -1),
    ("installments_payments", "AMT_PAYMENT", 0, 3_771_487.845),
    ("credit_card_balance", "AMT_BALANCE", -420_250.185, 1_505_902.185),
    ("credit_card_balance", "AMT_DRAWINGS_ATM_CURRENT", -6_827.31, 2_115_000),
    ("credit_card_balance", "CNT_DRAWINGS_CURRENT", 0, 165),
    ("credit_card_balance", "SK_DPD", 0, 3_260),
]
# Columns of the public tables in which a value may be missing, where that is few of them.
missing: Final = {
    "bureau_balance": set(),
    "pos_cash_balance": {"CNT_INSTALMENT", "CNT_INSTALMENT_FUTURE"},
    "installments_payments": {"DAYS_ENTRY_PAYMENT", "AMT_PAYMENT"},
    "bureau": {
        "DAYS_CREDIT_ENDDATE",
        "DAYS_ENDDATE_FACT",
        "AMT_CREDIT_MAX_OVERDUE",
        "AMT_CREDIT_SUM",
        "AMT_CREDIT_SUM_DEBT",
        "AMT_CREDIT_SUM_LIMIT",
        "AMT_ANNUITY",
    },
    "credit_card_balance": {
        "AMT_DRAWINGS_ATM_CURRENT",
        "AMT_DRAWINGS_OTHER_CURRENT",
        "AMT_DRAWINGS_POS_CURRENT",
        "AMT_INST_MIN_REGULARITY",
        "AMT_PAYMENT_CURRENT",
        "CNT_DRAWINGS_ATM_CURRENT",
        "CNT_DRAWINGS_OTHER_CURRENT",
        "CNT_DRAWINGS_POS_CURRENT",
        "CNT_INSTALMENT_MATURE_CUM",
    },
}
# How many codes the public tables hold, where that is many.
code_counts: Final = [
    ("application", "ORGANIZATION_TYPE", 58),
    ("application", "OCCUPATION_TYPE", 18),
    ("application", "NAME_INCOME_TYPE", 8),
    ("application", "NAME_FAMILY_STATUS", 6),
    ("application", "CODE_GENDER", 3),
    ("bureau", "CREDIT_TYPE", 15),
    ("bureau", "CREDIT_ACTIVE", 4),
    ("bureau_balance", "STATUS", 8),
    ("previous_application", "NAME_CASH_LOAN_PURPOSE", 25),
    ("previous_application", "NAME_GOODS_CATEGORY", 28),
    ("previous_application", "PRODUCT_COMBINATION", 17),
    ("previous_application", "NAME_SELLER_INDUSTRY", 11),
    ("previous_application", "CODE_REJECT_REASON", 9),
    ("previous_application", "CHANNEL_TYPE", 8),
    ("pos_cash_balance", "NAME_CONTRACT_STATUS", 9),
    ("credit_card_balance", "NAME_CONTRACT_STATUS", 7),
]


@pytest.mark.parametrize("name", [each.name for each in catalogue.columns() if each.unit == "currency"])
def test_no_bank_has_an_amount_that_is_next_to_nothing_or_without_end(name: str) -> None:
    column = catalogue.column(name)
    assert column.minimum is not None
    assert column.maximum is not None
    assert column.minimum >= 1
    assert column.maximum <= 1e9


def named(each: catalogue.Entry) -> str:
    return f"{each.table}.{each.name}"


def test_it_holds_the_seven_tables_whole() -> None:
    assert {table: len(catalogue.columns(table)) for table in catalogue.tables()} == widths


def test_the_application_columns_are_those_of_the_file_in_its_order() -> None:
    names = [column.name for column in catalogue.columns()]
    assert names[:4] == ["SK_ID_CURR", "TARGET", "NAME_CONTRACT_TYPE", "CODE_GENDER"]
    assert names[40:44] == ["ORGANIZATION_TYPE", "EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]
    assert names[44:47] == ["APARTMENTS_AVG", "BASEMENTAREA_AVG", "YEARS_BEGINEXPLUATATION_AVG"]
    assert names[96:116] == [f"FLAG_DOCUMENT_{number}" for number in range(2, 22)]
    assert names[-1] == "AMT_REQ_CREDIT_BUREAU_YEAR"


@pytest.mark.parametrize("name", [name for name in table_names if name != "application_test"])
def test_columns_are_those_of_the_real_file_in_its_order(real_sample: Path, name: str) -> None:
    header = pl.read_csv(real_sample / f"{name}.csv.gz", infer_schema=False, n_rows=1).columns
    assert [column.name for column in catalogue.columns(table_names[name])] == header


class TestWords:
    @pytest.mark.parametrize("lang", languages)
    def test_every_entry_has_a_label_and_a_help_that_is_a_sentence(self, lang: Language) -> None:
        for each in every_entry:
            assert each.label(lang).strip() == each.label(lang) != "", named(each)
            assert each.label(lang) != each.name, named(each)
            assert each.help(lang).endswith((".", "…")), named(each)

    @pytest.mark.parametrize("lang", languages)
    @pytest.mark.parametrize("table", widths)
    def test_labels_are_unique_within_a_table(self, table: str, lang: Language) -> None:
        labels = Counter(column.label(lang) for column in catalogue.columns(table))
        assert not [label for label, times in labels.items() if times > 1]

    @pytest.mark.parametrize("lang", languages)
    def test_codes_of_a_column_have_labels_that_are_unique(self, lang: Language) -> None:
        for each in every_column:
            labels = [code.label(lang) for code in each.codes]
            assert all(label.strip() == label != "" for label in labels), named(each)
            assert len(set(labels)) == len(labels), named(each)

    def test_french_has_its_spaces_and_apostrophes(self) -> None:
        said = [text for each in every_entry for text in (each.label_fr, each.help_fr)]
        said += [code.label_fr for each in every_column for code in each.codes]
        for text in said:
            assert "'" not in text, text
            assert not re.search(r"(?<![\u00a0\u202f])[:;?!»%]", text), text

    def test_codes_that_say_nothing_are_said_in_words(self) -> None:
        gender = catalogue.column("CODE_GENDER")
        assert (gender.code_label("XNA", "fr"), gender.code_label("XNA", "en")) == ("Non précisé", "Not stated")
        for each in every_column:
            for code in each.codes:
                assert not {"XNA", "XAP"} & {code.label_fr, code.label_en}, named(each)

    @pytest.mark.parametrize("lang", languages)
    def test_every_group_has_a_name(self, lang: Language) -> None:
        assert all(catalogue.group_label(each.group, lang) for each in every_entry)

    def test_no_code_is_named_that_no_column_has(self) -> None:
        with files("core.catalogue").joinpath("codes.csv").open(encoding="utf-8") as stream:
            rows = [(row["column"], row["code"]) for row in csv.DictReader(stream)]
        assert Counter(rows) == dict.fromkeys(
            {(each.name, code.code) for each in every_column for code in each.codes}, 1
        )


class TestConsistency:
    @pytest.mark.parametrize("each", every_column, ids=named)
    def test_type_bounds_codes_and_unit_fit_each_other(self, each: Column) -> None:
        assert each.unit in units
        assert (each.type == "category") == bool(each.codes)
        assert len({code.code for code in each.codes}) == len(each.codes)
        if each.type in ("category", "target"):
            assert (each.minimum, each.maximum, each.unit) == (None, None, "")
            return
        assert each.minimum is not None
        assert each.maximum is not None
        assert each.minimum < each.maximum
        if each.type == "flag":
            assert (each.minimum, each.maximum, each.unit) == (0, 1, "")
        if each.type != "real":
            assert each.minimum.is_integer()
            assert each.maximum.is_integer()
            # What Polars keeps them in.
            assert -(2**31) <= each.minimum < each.maximum < 2**31
        if each.sentinel is not None:
            assert not each.minimum <= each.sentinel <= each.maximum
            assert f"{each.sentinel:.0f}" in each.help_fr
            assert f"{each.sentinel:.0f}" in each.help_en

    def test_identifiers_are_always_there(self) -> None:
        assert not [named(each) for each in every_column if each.type in ("id", "target") and each.nullable]

    def test_amounts_of_an_application_are_never_negative(self) -> None:
        amounts = [column for column in catalogue.columns() if column.unit == "currency"]
        assert len(amounts) == 4
        assert all(amount.minimum is not None and amount.minimum >= 0 for amount in amounts)

    def test_a_higher_external_score_never_raises_the_risk(self) -> None:
        assert [catalogue.column(f"EXT_SOURCE_{number}").direction for number in (1, 2, 3)] == [-1, -1, -1]
        assert {each.direction for each in every_entry} <= {-1, 0, 1}

    def test_main_columns_are_numbered_from_one_without_a_gap(self) -> None:
        assert [column.main for column in catalogue.main_columns()] == list(range(1, 22))
        assert {column.table for column in catalogue.main_columns()} == {"application"}


class TestPublicTables:
    @pytest.mark.parametrize(("table", "name", "low", "high"), published)
    def test_bounds_hold_the_ends_of_the_full_tables(self, table: str, name: str, low: float, high: float) -> None:
        column = catalogue.column(name, table)
        assert column.minimum is not None
        assert column.maximum is not None
        assert column.minimum <= low
        assert column.maximum >= high

    @pytest.mark.parametrize(
        ("name", "nonsense"),
        [("AMT_INCOME_TOTAL", -1), ("EXT_SOURCE_2", 1.01), ("DAYS_BIRTH", -73_050), ("DAYS_BIRTH", -5_000)],
    )
    def test_bounds_leave_nonsense_out(self, name: str, nonsense: float) -> None:
        column = catalogue.column(name)
        assert column.minimum is not None
        assert column.maximum is not None
        assert not column.minimum <= nonsense <= column.maximum

    @pytest.mark.parametrize(("table", "name", "count"), code_counts)
    def test_every_code_of_the_full_tables_is_known(self, table: str, name: str, count: int) -> None:
        assert len(catalogue.column(name, table).codes) == count

    @pytest.mark.parametrize("table", missing)
    def test_values_may_be_missing_where_they_are_in_the_full_tables(self, table: str) -> None:
        assert {column.name for column in catalogue.columns(table) if column.nullable} == missing[table]

    def test_sixty_seven_columns_of_the_application_may_be_missing(self) -> None:
        assert sum(column.nullable for column in catalogue.columns()) == 67

    def test_what_does_not_apply_has_its_number(self) -> None:
        with_sentinel = {named(each) for each in every_column if each.sentinel == 365243}
        assert with_sentinel == {
            "application.DAYS_EMPLOYED",
            "previous_application.DAYS_FIRST_DRAWING",
            "previous_application.DAYS_FIRST_DUE",
            "previous_application.DAYS_LAST_DUE_1ST_VERSION",
            "previous_application.DAYS_LAST_DUE",
            "previous_application.DAYS_TERMINATION",
        }


@pytest.mark.parametrize("name", [name for name in table_names if name != "application_test"])
def test_every_real_value_is_within_the_catalogue(real_sample: Path, name: str) -> None:
    table = table_names[name]
    frame = pl.read_csv(real_sample / f"{name}.csv.gz", infer_schema=False)
    bad = frame.select(_bad(column).sum().alias(column.name) for column in catalogue.columns(table)).row(0, named=True)
    assert not {column: count for column, count in bad.items() if count}


def _bad(column: Column) -> pl.Expr:
    """Whether a value, read as text, is not what the catalogue says of its column."""
    text = pl.col(column.name)
    if column.type == "category":
        sound = text.is_in([code.code for code in column.codes])
    else:
        number = text.cast(pl.Float64, strict=False)
        low, high = (0, 1) if column.type == "target" else (column.minimum, column.maximum)
        sound = number.is_between(pl.lit(low), pl.lit(high))
        if column.sentinel is not None:
            sound = sound | (number == column.sentinel)
        if column.type != "real":
            sound = sound & (number == number.round())
    absent = pl.lit(value=column.nullable) & text.is_null()
    return ~(absent | sound.fill_null(value=False))


class TestReading:
    def test_a_column_and_a_feature_are_found_by_name(self) -> None:
        assert catalogue.column("AMT_ANNUITY").table == "application"
        assert catalogue.column("AMT_ANNUITY", "bureau").table == "bureau"
        assert catalogue.entry("AMT_ANNUITY") is catalogue.column("AMT_ANNUITY")
        assert catalogue.entry("EXT_SOURCE_MEAN") is catalogue.feature("EXT_SOURCE_MEAN")

    def test_what_is_not_there_is_an_unknown_entry(self) -> None:
        with pytest.raises(catalogue.UnknownEntry, match="AMT_UNHEARD_OF"):
            catalogue.column("AMT_UNHEARD_OF")
        with pytest.raises(catalogue.UnknownEntry, match="AMT_UNHEARD_OF"):
            catalogue.entry("AMT_UNHEARD_OF")
        with pytest.raises(catalogue.UnknownEntry, match="AMT_INCOME_TOTAL"):
            catalogue.feature("AMT_INCOME_TOTAL")
        with pytest.raises(catalogue.UnknownEntry, match="DAYS_BIRTH"):
            catalogue.column("DAYS_BIRTH", "bureau")
        with pytest.raises(catalogue.UnknownEntry, match="ledger"):
            catalogue.columns("ledger")
        with pytest.raises(catalogue.UnknownEntry, match="weather"):
            catalogue.group_label("weather", "fr")

    @pytest.mark.parametrize("table", widths)
    def test_each_table_has_types_for_polars(self, table: str) -> None:
        schema = catalogue.polars_schema(table)
        assert list(schema) == [column.name for column in catalogue.columns(table)]
        expected = {"id": pl.Int32, "target": pl.Int8, "flag": pl.Int8, "integer": pl.Int32, "real": pl.Float64}
        for column in catalogue.columns(table):
            assert schema[column.name] == expected.get(column.type, pl.String), column.name


class TestBrokenFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A copy of the catalogue's files that is read in their place."""
        for path in files("core.catalogue").iterdir():
            if path.name.endswith(".csv"):
                (tmp_path / path.name).write_bytes(path.read_bytes())
        monkeypatch.setattr(entries, "files", lambda _package: tmp_path)
        entries._columns_by_table.cache_clear()
        yield tmp_path
        entries._columns_by_table.cache_clear()

    def test_a_copy_reads_as_the_original(self, folder: Path) -> None:
        assert [column for table in catalogue.tables() for column in catalogue.columns(table)] == every_column

    def test_an_unknown_type_is_an_error_that_names_the_column(self, folder: Path) -> None:
        path = folder / "columns.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("CNT_CHILDREN,integer,", "CNT_CHILDREN,decimal,"), encoding="utf-8")
        with pytest.raises(
            ValueError, match=r"columns\.csv: CNT_CHILDREN has the type 'decimal', expected one of .*real"
        ):
            catalogue.columns()

    def test_a_code_without_labels_is_an_error_that_names_it(self, folder: Path) -> None:
        path = folder / "codes.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(
            "".join(line for line in lines if not line.startswith("CREDIT_TYPE,Microloan,")), encoding="utf-8"
        )
        with pytest.raises(ValueError, match=r"codes\.csv: no labels for Microloan of CREDIT_TYPE"):
            catalogue.columns()
