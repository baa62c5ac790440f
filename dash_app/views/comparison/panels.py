"""The three panels of the page: a figure each, what it says, what its marks mean, and the table behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dash import dcc, html

from core.contract.clients.comparison import ComparedCategory, ComparedNumber
from dash_app.components.marks import aria, notice
from dash_app.i18n import _, language
from dash_app.views.comparison import overview as overviews
from dash_app.views.comparison import table, text
from dash_app.views.comparison.figures import density as densities
from dash_app.views.comparison.figures.categories import bars, categories
from dash_app.views.comparison.figures.distribution import Marked, spread
from dash_app.views.comparison.figures.slices import slices
from dash_app.views.comparison.values import group_name, label, written
from dash_app.words import client_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from dash.development.base_component import Component

    from dash_app.service import ComparisonView
    from dash_app.shell.theme import Theme

Shape = Literal["dots", "radar"]
_Key = tuple[str, str]


def overview(view: ComparisonView, shape: Shape, theme: Theme) -> list[Component]:
    """Where the client stands in everything that is compared: a figure, and a sentence for each."""
    rows = overviews.standings(view)
    sentences = html.Ol([_sentence(view, feature) for feature in view.features], className="places")
    if not rows:
        return [notice(_("None of the compared figures is a number that this client has."), tone="plain"), sentences]
    radar = shape == "radar" and len(rows) >= overviews.fewest_spokes
    drawn = overviews.radar(rows, theme) if radar else overviews.dots(rows, theme)
    keys = [("client", client_name(view.client_id))]
    if view.against is not None:
        keys.append(("second", client_name(view.against.client_id)))
    keys += [("half", _("the middle half")), ("middle", _("the middle"))]
    few = shape == "radar" and not radar
    body = [
        _key(keys),
        _picture(drawn, text.places(view), still=True),
        *([html.P(_("A radar needs three numbers or more."), className="muted small")] if few else []),
    ]
    return [html.Div(body, className="overview-figure"), sentences]


def distribution(view: ComparisonView, name: str, theme: Theme) -> list[Component]:
    """One of the compared columns or features, as bars with default rates."""
    of = next(feature for feature in view.features if feature.name == name)
    other = next((place for place in view.places if place.name == name), None)
    clients = [Marked(view.client_id, of.value)]
    if other is not None and view.against is not None:
        clients.append(Marked(view.against.client_id, other.value))
    if isinstance(of, ComparedCategory):
        rows = categories(of, view.group, clients)
        sentence, drawn = text.categories(of, view.group, rows, clients), bars(rows, theme)
        behind, marks = table.categories_table(name, rows), [("bar", group_name(view.group))]
    else:
        sentence, drawn = text.spread(of, view.group, clients), spread(of, view.group, clients, theme)
        behind, marks = table.slices_table(name, slices(of, view.group)), [("bar", group_name(view.group))]
        marks += [("outline", group_name("all"))] if view.group != "all" else []
    keys: list[_Key] = [
        ("client", client_name(view.client_id)),
        *([("second", client_name(view.against.client_id))] if view.against is not None else []),
        *marks,
        ("observed", _("default observed")),
        ("predicted", _("default predicted")),
    ]
    return _panel(f"{label(name)}. {sentence}", sentence, keys, drawn, behind)


def density(view: ComparisonView, colour: densities.Colour, theme: Theme) -> list[Component]:
    """Two numbers against each other."""
    of = view.density
    if of is None:
        return [notice(_("Two numbers are needed: choose more figures."), tone="plain")]
    sentence = text.density(of)
    behind = table.blocks_table(of.x, of.y, densities.blocks(of))
    keys: list[_Key] = [("client", client_name(view.client_id))] if of.place is not None else []
    second = _second_place(view, of.x, of.y)
    if second is not None and view.against is not None:
        keys.append(("second", client_name(view.against.client_id)))
    name = _("{x} and {y}", x=label(of.x), y=label(of.y))
    return _panel(f"{name}. {sentence}", sentence, keys, densities.heatmap(of, colour, theme, second), behind)


def _second_place(view: ComparisonView, x: str, y: str) -> tuple[float, float] | None:
    """The two numbers of the other client; None where there is none, or one is missing."""
    values = {place.name: place.value for place in view.places}
    across, up = values.get(x), values.get(y)
    return (float(across), float(up)) if isinstance(across, int | float) and isinstance(up, int | float) else None


def _panel(
    alternative: str, sentence: str, keys: Sequence[_Key], drawn: go.Figure, behind: Component
) -> list[Component]:
    return [
        html.P(sentence, className="panel-said"),
        _key(keys),
        _picture(drawn, alternative, still=False),
        html.Details([html.Summary(_("Show as a table")), behind], className="past-table"),
    ]


def _picture(drawn: go.Figure, alternative: str, *, still: bool) -> Component:
    graph = dcc.Graph(
        figure=drawn,
        config={"displayModeBar": False, "staticPlot": still, "scrollZoom": False, "locale": language()},
        style={"height": f"{drawn.layout.height}px"},
        responsive=True,
    )
    return html.Div(graph, role="img", className="picture", **aria(label=alternative))


def _key(keys: Sequence[_Key]) -> Component:
    """What the marks mean."""
    return html.Ul(
        [
            html.Li([html.Span(className=f"key key-{mark}", **aria(hidden="true")), html.Span(words)])
            for mark, words in keys
        ],
        className="keys",
    )


def _sentence(view: ComparisonView, of: ComparedNumber | ComparedCategory) -> Component:
    other = next((place for place in view.places if place.name == of.name), None)
    body: list[Component] = [
        html.Div(
            [html.Span(label(of.name), className="place-name"), html.Span(written(of.name, of.value))],
            className="place-head",
        ),
        html.P(text.place(of, view.group)),
    ]
    if other is not None and view.against is not None:
        among = text.among(of, other.value, other.percentiles[view.group], view.group)
        words = f"{written(of.name, other.value)} · {among}"
        body.append(
            html.P(
                [
                    html.Span(className="key key-second", **aria(hidden="true")),
                    client_name(view.against.client_id),
                    " · ",
                    words,
                ],
                className="place-second",
            )
        )
    return html.Li(body, className="place")
