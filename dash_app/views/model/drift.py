"""The latest drift reports, each with its verdict and the rules that it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from dash_app import addresses
from dash_app.components.marks import link, notice
from dash_app.i18n import _
from dash_app.views.comparison.table import plain
from dash_app.views.drift import text
from dash_app.views.drift.history import moment, verdict_mark
from dash_app.views.drift.values import number, said, share, side
from dash_app.views.model.parts import more

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.drift import DriftLine, DriftReportList

# Enough to see whether an alert is the first one.
max_listed: Final = 6


def section(reports: DriftReportList) -> list[Component]:
    """The newest report with its alerts, and those before it."""
    if not reports.reports:
        nothing = _("Compare applications on the Drift page, or by python3 run.py drift: each report is kept.")
        return [
            notice(_("Nothing has been compared yet."), nothing, tone="plain"),
            more(_("To compare: the Drift page"), addresses.drift),
        ]
    newest = reports.reports[0]
    rules = (
        [html.H3(_("Rules that are broken")), html.Ul([html.Li(text.rule(alert)) for alert in newest.alerts],
                                                        className="drift-notes")]
        if newest.alerts
        else [html.P(_("The newest report breaks no rule."))]
    )  # fmt: skip
    heads = (_("Report"), _("Compared"), _("Verdict"), said("columns_drifted"), said("score_psi"))
    rows = [
        (
            link(moment(line.made_at), addresses.of_drift(line.id)),
            _pair(line),
            verdict_mark(line.verdict),
            f"{len(line.drifted)} / {line.columns} ({share(line.drifted_share)})",
            number(line.score_psi),
        )
        for line in reports.reports
    ]
    return [
        *rules,
        html.Div(plain(_("The newest drift reports"), heads, rows), className="model-words"),
        more(_("Every column, and all reports: the Drift page"), addresses.of_drift(newest.id)),
    ]


def _pair(line: DriftLine) -> str:
    return said("sides", current=side(line.current), reference=side(line.reference))
