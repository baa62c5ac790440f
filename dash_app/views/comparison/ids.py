"""The ids of the Comparison page."""

from __future__ import annotations

from typing import Any, Final

subject: Final = "comparison-subject"
names: Final = "comparison-names"
strongest: Final = "comparison-strongest"
address: Final = "comparison-address"

start: Final = "comparison-start"
workspace: Final = "comparison-workspace"
results: Final = "comparison-results"
problem: Final = "comparison-problem"
decision: Final = "comparison-decision"

group: Final = "comparison-group"
similar: Final = "comparison-similar"
method: Final = "comparison-method"
criteria: Final = "comparison-criteria"
neighbours: Final = "comparison-neighbours"
neighbours_note: Final = "comparison-neighbours-note"
against: Final = "comparison-against"
against_note: Final = "comparison-against-note"
who: Final = "comparison-who"

picker_count: Final = "comparison-picker-count"
picker_search: Final = "comparison-picker-search"
picker_reset: Final = "comparison-picker-reset"
chips: Final = "comparison-chips"

view: Final = "comparison-view"
overview: Final = "comparison-overview"
feature: Final = "comparison-feature"
distribution: Final = "comparison-distribution"
x: Final = "comparison-x"
y: Final = "comparison-y"
colour: Final = "comparison-colour"
density: Final = "comparison-density"
# What the two figures show now.
drawn_feature: Final = "comparison-drawn-feature"
drawn_axes: Final = "comparison-drawn-axes"

statistics: Final = "comparison-statistics"
csv: Final = "comparison-csv"
xlsx: Final = "comparison-xlsx"
download: Final = "comparison-download"


def pick(group: Any) -> dict[str, Any]:
    """The checkboxes of one family of the catalogue; `dash.ALL` for those of all."""
    return {"type": "comparison-pick", "group": group}


def chip(name: Any) -> dict[str, Any]:
    """The button that takes one column or feature away; `dash.ALL` for all of them."""
    return {"type": "comparison-chip", "name": name}
