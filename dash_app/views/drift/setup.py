"""The controls of a new comparison: which applications with which, of which period, with which limits."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import Thresholds, chances
from core.text.formats import format_date, format_number
from dash_app.components import native
from dash_app.components.marks import aria, icon, unseen
from dash_app.components.upload import upload
from dash_app.i18n import _, language, mark, plural, translated
from dash_app.uploads.drift import files_path
from dash_app.views.drift import ids, query, text
from dash_app.views.drift.values import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.contract.jobs import JobLine

# About as many as there are, for the sentence that explains the correction.
_columns = 200


def setup() -> Component:
    """The form, folded away below a title."""
    thresholds = html.Details(
        [
            html.Summary([icon("sliders"), html.Span(_("Thresholds and correction"))]),
            html.P(text.correction(_columns, Thresholds().significance), className="small muted"),
            _limits(),
            html.Button(
                [icon("arrow-counterclockwise"), html.Span(_("The usual ones"))],
                id=ids.usual,
                type="button",
                className="button button-quiet",
            ),
        ],
        className="drift-limits",
    )
    return html.Details(
        [
            html.Summary([icon("plus-lg"), html.Span(_("New comparison"))], className="drift-setup-title"),
            html.Div(
                [
                    dcc.Store(id=ids.sent),
                    dcc.Store(id=ids.files, data=[]),
                    html.Div(
                        [
                            html.Div(
                                [
                                    _select(_("Compare"), ids.current, sides([], []), "test"),
                                    _period(ids.live, ids.period, ids.days, ids.since, ids.until, _periods()),
                                ],
                                className="drift-side",
                            ),
                            html.Div(
                                [
                                    _select(_("With"), ids.reference, references([], []), "portfolio"),
                                    _period(
                                        ids.reference_live,
                                        ids.reference_period,
                                        ids.reference_days,
                                        ids.reference_since,
                                        ids.reference_until,
                                        [{"value": query.before, "label": _("the period just before")}, *_periods()],
                                    ),
                                ],
                                className="drift-side",
                            ),
                            _upload(),
                        ],
                        className="drift-sides-form",
                    ),
                    html.P(
                        _(
                            "The tables carry no application dates: the clients on hand are compared with the test "
                            "set, or with a file of yours. Only live traffic has a time, in UTC: the applications "
                            "that were decided, each once. Of large sets, 50,000 rows are drawn."
                        ),
                        className="small muted",
                    ),
                    thresholds,
                    html.Div(
                        [
                            html.Button(_("Compare"), id=ids.compare, type="button", className="button button-primary"),
                            html.P(id=ids.compare_note, className="drift-note", role="status"),
                        ],
                        className="drift-go",
                    ),
                ],
                className="drift-form",
            ),
        ],
        id=ids.setup,
        className="card card-flush drift-setup",
        open=False,
    )


def sides(files: Sequence[Mapping[str, Any]], scored: Sequence[JobLine]) -> list[dict[str, str]]:
    """What can be compared.

    Args:
        files: those that this reader sent from this page: `id`, `name`, `rows`.
        scored: those that were imported.
    """
    return [
        {"value": "test", "label": _("The test set")},
        *_files(files, scored),
        {"value": query.live, "label": _("Live traffic of a period")},
        {"value": "portfolio", "label": _("The clients on hand")},
    ]


def references(files: Sequence[Mapping[str, Any]], scored: Sequence[JobLine]) -> list[dict[str, str]]:
    """What others can be compared with; as for `sides`."""
    return [
        {"value": "portfolio", "label": _("The clients on hand")},
        {"value": "reference", "label": _("What the model was trained on")},
        {"value": "test", "label": _("The test set")},
        *_files(files, scored),
        {"value": query.live, "label": _("Live traffic of a period")},
    ]


def _files(files: Sequence[Mapping[str, Any]], scored: Sequence[JobLine]) -> list[dict[str, str]]:
    lang = language()
    return [
        *(
            {
                "value": str(file["id"]),
                "label": _("File: {name} ({rows})", name=file["name"], rows=format_number(file["rows"], lang)),
            }
            for file in files
        ),
        *(
            {
                "value": job.id,
                "label": _(
                    "Import of {day}: {name} ({rows})",
                    day=format_date(job.finished or job.created, lang),
                    name=job.file_name,
                    rows=format_number(job.progress.rows_scored, lang),
                ),
            }
            for job in scored
        ),
    ]


def _periods() -> list[dict[str, str]]:
    known = [
        {"value": str(day), "label": plural("the last {count} day", "the last {count} days", day)} for day in query.days
    ]
    return [*known, {"value": query.other, "label": _("another period")}]


def _period(place: str, control: str, dates: str, since: str, until: str, options: list[dict[str, str]]) -> Component:
    return html.Div(
        [
            _select(_("Period"), control, options, options[0]["value"] if len(options) > len(_periods()) else "7"),
            html.Div([_day(_("First day"), since), _day(_("Last day"), until)], id=dates, className="drift-days"),
        ],
        id=place,
        hidden=True,
        className="drift-period",
    )


def _day(name: str, control: str) -> Component:
    return html.Div(
        [html.Label(name, htmlFor=control), native.Input(id=control, type="date", value="")], className="drift-field"
    )


def _select(name: str, control: str, options: list[dict[str, str]], value: str) -> Component:
    return html.Div(
        [html.Label(name, htmlFor=control), native.Select(id=control, options=options, value=value)],
        className="drift-field",
    )


def _upload() -> Component:
    return upload(
        ids.upload,
        files_path,
        _("A file of yours"),
        _("Drop it here, or choose it: CSV, Excel or Parquet, among others"),
        look="button-quiet",
        class_name="drift-upload",
        ready=translated(mark("{name} is ready to be compared: {rows} rows, {columns} columns.")),
    )


def _limits() -> Component:
    usual = Thresholds()
    rows: list[Component] = []
    for field in fields(usual):
        known = getattr(usual, field.name)
        bounds = (
            (("moderate", known.moderate), ("major", known.major))
            if isinstance(known, Limits)
            else (("moderate", known),)
        )
        cells = [html.Td(_limit(field.name, bound, of)) for bound, of in bounds]
        rows.append(html.Tr([html.Th(said(field.name), scope="row"), *cells, *[html.Td()] * (2 - len(cells))]))
    return html.Div(
        html.Table(
            [
                html.Caption(_("From where on a difference counts"), className="unseen"),
                html.Thead(
                    html.Tr(
                        [html.Th(title, scope="col") for title in (said("statistic"), said("moderate"), said("major"))]
                    )
                ),
                html.Tbody(rows),
            ],
            className="comparison-table drift-limits-table",
        ),
        className="comparison-scroll",
        tabIndex=0,
        role="region",
        **aria(label=_("From where on a difference counts")),
    )


def _limit(name: str, bound: str, usual: float) -> Component:
    words = said(name) if name in chances else f"{said(name)} · {said(bound)}"
    # A field of numbers takes "0,01" for 1 where the browser speaks English: text is read here, in either way.
    field = native.Input(
        id=ids.limit(name, bound),
        type="text",
        inputMode="decimal",
        autoComplete="off",
        value=query.written(usual),
        className="drift-limit",
    )
    return html.Label([unseen(words), field])
