"""The query of a new comparison, read from its controls: which applications, of which period, with which limits."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import Thresholds
from core.text.decimals import format_decimal
from dash_app.i18n import _, language
from dash_app.service.drift import Asked
from dash_app.views.drift.values import said

if TYPE_CHECKING:
    from collections.abc import Mapping

# Days of live traffic that can be chosen at once; `other` is a period of the reader's own, `before` the one before.
days: Final = (1, 7, 30, 90)
other: Final = "other"
before: Final = "before"
live: Final = "live"


class Unclear(ValueError):
    """A control says nothing that can be compared; the message is for the reader."""


def from_controls(
    reference: str | None,
    current: str | None,
    period: tuple[str, str | None, str | None],
    reference_period: tuple[str, str | None, str | None],
    limits: Mapping[tuple[str, str], object],
    now: datetime,
) -> Asked:
    """What is to be compared.

    Args:
        reference, current: as the controls name them.
        period, reference_period: of live traffic: a number of days, `other` or (for the reference) `before`; the first
            and the last day of another one, ISO 8601.
        limits: by name of the threshold and bound, what was typed.
        now: where periods end that are counted in days.

    Raises:
        Unclear: something is missing, or is no day and no number.
    """
    if not reference or not current:
        raise Unclear(_("Choose what to compare with what."))
    if reference == current != live:
        raise Unclear(_("Both sides are the same. Choose another one."))
    since, until = (None, None) if current != live else _period(period, now)
    was_since, was_until = None, None
    if reference == live:
        if reference_period[0] == before and since is not None and until is not None:
            was_since, was_until = since - (until - since), since
        elif reference_period[0] == before:
            raise Unclear(_("“The period before” needs live traffic to compare. Choose another period."))
        else:
            was_since, was_until = _period(reference_period, now)
    return Asked(reference, current, since, until, was_since, was_until, thresholds(limits))


def thresholds(typed: Mapping[tuple[str, str], object]) -> dict[str, tuple[float, float] | float]:
    """The thresholds that differ from the usual ones.

    Args:
        typed: by name and bound; what is a probability has the bound `moderate` alone.

    Raises:
        Unclear: something is no number from 0 on, or the two are in the wrong order.
    """
    usual, limits = Thresholds(), dict[str, tuple[float, float] | float]()
    for field in fields(usual):
        known = getattr(usual, field.name)
        if not isinstance(known, Limits):
            significance = _number(field.name, typed.get((field.name, "moderate")), known)
            if significance > 1:
                raise Unclear(_("{name}: expected a number from 0 to 1.", name=said(field.name)))
            limits[field.name] = significance
            continue
        low = _number(field.name, typed.get((field.name, "moderate")), known.moderate)
        high = _number(field.name, typed.get((field.name, "major")), known.major)
        if low > high:
            raise Unclear(_("{name}: “moderate” must not be above “major”.", name=said(field.name)))
        limits[field.name] = (low, high)
    standard = {
        field.name: (known.moderate, known.major) if isinstance(known := getattr(usual, field.name), Limits) else known
        for field in fields(usual)
    }
    return {name: limit for name, limit in limits.items() if limit != standard[name]}


def written(limit: float) -> str:
    """A limit as the reader of the present language types it, with all of its decimals."""
    return str(format_decimal(limit, format="0.###############", locale=language()))


def _number(name: str, typed: object, usual: float) -> float:
    text = str(typed if typed is not None else "").strip()
    if not text:
        return usual
    try:
        # No limit is so large that a comma would group its digits.
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise Unclear(_("{name}: expected a number of 0 or more.", name=said(name)))
    return number


def _period(controls: tuple[str, str | None, str | None], now: datetime) -> tuple[datetime, datetime]:
    chosen, first, last = controls
    if chosen != other:
        return now - timedelta(days=int(chosen)), now
    try:
        begin, end = (date.fromisoformat(day or "") for day in (first, last))
    except ValueError:
        raise Unclear(_("Give the first and the last day of the period.")) from None
    if end < begin:
        raise Unclear(_("The period ends before it begins."))
    return datetime.combine(begin, time(), UTC), datetime.combine(end, time(), UTC) + timedelta(days=1)
