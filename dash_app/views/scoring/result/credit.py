"""The credit that is asked for, in the figures of a lender: what it costs each month, for how long, out of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core.decision import accepted
from core.text.formats import format_amount, format_months, format_share
from dash_app import addresses
from dash_app.components.marks import icon, link
from dash_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.decision import Value

# What lenders in France keep to: a third of the income by use, and 35 % for housing, insurance included (HCSF, decision
# D-HCSF-2021-7). For all credits together; here it is that of the credit asked for.
usual_effort: Final = 0.33
most_effort: Final = 0.35
# How far others may be from the amount and the income to count as like them.
_about: Final = 0.2


def panel(values: Mapping[str, Value]) -> Component:
    """The card of the credit.

    Args:
        values: the application in raw columns; what is absent or None is not known.
    """
    lang = language()
    credit, annuity = _amount(values, "AMT_CREDIT"), _amount(values, "AMT_ANNUITY")
    price, income = _amount(values, "AMT_GOODS_PRICE"), _amount(values, "AMT_INCOME_TOTAL")
    is_loan = values.get("NAME_CONTRACT_TYPE") != "Revolving loans"
    facts = [
        _fact(_("Amount of the credit"), credit and format_amount(credit, lang), _of_the_price(credit, price)),
        _fact(_("Price of the goods"), price and format_amount(price, lang)),
        _fact(_("Instalment"), annuity and format_amount(annuity, lang), _("each month") if annuity else None),
    ]
    if is_loan:
        # Less than a month is one instalment.
        months = format_months(max(1.0, credit / annuity), lang) if credit and annuity else None
        facts.append(_fact(_("Duration"), months, _("amount by instalment, interest not counted") if months else None))
    facts.append(_fact(_("Income"), income and format_amount(income, lang), _("over the period of an instalment")))
    facts.append(_effort(annuity / income if annuity and income else None))
    links = _("Amount, instalment and duration go together: for the same duration, the instalment follows the amount.")
    return html.Section(
        [
            html.H2(_("The credit asked for")),
            html.Dl(facts, className="credit-facts"),
            *([html.P(links, className="muted small")] if is_loan else []),
            *_like_it(values, credit, income),
        ],
        className="card credit",
    )


def _like_it(values: Mapping[str, Value], credit: float | None, income: float | None) -> list[Component]:
    """The way to accepted clients who asked for about as much on about as much income."""
    if credit is None or income is None:
        return []
    asked = {"decision": accepted, "contract_type": str(values.get("NAME_CONTRACT_TYPE") or "")}
    for name, amount in (("income", income), ("credit", credit)):
        asked |= {f"{name}_min": f"{amount * (1 - _about):.0f}", f"{name}_max": f"{amount * (1 + _about):.0f}"}
    words = _("Accepted clients with about this amount and income (20% more or less)")
    return [html.P(link(words, addresses.of_list(asked)), className="small credit-like")]


def _amount(values: Mapping[str, Value], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _of_the_price(credit: float | None, price: float | None) -> str | None:
    if credit is None or price is None:
        return None
    return _("{share} of the price of the goods", share=format_share(credit / price, language()))


def _effort(share: float | None) -> Component:
    lang = language()
    name = _("Effort rate")
    if share is None:
        return _fact(name, None)
    usual = _(
        "usually at most {usual}; {most} for housing",
        usual=format_share(usual_effort, lang),
        most=format_share(most_effort, lang),
    )
    # As it is shown, in whole percent: 33% is not above 33%.
    if round(share, 2) <= usual_effort:
        return _fact(name, format_share(share, lang), usual)
    above = [icon("exclamation-triangle-fill"), html.Span(_("above what is usual"))]
    return html.Div(
        [
            html.Dt(name),
            html.Dd(format_share(share, lang)),
            html.Dd(above, className="credit-note is-above"),
            html.Dd(usual, className="credit-note"),
        ]
    )


def _fact(name: str, value: str | float | None, note: str | None = None) -> Component:
    parts = [html.Dt(name), html.Dd(value or _("not known"))]
    return html.Div([*parts, *([html.Dd(note, className="credit-note")] if value and note else [])])
