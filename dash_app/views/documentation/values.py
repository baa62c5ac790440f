"""Measurements of the model, as a reader of either language would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.ages import age_band, age_bands
from core.text.decimals import format_decimal
from core.text.formats import format_number, format_probability, format_share
from dash_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.model import IntervalAnswer, SegmentAnswer

gender: Final = "CODE_GENDER"
_locales: Final = {"fr": "fr_FR", "en": "en_US"}


def decimals(number: float, places: int) -> str:
    """A number with so many decimals: `0,800`."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(number, format=pattern, locale=_locales[language()]))


def signed(number: float, places: int) -> str:
    """A number with its sign: `+0,001`."""
    pattern = f"+0.{'0' * places};-0.{'0' * places}"
    return str(format_decimal(number, format=pattern, locale=_locales[language()])).replace("-", "\N{MINUS SIGN}")


def interval(of: IntervalAnswer, places: int) -> str:
    """`0,797 à 0,802`."""
    return _("{low} to {high}", low=decimals(of.low, places), high=decimals(of.high, places))


def estimate(of: IntervalAnswer, places: int) -> str:
    """`0,871 (0,867 à 0,876)`."""
    return f"{decimals(of.estimate, places)} ({interval(of, places)})"


def rate(share: float) -> str:
    """A share to a tenth of a percent."""
    return format_probability(share, language())


def share(part: float) -> str:
    """A share, to whole percents above ten."""
    return format_share(part, language())


def count(number: int) -> str:
    """A number of applications."""
    return format_number(number, language())


def dimension_name(dimension: str) -> str:
    """What a set of segments is cut by."""
    if dimension == age_band:
        return _("Age")
    return catalogue.column(dimension).label(language())


def segment_name(of: SegmentAnswer) -> str:
    """What a segment is called: `Femme`, `30 à 39 ans`."""
    if of.dimension != age_band:
        return catalogue.column(of.dimension).code_label(of.value, language())
    if of.value.startswith("<"):
        return _("Under {age}", age=of.value.removeprefix("< "))
    if of.value.startswith(">="):
        return _("{age} and over", age=of.value.removeprefix(">= "))
    low, _hyphen, high = of.value.partition("-")
    return _("{low} to {high} years", low=low, high=high)


def dimensions(segments: Sequence[SegmentAnswer]) -> dict[str, list[SegmentAnswer]]:
    """The segments by what they are cut by: gender and age, which the law protects, first; ages ascending."""
    order = (gender, age_band)
    names = sorted({segment.dimension for segment in segments}, key=lambda name: (name not in order, name))
    by_dimension = {name: [segment for segment in segments if segment.dimension == name] for name in names}
    if age_band in by_dimension:
        by_dimension[age_band].sort(key=lambda segment: _place(segment.value))
    return by_dimension


def _place(band: str) -> int:
    return age_bands.index(band) if band in age_bands else len(age_bands)


def min_ratio(segments: Sequence[SegmentAnswer]) -> float:
    """The lowest approval rate divided by the highest: 1 where all are approved alike."""
    rates = [segment.approval_rate for segment in segments]
    return min(rates) / max(rates) if max(rates) else 1.0
