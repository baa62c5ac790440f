"""The ids of the Simulation page."""

from __future__ import annotations

from typing import Final

asked: Final = "scenarios-asked"
population: Final = "scenarios-population"
population_note: Final = "scenarios-population-note"
address: Final = "scenarios-address"
problem: Final = "scenarios-problem"
workspace: Final = "scenarios-workspace"

# Thresholds: the browser answers from the curve that it holds.
curve: Final = "scenarios-curve"
curve_panel: Final = "scenarios-curve-panel"
curve_table: Final = "scenarios-curve-table"
slider: Final = "scenarios-slider"
number: Final = "scenarios-number"
today: Final = "scenarios-today"
best: Final = "scenarios-best"
hindsight: Final = "scenarios-hindsight"
tile_parts: Final = ("accepted", "defaults", "cost", "precision", "recall")
tile_kinds: Final = ("value", "today", "observed")
said: Final = "scenarios-said"
number_problem: Final = "scenarios-number-problem"
threshold: Final = "scenarios-threshold"

# Scenarios: kept in the browser.
saved_scenarios: Final = "scenarios-kept"
signature: Final = "scenarios-signature"
saved: Final = "scenarios-saved"
listed: Final = "scenarios-listed"
editor: Final = "scenarios-editor"
editor_open: Final = "scenarios-editor-open"
editor_title: Final = "scenarios-editor-title"
draft: Final = "scenarios-draft"
name: Final = "scenarios-name"
rules: Final = "scenarios-rules"
column: Final = "scenarios-column"
operation: Final = "scenarios-operation"
value: Final = "scenarios-value"
value_unit: Final = "scenarios-value-unit"
value_place: Final = "scenarios-value-place"
code: Final = "scenarios-code"
code_place: Final = "scenarios-code-place"
add_rule: Final = "scenarios-add-rule"
save: Final = "scenarios-save"
cancel: Final = "scenarios-cancel"
editor_problem: Final = "scenarios-editor-problem"
restore: Final = "scenarios-restore"
to_file: Final = "scenarios-to-file"
from_file: Final = "scenarios-from-file"
file_place: Final = "scenarios-file-place"
file_note: Final = "scenarios-file-note"
limit: Final = "scenarios-limit"

# What they come to.
run: Final = "scenarios-trial"
comparison: Final = "scenarios-comparison"
flow: Final = "scenarios-flow"
flow_of: Final = "scenarios-flow-of"
flow_by: Final = "scenarios-flow-by"
csv: Final = "scenarios-csv"
xlsx: Final = "scenarios-xlsx"
download: Final = "scenarios-download"


def chosen(key: str | object) -> dict[str, object]:
    """Whether the scenario of a key is compared."""
    return {"type": "scenarios-chosen", "key": key}


def edit(key: str | object) -> dict[str, object]:
    """Opens a scenario in the editor."""
    return {"type": "scenarios-edit", "key": key}


def delete(key: str | object) -> dict[str, object]:
    """Removes a scenario."""
    return {"type": "scenarios-delete", "key": key}


def drop(place: int | object) -> dict[str, object]:
    """Takes a rule out of the draft."""
    return {"type": "scenarios-drop", "place": place}


def tile(part: str, kind: str) -> str:
    """What a threshold comes to: one of `tile_parts`, in one of `tile_kinds`."""
    return f"scenarios-tile-{part}-{kind}"
