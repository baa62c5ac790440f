"""Stages of an import before it is done: its file, its verdict, its progress, or why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from core.text.formats import format_moment, format_number, format_share
from dash_app import addresses
from dash_app.components.marks import aria, head, icon, link, notice
from dash_app.i18n import _, language, plural
from dash_app.views.importing import caveats, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.jobs import JobAnswer, JobColumns, JobLine, JobList, JobPreview, JobPreviewColumn

_max_named = 12


def recent(page: JobList) -> list[Component]:
    """The imports of the last days, a page of them."""
    if not page.jobs and page.total:
        first = link(_("To the first page"), addresses.of_imports())
        return [html.P([_("There is no such page."), " ", first], className="empty")]
    if not page.jobs:
        return [html.P(_("None yet. What you import stays here for a week."), className="empty")]
    # Two files of one name are told apart by when they were sent, by whom, and by their rows.
    names = (_("File"), _("State"), _("Rows"), _("Set aside"), _("Size"), _("Sent"), _("By"))
    table = html.Table(
        [head(names, numbers=[2, 3, 4]), html.Tbody([_line(line) for line in page.jobs])], className="clients imports"
    )
    scrolls = html.Div(table, className="table-wrap", tabIndex=0, role="region", **aria(label=_("Your imports")))
    return [scrolls, *_pager(page)]


def _pager(page: JobList) -> list[Component]:
    """The way to newer and older imports; nothing where all of them are seen."""
    if page.total <= len(page.jobs):
        return []
    lang, number = language(), page.offset // page.limit + 1
    ways = []
    if page.offset:
        ways.append((_("Newer imports"), number - 1))
    if page.offset + len(page.jobs) < page.total:
        ways.append((_("Older imports"), number + 1))
    links = [link(name, addresses.of_imports(to), className="button button-quiet") for name, to in ways]
    count = _(
        "{first} to {last} of {total} imports",
        first=format_number(page.offset + 1, lang),
        last=format_number(page.offset + len(page.jobs), lang),
        total=format_number(page.total, lang),
    )
    steps = html.Div(links, className="pager-steps")
    return [html.Nav([html.P(count, className="muted small"), steps], className="pager", **aria(label=count))]


def remove_words(job: JobLine) -> Component:
    """What the button does: what has ended is removed, the rest is cancelled."""
    return html.Span(_("Cancel") if job.status in ("queued", "running") else _("Remove"))


def _line(job: JobLine) -> Component:
    lang, scored, aside = language(), job.progress.rows_scored, job.progress.rows_rejected
    has_begun = job.status not in ("held", "queued")
    running = f" · {format_share(job.progress.share, lang)}" if job.status == "running" else ""
    return html.Tr(
        [
            html.Th(link(job.file_name, addresses.of_import(job.id)), scope="row"),
            html.Td([icon(_icon(job)), html.Span(f"{text.state(job)}{running}")], className="import-where"),
            html.Td(format_number(scored, lang) if has_begun else "", className="number"),
            html.Td(format_number(aside, lang) if has_begun else "", className="number"),
            html.Td(text.size(job.bytes), className="number"),
            html.Td(format_moment(job.created, lang)),
            html.Td(job.person or job.owner),
        ]
    )


_icons = {
    "held": "info-circle",
    "queued": "activity",
    "running": "activity",
    "done": "check-circle-fill",
    "failed": "exclamation-triangle-fill",
    "cancelled": "x-lg",
}


def _icon(job: JobLine) -> str:
    return _icons["failed" if text.is_empty(job) else job.status]


def heading(job: JobAnswer) -> Component:
    """The file, and where it stands."""
    lang = language()
    facts = [text.size(job.bytes), format_moment(job.created, lang)]
    if job.columns is not None:
        facts.insert(0, text.written(job.columns) if job.converted is None else text.converted(job.converted))
    return html.Div(
        [
            html.Div([html.H1(job.file_name), html.P(" · ".join(facts))]),
            html.Span(
                [icon(_icon(job)), html.Span(text.state(job))],
                className=f"tag import-state import-{'nothing' if text.is_empty(job) else job.status}",
            ),
        ],
        className="page-head",
    )


def held(job: JobAnswer, seen: JobPreview) -> list[Component]:
    """What the file looks like: the verdict, how it is written, its columns."""
    title, sentence = text.verdict(seen)
    tone = {"ready": "for", "partly": "plain", "unusable": "against"}[seen.verdict]
    return [
        heading(job),
        notice(title, sentence, tone=tone),  # type: ignore[arg-type]
        *_absent(seen),
        *_similar(seen.columns),
        *caveats.card(seen.caveats),
        _columns(seen),
        *_others(seen),
    ]


def _absent(seen: JobPreview) -> list[Component]:
    """What carries the decisions and is missing, where that is so much that somebody has to say yes to it."""
    if seen.absent is None or not seen.absent.must_confirm:
        return []
    return [notice(_("Much of what carries the decision is missing."), f"{seen.absent.text}.")]


def _similar(columns: JobColumns) -> list[Component]:
    """Columns that probably mean one which the file lacks: a question each, before anything is decided."""
    return [
        notice(
            _("Did you mean {name}?", name=alias.name),
            _(
                "The column {given} is not used as it is called: {name} is taken as unknown. "
                "Rename it in the file, and send it again.",
                given=alias.given or _("without a name"),
                name=alias.name,
            ),
        )
        for alias in columns.similar[:_max_named]
    ]


def _columns(seen: JobPreview) -> Component:
    lang = language()
    wrong = [detail for detail in seen.details if detail.problems]
    sound = [detail for detail in seen.details if not detail.problems]
    head = html.Tr(
        [html.Th(label, scope="col") for label in (_("Column"), _("In the file"), _("Missing"), _("What is wrong"))]
    )
    rows = [html.Tr(_column(column, lang)) for column in (*wrong, *sound)]
    count = _(
        "{used} of the {all} columns of an application are in the file.",
        used=format_number(len(seen.details), lang),
        all=format_number(len(seen.details) + len(seen.columns.missing), lang),
    )
    table = html.Div(
        html.Table([html.Thead(head), html.Tbody(rows)], className="preview-columns"),
        className="table-wrap is-tall",
        tabIndex=0,
        role="region",
        **aria(label=_("Columns of the file")),
    )
    title = html.Div([html.H2(_("Columns of the file")), html.P(count, className="muted small")], className="card-head")
    return html.Section([title, table], className="card card-flush")


def _column(column: JobPreviewColumn, lang: Any) -> list[Component]:
    expected = _("Expected: {expected}.", expected=column.expected)
    words: list[Any] = [
        html.Div(f"{format_number(problem.count, lang)} × {problem.problem}. {expected}") for problem in column.problems
    ]
    return [
        html.Th([html.Div(column.label), html.Code(column.name)], scope="row"),
        html.Td(html.Code(column.given) if column.given != column.name else _("same name")),
        html.Td(
            [
                html.Span(className="missing-bar", style={"--share": f"{column.missing:.4f}"}, **aria(hidden="true")),
                format_share(column.missing, lang),
            ],
            className="number",
        ),
        html.Td(words or [icon("check-circle-fill"), html.Span(_("nothing"))], className="wrong" if words else "right"),
    ]


def _others(seen: JobPreview) -> list[Component]:
    notes = []
    if seen.columns.unknown:
        names = _named(seen.columns.unknown, seen.columns.unknown_omitted)
        notes.append(_("Not used, since the model does not know them: {names}.", names=names))
    if seen.columns.missing:
        notes.append(_("Not in the file, and taken as unknown: {names}.", names=_named(seen.columns.missing)))
    if seen.broken:
        notes.append(_("{count} lines are longer or shorter than the header.", count=seen.broken))
    if seen.unused:
        notes.append(
            plural(
                "{count} row holds nothing that the model can use, and would be set aside.",
                "{count} rows hold nothing that the model can use, and would be set aside.",
                seen.unused,
            )
        )
    return [html.Ul([html.Li(note) for note in notes], className="card import-notes")] if notes else []


def _named(names: Sequence[str], omitted: int = 0) -> str:
    shown = ", ".join(names[:_max_named])
    rest = max(0, len(names) - _max_named) + omitted
    return _("{names} and {rest} more", names=shown, rest=rest) if rest > 0 else shown


def waiting(job: JobAnswer) -> list[Component]:
    """How far the scoring is."""
    parts: list[Component] = [heading(job)]
    if not job.worker.alive:
        parts.append(
            notice(
                _("Nobody scores files at the moment."),
                _("The worker is away. Once it is back, the scoring goes on from where it was; no row is lost.")
                if job.status == "running"
                else _("The file is kept, and scored as soon as the worker is back."),
                tone="plain",
            )
        )
    elif job.attempts > 1:
        parts.append(
            notice(_("The scoring was interrupted, and goes on from where it was."), tone="plain"),
        )
    bar = html.Progress(value=str(job.progress.share), max="1", **aria(label=_("How far the file is scored")))
    words = text.progress(job) if job.status == "running" else text.state(job).capitalize()
    parts.append(html.Section([bar, html.P(words, className="progress-words")], className="card import-progress"))
    return parts


def ended(job: JobAnswer) -> list[Component]:
    """Why there is no result."""
    if job.status == "failed":
        message = notice(_("This file was not scored."), job.error)
    else:
        message = notice(_("This import was cancelled; its file is removed."), tone="plain")
    return [heading(job), message]
