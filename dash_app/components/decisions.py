"""A decision as every page shows it: which one counts, whose it is, and what the model says beside an officer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.decision import refused
from core.text.formats import format_date
from dash_app.components.marks import icon
from dash_app.i18n import _, language
from dash_app.words import verdict

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.clients.lists import ClientLine
    from core.contract.record.officer_decisions import OfficerDecision


def tone(decision: str) -> str:
    """The class of what shows a decision: `for` or `against`."""
    return "against" if decision == refused else "for"


def marked(decision: str) -> list[Component]:
    """The decision as an icon and a word."""
    return [icon("x-octagon-fill" if decision == refused else "check-circle-fill"), html.Span(verdict(decision))]


def tag(decision: str) -> Component:
    """The decision as a tag."""
    return html.Span(marked(decision), className=f"tag {tone(decision)}")


def shown(client: ClientLine) -> str:
    """The decision that a list shows of a client: the one that counts, as far as it is known."""
    return client.current_decision or client.decision


def beside(client: ClientLine) -> str:
    """What a list says beside the decision of an officer: what the model says; empty where the model's is shown."""
    if client.final_decision is None:
        return ""
    return _("by an officer; model: {verdict}", verdict=verdict(client.decision).lower())


def unknown_note() -> str:
    """Why a list shows the decisions of the model alone."""
    return _("What officers decided cannot be read now: these are the decisions of the model.")


def decided_by(final: OfficerDecision) -> str:
    """Who decided finally, and when: a sentence."""
    return _("Decided by {officer} on {date}.", officer=final.officer, date=format_date(final.time, language()))


def stamp(model_decision: str, final: OfficerDecision | None, *, is_known: bool) -> Component:
    """The decision that counts, in one line: whose it is, since when, and what the model says where it is another's.

    Args:
        model_decision: what the model says now.
        final: the last decision of an officer.
        is_known: whether it is known what officers decided.
    """
    if final is None:
        sentence = (
            _("Decision of the model. No officer has decided yet.")
            if is_known
            else _("Decision of the model. What officers decided cannot be read now.")
        )
        return html.P([tag(model_decision), html.Span(sentence)], className="stamp")
    agreed = (
        _("The model says the same.")
        if final.decision == model_decision
        else _("The model says: {verdict}.", verdict=verdict(model_decision).lower())
    )
    return html.P(
        [
            html.Strong(_("Final decision")),
            tag(final.decision),
            html.Span(f"{decided_by(final)} {agreed}"),
        ],
        className=f"stamp is-final {tone(final.decision)}",
    )
