"""The glossary: a list of all terms to choose from, and the one that is open beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import dcc, html

from core import catalogue
from core.catalogue import glossary as terms_of
from core.catalogue.glossary import features_table
from core.drift.measures.thresholds import measures
from core.text.drift import word
from dash_app import addresses
from dash_app.components import native
from dash_app.components.marks import aria, data, icon, unseen
from dash_app.i18n import _, language
from dash_app.views.documentation import ids, text
from dash_app.views.documentation.evaluation import figures
from dash_app.views.documentation.parts import table
from dash_app.views.documentation.values import decimals, rate, share
from dash_app.views.drift.parts import panel
from dash_app.views.drift.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.catalogue.glossary import Term
    from core.contract.glossary import CategoryDistribution, NumberDistribution
    from dash_app.service.documentation import Shape, Weight
    from dash_app.shell.theme import Theme

# A share that would be written as nothing.
_rarely: Final = 0.0005


def workspace(entry: str | None) -> list[Component]:
    """The controls, the place of the list and the place of the entry that is open; no data."""
    return [
        dcc.Store(id=ids.entry, data=entry),
        dcc.Store(id=ids.rows),
        html.Div(id=ids.terms_note),
        html.Div(
            [
                html.Section(
                    [
                        _controls(),
                        html.P(
                            id=ids.term_count,
                            className="term-count muted small",
                            role="status",
                            **data(
                                many=_("{count} entries", count="000"), one=_("1 entry"), none=_("No entry holds that.")
                            ),
                        ),
                        html.Ul(id=ids.terms, className="terms", tabIndex=0, **aria(label=_("Entries"))),
                    ],
                    className="card card-flush term-list",
                    **aria(label=_("Entries")),
                ),
                html.Section(id=ids.term, className="card term", **aria(label=_("The entry that is open"))),
            ],
            className="glossary",
        ),
        _measures(),
    ]


def _measures() -> Component:
    """The measures of drift, each in a line: PSI, Jensen-Shannon, Wasserstein..."""
    lang = language()
    lines = [html.Div([html.Dt(word(name, lang)), html.Dd(word(f"{name}_help", lang))]) for name in measures]
    title = _("Measures of drift")
    return html.Section(
        [html.H2(title), html.Dl(lines, className="doc-facts")], className="card drift-measures", **aria(label=title)
    )


def table_name(key: str) -> str:
    """What a table is called."""
    return {
        features_table: _("Computed figures"),
        "application": _("Application"),
        "bureau": _("Credit bureau"),
        "bureau_balance": _("Credit bureau, by month"),
        "previous_application": _("Earlier applications"),
        "pos_cash_balance": _("Point-of-sale and cash loans, by month"),
        "installments_payments": _("Instalments paid"),
        "credit_card_balance": _("Credit cards, by month"),
    }[key]


def rows(weights: Mapping[tuple[str, str], Weight]) -> list[Component]:
    """All terms: what the model leans on first, then the rest, table by table."""
    terms = terms_of.terms(None)
    places = {key: weight.rank for key, weight in weights.items()}
    ordered = sorted(terms, key=lambda term: places.get((term.table, term.entry.name), len(terms)))
    most = max((weight.share for weight in weights.values()), default=1.0)
    return [_row(term, weights.get((term.table, term.entry.name)), most) for term in ordered]


def find(key: str | None) -> Term | None:
    """The term that `table.NAME` means; None where there is no such."""
    place = tuple((key or "").split(".", 1))
    return next((term for term in terms_of.terms(None) if (term.table, term.entry.name) == place), None)


def nothing_open(*, unknown: bool) -> list[Component]:
    """What stands beside the list while no entry is open."""
    sentence = _("There is no such entry.") if unknown else _("Choose an entry")
    return [
        html.Div(
            [
                icon("book"),
                html.P(sentence, className="empty-title"),
                html.P(_("What it means, how it is spread, and what the model makes of it is shown here.")),
            ],
            className="empty",
        )
    ]


def opened(term: Term, weight: Weight | None, shape: Shape | None, theme: Theme, fault: str = "") -> list[Component]:
    """Everything that is known of a term.

    Args:
        weight: what the model makes of it; None where it does not see it, or does not answer.
        shape: how it is spread; None where that was not kept.
        fault: why neither can be said; empty where nothing fails.
    """
    entry, lang = term.entry, language()
    body: list[Component] = [
        html.P(f"{table_name(term.table)} · {catalogue.group_label(entry.group, lang)}", className="term-where"),
        html.H2(entry.label(lang), id="documentation-term-name"),
        html.P(html.Code(entry.name, className="mono")),
        html.P(entry.help(lang), className="term-help"),
        html.Dl(
            [html.Div([html.Dt(name), html.Dd(words)]) for name, words in _facts(term, weight)], className="doc-facts"
        ),
    ]
    if fault:
        body.append(html.P(fault, className="muted small"))
    elif shape is not None:
        body += [html.H3(_("Among the applications that the model was trained on")), *_spread(entry.name, shape, theme)]
    else:
        body.append(html.P(_("No distribution is kept of this entry."), className="muted small"))
    if term.codes:
        body.append(_codes(term))
    return body


def _controls() -> Component:
    lang = language()
    words = _("Search an entry")
    groups = {term.entry.group: catalogue.group_label(term.entry.group, lang) for term in terms_of.terms(None)}
    return html.Div(
        [
            html.Label(
                [
                    unseen(words),
                    icon("search"),
                    native.Input(id=ids.term_search, type="text", autoComplete="off", placeholder=words),
                ],
                className="filter",
            ),
            _select(
                _("Table"),
                ids.term_table,
                [("all", _("all tables")), *((name, table_name(name)) for name in terms_of.tables())],
            ),
            _select(
                _("Theme"),
                ids.term_group,
                [("all", _("all themes")), *sorted(groups.items(), key=lambda group: group[1])],
            ),
            _select(_("Use"), ids.term_seen, [("all", _("all entries")), ("seen", _("what the model looks at"))]),
        ],
        className="term-controls",
        role="search",
        **aria(label=_("Glossary")),
    )


def _select(name: str, control: str, options: Sequence[tuple[str, str]]) -> Component:
    return html.Div(
        [
            html.Label(name, htmlFor=control),
            native.Select(
                id=control,
                options=[{"value": option, "label": words} for option, words in options],
                value=options[0][0],
            ),
        ],
        className="choice",
    )


def _row(term: Term, weight: Weight | None, most: float) -> Component:
    entry, lang = term.entry, language()
    key = f"{term.table}.{entry.name}"
    weighed = (
        html.Span(
            [
                html.Span(
                    html.Span(style={"width": f"{weight.share / most:.1%}"}),
                    className="term-bar",
                    **aria(hidden="true"),
                ),
                html.Span(
                    _("no. {rank}", rank=weight.rank), className="term-rank", title=_("Place among the model’s figures")
                ),
            ],
            className="term-weight",
        )
        if weight is not None
        else None
    )
    link = html.A(
        [
            html.Span(entry.label(lang), className="term-label"),
            html.Span(
                [html.Span(entry.name, className="term-code"), f" · {table_name(term.table)}"], className="term-sub"
            ),
            *([weighed] if weighed is not None else []),
        ],
        href=addresses.at(addresses.of_term(term.table, entry.name)),
        **data(entry=key),
    )
    return html.Li(
        link,
        **data(
            text=f"{entry.name} {entry.label(lang)} {entry.help(lang)}",
            table=term.table,
            group=entry.group,
            rank=str(weight.rank) if weight else "",
        ),
    )


def _facts(term: Term, weight: Weight | None) -> list[tuple[str, str]]:
    entry = term.entry
    facts: list[tuple[str, str]] = []
    if weight is not None:
        facts.append(
            (
                _("Weight in the model"),
                _("{share}, place {rank}", share=_weighed(weight.share), rank=weight.rank),
            )
        )
    if entry.direction:
        rises = _("A higher value may only raise the risk")
        facts.append((_("Direction"), rises if entry.direction > 0 else _("A higher value may only lower the risk")))
    if isinstance(entry, catalogue.Column) and entry.essential:
        facts.append((_("Essential"), entry.why_essential(language())))
    if isinstance(entry, catalogue.Column) and (entry.minimum is not None or entry.maximum is not None):
        low = "…" if entry.minimum is None else value(entry.name, entry.minimum)
        high = "…" if entry.maximum is None else value(entry.name, entry.maximum)
        if term.table == "application":
            facts.append((_("Accepted values"), _("{low} to {high}", low=low, high=high)))
    return facts


def _weighed(part: float) -> str:
    return rate(part) if part >= _rarely else _("under {share}", share=rate(2 * _rarely))


def _spread(name: str, of: Shape, theme: Theme) -> list[Component]:
    missing = _stated(of.missing_share)
    sentence = f"{text.shape(name, of)} {missing}"
    words = html.P(sentence, className="said")
    if hasattr(of, "codes"):
        return [words, *_categories(name, of, theme, sentence)]  # type: ignore[arg-type]
    return [words, *_numbers(name, of, theme, sentence)]


def _stated(missing: float) -> str:
    if missing == 0:
        return _("Always stated.")
    if missing < _rarely:
        return _("Almost always stated.")
    return _("Not stated in {share} of them.", share=rate(missing))


def _numbers(name: str, of: NumberDistribution, theme: Theme, sentence: str) -> list[Component]:
    if not of.counts:
        return []
    total = sum(of.counts)
    behind = table(
        (_("From – to"), _("Share"), _("Observed defaults")),
        [
            (
                f"{value(name, low)} – {value(name, high)}",
                share(rows_of / total),
                "—" if defaults is None else rate(defaults),
            )
            for low, high, rows_of, defaults in zip(of.edges, of.edges[1:], of.counts, of.default_rate, strict=False)
            if rows_of
        ],
        _("Distribution"),
    )
    keys = [("bar", _("applications")), ("observed", _("default observed"))]
    return panel(sentence, keys, figures.spread(name, of, theme), behind)


def _categories(name: str, of: CategoryDistribution, theme: Theme, sentence: str) -> list[Component]:
    behind = table(
        (_("Value"), _("Share"), _("Observed defaults")),
        [
            (figures.code_name(name, code), share(part), "—" if defaults is None else rate(defaults))
            for code, part, defaults in zip(of.codes, of.shares, of.default_rate, strict=True)
        ],
        _("Distribution"),
    )
    return panel(sentence, [("bar", _("applications"))], figures.codes(name, of, theme), behind)


def _codes(term: Term) -> Component:
    rows_of = [(code.label(language()), code.code) for code in term.codes]
    return html.Details(
        [
            html.Summary(_("All {count} values", count=decimals(len(rows_of), 0))),
            table((_("Meaning"), _("In the data")), rows_of, _("Values")),
        ],
        className="past-table",
    )
