"""What became of the decisions: the section of the Drift page that says how good they were, once outcomes are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go
from dash import html

from core.text.formats import format_number, format_probability, format_statistic
from dash_app.components.marks import notice
from dash_app.i18n import _, language, plural
from dash_app.views.comparison.figures.style import calm
from dash_app.views.comparison.table import plain
from dash_app.views.drift import challenger
from dash_app.views.drift.figures import share_axis
from dash_app.views.drift.officers.section import section as officers
from dash_app.views.drift.parts import month, panel
from dash_app.views.drift.values import segment, within
from dash_app.views.drift.waiting import estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.record.performance import GroupPerformance, HiddenOutcomes, PerformanceAnswer
    from dash_app.shell.theme import Theme

# A test that speaks against honest probabilities more surely than this is said.
_surely: Final = 0.01
# A month of fewer outcomes, as a share of the month of the most, does not say how far the axis reaches.
_share_of_most: Final = 0.1


def section(answer: PerformanceAnswer, theme: Theme) -> list[Component]:
    """The figures of the decisions whose outcome is known, or how to hand outcomes in; and what officers do."""
    whole = answer.whole
    if whole is None:
        waiting = plural(
            "{count} decision waits for its outcome.",
            "{count} decisions wait for their outcome.",
            answer.waiting,
            count=_count(answer.waiting),
        )
        waiting = f"{waiting} " if answer.waiting else ""
        how = _("Import them: python3 run.py outcomes import FILE. To try it: python3 run.py data traffic.")
        unknown = notice(_("No outcome is known yet."), f"{waiting}{how}", tone="plain")
        expected = estimate.section(answer.estimate)
        return [unknown, *expected, *_below(answer, theme)]
    months = [group for group in answer.groups if group.dimension == "month"]
    keys = [("observed", _("observed, with its 95% interval")), ("predicted", _("predicted"))]
    drawn = panel(alternative(months), keys, by_month(months, theme), table(answer.groups))
    sentences = html.Ul([html.Li(sentence) for sentence in sayings(answer)], className="drift-notes")
    listed = html.Dl([_fact(name, words) for name, words in facts(answer, whole)], className="drift-facts")
    return [listed, sentences, *drawn, *estimate.section(answer.estimate), *_below(answer, theme)]


def facts(answer: PerformanceAnswer, whole: GroupPerformance) -> list[tuple[str, str]]:
    """What counts most, as names and words."""
    known = _("{known} known, {waiting} wait", known=_count(whole.rows), waiting=_count(answer.waiting))
    cheapest = _few() if whole.best_cost is None else _number(whole.best_cost)
    return [
        (_("Outcomes"), known),
        (_("Defaults among them"), within(whole.default_rate, whole.default_rate_low, whole.default_rate_high)),
        (_("Area under the curve (AUC)"), area(whole)),
        (_("Cost of a decision"), _("{cost}; by the model alone {alone}; at best {best}", cost=_number(whole.cost),
                                    alone=_number(whole.model_cost), best=cheapest)),
    ]  # fmt: skip


def sayings(answer: PerformanceAnswer) -> list[str]:
    """What is to be known with the figures."""
    whole = answer.whole
    said: list[str] = []
    if whole is not None and whole.best_threshold is not None:
        said.append(
            _(
                "A threshold of {best} would have cost least here; the model in use refuses from {now} on.",
                best=_rate(whole.best_threshold),
                now=_rate(answer.threshold),
            )
        )
    if whole is not None and whole.calibration_p_value is not None:
        said.append(
            _("The probabilities were not honest: see by how much in the figure.")
            if whole.calibration_p_value < _surely
            else _("Nothing speaks against the probabilities having been honest.")
        )
    if answer.early:
        early = ", ".join(month(value) for value in answer.early)
        said.append(
            _("Too early to tell: {months}. Defaults are known first, and these rates will fall.", months=early)
        )
    said += [hidden(bounds) for bounds in answer.hidden if bounds.dimension == "all"]
    return said


def hidden(bounds: HiddenOutcomes) -> str:
    """What refusals hide, as bounds."""
    sentence = plural(
        "What {count} refused applicant would have done stays unknown: with that one, {low} to {high} default.",
        "What {count} refused applicants would have done stays unknown: with them, {low} to {high} default.",
        bounds.refused,
        count=_count(bounds.refused),
        low=_rate(bounds.default_rate_low),
        high=_rate(bounds.default_rate_high),
    )
    if bounds.auc_low is None or bounds.auc_high is None:
        return sentence
    areas = _("The AUC could be {low} to {high}.", low=_number(bounds.auc_low), high=_number(bounds.auc_high))
    return f"{sentence} {areas}"


def by_month(months: Sequence[GroupPerformance], theme: Theme) -> go.Figure:
    """Observed default rates by month of decision with their intervals, and what was predicted; early months hollow."""
    names = [month(group.value) for group in months]
    figure = go.Figure()
    figure.add_scatter(
        name=_("predicted"),
        x=names,
        y=[group.mean_probability for group in months],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 11, "color": theme.supports, "line": {"width": 2}},
        customdata=[[_rate(group.mean_probability)] for group in months],
        hovertemplate="%{x}<br>" + _("predicted") + " %{customdata[0]}<extra></extra>",
    )
    figure.add_scatter(
        name=_("observed"),
        x=names,
        y=[group.default_rate for group in months],
        mode="markers",
        marker={"symbol": ["circle-open" if group.is_early else "circle" for group in months], "size": 9,
                "color": theme.against},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [group.default_rate_high - group.default_rate for group in months],
            "arrayminus": [group.default_rate - group.default_rate_low for group in months],
            "color": theme.against,
            "thickness": 1.25,
            "width": 4,
        },
        customdata=[
            [within(group.default_rate, group.default_rate_low, group.default_rate_high)] for group in months
        ],
        hovertemplate="%{x}<br>" + _("observed") + " %{customdata[0]}<extra></extra>",
    )  # fmt: skip
    calm(figure, theme, 280, l=52, r=12, t=8, b=36)
    top = _top(months)
    for group in months:
        if group.default_rate > top:
            interval = within(group.default_rate, group.default_rate_low, group.default_rate_high)
            figure.add_annotation(x=month(group.value), y=1, yref="paper", yanchor="top", showarrow=False, text="▲",
                                  font={"color": theme.against}, hovertext=_("observed") + f" {interval}")  # fmt: skip
    figure.update_xaxes(showline=True, type="category")
    figure.update_yaxes(range=[0, top], **share_axis(top))
    return figure


def _top(months: Sequence[GroupPerformance]) -> float:
    """Where the axis of the rates ends: months of a handful of outcomes do not make the others flat."""
    ripe = [group for group in months if not group.is_early]
    most = max((group.rows for group in ripe), default=0)
    highs = [group.default_rate_high for group in ripe if group.rows >= most * _share_of_most] or [1.0]
    return min(1.0, max(*highs, *(group.mean_probability for group in months)) * 1.2)


def alternative(months: Sequence[GroupPerformance]) -> str:
    """The figure in words."""
    return " ".join(
        _(
            "{month}: {rate} observed, {predicted} predicted.",
            month=month(group.value),
            rate=_rate(group.default_rate),
            predicted=_rate(group.mean_probability),
        )
        for group in months
    )


def table(groups: Sequence[GroupPerformance]) -> Component:
    """Every group with its figures."""
    heads = (_("Decisions"), _("Outcomes"), _("Defaults"), _("Predicted"), _("AUC"), _("Cost"), _("Cheapest"))
    rows = [
        (
            name(group) + (" *" if group.is_early else ""),
            _count(group.rows),
            within(group.default_rate, group.default_rate_low, group.default_rate_high),
            _rate(group.mean_probability),
            area(group),
            _number(group.cost),
            _few() if group.best_cost is None else _number(group.best_cost),
        )
        for group in groups
    ]
    return plain(_("How good the decisions were, by month, version, decider and segment; * too early"), heads, rows)


def name(group: GroupPerformance) -> str:
    """What a group is called."""
    if group.dimension == "all":
        return _("all decisions")
    if group.dimension == "month":
        return month(group.value)
    if group.dimension == "decided_by":
        return _("decided by an officer") if group.value == "officer" else _("decided by the model")
    if group.dimension == "model_version":
        return _("model {version}", version=group.value)
    return segment(group.dimension, group.value)


def area(group: GroupPerformance) -> str:
    """The AUC with its interval, or that there are too few outcomes for one."""
    if group.auc is None or group.auc_low is None or group.auc_high is None:
        return _few()
    return f"{_number(group.auc)} [{_number(group.auc_low)} – {_number(group.auc_high)}]"


def _below(answer: PerformanceAnswer, theme: Theme) -> list[Component]:
    """What needs no outcome: officers, and the challenger."""
    return [*officers(answer), *challenger.section(answer.challenger, theme, answer.model_version)]


def _fact(heading: str, words: str) -> Component:
    return html.Div([html.Dt(heading), html.Dd(words)])


def _few() -> str:
    return _("too few")


def _rate(value: float) -> str:
    return format_probability(value, language())


def _count(value: int) -> str:
    return format_number(value, language())


def _number(value: float) -> str:
    words: Any = format_statistic(value, language())
    return str(words)
