"""Babel's formats of numbers, made to write any float: beyond 28 digits Babel raises, and infinity is no duration.

What is too large to be written out comes in scientific notation, `1,2 × 10³⁰`, in the reader's own decimal mark; no
such number is met in a bank, but one is sent by a program, or stands in a file for "no data".
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel import numbers as babel_numbers
from babel import units as babel_units

if TYPE_CHECKING:
    from collections.abc import Callable

# Babel rounds with the 28 digits of Python's decimals, of which a pattern takes up to ten for the fraction, and a share
# two more for the percentage.
largest_written_out: Final = 1e15
_superscripts: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_infinity: Final = "∞"
_no_number: Final = "–"

_LocaleName = Locale | str


def format_decimal(number: float, *, format: str | None = None, locale: _LocaleName) -> str:  # noqa: A002 (as Babel's)
    """As `babel.numbers.format_decimal`, of any float."""
    return _written(
        number, locale, lambda: babel_numbers.format_decimal(number, format=_pattern(format), locale=locale)
    )


def format_percent(number: float, *, format: str | None = None, locale: _LocaleName) -> str:  # noqa: A002 (as Babel's)
    """As `babel.numbers.format_percent`, of any float."""
    return _written(
        number, locale, lambda: babel_numbers.format_percent(number, format=_pattern(format), locale=locale)
    )


def format_currency(number: float, currency: str, *, format: str, locale: _LocaleName) -> str:  # noqa: A002 (as Babel's)
    """As `babel.numbers.format_currency` with the digits of the format, of any float."""
    return _written(
        number,
        locale,
        lambda: babel_numbers.format_currency(
            number, currency, format=_pattern(format), locale=locale, currency_digits=False
        ),
    )


def format_compact_decimal(number: float, *, locale: _LocaleName, fraction_digits: int) -> str:
    """As `babel.numbers.format_compact_decimal`, of any float."""
    return _written(
        number,
        locale,
        lambda: babel_numbers.format_compact_decimal(number, locale=locale, fraction_digits=fraction_digits),
    )


def format_compact_currency(number: float, currency: str, *, locale: _LocaleName, fraction_digits: int) -> str:
    """As `babel.numbers.format_compact_currency` in its short form, of any float."""
    return _written(
        number,
        locale,
        lambda: babel_numbers.format_compact_currency(
            number, currency, format_type="short", locale=locale, fraction_digits=fraction_digits
        ),
    )


def format_unit(number: float, unit: str, *, locale: _LocaleName) -> str:
    """As `babel.units.format_unit` in its long form, of any float."""
    return _written(number, locale, lambda: babel_units.format_unit(number, unit, length="long", locale=locale))


@cache
def _pattern(format: str | None) -> babel_numbers.NumberPattern | None:  # noqa: A002 (as Babel's)
    """A pattern taken apart: Babel does so with every number. There are a few dozen, all of them ours."""
    return None if format is None else babel_numbers.parse_pattern(format)


def _written(number: float, locale: _LocaleName, write: Callable[[], str]) -> str:
    if math.isnan(number):
        return _no_number
    if math.isinf(number):
        return _infinity if number > 0 else f"-{_infinity}"
    if abs(number) < largest_written_out:
        return write()
    digits, _, power = f"{number:.2e}".partition("e")
    mantissa = babel_numbers.format_decimal(float(digits), format="0.##", locale=locale)
    return f"{mantissa}\u00a0×\u00a010{str(int(power)).translate(_superscripts)}"
