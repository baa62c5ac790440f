"""Formats of values in either language: amounts, shares, durations, dates, codes."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.dates import format_datetime

from core.catalogue import Column, Language
from core.catalogue.ages import days_per_month, days_per_year
from core.settings import settings
from core.text.decimals import format_currency, format_decimal, format_percent, format_unit
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Entry
    from core.decision import Value

# Below this many months a duration is said in months, above in years.
_months_said_as_months: Final = 24
_french_plural: Final = 2
# Two probabilities that a computer tells apart differ in one of these decimals of a percentage, unless both are next to
# nothing.
_max_decimals: Final = 18
_max_kept: Final = 4096


def format_value(entry: Entry, value: Value, lang: Language) -> str:
    """A value of a column or feature, with its unit, as a sentence would have it.

    Missing values, codes, flags and the "not applicable" sentinel come out as words; days before the application as
    an age or a duration.
    """
    if value is None:
        return message("not_stated", lang)
    if isinstance(value, str):
        return entry.code_label(value, lang) if isinstance(entry, Column) else value
    if isinstance(entry, Column):
        if entry.type == "flag":
            return message("yes" if value else "no", lang)
        if entry.type == "id":
            return f"{_completed(value):.0f}"
        if entry.sentinel is not None and value == entry.sentinel:
            return message("not_applicable", lang)
    return _with_unit(value, entry.unit, lang)


def format_amount(amount: float, lang: Language) -> str:
    r"""An amount in the bank's currency, without cents from 1,000 on.

    >>> format_amount(12345.6, "en"), format_amount(12345.6, "fr")
    ('€12,346', '12\u202f346\xa0€')
    """
    return _amount(_unsigned_zero(amount), settings().currency, lang)


def format_number(number: float, lang: Language) -> str:
    """A number with as many decimals as it needs, two at most."""
    return format_decimal(number, format="#,##0.##", locale=_locale(lang))


def format_score(score: float, lang: Language) -> str:
    """A score from 0 to 1, with two decimals."""
    return format_decimal(score, format="0.00", locale=_locale(lang))


def format_share(share: float, lang: Language) -> str:
    """A share as a percentage: one decimal below 10 %, none above."""
    pattern = {"fr": "#,##0{}\u00a0%", "en": "#,##0{}%"}[lang]
    return format_percent(share, format=pattern.format(".#" if abs(share) < 0.0995 else ""), locale=_locale(lang))


def format_probability(probability: float, lang: Language, *beside: float) -> str:
    """A probability as a percentage with one decimal: `7,3 %`, `7.3%`.

    Args:
        probability: 0 to 1.
        beside: what it is read beside: the threshold, or the probability before a change. Where one of them differs and
            would yet read alike, there are as many decimals as it takes to tell them apart: nobody is refused at 8.9 %
            because the limit is 8.9 %. Rounding keeps the order, so the greater one reads as the greater.

    >>> format_probability(0.0731, "en"), format_probability(0.0891, "en", 0.0889)
    ('7.3%', '8.91%')
    """
    others = [other for other in beside if other != probability]
    written = ""
    for decimals in range(1, _max_decimals + 1):
        written = _percentage(probability, decimals, lang)
        if all(_percentage(other, decimals, lang) != written for other in others):
            break
    return written


def format_points(difference: float, lang: Language) -> str:
    """A difference of probabilities in percentage points, without its sign: `1,3 point`, `1.3 points`."""
    points = round(abs(difference) * 100, 1)
    written = format_decimal(points, format="#,##0.0", locale=_locale(lang))
    # In French the plural begins at two.
    several = points >= _french_plural if lang == "fr" else points != 1
    return message("points" if several else "point", lang, count=written)


def format_ratio(ratio: float, lang: Language) -> str:
    """A ratio of two amounts, with two decimals."""
    return format_decimal(ratio, format="#,##0.00", locale=_locale(lang))


def format_statistic(statistic: float, lang: Language) -> str:
    """A statistic without a unit, with three decimals; one too small to be seen as `< 0.001`."""
    least = format_decimal(0.001, format="0.000", locale=_locale(lang))
    if 0 < abs(statistic) < 0.0005:
        return f"< {least}" if statistic > 0 else f"> -{least}"
    return format_decimal(statistic, format="#,##0.000", locale=_locale(lang))


def format_days(days: float, lang: Language) -> str:
    """A number of days, of either sign, as a duration: days below two months, months below two years, else years."""
    length = abs(days)
    if length < 2 * days_per_month:
        return _unit(_whole(length), "duration-day", lang)
    if length < _months_said_as_months * days_per_month:
        return _unit(_whole(length / days_per_month), "duration-month", lang)
    return _unit(_completed(length / days_per_year), "duration-year", lang)


def format_months(months: float, lang: Language) -> str:
    """A number of months, of either sign, as a duration."""
    return _unit(_whole(abs(months)), "duration-month", lang)


def format_years(years: float, lang: Language) -> str:
    """A number of years as a duration."""
    return _unit(_whole(years), "duration-year", lang)


def format_hour(hour: float, lang: Language) -> str:
    """An hour of the day: `10 h`, `10:00`."""
    pattern = {"fr": "0 'h'", "en": "00':00'"}[lang]
    return format_decimal(_completed(hour), format=pattern, locale=_locale(lang))


def format_date(moment: str | datetime, lang: Language) -> str:
    """A date, given as ISO 8601 or as a datetime, in words: `23 novembre 2026`, `November 23, 2026`."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return format_datetime(moment, {"fr": "d MMMM y", "en": "MMMM d, y"}[lang], locale=_locale(lang))


def format_moment(moment: str | datetime, lang: Language) -> str:
    """A date with its time of day, as UTC: `23 novembre 2026, 14:05 UTC`, `November 23, 2026, 14:05 UTC`."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    pattern = {"fr": "d MMMM y, HH:mm 'UTC'", "en": "MMMM d, y, HH:mm 'UTC'"}[lang]
    return format_datetime(moment, pattern, tzinfo=UTC, locale=_locale(lang))


def _percentage(share: float, decimals: int, lang: Language) -> str:
    pattern = {"fr": "0.{}\u00a0%", "en": "0.{}%"}[lang].format("0" * decimals)
    return format_percent(share, format=pattern, locale=_locale(lang))


def _with_unit(value: float, unit: str, lang: Language) -> str:
    if unit == "currency":
        return format_amount(value, lang)
    return _number_with_unit(_unsigned_zero(value), unit, lang)


def _unsigned_zero(number: float) -> float:
    """The number; 0 for -0, which is the same key of what is kept, and is written otherwise."""
    return number + 0.0 if isinstance(number, float) else number


# Kept: round amounts, ages and durations are those of many clients, and Babel takes 15 us for each. With the type: a
# whole number and a float are the same key otherwise, and so would be what each is written as.
@lru_cache(maxsize=_max_kept, typed=True)
def _number_with_unit(value: float, unit: str, lang: Language) -> str:
    return _formatters.get(unit, format_number)(value, lang)


@lru_cache(maxsize=_max_kept, typed=True)
def _amount(amount: float, currency: str, lang: Language) -> str:
    digits = 0 if abs(amount) >= 1000 else 2
    pattern = {"fr": "#,##0{}\u00a0¤", "en": "¤#,##0{}"}[lang].format(".00" if digits else "")
    return format_currency(amount, currency, format=pattern, locale=_locale(lang))


def _unit(number: float, unit: str, lang: Language) -> str:
    return format_unit(number, unit, locale=_locale(lang))


def _whole(number: float) -> float:
    """To the nearest whole number, infinity as it is."""
    return float(round(number)) if math.isfinite(number) else number


def _completed(number: float) -> float:
    """Without its fraction, infinity as it is."""
    return float(math.trunc(number)) if math.isfinite(number) else number


@cache
def _locale(lang: Language) -> Locale:
    return Locale.parse({"fr": "fr_FR", "en": "en_US"}[lang])


_formatters: Final = {
    "share": format_share,
    "score": format_score,
    "ratio": format_ratio,
    "days": format_days,
    "months": format_months,
    "years": format_years,
    "hour": format_hour,
}
