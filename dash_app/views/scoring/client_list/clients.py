"""The list of clients, a page at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.text.formats import format_amount, format_number, format_probability
from dash_app import addresses
from dash_app.components import decisions
from dash_app.components.marks import aria, icon, link, notice, unseen
from dash_app.i18n import _, language, plural
from dash_app.words import client_number, risk_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.contract.clients.lists import ClientLine, ClientList

rows_a_page: Final = 10


def table(page: ClientList, texts: Mapping[str, str]) -> list[Component]:
    """The clients of a page as a table whose rows open a client, with the way to the other pages.

    Args:
        texts: the filters, which the other pages have as well.
    """
    if not page.clients and page.total:
        first = link(_("To the first page"), addresses.of_list(texts))
        return [notice(_("There is no such page."), first, tone="plain")]
    if not page.clients:
        return [
            notice(
                _("No client is like this."),
                _("Ask for less, or enter a new application."),
                tone="plain",
            )
        ]
    head = html.Thead(
        html.Tr(
            [
                html.Th(_("Client"), scope="col"),
                html.Th(_("Contract"), scope="col", className="wide"),
                html.Th(_("Income"), scope="col", className="number wide"),
                html.Th(_("Credit"), scope="col", className="number"),
                html.Th(_("Risk of default"), scope="col", className="number"),
                html.Th(_("Risk"), scope="col", className="wide"),
                html.Th(_("Decision"), scope="col"),
            ]
        )
    )
    body = html.Tbody([_row(client) for client in page.clients])
    caption = html.Caption(_("Clients"), className="unseen")
    unknown = any(client.current_decision is None for client in page.clients)
    note = [html.P(decisions.unknown_note(), className="list-note muted small")] if unknown else []
    return [*note, html.Table([caption, head, body], className="clients"), _pager(page, texts)]


def _row(client: ClientLine) -> Component:
    lang = language()
    beside = decisions.beside(client)
    contract = catalogue.column("NAME_CONTRACT_TYPE").code_label(client.contract_type, lang)
    return html.Tr(
        [
            html.Th(link(client_number(client.client_id), addresses.of_client(client.client_id)), scope="row"),
            html.Td(contract, className="wide"),
            html.Td(format_amount(client.income, lang), className="number wide"),
            html.Td(format_amount(client.credit, lang), className="number"),
            html.Td(format_probability(client.probability, lang), className="number"),
            html.Td(risk_name(client.risk_category), className="wide"),
            html.Td(
                [
                    decisions.tag(decisions.shown(client)),
                    *([html.Span(beside, className="decided-by muted small")] if beside else []),
                ]
            ),
        ]
    )


def _pager(page: ClientList, texts: Mapping[str, str]) -> Component:
    lang = language()
    number, pages = page.offset // page.limit + 1, max(math.ceil(page.total / page.limit), 1)
    count = plural("{number} client", "{number} clients", page.total, number=format_number(page.total, lang))
    here = _("page {number} of {pages}", number=format_number(number, lang), pages=format_number(pages, lang))
    return html.Nav(
        [
            html.P(f"{count} · {here}", className="muted small"),
            html.Div(
                [
                    _step(_("Previous page"), "chevron-left", addresses.of_list(texts, number - 1), off=number <= 1),
                    _step(_("Next page"), "chevron-right", addresses.of_list(texts, number + 1), off=number >= pages),
                ],
                className="pager-steps",
            ),
        ],
        className="pager",
        **aria(label=_("Pages of the list")),
    )


def _step(text: str, icon_name: str, href: str, *, off: bool) -> Component:
    content = [icon(icon_name), unseen(text)]
    if off:
        return html.Span(content, className="button button-quiet", **aria(disabled="true"))
    return link(content, href, className="button button-quiet")
