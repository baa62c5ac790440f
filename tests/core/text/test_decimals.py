"""Any float can be written, as Babel would where Babel can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from babel import numbers as babel_numbers
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Language
from core.text import decimals, formats

_writers: dict[str, Callable[[float], str]] = {
    "decimal": lambda number: decimals.format_decimal(number, format="#,##0.00", locale="fr_FR"),
    "percent": lambda number: decimals.format_percent(number, format="#,##0.0%", locale="en_US"),
    "currency": lambda number: decimals.format_currency(number, "EUR", format="#,##0.00 ¤", locale="fr_FR"),
    "compact decimal": lambda number: decimals.format_compact_decimal(number, locale="en_US", fraction_digits=1),
    "compact currency": lambda number: decimals.format_compact_currency(
        number, "EUR", locale="fr_FR", fraction_digits=1
    ),
    "unit": lambda number: decimals.format_unit(number, "duration-day", locale="fr_FR"),
    **{
        name: lambda number, write=write: write(number, "fr")  # type: ignore[misc]
        for name, write in vars(formats).items()
        if name.startswith("format_")
        and name not in ("format_value", "format_date", "format_moment", "format_datetime")
        and write.__module__ == formats.__name__
    },
}  # fmt: skip


@pytest.mark.parametrize("writer", _writers)
@given(number=st.floats())
def test_any_float_is_written(writer: str, number: float) -> None:
    assert _writers[writer](number).strip()


@pytest.mark.parametrize("number", [3.4028235e38, 1e307, -1e307, 1e28, 1e29, float("inf"), float("nan"), 1e-25])
def test_numbers_that_babel_cannot_write(number: float) -> None:
    for write in _writers.values():
        assert len(write(number)) < 40


@given(number=st.floats(min_value=-9e14, max_value=9e14))
def test_what_babel_can_write_is_written_as_babel_does(number: float) -> None:
    expected = babel_numbers.format_decimal(number, format="#,##0.00", locale="fr_FR")
    assert decimals.format_decimal(number, format="#,##0.00", locale="fr_FR") == expected


@pytest.mark.parametrize(("locale", "written"), [("fr_FR", "3,4\u00a0×\u00a010³⁸"), ("en_US", "3.4\u00a0×\u00a010³⁸")])
def test_what_is_too_large_to_be_written_out_has_the_readers_decimal_mark(locale: str, written: str) -> None:
    assert decimals.format_decimal(3.4028235e38, format="0", locale=locale) == written


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_infinity_is_no_crash_in_an_entry(lang: Language) -> None:
    from core import catalogue

    for name in ("HOUR_APPR_PROCESS_START", "DAYS_BIRTH", "AMT_CREDIT"):
        assert "∞" in formats.format_value(catalogue.entry(name), float("inf"), lang)
