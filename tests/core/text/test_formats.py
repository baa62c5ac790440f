"""Values are written as readers of each language write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.decision import Value
from core.text import formats


def plain(text: str) -> str:
    """No-break spaces as spaces, so that the expectations below can be read."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("name", "value", "french", "english"),
    [
        ("AMT_INCOME_TOTAL", 202500.0, "202 500 €", "€202,500"),
        ("AMT_ANNUITY", 12.5, "12,50 €", "€12.50"),
        ("DAYS_BIRTH", -9461, "25 ans", "25 years"),
        ("DAYS_EMPLOYED", -637, "21 mois", "21 months"),
        ("DAYS_EMPLOYED", -20, "20 jours", "20 days"),
        ("DAYS_EMPLOYED", 365243, "sans objet", "not applicable"),
        ("EXT_SOURCE_1", 0.083, "0,08", "0.08"),
        ("ANNUITY_INCOME_RATIO", 0.1219, "12 %", "12%"),
        ("ANNUITY_INCOME_RATIO", 0.0541, "5,4 %", "5.4%"),
        ("CREDIT_INCOME_RATIO", 2.0079, "2,01", "2.01"),
        ("CREDIT_DURATION", 16.46, "16 mois", "16 months"),
        ("CNT_CHILDREN", 2, "2", "2"),
        ("FLAG_MOBIL", 1, "oui", "yes"),
        ("FLAG_MOBIL", 0, "non", "no"),
        ("OWN_CAR_AGE", 1.0, "1 an", "1 year"),
        ("EXT_SOURCE_1", None, "non renseigné", "not stated"),
    ],
)
def test_value(name: str, value: Value, french: str, english: str) -> None:
    entry = catalogue.entry(name)
    assert plain(formats.format_value(entry, value, "fr")) == french
    assert formats.format_value(entry, value, "en") == english


def test_a_code_is_shown_by_its_label_and_an_unknown_one_as_it_is() -> None:
    education = catalogue.column("NAME_EDUCATION_TYPE")
    shown = formats.format_value(education, "Higher education", "fr")
    assert shown != "Higher education"
    assert formats.format_value(education, "Alchemy", "fr") == "Alchemy"


def test_probability_and_date() -> None:
    assert plain(formats.format_probability(0.0734, "fr")) == "7,3 %"
    assert formats.format_probability(0.0734, "en") == "7.3%"
    assert formats.format_date("2026-11-23T14:05:00+00:00", "fr") == "23 novembre 2026"
    assert formats.format_date("2026-11-23T14:05:00+00:00", "en") == "November 23, 2026"
    assert formats.format_moment("2026-11-23T15:05:00+01:00", "fr") == "23 novembre 2026, 14:05 UTC"
    assert formats.format_moment("2026-11-23T14:05:00+00:00", "en") == "November 23, 2026, 14:05 UTC"


@given(one=st.floats(1e-3, 1), other=st.floats(1e-3, 1), apart=st.floats(0, 1e-6))
def test_probabilities_beside_each_other_read_in_their_order(one: float, other: float, apart: float) -> None:
    for first, second in ((one, other), (one, min(one + apart, 1.0))):
        left, right = (
            Decimal(formats.format_probability(number, "en", beside).rstrip("%"))
            for number, beside in ((first, second), (second, first))
        )
        assert (left > right) - (left < right) == (first > second) - (first < second)
        # Rounded, not cut, at whatever decimal.
        assert abs(left - Decimal(repr(first)) * 100) <= Decimal("0.05")


def test_no_more_decimals_than_it_takes() -> None:
    assert formats.format_probability(0.0893, "en", 0.0888) == "8.93%"
    assert plain(formats.format_probability(0.0888, "fr", 0.0893)) == "8,88 %"
    assert formats.format_probability(0.0893, "en", 0.0912, 0.0893) == "8.9%"
    assert formats.format_probability(0.089, "en", 0.0912, 0.08901) == "8.900%"


@pytest.mark.parametrize(
    "name", ["AMT_CREDIT", "DAYS_BIRTH", "EXT_SOURCE_1", "ANNUITY_INCOME_RATIO", "CREDIT_DURATION"]
)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_can_be_written(name: str, number: float) -> None:
    assert formats.format_value(catalogue.entry(name), number, "fr")
    assert formats.format_value(catalogue.entry(name), number, "en")
