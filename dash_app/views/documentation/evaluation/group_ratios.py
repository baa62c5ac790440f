"""One group against another, and the models that were tried because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core.catalogue.ages import age_band
from dash_app.i18n import _, mark, translated
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.values import count, decimals, estimate, gender, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.model import AlternativeSearchAnswer, GroupComparisonAnswer

_pairs: Final = {gender: mark("Men against women"), age_band: mark("Under 30 against the others")}
_tried: Final = {
    "as_it_is": mark("As it is"),
    "seed_1": mark("Another seed"),
    "seed_2": mark("A third seed"),
    "smaller_trees": mark("Smaller trees"),
    "heavier_penalty": mark("Heavier penalty, larger leaves"),
    "without_region": mark("Without the region"),
    "without_age": mark("Without age"),
    "without_age_and_twins": mark("Without age and what stands in for it"),
}


def group_ratios(groups: Sequence[GroupComparisonAnswer]) -> list[Component]:
    """The ratios of each pair with their intervals; nothing where the model was measured before they were."""
    if not groups:
        return []
    rows = [
        (
            translated(_pairs[group.dimension]) if group.dimension in _pairs else group.group,
            estimate(group.adverse_impact, 3),
            estimate(group.equal_opportunity, 3),
            estimate(group.conditional, 3),
            estimate(group.calibration, 3),
        )
        for group in groups
    ]
    header = (
        _("Groups"),
        _("Accepted"),
        _("Accepted of those who repaid"),
        _("Accepted at the same income and credit"),
        _("Observed to predicted defaults"),
    )
    sentence = _(
        "Ratios with their 95 % intervals; 1 is alike. Below 0.8, the first column is what the four-fifths rule of "
        "American labour law asks to explain."
    )
    name = _("One group against the other")
    return [part(name, "groups", [html.P(sentence, className="said"), table(header, rows, name)], level=3)]


def alternatives(search: AlternativeSearchAnswer | None) -> list[Component]:
    """The models that were tried for being less discriminatory, and why none was taken."""
    if search is None:
        return []
    rows = [
        (
            translated(_tried[tried.name]) if tried.name in _tried else tried.name,
            decimals(tried.auc, 4),
            decimals(tried.cost, 4),
            _("{low} to {high}", low=signed(tried.cost_more.low, 4), high=signed(tried.cost_more.high, 4)),
            "" if tried.men_to_women is None else decimals(tried.men_to_women, 3),
            "" if tried.young_to_others is None else decimals(tried.young_to_others, 3),
        )
        for tried in search.tried
    ]
    header = (
        _("Tried"),
        _("AUC"),
        _("Mean cost"),
        _("Cost more, 95 %"),
        _("Men to women"),
        _("Under 30 to the others"),
    )
    names = [translated(_tried[name]) for name in search.less_discriminatory if name in _tried]
    better = ", ".join(f"{name[:1].lower()}{name[1:]}" for name in names)
    sentence = (
        _(
            "On {rows} of the applications. Less discriminatory at a cost that may be no higher: {better}. Training "
            "takes none of them: the intervals of the cost reach from lower to higher. Who approves a model weighs "
            "what a group gains, with the reason on record.",
            rows=count(search.n_rows),
            better=better,
        )
        if better
        else _(
            "On {rows} of the applications. None is less discriminatory at no higher cost.", rows=count(search.n_rows)
        )
    )
    name = _("The search for a less discriminatory model")
    return [part(name, "alternatives", [html.P(sentence, className="said"), table(header, rows, name)], level=3)]
