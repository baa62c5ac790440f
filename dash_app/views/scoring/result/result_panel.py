"""The result side of the Scoring page: the verdict, what a change does, and the reasons on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import html

from core import catalogue
from core.catalogue import UnknownEntry, concepts
from dash_app.components.marks import aria, data, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.scoring import text
from dash_app.views.scoring.result import information, referral
from dash_app.views.scoring.result.gauge import gauge
from dash_app.words import out_of_hundred, risk, risk_name, threshold, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.catalogue.concepts import Side
    from core.contract.prediction import ConceptContribution, FeatureContribution
    from dash_app.service import Assessment
    from dash_app.words import ModelDecision

_variables_a_reason = 4
# Of each side, on the first screen.
_main_reasons = 3


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One field that was changed: its name, and its value before and after, as sentences show them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What the page shows of an application.

    Attributes:
        now: the assessment of what the form says.
        before: the decision on the client as known; None where nothing is changed, and for a new application.
    """

    now: Assessment
    before: ModelDecision | None = None
    changes: tuple[ChangedField, ...] = ()


def banner(outcome: ShownResult) -> list[Component]:
    """The verdict in large, the gauge beside it."""
    now, before = outcome.now, outcome.before
    against, share, certainty = bool(now.prediction), referral.known(now), referral.certainty(now)
    words = html.Div(
        [
            html.Div(
                [
                    html.H2(_("Decision of the model") if before is None else _("Decision after the change")),
                    html.Span([icon("sliders"), html.Span(_("Simulation"))], className="pill", hidden=before is None),
                ],
                className="verdict-top",
            ),
            html.P(
                [icon("x-octagon-fill" if against else "check-circle-fill"), html.Span(verdict(now.decision))],
                className="verdict-word",
            ),
            html.P(text.headline(now), className="verdict-headline"),
            _before(before),
            html.Dl(
                [
                    _fact(_("Distance"), text.distance(now)),
                    _fact(_("Risk"), risk_name(now.risk_category)),
                    *([_fact(_("Certainty"), certainty)] if certainty else []),
                    *([_fact(_("Known"), share)] if share else []),
                ],
                className="verdict-facts",
            ),
            referral.note(now),
            information.missing_note(now),
            html.P(
                [icon("hdd-network" if outcome.now.source == "api" else "cpu"), text.origin(outcome.now)],
                className="verdict-origin",
            ),
        ],
        className="verdict-words",
    )
    return [html.Div([words, _gauge(now, before)], className=f"verdict-body {'is-against' if against else 'is-for'}")]


def changes(outcome: ShownResult) -> Component | None:
    """What a simulated change does, with the fields that were changed; nothing where none was."""
    if outcome.before is None:
        return None
    rows = [
        html.Li(
            [
                html.Span(change.label, className="change-label"),
                html.Span([unseen(_("before:")), html.Del(change.before)], className="change-before"),
                icon("arrow-right"),
                html.Span([unseen(_("after:")), html.Ins(change.after)], className="change-after"),
            ]
        )
        for change in outcome.changes
    ]
    return html.Section(
        [
            html.H2(_("Simulation")),
            html.P(text.comparison(outcome.now, outcome.before), className="change-effect"),
            html.Ul(rows, className="change-list"),
        ],
        className="card changes",
    )


def live(outcome: ShownResult) -> Component | None:
    """Old against new in one line, which stays in sight of the fields; nothing for a new application."""
    now, before = outcome.now, outcome.before
    against = bool(now.prediction)
    word = html.Span(
        [icon("x-octagon-fill" if against else "check-circle-fill"), html.Span(verdict(now.decision))],
        className=f"tag {'against' if against else 'for'}",
    )
    shown: list[Component] = [html.Strong(risk(now, before))]
    if before is not None:
        old = html.Del([unseen(_("before:")), risk(before, now)])
        shown = [old, icon("arrow-right"), html.Ins([unseen(_("after:")), *shown])]
    return html.P([html.Span(_("Risk of default"), className="live-name"), *shown, word], className="live-line")


def reasons(assessment: Assessment) -> list[Component]:
    """The main reasons, those in favour beside those against."""
    return [
        _column(_("In favour"), "for", "hand-thumbs-up", assessment, assessment.reasons("for")[:_main_reasons]),
        _column(_("Against"), "against", "hand-thumbs-down", assessment, assessment.reasons("against")[:_main_reasons]),
    ]


def other_reasons(assessment: Assessment) -> list[Component]:
    """The reasons that are not among the main ones, what is not known, and what all of them compare with."""
    sides: tuple[tuple[Side, str, str], ...] = (
        ("for", _("Also in favour"), "hand-thumbs-up"),
        ("against", _("Also against"), "hand-thumbs-down"),
    )
    columns = [
        _column(title, side, icon_name, assessment, rest)
        for side, title, icon_name in sides
        if (rest := assessment.reasons(side)[_main_reasons:])
    ]
    unknown = [html.P(assessment.not_known)] if assessment.not_known else []
    note = html.Div([*unknown, html.P(text.compared_with(), className="muted")], className="reasons-note")
    return [*columns, note]


def awaiting(instruction: str) -> list[Component]:
    """In the place of a verdict that nothing is known for yet."""
    return [
        html.Div(
            [icon("file-earmark-plus"), html.P(_("No decision yet"), className="empty-title"), html.P(instruction)],
            className="empty",
        )
    ]


def _fact(name: str, value: str) -> Component:
    return html.Div([html.Dt(name), html.Dd(value)])


def _before(before: ModelDecision | None) -> Component | None:
    if before is None:
        return None
    words = f"{verdict(before.decision)}, {out_of_hundred(before.probability)}"
    return html.P([html.Span(_("Before")), html.Strong(words)], className="verdict-before")


def _gauge(now: ModelDecision, before: ModelDecision | None) -> Component:
    caption = [
        html.Span(className="threshold-mark", **aria(hidden="true")),
        html.Span(_("Threshold: {threshold}", threshold=threshold(now, before))),
    ]
    return html.Figure([gauge(now, before), html.Figcaption(caption)], className="verdict-gauge")


def _column(
    title: str, side: Side, icon_name: str, assessment: Assessment, shown: Sequence[ConceptContribution]
) -> Component:
    strongest = max((abs(concept.contribution) for concept in assessment.concepts), default=0.0)
    body: Any = (
        html.Ol(
            [_reason(concept, assessment.top_features, side, strongest) for concept in shown], className="reason-list"
        )
        if shown
        else html.P(text.no_reason(assessment), className="muted")
    )
    return html.Div(
        [
            html.H2([icon(icon_name), html.Span(title)], className=f"reason-title {side}"),
            body,
        ],
        className=f"card reason-column is-{side}",
    )


def _reason(
    concept: ConceptContribution, variables: Sequence[FeatureContribution], side: Side, strongest: float
) -> Component:
    share = abs(concept.contribution) / strongest if strongest else 0.0
    bar = html.Span(className=f"reason-bar {side}", style={"--share": f"{max(share, 0.03):.0%}"}, **aria(hidden="true"))
    summary = [
        html.Span(concept.label, className="reason-concept"),
        html.Span(concept.text, className="reason-text"),
        bar,
        html.Span(text.strength(concept.contribution, strongest), className="reason-foot"),
    ]
    return html.Li(
        html.Details(
            [html.Summary(summary), html.Ul(_made_of(concept, variables), className="reason-help")],
            className="reason",
            **data(key=concept.concept),
        )
    )


def _made_of(concept: ConceptContribution, variables: Sequence[FeatureContribution]) -> list[Component]:
    """The strongest variables of the concept, each with its value, which way it goes, and what it is."""
    own = [variable for variable in variables if _concept(variable.feature) == concept.concept]
    return [
        html.Li(
            [
                html.Strong(variable.label),
                html.Span([html.Span(variable.value_text), " · ", html.Span(text.direction(variable.contribution))]),
                html.Span(_help(variable.feature)),
            ]
        )
        for variable in own[:_variables_a_reason]
    ] or [html.Li(html.Span(text.slight_parts()))]


def _concept(feature: str) -> str:
    try:
        return concepts.sides(feature).concept
    except UnknownEntry:
        # A newer API may know features that this dashboard does not.
        return ""


def _help(feature: str) -> str:
    try:
        return catalogue.entry(feature).help(language())
    except UnknownEntry:
        return ""
