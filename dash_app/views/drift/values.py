"""The sides, levels, groups and figures of a drift report, as a reader of either language would write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.ages import age_band, days_per_year
from core.drift.report import labels
from core.drift.report.labels import column_label, side_label, value_label
from core.settings import settings
from core.text.decimals import format_compact_currency, format_compact_decimal, format_decimal
from core.text.drift import word
from core.text.formats import format_number, format_probability, format_share, format_statistic
from dash_app.i18n import _, language

if TYPE_CHECKING:
    from core.drift.measures.measure import Level
    from core.drift.results.drift_report import Rule, Side
    from core.drift.verdict import Verdict

_min_p: Final = 0.001
_columns: Final = {"contract_type": "NAME_CONTRACT_TYPE", "income_type": "NAME_INCOME_TYPE", "gender": "CODE_GENDER"}
_locales: Final = {"fr": "fr_FR", "en": "en_US"}
# Told apart without colour.
marks: Final[dict[Level, str]] = {"stable": "○", "moderate": "◐", "major": "●"}


def said(key: str, **parts: str) -> str:
    """The words that the report as a file has for it, too."""
    return word(key, language(), **parts)


def label(name: str) -> str:
    """What a column is called."""
    return column_label(name, language())


def side(of: Side) -> str:
    """What a set of applications is called: `jeu de test`, `clients.csv`."""
    return side_label(of.name, language())


def rows(count: int) -> str:
    """So many applications, as a number."""
    return format_number(count, language())


def share(part: float | None) -> str:
    """A share of all columns or of the model's weight, to a whole percentage; a dash where there is none."""
    return "–" if part is None else format_share(part, language())


def rate(part: float | None) -> str:
    """A share of applications or a probability, to a tenth of a percent; a dash where there is none."""
    return "–" if part is None else format_probability(part, language())


def number(value: float | None) -> str:
    """A statistic; a dash where there is none."""
    return "–" if value is None else format_statistic(value, language())


def p_value(value: float | None) -> str:
    """A p-value, which is never said to be nothing."""
    return f"< {number(_min_p)}" if value is not None and value < _min_p else number(value)


def change(value: float) -> str:
    """A change of a statistic, with its sign."""
    rounded = round(value, 3)
    pattern = "0.000" if rounded == 0 else "+0.000;-0.000"
    return str(format_decimal(abs(rounded) if rounded == 0 else rounded, format=pattern, locale=_locales[language()]))


def measured(rule: Rule | str, value: float) -> str:
    """The value of a measure or a rule, as it is compared with its limits."""
    return labels.measured(rule, value, language())


def verdict_name(verdict: Verdict) -> str:
    """What a report comes to, in a word or two."""
    return {"stable": _("Stable"), "watch": _("Watch"), "alert": _("Alert")}[verdict]


def value(name: str, of: float) -> str:
    """A number of a column, with its unit."""
    return value_label(name, of, language())


def ticks(name: str, low: float, high: float, most: int = 5) -> tuple[list[float], list[str]]:
    """Round numbers of a column between two, `most` or so, and how they are written."""
    unit = _unit(name)
    scale = days_per_year if unit == "days" and high - low > 2 * days_per_year else 1.0
    step = _round_step((high - low) / scale / max(most - 1, 1)) * scale
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    by_text: dict[str, float] = {}
    for multiple in range(first, last + 1):
        by_text.setdefault(_tick(name, unit, round(multiple * step, 10)), round(multiple * step, 10))
    return list(by_text.values()), list(by_text)


def _tick(name: str, unit: str, of: float) -> str:
    locale = _locales[language()]
    if unit == "currency":
        currency = settings().currency
        return str(format_compact_currency(of, currency, locale=locale, fraction_digits=1))
    if unit in ("days", "share") or name == "probability":
        return value(name, of)
    if abs(of) >= 10_000:
        return str(format_compact_decimal(of, locale=locale, fraction_digits=1))
    return format_number(of, language())


def _unit(name: str) -> str:
    try:
        return catalogue.entry(name).unit
    except catalogue.UnknownEntry:
        return ""


def _round_step(width: float) -> float:
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width * 0.8)


def segment(dimension: str, value: str) -> str:
    """A segment of applicants: the label of a code, or an age band.

    Args:
        dimension: `contract_type`, `income_type`, `age_band` or `gender`.
    """
    if dimension == age_band:
        return _("{band} years old", band=value.replace("-", "–").replace(">=", "≥"))
    codes = catalogue.column(_columns[dimension]).codes
    return next((code.label(language()) for code in codes if code.code == value), value)


def within(value: float, low: float, high: float) -> str:
    """A rate with its interval."""
    return "{} [{} – {}]".format(*(format_probability(rate, language()) for rate in (value, low, high)))
