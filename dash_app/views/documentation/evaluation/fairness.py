"""Fairness, group by group: who is accepted, and whether what was predicted came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app.i18n import _
from dash_app.views.documentation import text
from dash_app.views.documentation.evaluation import figures
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.values import count, decimals, dimension_name, dimensions, rate, segment_name
from dash_app.views.drift.parts import panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.model import SegmentAnswer
    from dash_app.shell.theme import Theme


def fairness(segments: Sequence[SegmentAnswer], theme: Theme) -> list[Component]:
    """Each set of groups: who is accepted how often, and whether predictions hold for each."""
    body: list[Component] = [
        html.P(
            _(
                "A model that predicts equally well for everybody can still accept some groups less often. Both are "
                "measured, group by group; neither is corrected behind the reader’s back."
            ),
            className="said",
        )
    ]
    by = dimensions(segments)
    accepted = panel(
        " ".join(text.approvals(dimension, members) for dimension, members in by.items()),
        [("accepted", _("accepted"))],
        figures.approvals(by, theme),
        html.Div(),
    )[:2]
    honest = panel(
        " ".join(text.honesty(dimension, members) for dimension, members in by.items()),
        [("observed-dot", _("observed")), ("predicted-dot", _("predicted"))],
        figures.honesty(by, theme),
        html.Div(),
    )[:2]
    body.append(
        html.Div(
            [
                html.Div([html.P(_("Accepted"), className="figure-name"), *accepted]),
                html.Div([html.P(_("Defaults, predicted and observed"), className="figure-name"), *honest]),
            ],
            className="pair doc-pair",
        )
    )
    for dimension, members in by.items():
        body += _dimension(dimension, members)
    return body


def _dimension(dimension: str, segments: Sequence[SegmentAnswer]) -> list[Component]:
    header = (
        dimension_name(dimension),
        _("Applications"),
        _("Observed defaults"),
        _("Predicted defaults"),
        _("AUC"),
        _("Accepted"),
        _("Good clients refused"),
    )
    rows = [
        (
            segment_name(segment),
            count(segment.n_rows),
            rate(segment.default_rate),
            rate(segment.mean_probability),
            "—" if segment.auc is None else decimals(segment.auc, 3),
            rate(segment.approval_rate),
            rate(segment.false_refusal_rate),
        )
        for segment in segments
    ]
    name = dimension_name(dimension)
    body = [
        html.P(text.fairness(dimension, segments), className="said"),
        html.Details([html.Summary(_("Show as a table")), table(header, rows, name)], className="past-table"),
    ]
    return [part(name, f"fairness-{dimension.lower().replace('_', '-')}", body, level=3)]
