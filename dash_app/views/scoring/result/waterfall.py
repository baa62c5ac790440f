"""The waterfall of reasons: from the middle of the model's scale to a client's risk, in probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.text.formats import format_points, format_probability
from dash_app.components.marks import aria, skeleton, unseen
from dash_app.i18n import _, language
from dash_app.views.comparison.controls import segmented
from dash_app.views.scoring import ids
from dash_app.words import risk, threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dash.development.base_component import Component

    from dash_app.service import Assessment

_shown: Final = 10
# Less than this is no point when it is written.
_visible: Final = 0.0005
# Less than this, in log-odds, moves no probability that anyone could read.
_nothing: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way.

    Attributes:
        label: the reason or the variable, as the reader knows it.
        value: what the client has there; empty for a reason.
        before, after: the probability of default before and after the step.
    """

    label: str
    value: str
    before: float
    after: float

    @property
    def raises(self) -> bool:
        """Whether the risk is higher after it."""
        return self.after > self.before


def by_variable(assessment: Assessment) -> tuple[Step, ...]:
    """The strongest reasons, the strongest first, then all others in one step."""
    shown = assessment.top_features[:_shown]
    return _steps(assessment, ((reason.label, reason.value_text, reason.contribution) for reason in shown))


def by_reason(assessment: Assessment) -> tuple[Step, ...]:
    """The concepts that reasons are about, the strongest first, then all others in one step."""
    return _steps(assessment, ((concept.label, "", concept.contribution) for concept in assessment.concepts[:_shown]))


def start(assessment: Assessment) -> float:
    """The base value of every explanation as a probability: the mean of log-odds, which is no rate."""
    return _probability(assessment.base_value)


def frame() -> Component:
    """The card with its switch; `waterfall` fills it."""
    switch = segmented(
        _("Shown"),
        ids.waterfall_view,
        [("reason", _("By reason")), ("variable", _("By variable"))],
        "reason",
        class_name="is-bare",
    )
    title = _("From the middle of the scale to this client")
    return html.Section(
        [
            html.Div([html.H2(title), switch], className="card-head"),
            html.Div(
                [html.Div(id=ids.waterfall), skeleton("100%", "70%", "80%", "60%", "90%", class_name="skeleton-rows")],
                className="filled",
            ),
        ],
        className="card card-flush waterfall",
        **aria(label=title),
    )


def waterfall(assessment: Assessment) -> list[Component]:
    """What it says, then the steps as tables whose rows are bars: by reason and by variable, one of them seen."""
    steps = by_reason(assessment)
    return [
        html.P(said(assessment, steps), className="waterfall-said"),
        _table(assessment, steps, _("Reason"), "by-reason"),
        _table(assessment, by_variable(assessment), _("Variable"), "by-variable"),
        html.P(
            [
                html.Span(className="key-threshold", **aria(hidden="true")),
                _("Threshold: {threshold}", threshold=threshold(assessment)),
            ],
            className="waterfall-key",
        ),
        html.P(
            _(
                "The steps begin at the mean of the log-odds of the clients that the model learned from. As a"
                " probability it lies below their mean risk, which a few high risks pull up."
            ),
            className="waterfall-key muted",
        ),
    ]


def said(assessment: Assessment, steps: Sequence[Step]) -> str:
    """The message in one or two sentences: where it begins and ends, and what moves the risk most each way."""
    lang = language()
    way = _(
        "The steps begin at {start}, the middle of the model’s scale, which is no rate of default; here they end at"
        " {risk}.",
        start=format_probability(start(assessment), lang),
        risk=risk(assessment),
    )
    strongest = sorted(steps, key=lambda step: step.after - step.before)
    lowers = next((step for step in strongest if step.after - step.before < -_visible), None)
    raises = next((step for step in reversed(strongest) if step.after - step.before > _visible), None)
    sentences = [way]
    if raises:
        sentences.append(_("What raises it most: {raises} ({more}).", raises=raises.label.lower(), more=effect(raises)))
    if lowers:
        sentences.append(_("What lowers it most: {lowers} ({less}).", lowers=lowers.label.lower(), less=effect(lowers)))
    return " ".join(sentences)


def effect(step: Step) -> str:
    """What a step does, with its sign: `+2,1 points`."""
    change = step.after - step.before
    if abs(change) < _visible:
        return _("no effect")
    return f"{'+' if change > 0 else '−'}{format_points(change, language())}"


def _steps(assessment: Assessment, weights: Iterable[tuple[str, str, float]]) -> tuple[Step, ...]:
    level = assessment.base_value
    steps = []
    for label, value, weight in weights:
        steps.append(Step(label, value, _probability(level), _probability(level + weight)))
        level += weight
    if abs(_log_odds(assessment.probability) - level) > _nothing:
        steps.append(Step(_("All others"), "", _probability(level), assessment.probability))
    return tuple(steps)


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))


def _table(assessment: Assessment, steps: Sequence[Step], name: str, class_name: str) -> Component:
    first, last, lang = start(assessment), assessment.probability, language()
    end = max(assessment.threshold, last, first, *(step.after for step in steps)) * 1.03
    # The room to draw in, in shares of its width.
    scale = {"--threshold": f"{assessment.threshold / end:.2%}"}
    head = html.Thead(
        html.Tr(
            [
                html.Th(name, scope="col"),
                html.Th(unseen(_("Shown as a bar")), scope="col", **aria(hidden="true")),
                html.Th(_("Effect"), scope="col", className="number"),
                html.Th(_("Risk after"), scope="col", className="number after"),
            ]
        )
    )
    against = bool(assessment.prediction)
    rows = [
        _row(
            _("Middle of the model’s scale"), "", (0.0, first), "step-start", "", format_probability(first, lang), end
        ),
        *(
            _row(
                step.label,
                step.value,
                (step.before, step.after),
                "is-against" if step.raises else "is-for",
                effect(step),
                format_probability(step.after, lang, assessment.threshold),
                end,
            )
            for step in steps
        ),
        _row(
            _("Risk of this client"),
            "",
            (0.0, last),
            "step-end is-against" if against else "step-end is-for",
            "",
            risk(assessment),
            end,
        ),
    ]
    caption = html.Caption(_("The way to the risk, step by step"), className="unseen")
    return html.Table([caption, head, html.Tbody(rows)], className=f"steps {class_name}", style=scale)


def _row(
    label: str, value: str, ends: tuple[float, float], tone: str, change: str, after: str, end: float
) -> Component:
    low, high = min(ends), max(ends)
    place = {
        "--from": f"{low / end:.2%}",
        "--to": f"{high / end:.2%}",
        "--after": f"{ends[1] / end:.2%}",
    }
    words: list[Any] = [html.Span(label, className="step-label")]
    if value:
        words.append(html.Span(value, className="step-value"))
    return html.Tr(
        [
            html.Th(words, scope="row"),
            html.Td(html.Span(className="step-bar"), className="step-track", style=place, **aria(hidden="true")),
            html.Td(change, className="number step-effect"),
            html.Td(after, className="number after"),
        ],
        className=tone,
    )
