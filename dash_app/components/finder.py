"""The client finder: a combobox that looks clients up by the beginning of their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_amount
from dash_app import addresses
from dash_app.components import decisions, ids, native
from dash_app.components.marks import aria, icon, link
from dash_app.i18n import _, language, plural
from dash_app.words import client_name, out_of_hundred

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.clients.lists import ClientLine, ClientList

options_shown = 8


def finder() -> Component:
    """The input with its list of options; `assets/js/finder.js` gives it the keys and roles of a combobox."""
    return html.Div(
        [
            html.Label(_("Find a client by number"), htmlFor=ids.finder_input, className="unseen"),
            icon("search", "finder-icon"),
            native.Input(
                id=ids.finder_input,
                type="text",
                inputMode="numeric",
                debounce=120,
                autoComplete="off",
                maxLength=14,
                placeholder=_("Client number"),
                className="finder-input",
            ),
            html.Kbd("/", className="finder-key", **aria(hidden="true")),
            html.Div(
                id=ids.finder_options,
                className="finder-options",
                hidden=True,
                role="listbox",
                **aria(label=_("Clients")),
            ),
        ],
        className="finder",
        role="search",
    )


def found(page: ClientList) -> list[Component]:
    """The options for a page of clients, or a line that says there are none."""
    if not page.clients:
        return message(_("No client has a number that begins like this."))
    more = page.total - len(page.clients)
    rest = (
        message(plural("{count} more: type another digit.", "{count} more: type another digit.", more)) if more else []
    )
    unknown = any(client.current_decision is None for client in page.clients)
    note = message(decisions.unknown_note()) if unknown else []
    return [_option(client, position) for position, client in enumerate(page.clients)] + rest + note


def recent(client_ids: Sequence[int]) -> list[Component]:
    """The clients opened last, as options."""
    if not client_ids:
        return message(_("Type the first digits of a client number."))
    heading = html.Div(_("Recent clients"), className="finder-message", role="presentation")
    return [heading] + [
        link(
            [icon("clock-history"), html.Span(client_name(client_id), className="finder-name")],
            addresses.of_client(client_id),
            id=f"shell-option-{position}",
            className="finder-option",
            role="option",
            tabIndex=-1,
            **aria(selected="false"),
        )
        for position, client_id in enumerate(client_ids)
    ]


def message(text: str) -> list[Component]:
    """A line in the place of options."""
    return [html.Div(text, className="finder-message", role="option", **aria(disabled="true", selected="false"))]


def _option(client: ClientLine, position: int) -> Component:
    shown, beside = decisions.shown(client), decisions.beside(client)
    return link(
        [
            html.Span(client_name(client.client_id), className="finder-name"),
            html.Span(format_amount(client.credit, language()), className="finder-credit"),
            html.Span(
                [
                    *decisions.marked(shown),
                    html.Span(out_of_hundred(client.probability), className="finder-risk"),
                ],
                className=f"finder-verdict {decisions.tone(shown)}",
            ),
            *([html.Span(beside, className="finder-beside")] if beside else []),
        ],
        addresses.of_client(client.client_id),
        id=f"shell-option-{position}",
        className="finder-option",
        role="option",
        tabIndex=-1,
        **aria(selected="false"),
    )
