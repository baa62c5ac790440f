"""Threshold and cost: the curve, and what it means, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core.decision import accepted, refused, risk_bands
from dash_app import addresses
from dash_app.components.marks import icon, link
from dash_app.i18n import _, mark, translated
from dash_app.views.documentation import text
from dash_app.views.documentation.evaluation import figures
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.values import decimals, rate
from dash_app.views.drift.parts import panel
from dash_app.words import risk_name, verdict

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.model import ModelEvaluation
    from dash_app.service.documentation import ModelFacts
    from dash_app.shell.theme import Theme

places: Final = {
    "why": mark("Why not one in two"),
    "curve": mark("What each threshold costs"),
    "bands": mark("From the threshold to the level of risk"),
    "change": mark("Trying another threshold"),
}
# A point of the curve in the table for so many of it.
_every: Final = 10


def title(place: str) -> str:
    """The heading at a place."""
    return translated(places[place])


def explained(facts: ModelFacts, report: ModelEvaluation, theme: Theme) -> list[Component]:
    """The whole section."""
    paragraphs = text.trade(facts, report)
    return [
        part(title("why"), "why", [html.P(paragraph, className="said") for paragraph in paragraphs[:2]]),
        part(
            title("curve"),
            "curve",
            [
                html.P(paragraphs[2], className="said"),
                html.Div(_curve(report, theme), className="card doc-figure"),
                _compared(report),
                html.P(paragraphs[3], className="said"),
            ],
        ),
        part(title("bands"), "bands", _bands(facts)),
        part(title("change"), "change", _change()),
    ]


def _curve(report: ModelEvaluation, theme: Theme) -> list[Component]:
    behind = table(
        (_("Threshold"), _("Mean cost per application")),
        [(rate(at), decimals(cost, 3)) for at, cost in report.cost_curve[::_every]],
        title("curve"),
    )
    keys = [("line", _("mean cost per application")), ("best", _("threshold in use"))]
    return panel(text.cost_curve(report), keys, figures.cost_curve(report, theme), behind)


def _compared(report: ModelEvaluation) -> Component:
    metrics = report.evaluation
    rows = [
        (_("Refusing everybody"), metrics.cost_refuse_all),
        (_("Accepting everybody"), metrics.cost_accept_all),
        (_("Refusing from one in two on"), metrics.cost_at_half),
        (_("Refusing from {threshold} on", threshold=rate(metrics.threshold)), metrics.business_cost),
    ]
    return table(
        (_("Rule"), _("Mean cost per application"), _("Against the threshold in use")),
        [
            (name, decimals(cost, 3), "—" if cost == metrics.business_cost else _against(cost, metrics.business_cost))
            for name, cost in rows
        ],
        _("Rules compared"),
    )


def _against(cost: float, ours: float) -> str:
    return _("{share} more", share=rate(cost / ours - 1))


def _bands(facts: ModelFacts) -> list[Component]:
    rows: list[tuple[str, str, str]] = []
    low = 0.0
    for multiple, category in risk_bands:
        high = multiple * facts.model.optimal_threshold
        if low == 0:
            between = _("below {to}", to=rate(high))
        elif high < 1:
            between = _("{low} to {high}", low=rate(low), high=rate(high))
        else:
            between = _("{low} and more", low=rate(low))
        decided = accepted if multiple <= 1 else refused
        rows.append((risk_name(category), between, verdict(decided)))
        low = high
    sentence = _(
        "The five levels of risk are cut at multiples of the threshold, so that an accepted client is never called "
        "high risk, and a refused one never low."
    )
    return [html.P(sentence, className="said"), table((_("Level"), _("Risk"), _("Decision")), rows, title("bands"))]


def _change() -> list[Component]:
    return [
        html.P(
            _(
                "What a mistake costs is the bank’s to say, not the model’s. Another threshold can be tried on a whole "
                "file, or on the portfolio, without changing anything for anybody."
            ),
            className="said",
        ),
        html.Div(
            [
                link(
                    [html.Span(_("Open the simulation")), icon("arrow-right")],
                    addresses.scenarios,
                    className="button button-quiet",
                ),
                link(
                    [html.Span(_("How good the model is")), icon("arrow-right")],
                    addresses.of_section("model", "quality"),
                    className="button button-quiet",
                ),
            ],
            className="card-actions",
        ),
    ]
