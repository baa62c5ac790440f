"""The filters of the list of clients: their controls, what they ask for, and the address that keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dash import html

from core import catalogue
from core.contract.record.officer_decisions import deciders
from core.decision import RiskCategory, accepted, refused, risk_bands
from core.portfolio.client_search import ClientFilter, sort_keys
from dash_app import addresses
from dash_app.components import native
from dash_app.components.marks import icon
from dash_app.i18n import _, language
from dash_app.views.scoring import ids
from dash_app.views.scoring.form import fields
from dash_app.words import risk_name, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.portfolio.client_search import SortKey
    from dash_app.service.answers import Order

_choices: Final = ("decision", "decided_by", "risk_category", "contract_type", "income_type")
_ranges: Final = (
    ("age_min", "age_max"),
    ("income_min", "income_max"),
    ("credit_min", "credit_max"),
)
# Every filter, in the order of its control.
names: Final = ("search", *_choices, "sort", *(name for both in _ranges for name in both))
_by_number: Final = "client_id-asc"
# A choice that asks for nothing: an empty value would show an empty box.
_any: Final = "all"
_sorts: Final = (
    _by_number,
    "probability-desc",
    "probability-asc",
    "credit-desc",
    "credit-asc",
    "income-desc",
    "income-asc",
    "age-desc",
    "age-asc",
)
_oldest: Final = 120


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list is to show.

    Attributes:
        wanted: what the clients have in common.
        given: the filters that have a value, by name, as an address carries them.
        wrong: names of filters that cannot be read, and so ask for nothing.
    """

    wanted: ClientFilter = field(default_factory=ClientFilter)
    by: SortKey = "client_id"
    order: Order = "asc"
    given: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def listing(values: Mapping[str, str | None]) -> Listing:
    """Reads the filters from their controls or from an address; what cannot be read asks for nothing.

    Args:
        values: texts by the names of `names`; numbers as the reader types them.
    """
    texts = {name: text.strip() for name in names if (text := values.get(name) or "").strip()}
    texts = {name: text for name, text in texts.items() if name not in _choices or text != _any}
    wrong: list[str] = [name for name in _choices if name in texts and texts[name] not in dict(_options(name))]
    asked: dict[str, Any] = {
        # What the list shows as the decision is the one that counts.
        {"decision": "current_decision"}.get(name, name): texts[name]
        for name in _choices
        if name in texts and name not in wrong
    }
    if number := texts.get("search"):
        if addresses.client_number(number) is None:
            wrong.append("search")
        else:
            asked["prefix"] = texts["search"] = "".join(number.split())
    for name in (bound for both in _ranges for bound in both if bound in texts):
        amount = fields.number(texts[name])
        if amount is None or amount < 0 or (name.startswith("age") and amount > _oldest):
            wrong.append(name)
        else:
            asked[name] = int(amount) if name.startswith("age") else amount
            # An address carries a number that both languages read.
            texts[name] = f"{amount:.0f}"
    sort = texts.pop("sort", _by_number)
    sort = sort if sort in _sorts else _by_number
    by, order = sort.rsplit("-", 1)
    if sort != _by_number:
        texts["sort"] = sort
    kept = {name: text for name, text in texts.items() if name not in wrong}
    sort_key = next(key for key in sort_keys if key == by)
    return Listing(ClientFilter(**asked), sort_key, "desc" if order == "desc" else "asc", kept, tuple(wrong))


def controls(texts: Mapping[str, str]) -> Component:
    """The controls, with the values of an address."""
    more = any(texts.get(name) for both in _ranges for name in both)
    return html.Div(
        [
            html.Div(
                [
                    *(_choice(name, texts.get(name, "")) for name in _choices),
                    _choice("sort", texts.get("sort", _by_number)),
                ],
                className="filters-row",
            ),
            html.Details(
                [
                    html.Summary(_("Age and amounts")),
                    html.Div([_range(low, high, texts) for low, high in _ranges], className="filters-row"),
                ],
                className="filters-more",
                open=more,
            ),
            html.Div(
                [
                    html.Div(id=ids.filter_note, className="note-error", role="status"),
                    html.Button(
                        [icon("x-lg"), html.Span(_("Clear the filters"))],
                        id=ids.filter_clear,
                        type="button",
                        className="button button-quiet",
                        hidden=not any(texts.get(name) for name in names),
                    ),
                ],
                className="filters-foot",
            ),
        ],
        className="filters",
    )


def cleared() -> dict[str, str]:
    """What every control says where nothing is asked for."""
    return dict.fromkeys(names, "") | dict.fromkeys(_choices, _any) | {"sort": _by_number}


def told(wrong: Sequence[str]) -> str:
    """What is wrong with filters, in one sentence; empty where nothing is."""
    if "search" in wrong:
        return _("A client number is made of digits.")
    return _("Enter a number.") if wrong else ""


def _choice(name: str, value: str) -> Component:
    options = _options(name)
    if name != "sort":
        options = [(_any, _("Any")), *options]
    return html.Div(
        [
            html.Label(_label(name), htmlFor=ids.filter_dom(name)),
            native.Select(
                id=ids.filter_by(name),
                options=[{"value": option, "label": words} for option, words in options],
                value=value if value in dict(options) else options[0][0],
            ),
        ],
        className="choice",
    )


def _range(low: str, high: str, texts: Mapping[str, str]) -> Component:
    return html.Fieldset(
        [
            html.Legend(_label(low)),
            html.Div([_bound(low, _("from"), texts), html.Span("–"), _bound(high, _("to"), texts)], className="range"),
        ],
        className="choice",
    )


def _bound(name: str, word: str, texts: Mapping[str, str]) -> Component:
    label = html.Label(f"{_label(name)} {word}", htmlFor=ids.filter_dom(name), className="unseen")
    box = native.Input(
        id=ids.filter_by(name),
        type="text",
        inputMode="numeric",
        autoComplete="off",
        debounce=400,
        maxLength=14,
        value=texts.get(name, ""),
        placeholder=word,
    )
    return html.Div([label, box])


def _options(name: str) -> list[tuple[str, str]]:
    lang = language()
    if name == "decision":
        return [(outcome, verdict(outcome)) for outcome in (accepted, refused)]
    if name == "decided_by":
        return list(zip(deciders, (_("an officer"), _("the model alone")), strict=True))
    if name == "risk_category":
        bands: list[RiskCategory] = [band for _bound, band in risk_bands]
        return [(band, risk_name(band)) for band in bands]
    if name == "sort":
        return [(each, words) for each, words in zip(_sorts, _sort_names(), strict=True)]
    column = catalogue.column({"contract_type": "NAME_CONTRACT_TYPE", "income_type": "NAME_INCOME_TYPE"}[name])
    return [(code.code, code.label(lang)) for code in column.codes]


def _sort_names() -> tuple[str, ...]:
    return (
        _("Number"),
        _("Highest risk first"),
        _("Lowest risk first"),
        _("Largest credit first"),
        _("Smallest credit first"),
        _("Highest income first"),
        _("Lowest income first"),
        _("Oldest first"),
        _("Youngest first"),
    )


def _label(name: str) -> str:
    return {
        "decision": _("Decision"),
        "decided_by": _("Decided by"),
        "risk_category": _("Risk"),
        "contract_type": _("Contract"),
        "income_type": catalogue.column("NAME_INCOME_TYPE").label(language()),
        "sort": _("Sorted by"),
        "age_min": _("Age"),
        "age_max": _("Age"),
        "income_min": _("Income"),
        "income_max": _("Income"),
        "credit_min": _("Credit"),
        "credit_max": _("Credit"),
    }[name]
