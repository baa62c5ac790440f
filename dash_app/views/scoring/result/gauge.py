"""The gauge: a probability of default against the threshold, as a half circle drawn by the style sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dash import html

from core.text.formats import format_share
from dash_app.components.marks import aria
from dash_app.i18n import _, language
from dash_app.words import out_of_hundred, risk, threshold, verdict

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.words import ModelDecision

_step: Final = 0.05
# Where the label of the threshold stands: a little outside the circle, whose radius is 1.
_outside: Final = 1.13


@dataclass(frozen=True, slots=True)
class Scale:
    """How far each place is along the half circle, from 0 at its left end to 1 at its right end.

    Attributes:
        end: the probability at the right end.
        before: None where nothing was changed.
    """

    end: float
    value: float
    threshold: float
    before: float | None


def scale(decision: ModelDecision, before: ModelDecision | None = None) -> Scale:
    """Three thresholds long, or as far as the probabilities go, in steps of 5 %; at most to 100 %.

    Args:
        decision: what is shown.
        before: the decision before a simulated change.
    """
    highest = max(decision.probability, before.probability if before else 0.0)
    length = max(3 * decision.threshold, 1.1 * highest)
    end = min(max(math.ceil(round(length / _step, 6)) * _step, _step), 1.0)
    return Scale(
        end=end,
        value=decision.probability / end,
        threshold=min(decision.threshold / end, 1.0),
        before=before.probability / end if before else None,
    )


def gauge(decision: ModelDecision, before: ModelDecision | None = None) -> Component:
    """The half circle: the share below the threshold, the share above it, the client's place, and the place before."""
    places = scale(decision, before)
    angle = math.pi * places.threshold
    label = {
        # In shares of the width, whose middle is the centre, and of the height, whose foot it is.
        "left": f"{50 - 50 * _outside * math.cos(angle):.2f}%",
        "bottom": f"{100 * _outside * math.sin(angle):.2f}%",
    }
    marks = [html.Span(className="gauge-mark", style={"--place": f"{places.threshold:.4f}"})]
    if places.before is not None:
        marks.append(html.Span(className="gauge-mark gauge-before", style={"--place": f"{places.before:.4f}"}))
    dial = html.Div(
        [
            html.Span(className="gauge-track"),
            html.Span(className="gauge-bar"),
            *marks,
            html.Span(threshold(decision, before), className="gauge-threshold", style=label),
            html.Span(format_share(0, language()), className="gauge-end"),
            html.Span(format_share(places.end, language()), className="gauge-end is-last"),
            html.Strong(out_of_hundred(decision.probability), className="gauge-value"),
        ],
        className="gauge",
        style={"--value": f"{places.value:.4f}", "--threshold": f"{places.threshold:.4f}"},
    )
    under = _("risk of default: {probability}", probability=risk(decision, before))
    return html.Div(
        [dial, html.Span(under, className="gauge-under")], role="img", **aria(label=gauge_text(decision, before))
    )


def gauge_text(decision: ModelDecision, before: ModelDecision | None = None) -> str:
    """What the gauge says, for those who do not see it."""
    text = _(
        "Gauge: the risk of default is {risk} ({probability}); a credit is refused from {threshold}. {verdict}.",
        risk=out_of_hundred(decision.probability),
        probability=risk(decision, before),
        threshold=threshold(decision, before),
        verdict=verdict(decision.decision),
    )
    if before is None:
        return text
    then = _("Before the change: {probability}.", probability=risk(before, decision))
    return f"{text} {then}"
