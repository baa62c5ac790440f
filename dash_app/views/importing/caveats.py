"""Caveats on the rows of a file, beside the decisions: unlike training, or without essentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.contract.field_warnings import FieldWarning
from core.text.formats import format_number, format_share
from core.text.messages import message
from dash_app.components.marks import aria, head
from dash_app.i18n import _, language, plural
from dash_app.views.scoring.result.information import name

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.field_warnings import WarningCode
    from core.contract.jobs import JobCaveat, JobCaveats


def card(caveats: JobCaveats) -> list[Component]:
    """The counts by column, under a sentence each; nothing where there is nothing to know."""
    rows = [
        *(
            _row(reading.column, message(reading.code, language()), reading.rows, caveats.rows)
            for reading in caveats.readings
        ),
        *(_warning("missing_essential", essential, caveats.rows) for essential in caveats.missing_essentials),
        *(_warning("outside_training", count, caveats.rows) for count in caveats.unfamiliar),
    ]
    shown = sentences(caveats)
    if not rows and not shown:
        return []
    names = (_("Column"), _("What is to be known"), _("Rows"))
    title = html.Div(
        [html.H2(_("Before you rely on these decisions")), *(html.P(sentence) for sentence in shown)],
        className="card-head import-caveats",
    )
    table = html.Div(
        html.Table([head(names, numbers=[2]), html.Tbody(rows)], className="preview-columns"),
        className="table-wrap is-tall",
        tabIndex=0,
        role="region",
        **aria(label=_("Before you rely on these decisions")),
    )
    return [html.Section([title, table] if rows else [title], className="card card-flush")]


def sentences(caveats: JobCaveats) -> list[str]:
    """In how many rows there is something to know, one sentence for each kind."""
    lang, total = language(), format_number(caveats.rows, language())
    lines = []
    if caveats.lacking_rows:
        lines.append(
            plural(
                "{shown} of {total} rows lacks something that no application should be decided without.",
                "{shown} of {total} rows lack something that no application should be decided without.",
                caveats.lacking_rows,
                shown=format_number(caveats.lacking_rows, lang),
                total=total,
            )
        )
    if caveats.unfamiliar_rows:
        lines.append(
            plural(
                "{shown} of {total} rows has values outside of what the model saw in training: check the units.",
                "{shown} of {total} rows have values outside of what the model saw in training: check the units.",
                caveats.unfamiliar_rows,
                shown=format_number(caveats.unfamiliar_rows, lang),
                total=total,
            )
        )
    if caveats.repeated_rows:
        lines.append(
            plural(
                "{shown} of {total} rows has the number of an earlier row: its client is decided on more than once.",
                "{shown} of {total} rows have the number of an earlier row: clients are decided on more than once.",
                caveats.repeated_rows,
                shown=format_number(caveats.repeated_rows, lang),
                total=total,
            )
        )
    return lines


def _warning(code: WarningCode, count: JobCaveat, total: int) -> Component:
    return _row(count.column, FieldWarning.of(code, count.column, language()).message, count.rows, total)


def _row(column: str, sentence: str, count: int, total: int) -> Component:
    lang = language()
    rows = f"{format_number(count, lang)} ({format_share(count / total, lang)})"
    return html.Tr(
        [
            html.Th([html.Div(name(column)), html.Code(column)], scope="row"),
            html.Td(sentence),
            html.Td(rows, className="number"),
        ]
    )
