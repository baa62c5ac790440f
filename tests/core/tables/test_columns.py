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
        (["AMT_CREDIT", "x", "x"], "file_column_twice"),
        (["SK_ID_CURR", "TARGET"], "file_no_known_column"),
        ([f"column {number}" for number in range(50)], "file_no_known_column"),
    ],
)
def test_a_header_that_cannot_be_used(header: list[str], key: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        match_columns(header)
    assert refused.value.key == key


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
