"""The client's report as a letter: the decision, why, what would change it, and what the client may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.catalogue import concepts
from core.decision import accepted
from core.text.formats import format_date, format_share, format_value
from dash_app.access.login import reader
from dash_app.components.marks import icon
from dash_app.i18n import _, language
from dash_app.views.report.decided import Standing, decided, measured
from dash_app.views.scoring import text
from dash_app.views.scoring.result import information, referral
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dash.development.base_component import Component

    from core.catalogue.concepts import Side
    from core.contract.prediction import Prediction
    from core.contract.recourse_found import RecourseFound
    from core.decision import Value
    from dash_app.service import Assessment

_ways: Final = 3
_outside_scores: Final = "external_scores"
# What the client asked for, and what it was judged by first.
_asked: Final = (
    "NAME_CONTRACT_TYPE",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "AMT_GOODS_PRICE",
    "AMT_INCOME_TOTAL",
    "NAME_INCOME_TYPE",
)


def letter(
    client_id: int | None,
    features: Mapping[str, Value],
    assessment: Assessment,
    ways: RecourseFound | None,
    made_at: datetime,
    standing: Standing = Standing(),  # noqa: B008 (frozen)
) -> list[Component]:
    """The parts of the report, in the order in which they are read.

    Args:
        client_id: whose application it is; None for one without a number.
        features: the application as it is on file, or as it was decided.
        assessment: the model's decision with its reasons, which are empty where another model has taken its place.
        ways: what could change it; None where that is not known any more.
        made_at: the moment that stands on the report.
        standing: what officers decided.
    """
    lang = language()
    name = _("Credit application") if client_id is None else client_name(client_id)
    return [
        html.Header(
            [
                html.P("Home Credit Workbench", className="letter-brand"),
                html.P(f"{name} · {format_date(made_at, lang)}"),
            ],
            className="letter-head",
        ),
        html.H1(_("Your credit application")),
        *decided(assessment, standing),
        *_referred(assessment, standing),
        html.P(text.headline(assessment)),
        measured(assessment, standing),
        _part(_("What you asked for"), _facts(features)),
        html.Div(
            [
                _part(_("What speaks for you"), _listed(assessment, "for")),
                _part(_("What speaks against it"), _listed(assessment, "against")),
            ],
            className="letter-sides",
        )
        if assessment.concepts
        else html.P(_("Another model has taken the place of the one that advised us then: its reasons are not known.")),
        *([html.P(assessment.not_known, className="letter-unknown")] if assessment.not_known else []),
        *_what_was_missing(assessment),
        *_what_would_help(ways, standing),
        _part(_("How the decision is made"), _method(assessment)),
        _adviser(standing),
    ]


def _adviser(standing: Standing) -> Component:
    """Who hands the letter out: the officer who decided, else who is signed in, else a line for the name."""
    who = reader()
    name = standing.final.officer if standing.final else who.name if who else ""
    return html.P([html.Span(_("Your adviser")), html.Strong(name)], className="letter-adviser")


def _part(title: str, *content: Component) -> Component:
    return html.Section([html.H2(title), *content])


def _facts(features: Mapping[str, Value]) -> Component:
    lang = language()
    shown = [catalogue.column(name) for name in _asked if features.get(name) is not None]
    return html.Dl(
        [
            html.Div([html.Dt(column.label(lang)), html.Dd(format_value(column, features[column.name], lang))])
            for column in shown
        ],
        className="letter-facts",
    )


def _listed(assessment: Assessment, side: Side) -> Component:
    reasons = assessment.reasons(side)
    if not reasons:
        return html.P(text.no_reason(assessment))
    return html.Ol([html.Li(reason.text) for reason in reasons])


def _what_would_help(ways: RecourseFound | None, standing: Standing) -> list[Component]:
    granted = standing.final is not None and standing.final.decision == accepted
    if ways is None or ways.already_accepted or granted:
        return []
    nearest = [] if ways.nearest is None else [ways.nearest]
    shown = (ways.options or ways.different or nearest)[:_ways]
    return [
        _part(
            _("What would change the decision"), html.P(ways.text), html.Ul([html.Li(option.text) for option in shown])
        )
    ]


def _referred(found: Assessment, standing: Standing) -> list[Component]:
    """That a person is to look at the application, where none has decided."""
    note = None if standing.final else referral.letter_note(found)
    return [note] if note else []


def _what_was_missing(decision: Prediction) -> list[Component]:
    if not decision.missing_essentials:
        return []
    sentence = _(
        "Your file was decided without: {names}. Bring it to your adviser, who will have the application looked at"
        " again.",
        names=_names(decision.missing_essentials),
    )
    return [html.P([icon("exclamation-triangle-fill"), html.Span(sentence)], className="letter-missing")]


def _names(columns: Sequence[str]) -> str:
    """Columns as a client calls them: nobody but us numbers the scores of outside agencies."""
    scores = concepts.concept(_outside_scores)
    own = (scores.label(language()) if _is_score(name) else information.name(name) for name in columns)
    return ", ".join(dict.fromkeys(name.lower() for name in own))


def _is_score(column: str) -> bool:
    return column in concepts.members(_outside_scores)


def _method(assessment: Assessment) -> Component:
    share = assessment.information
    informed = (
        []
        if share is None
        else [html.P(_("{share} of what the model weighs was known of you.", share=format_share(share, language())))]
    )
    return html.Div(
        [
            html.P(
                _(
                    "A statistical model ({version}) compares your application with those of earlier clients. Of them"
                    " it is known whether they had payment difficulties on the first instalments. The risk is that of"
                    " such difficulties. It does not look at your gender.",
                    version=assessment.model_version,
                )
            ),
            *informed,
            html.P(
                _(
                    "It helps your adviser, who takes the decision. You may ask for a person to look at your"
                    " application again, say what you think of it, and contest the decision (GDPR, article 22)."
                )
            ),
            html.P(text.compared_with()),
        ]
    )
