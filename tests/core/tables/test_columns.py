"""Columns of a file are found in the catalogue by their names, and by names they also go by."""

import pytest

from core.tables.columns import match_columns
from core.tables.errors import UnusableFile


def test_exact_aliases_unknown_and_missing() -> None:
    match = match_columns(["AMT_CREDIT", "amt annuity", "CODE_GENDER_M", "BUREAU_LOANS", "shoe size", "", ""])
    assert match.names == {0: "AMT_CREDIT", 1: "AMT_ANNUITY", 2: "CODE_GENDER", 3: "BUREAU_LOANS"}
    assert match.exact == ("AMT_CREDIT", "BUREAU_LOANS")
    assert match.aliases == (("amt annuity", "AMT_ANNUITY"), ("CODE_GENDER_M", "CODE_GENDER"))
    assert match.unknown == ("shoe size", "", "")
    assert "AMT_INCOME_TOTAL" in match.missing
    assert not {"AMT_CREDIT", "TARGET", "BUREAU_LOANS"} & set(match.missing)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (["AMT_CREDIT", "amt_credit"], "file_column_twice"),
        (["AMT_CREDIT", "amtCredit"], "file_column_twice"),
        (["AMT_ANNUITY", "amt.credit.old"], "file_names_unclear"),
        (["AMT_CREDIT", "x", "x"], "file_column_twice"),
        (["SK_ID_CURR", "TARGET"], "file_no_known_column"),
        (["AMT_ANNUITY", "AMT_CREDIT_x", "AMT_CREDIT_y"], "file_names_unclear"),
        (["AMT_CREDIT", "AMT_ANNUITY", "AMT_ANNUITY_x"], "file_names_unclear"),
        (["AMT_ANNUITY", "Amt credit (new)", "amt credit new"], "file_names_unclear"),
        ([f"column {number}" for number in range(50)], "file_no_known_column"),
    ],
)
def test_a_header_that_cannot_be_used(header: list[str], key: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        match_columns(header)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        *((heading, "AMT_CREDIT") for heading in ("amt.credit", "Amt.Credit", "AmtCredit", "amtCredit", "AMT  CREDIT")),
        *((heading, "AMT_CREDIT") for heading in ("AMT-CREDIT ", "AMT\u00a0CREDIT", "\ufeffAMT_CREDIT", "amt__credit")),
        *((heading, "EXT_SOURCE_2") for heading in ("ExtSource2", "ext.source.2", "EXT_SOURCE.2", "extsource_2")),
        ("daysIdPublish", "DAYS_ID_PUBLISH"),
        ("obs30CntSocialCircle", "OBS_30_CNT_SOCIAL_CIRCLE"),
        ("codeGenderM", "CODE_GENDER"),
        ("FLAG_DOCUMENT_2.1", "FLAG_DOCUMENT_2"),
        ("CNT_CHILDREN.1", "CNT_CHILDREN"),
        ("FLAG_DOCUMENT_2_1", None),
        ("FLAG_DOCUMENT_22", None),
        ("Δ AMT_CREDIT", None),
        ("log(CNT_CHILDREN)", None),
        ("1/CNT_CHILDREN", None),
    ],
)
def test_names_in_other_spellings(heading: str, name: str | None) -> None:
    match = match_columns(["AMT_INCOME_TOTAL", heading])
    assert match.names.get(1) == name
    assert match.aliases == (((heading, name),) if name else ())


def test_a_long_name_is_not_repeated_whole() -> None:
    assert len(match_columns(["AMT_CREDIT", "x" * 5000]).unknown[0]) == 65


def test_many_names_are_matched_in_a_time_that_grows_as_they_do() -> None:
    comparisons = 0

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal comparisons
            comparisons += 1
            return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

        __hash__ = str.__hash__

    match_columns(["AMT_CREDIT", *(Name(f"column {number}") for number in range(4000))])
    # Each with each other: sixteen million.
    assert comparisons < 100_000


def test_of_many_names_that_are_there_twice_a_few_are_told() -> None:
    with pytest.raises(UnusableFile) as refused:
        match_columns(["AMT_CREDIT", *(f"column {number}" for number in range(4000))] * 2)
    assert len(refused.value.sentence("en")) < 400


@pytest.mark.parametrize("suffix", ["_x", "_y", "_X", ".1", "_left", "_right"])
def test_a_suffix_of_a_join_is_another_name(suffix: str) -> None:
    match = match_columns(["SK_ID_CURR", f"AMT_CREDIT{suffix}", "EXT_SOURCE_1", f"EXT_SOURCE_2{suffix}"])
    assert match.names == {0: "SK_ID_CURR", 1: "AMT_CREDIT", 2: "EXT_SOURCE_1", 3: "EXT_SOURCE_2"}
    assert match.aliases == ((f"AMT_CREDIT{suffix}", "AMT_CREDIT"), (f"EXT_SOURCE_2{suffix}", "EXT_SOURCE_2"))


def test_the_other_table_of_a_join_is_not_used() -> None:
    match = match_columns(["AMT_CREDIT", "AMT_CREDIT_right", "AMT_ANNUITY"])
    assert (match.names, match.unknown) == ({0: "AMT_CREDIT", 2: "AMT_ANNUITY"}, ("AMT_CREDIT_right",))
