"""Form fields: what they show of the value of a catalogue column, and which value they accept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeGuard

from babel.numbers import get_currency_symbol

from core.catalogue.ages import days_per_year
from core.settings import settings
from core.text.decimals import format_decimal
from core.text.formats import format_amount, format_number, format_score
from dash_app.i18n import _, language, plural

if TYPE_CHECKING:
    from core.catalogue import Column, Language
    from core.decision import Value

# What a client could change, or could change for them: each has a slider beside its field.
adjustable: Final = frozenset(
    {
        "AMT_CREDIT",
        "AMT_ANNUITY",
        "AMT_GOODS_PRICE",
        "AMT_INCOME_TOTAL",
        "EXT_SOURCE_1",
        "EXT_SOURCE_2",
        "EXT_SOURCE_3",
    }
)
# Ages are said in completed years; time in a job, which is often short, with one decimal.
whole_years: Final = frozenset({"DAYS_BIRTH"})
# Beyond it a number is as good as infinite.
_largest: Final = 1e300
_spaces: Final = str.maketrans("", "", " \u00a0\u202f\t'’")


class Unreadable(ValueError):
    """A field that cannot be used; its text says what was expected, in the reader's language."""


def shown(column: Column, value: Value) -> str:
    """The value as the field shows it; empty where there is none."""
    if value is None or value == column.sentinel:
        return ""
    if isinstance(value, str):
        return value
    return _in_language(column, _from_raw(column, value))


def written(column: Column, entry: object) -> str:
    """An entry as it was typed: a number with all of its decimals, text that is none as it stands."""
    if isinstance(entry, Mapping):
        return str(entry["typed"])
    if not is_number(entry):
        return str(entry or "")
    return shown(column, entry) if column.unit == "days" else typed(entry)


def accepted(column: Column, entry: object) -> Value:
    """The raw value of an entry of the form.

    Args:
        entry: a raw value; None where the field is empty; a mapping where it says what is no number, with the `reason`
            `whole` where it is one that has to be whole.

    Returns:
        a number, a code, the column's "not applicable" value, or None where it is left empty and may be missing.

    Raises:
        Unreadable: where it is not a number, out of bounds, or empty though needed.
    """
    if entry is None:
        return _empty(column)
    if isinstance(entry, Mapping):
        raise Unreadable(_("Enter a whole number.") if entry.get("reason") == "whole" else _("Enter a number."))
    if column.type == "category":
        if not isinstance(entry, str) or entry not in {code.code for code in column.codes}:
            raise Unreadable(_("Choose from the list."))
        return entry
    if not is_number(entry):
        raise Unreadable(_("Enter a number."))
    return entry if entry == column.sentinel else _within(column, entry)


def is_number(entry: object) -> TypeGuard[float | int]:
    """Whether an entry is a number that can be worked with."""
    return isinstance(entry, int | float) and not isinstance(entry, bool) and -_largest < entry < _largest


def read(column: Column, text: object) -> Value:
    """The raw value that text stands for, as a reader of the present language types it.

    Returns:
        a number, a code, the column's "not applicable" value, or None where it is left empty and may be missing.

    Raises:
        Unreadable: where it is not a number, out of bounds, or empty though needed.
    """
    typed = str(text if text is not None else "").strip()
    if not typed:
        return _empty(column)
    if column.type == "category":
        return accepted(column, typed)
    number = _number(typed, language())
    if column.name in whole_years and number != int(number):
        raise Unreadable(_("Enter a whole number."))
    return accepted(column, -math.ceil(number * days_per_year) if column.unit == "days" else number)


def typed(number: float) -> str:
    """A number of a field as the reader of the present language types it, with all of its decimals."""
    return str(format_decimal(number, format="#,##0.###############", locale=language()))


def number(text: str) -> float | None:
    """A number as a reader types it; None where it is none."""
    try:
        return _number(text.strip(), language())
    except Unreadable:
        return None


def unit(column: Column) -> str:
    """What stands after the field: a currency sign, `years`, or nothing."""
    if column.unit == "currency":
        return str(get_currency_symbol(settings().currency, locale=language()))
    return {"days": _("years"), "years": _("years"), "months": _("months")}.get(column.unit, "")


def is_needed(column: Column) -> bool:
    """Whether the field must be filled in before an application can be decided."""
    return not column.nullable and column.sentinel is None


def described(column: Column, value: Value) -> str:
    """The value with its unit, as a sentence shows it: `12 346 €`, `44 ans`, `Marié`."""
    if value is None:
        return _("not stated")
    if value == column.sentinel:
        return _("not applicable")
    if isinstance(value, str):
        return column.code_label(value, language())
    if column.unit == "currency":
        return format_amount(value, language())
    if column.unit in ("days", "years"):
        years = _from_raw(column, value)
        return plural("{number} year", "{number} years", math.ceil(years), number=_in_language(column, years))
    return _in_language(column, _from_raw(column, value))


def _empty(column: Column) -> Value:
    if column.sentinel is not None:
        return column.sentinel
    if column.nullable:
        return None
    raise Unreadable(_("This field is needed."))


def _number(typed: str, lang: Language) -> float:
    plain = typed.translate(_spaces).replace("−", "-").rstrip("€$£%")
    # A comma is the decimal sign in French, and only groups digits in English.
    plain = plain.replace(",", "." if lang == "fr" else "")
    try:
        number = float(plain)
    except ValueError:
        raise Unreadable(_("Enter a number.")) from None
    if not math.isfinite(number):
        raise Unreadable(_("Enter a number."))
    return number


def _within(column: Column, raw: float) -> float | int:
    low, high = _bounds(column)
    # Time after the application is none before it.
    number = -raw if column.unit == "days" and raw > 0 else _from_raw(column, raw)
    if (low is not None and number < low) or (high is not None and number > high):
        raise Unreadable(_expected(column, low, high))
    if column.type != "real" and raw != int(raw):
        raise Unreadable(_("Enter a whole number."))
    # A bound shown rounded is still allowed.
    if column.minimum is not None:
        raw = max(raw, column.minimum)
    if column.maximum is not None and column.maximum != column.sentinel:
        raw = min(raw, column.maximum)
    return int(raw) if column.type != "real" else float(raw)


def _bounds(column: Column) -> tuple[float | None, float | None]:
    raw = column.minimum, column.maximum if column.maximum != column.sentinel else None
    if column.unit == "days":
        longest, shortest = (None if bound is None else _from_raw(column, bound) for bound in raw)
        return shortest or 0.0, longest
    if column.unit == "score":
        return 0.0, 1.0
    return raw


def _expected(column: Column, low: float | None, high: float | None) -> str:
    def said(number: float) -> str:
        return f"{_in_language(column, number)}\u00a0{unit(column)}".strip()

    if low is None:
        return _("At most {high}.", high=said(high or 0))
    if high is None:
        return _("At least {low}.", low=said(low))
    return _("Between {low} and {high}.", low=said(low), high=said(high))


def _from_raw(column: Column, value: float) -> float:
    if column.unit != "days":
        return value
    years = abs(value) / days_per_year
    return float(math.floor(years)) if column.name in whole_years else math.floor(years * 10) / 10


def _in_language(column: Column, number: float) -> str:
    write = format_score if column.unit == "score" else format_number
    return write(number, language())
