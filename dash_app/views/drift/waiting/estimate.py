"""What is to be expected of the decisions that wait: an estimate, labelled so, with its known error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_number, format_points, format_probability, format_statistic
from dash_app.i18n import _, language, plural
from dash_app.views.comparison.table import plain
from dash_app.views.drift.parts import month

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.estimate import EstimatedFigures, EstimateError, PerformanceEstimate


def section(estimated: PerformanceEstimate | None) -> list[Component]:
    """The estimate, or why there is none; nothing where no decision of the model in use waits."""
    if estimated is None or estimated.state == "nothing_waits":
        return []
    heading = html.H3(_("Estimated, before outcomes are known"))
    if estimated.state != "estimated":
        return [heading, html.P(why_none(estimated), className="muted small")]
    heads = (_("Decisions"), _("They wait"), _("Defaults expected"), _("AUC expected"), _("Cost expected"))
    rows = [
        (
            month(figures.month) if figures.month else _("all that wait"),
            format_number(figures.rows, language()),
            format_probability(figures.default_rate, language()),
            _area(figures),
            format_statistic(figures.cost, language()),
        )
        for figures in estimated.figures
    ]
    behind = plain(_("What is to be expected of the decisions that wait, by month: an estimate"), heads, rows)
    return [
        heading,
        html.P(expectation(estimated)),
        html.P(known_error(estimated.error)),
        html.Details([html.Summary(_("Show as a table")), behind], className="past-table"),
    ]


def why_none(estimated: PerformanceEstimate) -> str:
    """Why nothing is estimated."""
    if estimated.state == "no_evaluation":
        return _("None: the model in use came without its evaluation, which would say whether it was recalibrated.")
    return _("None: the probabilities of the model in use were not recalibrated on outcomes of real clients.")


def expectation(estimated: PerformanceEstimate) -> str:
    """What is to be expected of all that wait."""
    whole = estimated.figures[0]
    parts = {
        "count": format_number(whole.rows, language()),
        "rate": format_probability(whole.default_rate, language()),
        "cost": format_statistic(whole.cost, language()),
    }
    if whole.auc is None:
        figures = plural(
            "An estimate, no result: {count} accepted decision waits, and {rate} is to default, at a cost of {cost}; "
            "that is too few for an AUC.",
            "An estimate, no result: {count} accepted decisions wait, of which {rate} are to default, at a cost of "
            "{cost} each; that is too few for an AUC.",
            whole.rows,
            **parts,
        )
    else:
        figures = plural(
            "An estimate, no result: {count} accepted decision waits, and {rate} is to default, at an AUC of {auc} and "
            "a cost of {cost}.",
            "An estimate, no result: {count} accepted decisions wait, of which {rate} are to default, at an AUC of "
            "{auc} and a cost of {cost} each.",
            whole.rows,
            auc=_area(whole),
            **parts,
        )
    clients = format_number(estimated.recalibrated_on or 0, language())
    return (
        figures
        + " "
        + _("It is as true as the probabilities, which were recalibrated on {count} real clients.", count=clients)
    )


def known_error(error: EstimateError | None) -> str:
    """How far such estimates were off."""
    if error is None:
        return _("How far it is off is not known: no month that this model decided on has enough outcomes yet.")
    off = plural(
        "In {count} past month of this model, it was off by {rate} of the default rate, {auc} of the AUC and {cost} of "
        "the cost.",
        "In {count} past months of this model, it was off by {rate} of the default rate, {auc} of the AUC and {cost} "
        "of the cost (root mean square).",
        error.months,
        count=format_number(error.months, language()),
        rate=format_points(error.default_rate_spread, language()),
        auc=format_statistic(error.auc_spread, language()),
        cost=format_statistic(error.cost_spread, language()),
    )
    if not round(error.auc, 3):
        # Neither too high nor too low in the decimals that are shown.
        return off
    by = format_statistic(abs(error.auc), language())
    way = (
        _("Its AUC was {by} too high on average.", by=by)
        if error.auc >= 0
        else _("Its AUC was {by} too low on average.", by=by)
    )
    return f"{off} {way}"


def _area(figures: EstimatedFigures) -> str:
    return _("too few") if figures.auc is None else format_statistic(figures.auc, language())
