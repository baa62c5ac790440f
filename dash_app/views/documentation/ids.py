"""The ids of the Documentation page."""

from __future__ import annotations

from typing import Any, Final

model: Final = "documentation-model"
measures: Final = "documentation-measures"
card: Final = "documentation-card"
card_file: Final = "documentation-card-file"
card_note: Final = "documentation-card-note"

threshold: Final = "documentation-threshold"

entry: Final = "documentation-entry"
term: Final = "documentation-term"
term_search: Final = "documentation-term-search"
term_table: Final = "documentation-term-table"
term_group: Final = "documentation-term-group"
term_seen: Final = "documentation-term-seen"
term_count: Final = "documentation-term-count"
terms: Final = "documentation-terms"
rows: Final = "documentation-rows"
terms_note: Final = "documentation-terms-note"


def search(section: Any) -> dict[str, Any]:
    """The field that searches all texts, in one of the sections; `dash.MATCH` for the one in use."""
    return {"type": "documentation-search", "section": section}


def found(section: Any) -> dict[str, Any]:
    """Where that field says what it has found."""
    return {"type": "documentation-found", "section": section}


def theme(section: Any) -> dict[str, Any]:
    """The theme that the figures of a section are drawn in."""
    return {"type": "documentation-theme", "section": section}
