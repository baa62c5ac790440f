"""Names of a file that probably mean a column: one slip away, and only where it is clear from which."""

import pytest

from core import catalogue
from core.catalogue.similar_names import similar_names
from core.tables.columns import match_columns


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("AMT_CREDT", "AMT_CREDIT"),
        ("AMT_CREDITT", "AMT_CREDIT"),
        ("AMT_CREDUT", "AMT_CREDIT"),
        ("AMT_CRDEIT", "AMT_CREDIT"),
        ("AMT_INCÔME_TOTAL", "AMT_INCOME_TOTAL"),
        ("amt income-totl ", "AMT_INCOME_TOTAL"),
        ("\u200bAMT_INCOME_TOTAL", "AMT_INCOME_TOTAL"),
        ("EXT_SOURCE2", "EXT_SOURCE_2"),
        ("TARGT", "TARGET"),
    ],
)
def test_a_slip_is_a_question(given: str, meant: str) -> None:
    assert similar_names([given], set()) == [(given, meant)]


@pytest.mark.parametrize(
    "given", ["EXT_SOURCE_4", "EXT_SOURCE_", "FLAG_DOCUMENT_22", "AMT_CRED", "AMT", "shoe size", "", " ", "A" * 5000]
)
def test_what_is_another_name_is_none(given: str) -> None:
    assert similar_names([given], set()) == []


def test_a_column_that_the_file_has_is_not_meant_by_another() -> None:
    assert match_columns(["AMT_CREDIT", "AMT_CREDT"]).similar == ()
    match = match_columns(["AMT_ANNUITY", "colour", "AMT_GOODS_PRIC"])
    assert match.similar == (("AMT_GOODS_PRIC", "AMT_GOODS_PRICE"),)
    assert match.unknown == ("colour", "AMT_GOODS_PRIC")
    assert "AMT_GOODS_PRICE" in match.missing


def test_no_column_is_taken_for_another() -> None:
    names = [column.name for column in catalogue.columns()]
    for name in names:
        present = set(names) - {name}
        for changed in (name[:-1] + "Q", f"{name}Q", f"Q{name}"):
            assert [meant for _, meant in similar_names([changed], present)] in ([], [name])
