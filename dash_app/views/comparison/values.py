"""Values, statistics and axes of a comparison, as a reader of either language would write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from core.catalogue.ages import days_per_year
from core.comparison.comparison_columns import axis
from core.settings import settings
from core.text.decimals import format_compact_currency, format_compact_decimal, format_decimal
from core.text.formats import format_number, format_share, format_value
from dash_app.i18n import _, language, plural

if TYPE_CHECKING:
    from core.comparison.choice import Group

# Shares, scores and ratios are read to two decimals, everything else to one; amounts without cents.
_highest: Final = 0.99
_two_decimals: Final = frozenset({"score", "ratio", "index", ""})
_locales: Final = {"fr": "fr_FR", "en": "en_US"}


def label(name: str) -> str:
    """What a column or feature is called."""
    return axis(name).entry.label(language())


def written(name: str, value: float | str | None) -> str:
    """A value of one client, as sentences show it: `12 346 €`, `44 ans`, `Marié`, `non renseigné`."""
    place = axis(name)
    if value is None:
        return _("not stated")
    if place.categorical:
        flag = place.codes == ("0", "1")
        return format_value(place.entry, int(value) if flag else value, language())
    if place.unit == "years" and place.entry.unit == "days":
        # Back to days before the application, which a short time is said in.
        return format_value(place.entry, -float(value) * days_per_year, language())
    return format_value(place.entry, value, language())


def statistic(name: str, number: float | None) -> str:
    """A mean or a quantile, in the unit of the axis: `43,6 ans`; a dash where there is none."""
    if number is None:
        return "—"
    place, lang = axis(name), language()
    if place.unit == "years":
        text = format_decimal(number, format="#,##0.0", locale=_locales[lang])
        # A number with decimals is plural from two on in French, unless it is one in English.
        return plural("{number} year", "{number} years", math.ceil(number), number=text)
    if place.unit in ("count", "days", "months", "hour"):
        return format_number(round(number, 1), lang)
    if place.unit in _two_decimals:
        return format_decimal(number, format="#,##0.00", locale=_locales[lang])
    return format_value(place.entry, number, lang)


def row_title(name: str) -> str:
    """A column or feature with its unit, where its statistics do not say it."""
    return label(name) if axis(name).unit == "years" else axis_title(name)


def share(part: float | None) -> str:
    """A share as a percentage; a dash where there is none."""
    return "—" if part is None else format_share(part, language())


def people(count: int) -> str:
    """So many clients: `1 234 clients`."""
    return plural("{number} client", "{number} clients", count, number=format_number(count, language()))


def percentile(part: float | None) -> str:
    """A percentile as a percentage; never the whole, since nobody is above everybody."""
    return _("over {share}", share=share(_highest)) if part is not None and part > _highest else share(part)


def axis_title(name: str) -> str:
    """A column or feature with its unit, where its ticks do not say it."""
    unit = {
        "years": _("years"),
        "months": _("months"),
        "days": _("days"),
    }.get(axis(name).unit)
    return f"{label(name)} ({unit})" if unit else label(name)


def tick(name: str, number: float) -> str:
    """A number along an axis, as short as it can be: `500 k €`, `20 %`, `0,4`."""
    place, lang = axis(name), language()
    if place.unit == "currency":
        return format_compact_currency(number, settings().currency, locale=_locales[lang], fraction_digits=1)
    if place.unit == "share":
        return format_share(number, lang)
    if abs(number) >= 10_000:
        return str(format_compact_decimal(number, locale=_locales[lang], fraction_digits=1))
    return format_number(number, lang)


def ticks(name: str, low: float, high: float, most: int = 6) -> tuple[list[float], list[str]]:
    """Round numbers between two, `most` at most, and how they are written."""
    step = _round_step((high - low) / max(most - 1, 1), whole=axis(name).unit in ("count", "hour"))
    first = math.ceil(low / step - 1e-9)
    values = [round(multiple * step, 10) for multiple in range(first, math.floor(high / step + 1e-9) + 1)]
    return values, [tick(name, value) for value in values]


def share_ticks(high: float, most: int = 5) -> tuple[list[float], list[str]]:
    """Round shares from nothing up to `high`, and how they are written."""
    step = _round_step(max(high, 1e-4) / max(most - 1, 1), whole=False)
    values = [round(multiple * step, 10) for multiple in range(math.floor(high / step + 1e-9) + 1)]
    return values, [format_share(value, language()) for value in values]


def group_name(group: Group) -> str:
    """A population, as the control names it."""
    return {
        "all": _("All clients"),
        "accepted": _("Accepted clients"),
        "refused": _("Refused clients"),
        "similar": _("Similar clients"),
    }[group]


def of_group(group: Group) -> str:
    """A population within a sentence: `more than 85 % of similar clients`."""
    return {
        "all": _("clients"),
        "accepted": _("accepted clients"),
        "refused": _("refused clients"),
        "similar": _("similar clients"),
    }[group]


def _round_step(width: float, *, whole: bool) -> float:
    if width <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(width))
    # A step that is nearly as wide as wanted is round enough; the next one would leave too few ticks.
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width * 0.8)
    return max(float(math.ceil(step)), 1.0) if whole else step
