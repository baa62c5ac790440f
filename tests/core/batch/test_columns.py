"""Columns of a file are found in the catalogue by their names, and by names they also go by."""

import pytest

from core.batch.columns import match_columns
from core.batch.errors import UnusableFile


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
