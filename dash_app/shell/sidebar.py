"""The sidebar: its sections services, model, dataset, from what the service says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from babel.dates import format_timedelta
from dash import html

from core.text.formats import (
    format_amount,
    format_date,
    format_number,
    format_probability,
    format_ratio,
    format_score,
    format_years,
)
from dash_app.components.marks import aria, data, icon, skeleton
from dash_app.i18n import _, language, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from core.contract.clients.lists import Dataset, Spread
    from core.contract.model import ModelDescription
    from dash_app.shell.states import ServiceState, States


def states(states: States) -> list[Component]:
    """The rows of the services."""
    return [html.Ul([_state(service) for service in states.services], className="states")]


def standing(states: States) -> list[Component]:
    """What everybody has to know of the services: the model on hand decides, files wait, or the record does."""
    notes: list[Component] = [
        html.P([icon("info-circle"), html.Span(said)], className="sidebar-note") for said in _spooled(states)
    ]
    if any(service.key == "worker" and service.level == "down" for service in states.services):
        away = [icon("cloud-slash-fill"), html.Span(_("Files are not scored: the worker is away."))]
        notes = [html.P(away, className="sidebar-note against"), *notes]
    if not states.local:
        return notes
    local = [icon("cpu"), html.Span(_("Scoring goes on with the local model."))]
    return [html.P(local, className="sidebar-note against"), *notes]


def _spooled(states: States) -> list[str]:
    """What waits for the record of the API, and what it did not take."""
    if states.waiting is None:
        return [_("Whether decisions wait for the record cannot be read: see the log.")]
    waiting, refused = states.waiting.count, states.waiting.refused
    waiting_note = [plural("{count} decision waits for the record.", "{count} decisions wait for the record.", waiting)]
    refused_note = plural(
        "{count} decision was not taken into the record: see the log.",
        "{count} decisions were not taken into the record: see the log.",
        refused,
    )
    return (waiting_note if waiting else []) + ([refused_note] if refused else [])


def announcement(states: States) -> str:
    """The states in one sentence, for a live region: it changes only when a state does."""
    sentences = [
        _("{service}: {level}", service=service.name, level=_level_name(service.level)) for service in states.services
    ]
    return ". ".join([*sentences, _("Scoring goes on with the local model.")] if states.local else sentences)


def model(summary: ModelDescription) -> list[Component]:
    """What is known of the model."""
    lang = language()
    rows: list[Component] = [
        _facts(
            (_("Decision threshold"), format_probability(summary.optimal_threshold, lang)),
            (_("Version"), summary.version),
            (_("Trained on"), format_date(summary.training_date, lang)),
            (_("AUC"), format_ratio(summary.auc, lang)),
        )
    ]
    if summary.trained_on == "demo":
        rows.append(
            html.P([icon("info-circle"), html.Span(_("Trained on synthetic demo data."))], className="sidebar-note")
        )
    return rows


def dataset(summary: Dataset) -> list[Component]:
    """The portfolio in a few numbers."""
    lang = language()
    facts = [
        (_("Clients"), format_number(summary.n_clients, lang)),
        (_("Variables"), format_number(summary.n_columns, lang)),
    ]
    if summary.default_rate is not None:
        facts.append((_("Default rate"), format_probability(summary.default_rate, lang)))
    table = _table(
        (_("Income"), summary.income, format_amount),
        (_("Credit"), summary.credit, format_amount),
        (_("Age"), summary.age, format_years),
        (_("Children"), summary.children, _one_decimal),
        (_("External score 1"), summary.ext_source_1, format_score),
        (_("External score 2"), summary.ext_source_2, format_score),
        (_("External score 3"), summary.ext_source_3, format_score),
    )
    rows: list[Component] = [_facts(*facts), table, _gender(summary.gender)]
    if summary.synthetic:
        rows.append(html.P([icon("info-circle"), html.Span(_("Synthetic clients."))], className="sidebar-note"))
    return rows


def missing(text: str) -> list[Component]:
    """In the place of a section that cannot be read."""
    return [html.P([icon("exclamation-triangle-fill"), html.Span(text)], className="sidebar-note against")]


def waiting(lines: int) -> Component:
    """In the place of a section that has not been read yet."""
    return skeleton(*["100%"] * lines)


def _state(state: ServiceState) -> Component:
    seen = _("seen {ago}", ago=_ago(state.seen_ago)) if state.seen_ago is not None else _("not seen yet")
    detail = [state.fault, seen] if state.fault else [seen]
    return html.Li(
        [
            html.Span(icon(_level_icons[state.level]), className=f"state-mark {_level_tones[state.level]}"),
            html.Span(state.name, className="state-name"),
            html.Span(_level_name(state.level), className=f"state-level {_level_tones[state.level]}"),
            html.Span(" · ".join(detail), className="state-detail"),
        ],
        className="state",
        **data(level=state.level, service=state.key),
    )


_level_icons = {
    "up": "cloud-check-fill",
    "degraded": "exclamation-triangle-fill",
    "down": "cloud-slash-fill",
    "unknown": "info-circle",
}
_level_tones = {"up": "for", "degraded": "against", "down": "against", "unknown": "plain"}


def _level_name(level: str) -> str:
    return {"up": _("online"), "degraded": _("degraded"), "down": _("offline"), "unknown": _("unknown")}[level]


def _ago(seconds: float) -> str:
    if seconds < 10:
        return _("just now")
    return str(format_timedelta(timedelta(seconds=-seconds), add_direction=True, locale=language()))


def _facts(*facts: tuple[str, str]) -> Component:
    rows = [html.Div([html.Dt(name), html.Dd(value)], className="fact") for name, value in facts]
    return html.Dl(rows, className="facts")


def _table(*rows: tuple[str, Spread, Callable[[float, Any], str]]) -> Component:
    lang = language()
    head = html.Thead(
        html.Tr(
            [
                html.Th(html.Span(_("Variable"), className="unseen")),
                html.Th(_("Median"), scope="col"),
                html.Th(_("Mean"), scope="col"),
            ]
        )
    )
    body = [
        html.Tr([html.Th(name, scope="row"), html.Td(write(of.median, lang)), html.Td(write(of.mean, lang))])
        for name, of, write in rows
    ]
    return html.Table([head, html.Tbody(body)], className="sidebar-table")


def _gender(shares: dict[str, float]) -> Component:
    names = {"F": _("Women"), "M": _("Men")}
    lang = language()
    known = [(names.get(code, _("Other")), share) for code, share in shares.items()]
    bar = [
        html.Span(className=f"share share-{position}", style={"flexGrow": share})
        for position, (_name, share) in enumerate(known)
    ]
    words = [html.Span(f"{name} {format_probability(share, lang)}") for name, share in known]
    return html.Div(
        [html.Div(bar, className="share-bar", **aria(hidden="true")), html.Div(words, className="share-words")]
    )


def _one_decimal(number: float, lang: Any) -> str:
    return format_number(round(number, 1), lang)
