"""The accepted clients most like the one on the page: what they have, and what differs most, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core.comparison.accepted import default_count
from core.text.formats import format_number, format_probability
from dash_app import addresses
from dash_app.components.marks import data, link, notice
from dash_app.i18n import _, language, plural
from dash_app.views.scoring import ids
from dash_app.words import client_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.clients.nearest import NearestAccepted, NearestClient, NearestVariable

# Columns of the table; what else clients are compared in is said where it differs.
_shown: Final = (
    "AMT_INCOME_TOTAL",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "CREDIT_DURATION",
    "DAYS_BIRTH",
    "DAYS_EMPLOYED",
    "EXT_SOURCE_MEAN",
)


def frame() -> Component:
    """The card with the button that asks for them; `panel` fills its place."""
    lead = _(
        "Whom the model accepts among the clients on hand, nearest in amounts, duration, age, job and scores. These are"
        " other people’s files, for you and not for the client."
    )
    return html.Section(
        [
            html.H2(_("Accepted clients most like this one")),
            html.P(lead, className="muted small"),
            html.Button(_("Show these clients"), id=ids.alike_ask, type="button", className="button button-quiet"),
            # What is said is short; the table below it is read by whoever goes there.
            html.Div(id=ids.alike_said, className="alike-said", role="status"),
            html.Div(id=ids.alike),
        ],
        id=ids.section("alike"),
        className="card credit",
    )


def panel(found: NearestAccepted) -> Component | None:
    """The application, the clients below it, and how near is measured; nothing where there is nobody."""
    if not found.clients:
        return None
    shown = [variable for variable in found.variables if variable.name in _shown]
    risk = _("Risk of default")
    head = html.Thead(
        html.Tr(
            [
                html.Th(_("Client"), scope="col", role="columnheader"),
                html.Th(risk, scope="col", className="number", role="columnheader"),
                *(html.Th(_name(variable), scope="col", className="number", role="columnheader") for variable in shown),
            ],
            role="row",
        ),
        role="rowgroup",
    )
    # The roles stay where the style sheet makes cards of the rows.
    table = html.Table(
        [
            html.Caption(_("Accepted clients most like this one"), className="unseen"),
            head,
            _own(shown),
            *(_client(client, found, shown) for client in found.clients),
        ],
        className="alike-rows",
        role="table",
    )
    return html.Div([table, *(html.P(note, className="muted small") for note in _notes(found))], className="alike")


def said(found: NearestAccepted) -> Component:
    """Among whom the clients are, where there are fewer than usual, or why there is nobody."""
    lang, count = language(), found.accepted
    if not count:
        return notice(_("No other client on hand is accepted."), tone="plain")
    if not found.clients:
        return notice(_("Too little is known of this application to find clients like it."), tone="plain")
    threshold = format_probability(found.threshold, lang)
    if count < default_count:
        few = plural(
            "Only {count} other client is accepted by the model, below a risk of {threshold}.",
            "Only {count} other clients are accepted by the model, below a risk of {threshold}.",
            count,
            threshold=threshold,
        )
        return html.P(few, className="small")
    among = _(
        "The nearest of {number} clients whom the model accepts, below a risk of {threshold}; an officer may have"
        " decided otherwise.",
        number=format_number(count, lang),
        threshold=threshold,
    )
    return html.P(among, className="small")


def _own(shown: Sequence[NearestVariable]) -> Component:
    name = html.Th(_("This application"), scope="row", role="rowheader")
    risk = html.Td("", className="number", role="cell")
    cells = [_cell(variable, variable.value_text) for variable in shown]
    return html.Tbody(html.Tr([name, risk, *cells], role="row"), className="is-own", role="rowgroup")


def _client(client: NearestClient, found: NearestAccepted, shown: Sequence[NearestVariable]) -> Component:
    values = {value.name: value.value_text for value in client.values}
    way = link(client_number(client.client_id), addresses.of_client(client.client_id))
    risk = format_probability(client.probability, language(), found.threshold)
    row = html.Tr(
        [
            html.Th(way, scope="row", role="rowheader"),
            html.Td(risk, className="number", role="cell", **data(head=_("Risk of default"))),
            *(
                _cell(variable, values[variable.name], differs=variable.name in client.differences)
                for variable in shown
            ),
        ],
        role="row",
    )
    said = html.Td(differences(client, found), colSpan=len(shown) + 2, role="cell")
    return html.Tbody([row, html.Tr(said, className="alike-differs", role="row")], role="rowgroup")


def _cell(variable: NearestVariable, text: str, *, differs: bool = False) -> Component:
    return html.Td(
        html.Strong(text) if differs else text, className="number", role="cell", **data(head=_name(variable))
    )


def _name(variable: NearestVariable) -> str:
    """As the column is headed: shorter than in the catalogue where that is long."""
    return {
        "CREDIT_DURATION": _("Duration"),
        "AMT_CREDIT": _("Credit"),
        "EXT_SOURCE_MEAN": _("External scores"),
        "DAYS_EMPLOYED": _("Time in job"),
    }.get(variable.name, variable.label)


def differences(client: NearestClient, found: NearestAccepted) -> str:
    """What differs most, with both values: `Differs most: age 52 years (here 34 years).`"""
    own = {variable.name: variable for variable in found.variables}
    values = {value.name: value.value_text for value in client.values}
    if not client.differences:
        return _("Close in everything that is compared.")
    parts = [
        _(
            "{name} {value} (here {own})",
            name=_name(own[name]).lower(),
            value=values[name],
            own=own[name].value_text,
        )
        for name in client.differences
    ]
    return _("Differs most: {differences}.", differences=", ".join(parts))


def _notes(found: NearestAccepted) -> list[str]:
    missing = [_name(variable).lower() for variable in found.variables if not variable.is_compared]
    how = _(
        "The nearest comes first. Each value counts the same: how many clients lie between the two. Another type of"
        " credit or income counts as wholly different. So does a client without a value that this application has,"
        " such as a time in the job."
    )
    left_out = _("Not compared (not given, or not applicable): {names}.", names=", ".join(missing))
    return [how, *([left_out] if missing else [])]
