"""Results of a file: counts, the spread of its risks, its rows, the rows set aside, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import dash_ag_grid as dag
from dash import dcc, html

from core.decision import accepted, refused
from core.exports.csv_text import convention_of
from core.text.formats import format_number, format_probability, format_score, format_share
from dash_app import addresses
from dash_app.components.marks import aria, data, head, icon, notice
from dash_app.components.upload import upload
from dash_app.i18n import _, language, mark, plural, translated
from dash_app.uploads.importing import result_address, rows_path, set_aside_address
from dash_app.views.comparison.controls import segmented
from dash_app.views.importing import caveats, figures, grid, ids, text
from dash_app.views.importing.stages import heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.contract.jobs import JobAnswer, JobPerformance, JobRejection
    from core.exports.csv_text import Convention
    from dash_app.service.jobs import Format
    from dash_app.shell.theme import Theme

_rows_a_block: Final = 100
_names: Final[dict[Format, str]] = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}
_conventions: Final[dict[Convention, str]] = {
    "fr": mark("CSV with semicolons and decimal commas"),
    "plain": mark("CSV with commas and decimal points"),
}


def whole(
    job: JobAnswer, labels: Mapping[str, str], theme: Theme, mended: Mapping[str, Any] | None = None
) -> list[Component]:
    """The result of an import that is done.

    Args:
        mended: what has just become of rows that were mended, as `dash_app.uploads.importing` answers.
    """
    threshold = job.threshold or 0.0
    parts: list[Component] = [heading(job), *([_mended(mended)] if mended else [])]
    if text.is_empty(job):
        words = (
            _("Every row was set aside: see below what is wrong, mend the rows, and send them again.")
            if job.progress.rows_rejected
            else _("The file holds no row.")
        )
        parts += [notice(_("No row could be scored."), words, tone="against")]
        return [*parts, _set_aside(job)] if job.rejections else parts
    parts += [_banner(job), _picture(job, threshold, theme), *caveats.card(job.caveats)]
    if job.performance:
        parts.append(_performance(job.performance))
    if job.accepted + job.refused:
        parts.append(_rows(job, labels))
    if job.rejections:
        parts.append(_set_aside(job))
    return parts


def _mended(counts: Mapping[str, Any]) -> Component:
    left, before, unknown = counts["still_set_aside"], counts["already_scored"], counts["unknown"]
    said = [
        *([plural("{count} row stays set aside.", "{count} rows stay set aside.", left)] if left else []),
        *(
            [plural("{count} row was scored before: it stays.", "{count} rows were scored before: they stay.", before)]
            if before
            else []
        ),
        *(
            [
                plural(
                    "{count} row has no number of its own in this import.",
                    "{count} rows have no number of their own in this import.",
                    unknown,
                )
            ]
            if unknown
            else []
        ),
    ]
    joined = plural("{count} mended row has joined.", "{count} mended rows have joined.", counts["joined"])
    why = [html.Ul([html.Li(reason) for reason in counts["why"]])] if counts["why"] else []
    tone: Literal["for", "plain"] = "for" if counts["joined"] else "plain"
    return notice(joined, [" ".join(said), *why] if said else None, tone=tone, role="status")


def _banner(job: JobAnswer) -> Component:
    lang, total = language(), job.accepted + job.refused
    facts = [
        (_("Scored"), format_number(total, lang)),
        (_("Applications accepted"), format_number(job.accepted, lang)),
        (_("Applications refused"), format_number(job.refused, lang)),
        (_("Acceptance rate"), format_share(job.accepted / total, lang) if total else "–"),
        *([(_("For a person to look at"), format_number(job.referred, lang))] if job.referred else []),
        (_("Set aside"), format_number(job.progress.rows_rejected, lang)),
        (_("Threshold"), format_probability(job.threshold or 0.0, lang)),
    ]
    usual = convention_of(lang)
    downloads = [_download(name, result_address(job.id, kind, usual)) for kind, name in _names.items()]
    missing = job.progress.rows_unrecorded
    lost = format_number(missing, lang)
    unrecorded = [notice(_("The record could not keep {count} of these decisions.", count=lost))] if missing else []
    return html.Section(
        [
            html.P(text.outcome(job), className="import-outcome"),
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="figures-in-line"),
            html.Div(downloads, className="card-actions", role="group", **aria(label=_("Results as a file"))),
            _other_files(job.id, usual),
            html.P(job.history.text, className="muted small import-history-said"),
            *unrecorded,
        ],
        className="card import-banner",
    )


def _other_files(job: str, usual: Convention) -> Component:
    """How CSV is written here, the other way to write it, and the files with all columns."""
    other: Convention = "plain" if usual == "fr" else "fr"
    links = [
        _file_link(translated(_conventions[other]), result_address(job, "csv", other)),
        *(
            _file_link(_("{kind} with all columns of the file", kind=name), result_address(job, kind, usual, "all"))
            for kind, name in _names.items()
            if kind != "xlsx"
        ),
    ]
    words = {
        "fr": _("The CSV has semicolons and decimal commas, as Excel opens it in French."),
        "plain": _("The CSV has commas and decimal points, as Excel opens it in English."),
    }[usual]
    spaced = [part for link in links for part in (" · ", link)][1:]
    return html.P([words, " ", _("Also:"), " ", *spaced], className="muted small import-other-files")


def _file_link(name: str, path: str) -> Component:
    return html.A(name, href=addresses.at(path), download="")


def _download(name: str, path: str) -> Component:
    return html.A(
        [icon("arrow-down-short"), html.Span(name)],
        href=addresses.at(path),
        download="",
        className="button button-quiet",
    )


def _picture(job: JobAnswer, threshold: float, theme: Theme) -> Component:
    sentence = figures.histogram_text(job.histogram, job.accepted, job.refused, threshold)
    drawn = dcc.Graph(
        figure=figures.histogram(job.histogram, threshold, theme), config={"displayModeBar": False}, id=ids.histogram
    )
    return html.Section(
        [
            html.Div(html.H2(_("How the risks are spread")), className="card-head"),
            html.Div(html.Div(drawn, role="img", **aria(label=sentence)), className="card-body"),
            html.P(sentence, className="card-body muted small"),
            html.Details([html.Summary(_("As a table")), _bins(job.histogram)], className="card-body figure-table"),
        ],
        className="card card-flush",
    )


def _bins(counts: Sequence[int]) -> Component:
    lang, width = language(), 1 / len(counts)
    rows = [
        html.Tr(
            [
                html.Th(
                    f"{format_probability(place * width, lang)} – {format_probability((place + 1) * width, lang)}",
                    scope="row",
                ),
                html.Td(format_number(count, lang), className="number"),
            ]
        )
        for place, count in enumerate(counts[: figures.shown_bins(counts)])
    ]
    head = html.Tr([html.Th(_("Probability of default"), scope="col"), html.Th(_("Applications"), scope="col")])
    return html.Table([html.Thead(head), html.Tbody(rows)])


def _performance(performance: JobPerformance) -> Component:
    lang = language()
    facts = [
        (_("Clients with a known outcome"), format_number(performance.clients, lang)),
        (_("Default rate"), format_share(performance.default_rate, lang)),
        (_("AUC"), format_score(performance.auc, lang)),
        (_("Cost of wrong decisions, a client"), format_score(performance.cost, lang)),
        (_("Defaults accepted"), format_number(performance.false_negatives, lang)),
        (_("Good clients refused"), format_number(performance.false_positives, lang)),
    ]
    words = _("The file says who defaulted (TARGET): this is what the decisions would have been worth.")
    return html.Section(
        [
            html.H2(_("How good the decisions are")),
            html.P(words, className="muted small"),
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="figures-in-line"),
        ],
        className="card",
    )


def _rows(job: JobAnswer, labels: Mapping[str, str]) -> Component:
    table = dag.AgGrid(
        id=ids.grid(job.id),
        rowModelType="infinite",
        columnDefs=[grid.column(name, label) for name, label in grid.in_order(labels)],
        defaultColDef={"sortable": True, "resizable": True, "filter": True, "minWidth": 110},
        dashGridOptions={
            "cacheBlockSize": _rows_a_block,
            "maxBlocksInCache": 10,
            "rowSelection": {"mode": "singleRow", "enableClickSelection": False, "checkboxes": False},
            "suppressCellFocus": False,
            "localeText": grid.words(),
            "enableCellTextSelection": True,
        },
        className="import-grid",
        style={"height": "30rem"},
    )
    words = _("Sort and filter by the head of a column. The number of a row opens it in Scoring, with its own values.")
    return html.Section(
        [
            html.Div([html.H2(_("Rows of the file")), html.P(words, className="muted small")], className="card-head"),
            html.Div(
                segmented(
                    _("Decision of the model"),
                    ids.decision(job.id),
                    [("", _("All")), (accepted, _("Applications accepted")), (refused, _("Applications refused"))],
                    "",
                    class_name="is-bare",
                ),
                className="card-body import-tools",
            ),
            html.Div(table, **data(job=job.id)),
        ],
        className="card card-flush",
    )


def _set_aside(job: JobAnswer) -> Component:
    lang = language()
    names = (_("Column"), _("What is wrong"), _("Rows"))
    usual = convention_of(lang)
    downloads = html.Div(
        [
            _download(_("The rows, to be mended (CSV)"), set_aside_address(job.id, "rows", usual)),
            _download(_("Each row with its reason (CSV)"), set_aside_address(job.id, "reasons", usual)),
        ],
        className="card-actions",
        role="group",
        **aria(label=_("Rows set aside")),
    )
    words = _("Mend the rows in this file, keep the column of their numbers, and send it here: they join this import.")
    place = upload(
        ids.mended,
        rows_path(job.id),
        _("Send the mended rows"),
        words,
        look="button-quiet",
        class_name="card-body import-mending",
    )
    return html.Section(
        [
            html.Div([html.H2(_("Rows set aside")), downloads], className="card-head"),
            place,
            html.Table(
                [head(names, numbers=[2]), html.Tbody([_problem(rejection, lang) for rejection in job.rejections])],
                className="preview-columns",
            ),
        ],
        className="card card-flush",
    )


def _problem(rejection: JobRejection, lang: Any) -> Component:
    expected = _("Expected: {expected}.", expected=rejection.expected)
    return html.Tr(
        [
            html.Th(html.Code(rejection.column) if rejection.column else _("whole row"), scope="row"),
            html.Td(f"{rejection.problem}. {expected}"),
            html.Td(format_number(rejection.count, lang), className="number"),
        ]
    )
