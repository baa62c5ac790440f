"""The gauge: a probability of default against the threshold, with its message in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from core.formats import format_probability
from dash_app.i18n import _, language
from dash_app.words import out_of_hundred, verdict

if TYPE_CHECKING:
    from core.decision import Decision
    from dash_app.theme import Theme

_height = 190
_tick_step = 0.05


def gauge(decision: Decision, theme: Theme, before: Decision | None = None) -> go.Figure:
    """A half circle: the share below the threshold, the share above it, the client's place, and the place before.

    Args:
        decision: what is shown by the bar.
        before: the decision before a simulated change, shown as a thin mark.
    """
    end = _scale_end(decision, before)
    at = decision.threshold
    against = bool(decision.prediction)
    steps = [
        {"range": [0, at], "color": theme.supports_soft},
        {"range": [at, end], "color": theme.against_soft},
    ]
    if before is not None:
        half = end / 220
        steps.append({"range": [before.probability - half, before.probability + half], "color": theme.line_strong})
    lang = language()
    figure = go.Figure(
        go.Indicator(
            mode="gauge",
            value=decision.probability,
            domain={"x": [0, 1], "y": [0, 1]},
            gauge={
                "shape": "angular",
                "axis": {
                    "range": [0, end],
                    "tickmode": "array",
                    "tickvals": [at],
                    "ticktext": [format_probability(at, lang)],
                    "tickfont": {"size": 12, "color": theme.ink_muted},
                    "tickwidth": 0,
                    "ticklen": 3,
                    "tickcolor": theme.line_strong,
                },
                "bar": {"color": theme.against if against else theme.supports, "thickness": 0.58},
                "bgcolor": theme.sunken,
                "borderwidth": 0,
                "steps": steps,
                "threshold": {"line": {"color": theme.ink, "width": 3}, "thickness": 1, "value": at},
            },
        )
    )
    figure.update_layout(
        height=_height,
        margin={"l": 36, "r": 36, "t": 24, "b": 6},
        paper_bgcolor="rgba(0,0,0,0)",
        font={"family": theme.font, "color": theme.ink},
        annotations=[
            _centred(f"<b>{out_of_hundred(decision.probability)}</b>", 0.22, 23, theme.ink),
            _centred(
                _("risk of default: {probability}", probability=format_probability(decision.probability, lang)),
                0.0,
                12,
                theme.ink_muted,
            ),
        ],
    )
    return figure


def gauge_text(decision: Decision, before: Decision | None = None) -> str:
    """What the gauge says, for those who do not see it."""
    lang = language()
    text = _(
        "Gauge: the risk of default is {risk} ({probability}); a credit is refused from {threshold}. {verdict}.",
        risk=out_of_hundred(decision.probability),
        probability=format_probability(decision.probability, lang),
        threshold=format_probability(decision.threshold, lang),
        verdict=verdict(decision.decision),
    )
    if before is None:
        return text
    then = _("Before the change: {probability}.", probability=format_probability(before.probability, lang))
    return f"{text} {then}"


def _centred(text: str, height: float, size: int, color: str) -> dict[str, object]:
    return {
        "text": text,
        "x": 0.5,
        "y": height,
        "xref": "paper",
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": size, "color": color},
    }


def _scale_end(decision: Decision, before: Decision | None) -> float:
    """The end of the scale: three thresholds, or as far as the probabilities go, in steps of 5 %."""
    highest = max(decision.probability, before.probability if before else 0.0)
    wanted = max(3 * decision.threshold, 1.1 * highest)
    return min(math.ceil(round(wanted / _tick_step, 6)) * _tick_step, 1.0)
