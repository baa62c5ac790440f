"""The Documentation page: each of its sections at an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import MATCH, ClientsideFunction, Input, Output, callback, clientside_callback, html, no_update
from dash.exceptions import PreventUpdate

from dash_app import addresses
from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.components.markup import markup
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language, mark
from dash_app.registration import register_page, register_part
from dash_app.service import ServiceUnavailable
from dash_app.services import documentation
from dash_app.shell.theme import theme_of
from dash_app.views.documentation import card, glossary, ids, programs, prose, search, sections
from dash_app.views.documentation.evaluation import threshold
from dash_app.views.documentation.layout import contents_of, frame, missing, start, waiting
from dash_app.views.documentation.markdown import TextMissing, changelog, text
from dash_app.views.documentation.prose import heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from dash_app.views.documentation.markdown import Chapter
    from dash_app.views.documentation.sections import Section

# What the notes of the model card say before its figures: what it is for, and its data.
_notes_before: Final = 2
_name = mark("Documentation")
register_page(__name__, addresses.documentation, name=_name, order=5, icon="book")


def layout(**_others: str) -> Component:
    """The sections, and the tasks of the user guide."""
    try:
        tasks = text("user-guide", language())
    except TextMissing:
        tasks = ()
    return start([task for task in tasks if task.level == 2])


def _text_of(section: Section) -> Callable[..., Component]:
    def page(**_others: str) -> Component:
        try:
            chapters = text(section.text, language())
        except TextMissing as error:
            return frame(section, [missing(error)])
        return frame(section, prose.shown(chapters), contents_of(chapters))

    return page


def _changelog(**_others: str) -> Component:
    try:
        chapters: tuple[Chapter, ...] = changelog()
    except TextMissing as error:
        return frame(sections.changelog, [missing(error)])
    versions = tuple(chapter for chapter in chapters if chapter.level > 1)
    return frame(sections.changelog, prose.shown(versions, "en"), contents_of(versions))


def _model(**_others: str) -> Component:
    try:
        notes = text(sections.model.text, language())
    except TextMissing as error:
        return frame(sections.model, [waiting(ids.model), card.download(), waiting(ids.measures), missing(error)])
    notes = tuple(note for note in notes if note.level > 1)
    before, after = notes[:_notes_before], notes[_notes_before:]
    titles = [(card.title(place), place) for place in card.places]
    return frame(
        sections.model,
        [
            waiting(ids.model),
            card.download(),
            html.Div(prose.shown(before), className="notes"),
            waiting(ids.measures, 24),
            html.Div(prose.shown(after), className="notes"),
        ],
        [titles[0], *contents_of(before), *titles[1:], *contents_of(after)],
    )


def _glossary(entry: str | None = None, **_others: str) -> Component:
    return frame(sections.glossary, glossary.workspace(entry))


def _threshold(**_others: str) -> Component:
    titles = [(threshold.title(place), place) for place in threshold.places]
    return frame(sections.threshold, [waiting(ids.threshold, 20)], titles)


def _programs(**_others: str) -> Component:
    return frame(sections.api, programs.body(), programs.contents())


for _section, _layout in (
    (sections.guide, _text_of(sections.guide)),
    (sections.model, _model),
    (sections.glossary, _glossary),
    (sections.threshold, _threshold),
    (sections.api, _programs),
    (sections.accessibility, _text_of(sections.accessibility)),
    (sections.changelog, _changelog),
):
    register_part(f"documentation-{_section.key}", _section.path, name=_section.name, whole=_name, layout=_layout)


@callback(
    Output(ids.found(MATCH), "children"),
    Output(ids.found(MATCH), "hidden"),
    Input(ids.search(MATCH), "value"),
    prevent_initial_call=True,
)
def _find(words: str | None) -> tuple[Any, ...]:
    return search.results((words or "")[:100])


@callback(Output(ids.model, "children"), Output(ids.measures, "children"), Input(shell_ids.theme, "data"))
def _measure(theme: str | None) -> tuple[Any, ...]:
    try:
        facts, report = documentation().facts(language()), documentation().report()
    except ServiceUnavailable as error:
        return [heading(card.title("summary"), "summary"), _away(error)], None
    return card.summary(facts, report), card.measures(facts, report, theme_of(theme))


@callback(
    Output(ids.card_file, "data"),
    Output(ids.card_note, "children"),
    Input(ids.card, "n_clicks"),
    prevent_initial_call=True,
)
def _download(clicks: int | None) -> tuple[Any, ...]:
    if not clicks:
        raise PreventUpdate
    try:
        return {"content": documentation().card(), "filename": "model-card.md", "type": "text/markdown"}, no_update
    except ServiceUnavailable as error:
        return no_update, why_unavailable(error)


@callback(Output(ids.threshold, "children"), Input(shell_ids.theme, "data"))
def _explain(theme: str | None) -> Any:
    try:
        facts, report = documentation().facts(language()), documentation().report()
    except ServiceUnavailable as error:
        return _away(error)
    return threshold.explained(facts, report, theme_of(theme))


@callback(Output(ids.rows, "data"), Output(ids.terms_note, "children"), Input(ids.terms, "id"))
def _list(_place: str) -> tuple[Any, ...]:
    try:
        return {ids.terms: markup(glossary.rows(documentation().weights()))}, None
    except ServiceUnavailable as error:
        # What columns mean stands in the catalogue, which is always there.
        return {ids.terms: markup(glossary.rows({}))}, _away(error)


@callback(Output(ids.term, "children"), Input(ids.entry, "data"), Input(shell_ids.theme, "data"))
def _open(key: str | None, theme: str | None) -> Any:
    term = glossary.find(key)
    if term is None:
        return glossary.nothing_open(unknown=bool(key))
    name = (term.table, term.entry.name)
    try:
        weight, shape = documentation().weights().get(name), documentation().shape(*name)
    except ServiceUnavailable as error:
        fault = _("What the model makes of it cannot be said now: {why}.", why=why_unavailable(error))
        return glossary.opened(term, None, None, theme_of(theme), fault)
    return glossary.opened(term, weight, shape, theme_of(theme))


# The list is written as HTML, shows which entry is open, and is narrowed by what was typed before it came.
clientside_callback(
    ClientsideFunction("documentation", "opened"),
    Input(ids.term, "children"),
    Input(ids.entry, "data"),
    Input(ids.rows, "data"),
    prevent_initial_call=True,
)


def _away(error: ServiceUnavailable) -> Component:
    return notice(
        _("What the model says of itself cannot be shown now: {why}.", why=why_unavailable(error)),
        _("Everything else on these pages is there."),
        tone="plain",
    )
