"""The figures of the page Model: how many outcomes of each month are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from core.text.formats import format_number
from dash_app.i18n import _, language
from dash_app.views.comparison.figures.style import calm
from dash_app.views.drift.parts import month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.record.outcomes import MonthCoverage
    from dash_app.shell.theme import Theme


def by_month(months: Sequence[MonthCoverage], theme: Theme) -> go.Figure:
    """Decisions of each month as stacked bars: outcome known, awaited, refused; told apart by pattern as well."""
    names = [month(each.month) for each in months]
    figure = go.Figure()
    for words, colour, pattern, counts in (
        (_("outcome known"), theme.supports, "", [each.with_outcome for each in months]),
        (_("outcome awaited"), theme.data, "/", [each.waiting for each in months]),
        (_("refused, no outcome"), theme.data_soft, ".", [each.refused for each in months]),
    ):
        figure.add_bar(
            name=words,
            x=names,
            y=counts,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 5, "solidity": 0.4}},
            customdata=[[format_number(count, language())] for count in counts],
            hovertemplate="%{x}<br>" + words + " %{customdata[0]}<extra></extra>",
        )
    calm(figure, theme, 260, l=48, r=12, t=8, b=36)
    figure.update_layout(barmode="stack", bargap=0.25)
    figure.update_xaxes(type="category", showline=True)
    return figure


def alternative(months: Sequence[MonthCoverage]) -> str:
    """The figure in words."""
    return " ".join(
        _(
            "{month}: {known} known, {waiting} awaited, {refused} refused.",
            month=month(each.month),
            known=format_number(each.with_outcome, language()),
            waiting=format_number(each.waiting, language()),
            refused=format_number(each.refused, language()),
        )
        for each in months
    )
