"""The history of reports: a line of their verdicts, a list to open them from; and who is told of alerts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from babel.dates import format_datetime
from dash import html

from dash_app import addresses
from dash_app.components.marks import aria, icon, link, notice
from dash_app.i18n import _, language
from dash_app.views.comparison.table import plain
from dash_app.views.drift import figures, text
from dash_app.views.drift.parts import keyed, picture
from dash_app.views.drift.values import number, said, share, side, verdict_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.drift import DriftLine, DriftReportList
    from core.drift.verdict import Verdict
    from dash_app.shell.theme import Theme

# How many the page lists; the API keeps more.
max_listed = 30
_verdicts: tuple[Verdict, ...] = ("stable", "watch", "alert")


def section(reports: DriftReportList, shown: str | None, theme: Theme) -> list[Component]:
    """The figure and the list.

    Args:
        reports: the newest reports.
        shown: the id of the one on the page.
    """
    if not reports.reports:
        return [notice(_("No report has been made yet."), _("Each comparison is kept and listed here."), tone="plain")]
    body: list[Component] = []
    if len(reports.reports) > 1:
        keys = [(f"verdict-{verdict}", verdict_name(verdict)) for verdict in _verdicts]
        body = [
            html.Div(
                [keyed(keys), picture(figures.history(reports.reports, theme, shown), text.history(reports.reports))],
                className="card-body drift-past-figure",
            )
        ]
    if reports.total > len(reports.reports):
        body.append(
            html.P(
                _("The newest {listed} of {total} reports.", listed=len(reports.reports), total=reports.total),
                className="muted small drift-aside",
            )
        )
    return [*body, _list(reports.reports, shown)]


def webhook_note(webhook: bool) -> list[Component]:  # noqa: FBT001 (what the API says, not a switch)
    """Whether anybody is told of alerts, and how to set it up."""
    if webhook:
        state = notice(
            _("Alerts are sent to the address in DRIFT_WEBHOOK_URL."),
            _("The nightly comparison posts there which rules are broken; no row and no client is sent."),
            tone="for",
        )
    else:
        state = notice(
            _("Nobody is told of alerts yet."),
            _("Set the variable below where the nightly comparison runs."),
            tone="plain",
        )
    steps = [
        (
            _("Where to: an address that takes a POST of JSON, such as that of a chat service."),
            "DRIFT_WEBHOOK_URL=https://chat.example.org/hook",
        ),
        (
            _("When: every night, against the traffic of the last day. Exit code 3 means an alert."),
            "0 3 * * * python3 run.py drift portfolio live --html drift.html",
        ),
        (
            _("What counts as an alert: the limits, such as a stricter one for the score."),
            "python3 run.py drift portfolio live --threshold score_psi=0.05:0.2",
        ),
    ]
    return [
        state,
        html.Ol(
            [html.Li([html.P(words), html.Pre(html.Code(code), tabIndex=0)]) for words, code in steps],
            className="drift-steps",
        ),
        html.P(_("Comparisons made on this page are for you alone: they tell nobody."), className="muted small"),
    ]


def moment(made_at: str) -> str:
    """When a report was made: `23 nov. 2026, 21:05 UTC`."""
    pattern = {"fr": "d MMM y, HH:mm", "en": "MMM d, y, HH:mm"}[language()]
    return f"{format_datetime(datetime.fromisoformat(made_at), pattern, locale=language())} UTC"


def verdict_mark(verdict: Verdict) -> Component:
    """A verdict as a shape and a word."""
    return html.Span(verdict_name(verdict), className=f"drift-level is-{verdict}")


def _list(lines: Sequence[DriftLine], shown: str | None) -> Component:
    rows = [
        (
            _opener(line, shown),
            verdict_mark(line.verdict),
            f"{len(line.drifted)} / {line.columns} ({share(line.drifted_share)})",
            share(line.drifted_importance),
            number(line.score_psi),
        )
        for line in lines
    ]
    heads = (
        _("Report"),
        _("Verdict"),
        said("columns_drifted"),
        said("importance_drifted"),
        said("score_psi"),
    )
    return html.Div(plain(_("The reports that are kept, newest first"), heads, rows), className="drift-past-list")


def _opener(line: DriftLine, shown: str | None) -> Component:
    pair = said("sides", current=side(line.current), reference=side(line.reference))
    words = html.Span(
        [html.Span(pair, className="drift-name"), html.Span(moment(line.made_at), className="drift-when")]
    )
    if line.id == shown:
        return html.Span([icon("chevron-right"), words], className="drift-open is-shown", **aria(current="true"))
    return link(
        [icon("chevron-right"), words], f"{addresses.drift}?{urlencode({'report': line.id})}", className="drift-open"
    )
