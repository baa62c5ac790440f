"""The banner: who agrees with everything, and which group is overruled more than another, with the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.decision import refused
from core.text.decimals import format_decimal
from core.text.formats import format_number, format_probability
from dash_app.components.marks import notice
from dash_app.i18n import _, language
from dash_app.views.drift.values import segment, within

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.overrides import OverrideAlarm


def alarm(found: OverrideAlarm) -> Component:
    """What stands out, with its figures, and what may be done."""
    if found.kind == "overrules_one_group":
        advice = _("That may have its reasons. Read some of these files before you conclude.")
        return notice(_overruled(found), f"{_chance(found)} {advice}")
    advice = _("Perhaps the model alone decides there: see whether the files are looked at.")
    if found.kind == "nobody_overrules" or found.expected is None:
        title = _(
            "No officer has decided otherwise than the model, on {count} decisions.", count=_count(found.decisions)
        )
        return notice(title, advice)
    expected = _(
        "At the rates of all officers together, {expected} decisions otherwise than the model were to be expected.",
        expected=format_decimal(found.expected, format="0.0", locale=language()),
    )
    title = _("{officer} has confirmed each of {count} decisions.", officer=found.value, count=_count(found.decisions))
    return notice(title, f"{expected} {_chance(found)} {advice}")


def _overruled(found: OverrideAlarm) -> str:
    figures = {
        "group": segment(found.dimension, found.value),
        "rate": within(found.rate, found.rate_low, found.rate_high),
        "count": _count(found.decisions),
        "others": _rate(found.others_rate or 0.0),
        "rest": _count(found.others_decisions),
    }
    if found.model_decision == refused:
        return _(
            "{group}: of {count} whom the model refuses, officers accept {rate}; of {rest} others, {others}.", **figures
        )
    return _(
        "{group}: of {count} whom the model accepts, officers refuse {rate}; of {rest} others, {others}.", **figures
    )


def _chance(found: OverrideAlarm) -> str:
    """How seldom it would be so by chance."""
    if not found.p_value or found.p_value < 1e-6:
        return _("By chance, that would happen less than once in a million times.")
    times = 10 ** (len(str(int(1 / found.p_value))) - 1)
    return _("By chance, that would happen less than once in {times} times.", times=_count(times))


def _rate(value: float) -> str:
    return format_probability(value, language())


def _count(value: int) -> str:
    return format_number(value, language())
