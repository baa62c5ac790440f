"""The credit of the form: amount, instalment and price that follow each other, and the duration that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from core.recourse.actions import bounds, revolving
from core.recourse.linked import duration, follow_credit, instalment, positive
from core.text.formats import format_amount, format_number
from dash_app.components import native
from dash_app.components.marks import data, icon
from dash_app.i18n import _, language
from dash_app.views.scoring import ids
from dash_app.views.scoring.form import entries, fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dash_app.views.scoring.form.entries import Entries, Filling


def strip() -> Component:
    """The switch that links the amounts, the duration, and in words what follows what."""
    rule = _(
        "While they do, instalment and price follow another amount, and the duration stays. "
        "With another instalment, the duration follows; with another duration, the instalment. "
        "Another price changes nothing else."
    )
    switch = native.Switch(id=ids.linked, value=True, label=_("Amount, instalment and price go together"))
    months = html.Div(
        native.Input(
            id=ids.duration,
            type="text",
            inputMode="decimal",
            autoComplete="off",
            debounce=True,
            maxLength=8,
            value="",
            placeholder="—",
            className="field-control",
        ),
        className="field-number unit-word",
        **data(unit=_("months")),
    )
    label = html.Label(_("Duration"), htmlFor=ids.duration, className="field-label")
    return html.Div(
        [
            html.Div([switch, html.P(rule, className="muted small")], className="linked-rule"),
            html.Div([label, months], className="linked-duration"),
            html.P(id=ids.linked_note, className="linked-note small", role="status"),
        ],
        className="linked",
    )


def after_amount(asked: Mapping[str, Any]) -> tuple[Filling, str]:
    """What the fields have once the amount was changed, and in words what followed.

    Args:
        asked: the `values` whose ratios are kept, and the `credit` that was typed, as `assets/js/form.js` sends them.
    """
    credit = asked["credit"]
    follow = follow_credit(_read(asked["values"]), credit) if fields.is_number(credit) else {}
    filling = entries.following(follow, {"AMT_CREDIT": credit})
    if not follow:
        return filling, ""
    lang = language()
    annuity, price = (
        name in follow and format_amount(follow[name], lang) for name in ("AMT_ANNUITY", "AMT_GOODS_PRICE")
    )
    if annuity and price:
        said = _("Followed the amount: instalment {annuity}, price {price}.", annuity=annuity, price=price)
    elif annuity:
        said = _("Followed the amount: instalment {annuity}.", annuity=annuity)
    else:
        said = _("Followed the amount: price {price}.", price=price)
    return filling, said


def after_duration(text: str, held: Entries) -> tuple[Filling | None, str]:
    """What the fields have once the duration was changed, None where it cannot be, and in words what followed."""
    # No duration is long enough to have its digits grouped: a comma is a decimal one in English too.
    months, values, bound, lang = fields.number(text.replace(",", ".")), _read(held), bounds["duration"], language()
    credit = positive(values, "AMT_CREDIT")
    if months is None:
        return None, _("Enter a number.")
    if values.get("NAME_CONTRACT_TYPE") == revolving:
        return None, _("A revolving credit has no duration.")
    if credit is None:
        return None, _("Enter the amount first.")
    if not bound.lowest <= months <= bound.highest:
        low, high = (format_number(end, lang) for end in (bound.lowest, bound.highest))
        return None, _("Duration: between {low} and {high} months.", low=low, high=high)
    annuity = instalment(credit, months)
    said = _("Followed the duration: instalment {annuity}.", annuity=format_amount(annuity, lang))
    return entries.following({"AMT_ANNUITY": annuity}), said


def fault(said: str) -> Component:
    """What is wrong with the duration, as the note shows it; `assets/js/fields.js` ties it to the field."""
    return html.Span([icon("exclamation-triangle-fill"), said], className="note-error")


def is_fault(note: object) -> bool:
    """Whether the note, as the browser sends it back, says what is wrong; it is plain text where it does not."""
    return isinstance(note, dict)


def shown_duration(held: Entries) -> str:
    """The duration as its field shows it, in months; empty where it is not known."""
    months = duration(_read(held))
    return "" if months is None else format_number(round(months, 1), language())


def _read(held: Entries) -> dict[str, Any]:
    """Without what is typed and no number."""
    return {name: entry for name, entry in held.items() if isinstance(entry, str) or fields.is_number(entry)}
