"""The risk of a client by the amount of the credit: the figure, and what it says in words."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import plotly.graph_objects as go
from dash import dcc, html

from core.decision import accepted
from core.text.formats import format_amount, format_probability, format_share
from dash_app.components.marks import aria
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm, client_mark
from dash_app.views.scoring import ids

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.service import RiskByAmount
    from dash_app.shell.theme import Theme

_height: Final = 260
_most_ticks: Final = 5


def frame() -> Component:
    """The card with the button that asks for the curve; `words` and `panel` fill its places.

    The words alone are a live region: the figure has them as its text as well, and would be heard after them.
    """
    lead = _("What the risk would be for other amounts, with instalment and price in proportion and the same duration.")
    return html.Section(
        [
            html.H2(_("Risk by amount")),
            html.P(lead, className="muted small"),
            html.Button(
                _("Show the curve"),
                id=ids.curve_ask,
                type="button",
                className="button button-quiet",
            ),
            html.Div(id=ids.curve_said, className="amount-curve", role="status"),
            html.Div(id=ids.curve, className="amount-curve"),
        ],
        className="card credit",
    )


def words(found: RiskByAmount) -> list[Component]:
    """What the curve says, above it."""
    return [html.P(sentence, className="small") for sentence in said(found)]


def panel(found: RiskByAmount, theme: Theme) -> Component:
    """The curve, and the same as a table."""
    lang = language()
    graph = dcc.Graph(
        figure=figure(found, theme),
        config={"displayModeBar": False, "staticPlot": True, "locale": lang},
        style={"height": f"{_height}px"},
    )
    header = (_("Amount"), _("Risk of default"), _("Decision"))
    rows = [
        (
            format_amount(point.amount, lang),
            format_probability(point.probability, lang, found.threshold),
            _decided(point.decision),
        )
        for point in found.points
    ]
    table = html.Table(
        [
            html.Caption(_("Risk by amount"), className="unseen"),
            html.Thead(html.Tr([html.Th(name, scope="col") for name in header])),
            html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
        ],
        className="past-rows",
    )
    return html.Div(
        [
            html.Div(graph, role="img", **aria(label=" ".join([_("Risk by amount") + ".", *said(found)]))),
            html.Details(
                [
                    html.Summary(_("Show as a table")),
                    html.Div(
                        table, className="past-scroll", tabIndex=0, role="region", **aria(label=_("Risk by amount"))
                    ),
                ],
                className="past-table",
            ),
        ]
    )


def figure(found: RiskByAmount, theme: Theme) -> go.Figure:
    """The risk over the amounts, the threshold, and the amount asked for; no colour tells what a shape does not."""
    lang = language()
    today = found.today
    amounts, risks = [point.amount for point in found.points], [point.probability for point in found.points]
    top = max(*risks, found.threshold) * 1.15
    drawn = go.Figure(
        go.Scatter(x=amounts, y=risks, mode="lines", line={"color": theme.data, "width": 2.5}, hoverinfo="skip")
    )
    calm(drawn, theme, _height, l=52, r=16, t=12, b=34)
    drawn.add_hline(y=found.threshold, line={"color": theme.ink, "width": 1.5, "dash": "dash"})
    drawn.add_annotation(
        x=1,
        xref="paper",
        xanchor="right",
        y=found.threshold,
        # On the side where the curve is not.
        yanchor="top" if risks[-1] >= found.threshold else "bottom",
        showarrow=False,
        text=_("threshold {threshold}", threshold=format_probability(found.threshold, lang, today.probability)),
        font={"color": theme.ink, "size": 12},
    )
    drawn.add_scatter(
        x=[today.amount], y=[today.probability], mode="markers", marker=client_mark(theme), hoverinfo="skip"
    )
    at, marks = _ticks(amounts[-1])[1:], _ticks(top)
    drawn.update_xaxes(
        range=[0, amounts[-1] * 1.02], tickvals=at, ticktext=[format_amount(tick, lang) for tick in at], showline=True
    )
    drawn.update_yaxes(range=[0, top], tickvals=marks, ticktext=[format_share(tick, lang) for tick in marks])
    return drawn


def _ticks(end: float) -> list[float]:
    """Round numbers from 0 to the end, three to six of them: 1, 2 or 5 times a power of ten apart."""
    power = 10.0 ** math.floor(math.log10(end))
    step = next(share * power for share in (0.2, 0.5, 1, 2) if end / (share * power) <= _most_ticks)
    return [step * place for place in range(int(end / step) + 1)]


def said(found: RiskByAmount) -> tuple[str, ...]:
    """Where the client stands, and between which amounts the decision changes."""
    lang, today, points = language(), found.today, found.points
    where = _(
        "The point is the amount asked for: {amount}, risk {risk}, threshold {threshold}.",
        amount=format_amount(today.amount, lang),
        risk=format_probability(today.probability, lang, found.threshold),
        threshold=format_probability(found.threshold, lang, today.probability),
    )
    turns = [
        _(
            "Between {low} and {high}, the decision turns to: {decision}.",
            low=format_amount(before.amount, lang),
            high=format_amount(after.amount, lang),
            decision=_decided(after.decision),
        )
        for before, after in pairwise(points)
        if before.decision != after.decision
    ]
    if not turns:
        turns = [
            _(
                "At all {count} amounts tried, from {low} to {high}, the decision is: {decision}.",
                count=len(points),
                low=format_amount(points[0].amount, lang),
                high=format_amount(points[-1].amount, lang),
                decision=_decided(today.decision),
            )
        ]
    return where, *turns


def _decided(decision: str) -> str:
    return _("Accepted") if decision == accepted else _("Refused")
