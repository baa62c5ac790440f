"""Results of thresholds and scenarios: the curve, the table side by side, and who changes sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import dcc, html

from dash_app.components.marks import aria, notice
from dash_app.i18n import _, language, mark, translated
from dash_app.views.comparison.table import plain
from dash_app.views.drift.parts import keyed, panel
from dash_app.views.scenarios import figures, ids, text
from dash_app.views.scenarios.text import accepted_share, cost, difference, number, points, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.scenarios import CurveAnswer, ScenarioOutcome, ScenariosAnswer, ThresholdOutcome
    from dash_app.service.answers import Sourced
    from dash_app.shell.theme import Theme
    from dash_app.views.scenarios.figures import By

# A point of the curve in the table for so many of it.
_every: Final = 10
curve_graph: Final = "scenarios-curve-graph"


def curve(view: CurveAnswer, theme: Theme) -> list[Component]:
    """The cost of every threshold."""
    observed = view.best_observed is not None
    keys = [("scenario-tried", _("the threshold tried")), ("scenario-today", _("today’s threshold"))]
    keys += [("scenario-expected", _("expected cost")), ("scenario-best", _("least expected cost"))]
    if observed:
        keys += [
            ("scenario-observed", _("cost by what became of them")),
            ("scenario-hindsight", _("least in hindsight")),
        ]
    drawn = figures.cost_curve(view, theme)
    graph = dcc.Graph(
        id=curve_graph,
        figure=drawn,
        config={"displayModeBar": False, "scrollZoom": False, "locale": language()},
        style={"height": f"{figures.curve_height}px"},
        responsive=True,
    )
    return [
        html.P(text.curve(view), className="panel-said"),
        keyed(keys),
        html.Div(graph, role="img", className="picture", **aria(label=text.curve(view))),
    ]


def curve_table(view: CurveAnswer) -> Component:
    """The curve in numbers, every point of a percentage."""
    names = ["accepted", "expected_defaults", "cost", "precision", "recall"]
    header = [
        _("Threshold"),
        _("Applications accepted"),
        _("Expected defaults"),
        _("Cost for 100"),
        _("Precision"),
        _("Recall"),
    ]
    if view.best_observed is not None:
        names += ["observed_defaults", "observed_cost"]
        header += [_("Defaults observed"), _("Cost observed for 100")]
    writers = {"cost": cost, "observed_cost": cost, "precision": rate, "recall": rate}
    end = figures.reach(view)
    at = view.curve.threshold
    shown = [place for place, edge in enumerate(at) if edge <= end and round(edge * 1000, 6) % _every == 0]
    rows = [
        (rate(at[place]), *(writers.get(name, number)(getattr(view.curve, name)[place]) for name in names))
        for place in shown
    ]
    return plain(_("Cost by threshold"), header, rows)


def held(view: CurveAnswer) -> dict[str, Any]:
    """What the browser needs to answer for any threshold by itself: numbers of all, of nobody in particular."""
    words = {
        "today": mark("today: {value}"),
        "observed": mark("observed: {value}"),
        "expected": mark("A percentage from 0 to 100 is expected."),
        "said": mark(
            "Refused from {at} on: {accepted} accepted, {defaults} defaults expected among them, cost {cost} for a "
            "hundred applications."
        ),
    }
    return {
        "curve": view.curve.model_dump(mode="json"),
        "today": view.today.threshold,
        "best": view.best.threshold,
        "hindsight": view.best_observed.threshold if view.best_observed else None,
        "used": view.population.used,
        "reach": figures.reach(view),
        "per": figures.per,
        "words": {name: translated(word) for name, word in words.items()},
    }


def comparison(view: ScenariosAnswer) -> list[Component]:
    """Scenarios side by side, things as they are first."""
    rows = table_rows(view)
    sentences = [html.Li(text.outcome(scenario, view.outcome)) for scenario in view.scenarios]
    return [
        html.Div(
            html.Table(
                [
                    html.Caption(_("Scenarios compared"), className="unseen"),
                    html.Thead(html.Tr([html.Th(title, scope="col") for title in header()])),
                    html.Tbody([_row(row) for row in rows]),
                ],
                className="comparison-table scenario-table",
            ),
            className="comparison-scroll",
            tabIndex=0,
            role="region",
            **aria(label=_("Scenarios compared")),
        ),
        html.Ul(sentences, className="scenario-sentences"),
    ]


def header() -> list[str]:
    """The columns of the comparison."""
    return [
        _("Scenario"),
        _("Acceptance rate"),
        _("Mean risk"),
        _("Expected defaults"),
        _("Cost for 100"),
        _("Become refused"),
        _("Become accepted"),
        _("Applications changed"),
    ]


def table_rows(view: ScenariosAnswer) -> list[list[tuple[str, str]]]:
    """The comparison as text: of each cell what it is, and how it differs from no change."""
    now = view.outcome
    mean = view.population.mean_probability
    rows = [
        [
            (_("No change"), ""),
            (rate(accepted_share(now)), ""),
            (rate(mean), ""),
            (number(now.expected_defaults), ""),
            (cost(now.cost), ""),
            ("–", ""),
            ("–", ""),
            ("–", ""),
        ]
    ]
    rows += [_cells(scenario, now, mean) for scenario in view.scenarios]
    return rows


def _cells(outcome: ScenarioOutcome, now: ThresholdOutcome, mean: float) -> list[tuple[str, str]]:
    after, per = outcome.outcome, figures.per
    return [
        (outcome.name, ""),
        (rate(accepted_share(after)), points(accepted_share(after), accepted_share(now))),
        (rate(outcome.mean_probability), points(outcome.mean_probability, mean)),
        (number(after.expected_defaults), difference(after.expected_defaults, now.expected_defaults)),
        (cost(after.cost), difference(after.cost * per, now.cost * per)),
        (number(outcome.flows.become_refused), ""),
        (number(outcome.flows.become_accepted), ""),
        (number(outcome.touched), ""),
    ]


def _row(cells: Sequence[tuple[str, str]]) -> Component:
    (name, _nothing), *others = cells
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *(
                html.Td([html.Span(value), *([html.Span(change, className="scenario-change")] if change else [])])
                for value, change in others
            ),
        ]
    )


def flow(outcome: ScenarioOutcome, by: By, theme: Theme) -> list[Component]:
    """Who changes decision, or risk band."""
    matrix, names = figures.flows(outcome, by), figures.sides(by)
    behind = plain(
        _("Applications: without change (rows), with the scenario (columns)"),
        ["", *names],
        [(name, *(number(many) for many in row)) for name, row in zip(names, matrix, strict=True)],
    )
    sentence = text.flow(outcome, by)
    keys = [
        ("scenario-stay", _("same decision")),
        ("scenario-refused", _("becomes refused")),
        ("scenario-accepted", _("becomes accepted")),
    ]
    return [
        html.P(sentence, className="panel-said"),
        *panel(f"{outcome.name}. {sentence}", keys, figures.flow(outcome, by, theme), behind),
    ]


def nothing() -> list[Component]:
    """Nothing is compared."""
    return [notice(_("Choose at least one scenario to compare."), tone="plain")]


def population(view: Sourced[CurveAnswer]) -> list[Component]:
    """Who is tried."""
    return [html.Span(sentence) for sentence in text.population(view.answer.population, view.source)]


def tiles() -> list[Component]:
    """Places for what the threshold comes to; the browser fills them."""
    named = [
        ("accepted", _("Acceptance rate")),
        ("defaults", _("Expected defaults")),
        ("cost", _("Cost for 100 applications")),
        ("precision", _("Precision")),
        ("recall", _("Recall")),
    ]
    help_of = {
        "precision": _("Of those refused, how many would default"),
        "recall": _("Of all defaults, how many are refused"),
        "defaults": _("Among those accepted"),
        "cost": _("What wrong decisions cost the bank"),
        "accepted": _("Of all applications"),
    }
    return [
        html.Div(
            [
                html.Dt([name, html.Span(help_of[part], className="scenario-help")]),
                html.Dd(
                    [
                        html.Span("–", id=ids.tile(part, "value"), className="tile-value"),
                        html.Span(id=ids.tile(part, "today"), className="tile-note"),
                        html.Span(id=ids.tile(part, "observed"), className="tile-note tile-observed"),
                    ]
                ),
            ],
            className="scenario-tile",
        )
        for part, name in named
    ]
