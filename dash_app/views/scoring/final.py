"""The officer's final word on an application: confirm or override with a reason, and the trail of earlier words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dash_bootstrap_components as dbc
from dash import html

from core.decision import accepted, refused
from core.formats import format_date
from dash_app.access.login import reader
from dash_app.components.marks import aria, icon, notice
from dash_app.i18n import _, language
from dash_app.views.scoring import ids
from dash_app.words import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.service import OfficerWord

_shortest_reason: Final = 3
_longest_reason: Final = 2000


def panel() -> Component:
    """The form; a callback shows the trail and tells what is wrong."""
    choice = dbc.RadioItems(
        id=ids.word_decision,
        options=[{"label": verdict(each), "value": each} for each in (accepted, refused)],
        inline=True,
        class_name="word-choice",
    )
    return html.Section(
        [
            html.H2(_("Final decision")),
            html.P(
                _("The model advises; you decide. What you write is kept and cannot be changed afterwards."),
                className="muted",
            ),
            html.Div(id=ids.word_trail),
            html.Fieldset([html.Legend(_("Your decision"), className="field-label"), choice]),
            html.Label(_("Your name"), htmlFor=ids.word_officer, className="field-label"),
            _officer(),
            html.Label(_("Why"), htmlFor=ids.word_reason, className="field-label"),
            dbc.Textarea(id=ids.word_reason, maxlength=_longest_reason, rows=3),
            html.Div(
                [
                    html.Button(
                        html.Span(_("Record the decision")),
                        id=ids.word_submit,
                        type="button",
                        className="button button-primary",
                    ),
                    html.Div(id=ids.word_note, role="status"),
                ],
                className="word-foot",
            ),
        ],
        className="card word",
    )


def _officer() -> Component:
    who = reader()
    # Who is signed in decides under their own name.
    own: dict[str, Any] = {"persistence": True} if who is None else {"value": who.name, "readonly": True}
    name: Component = dbc.Input(id=ids.word_officer, type="text", maxlength=128, autocomplete="name", **own)
    return name


def wanting(decision: str | None, officer: str | None, reason: str | None) -> list[str]:
    """What is missing of a word before it can be recorded, a sentence each."""
    missing = []
    if decision not in (accepted, refused):
        missing.append(_("Choose a decision."))
    if not (officer or "").strip():
        missing.append(_("Write your name."))
    if len((reason or "").strip()) < _shortest_reason:
        missing.append(_("Say why, in a few words."))
    return missing


def trail(words: Sequence[OfficerWord]) -> Component | None:
    """The words that were recorded, newest first; nothing where there is none."""
    if not words:
        return None
    return html.Ol([_word(each) for each in words], className="word-trail", **aria(label=_("Decisions recorded")))


def told(missing: Sequence[str]) -> Component:
    """What is missing, as a notice."""
    return notice(_("Not recorded yet."), html.Ul([html.Li(each) for each in missing]), tone="plain")


def recorded(word: OfficerWord) -> Component:
    """The thanks for a word."""
    return notice(_("Recorded: {verdict}.", verdict=verdict(word.decision).lower()), tone="for")


def _word(word: OfficerWord) -> Component:
    against = word.decision == refused
    kind = _("as the model") if word.kind == "confirm" else _("other than the model")
    head: list[Any] = [
        icon("x-octagon-fill" if against else "check-circle-fill"),
        html.Strong(verdict(word.decision)),
        html.Span(f"{kind} · {word.officer} · {format_date(word.time, language())}", className="muted small"),
    ]
    tone = "against" if against else "for"
    return html.Li([html.P(head, className=f"word-head {tone}"), html.P(word.reason)], className="word-line")
