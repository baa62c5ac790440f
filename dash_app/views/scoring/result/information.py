"""Information behind a decision: which essentials are missing, and how much of the model is informed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core import catalogue
from core.text.formats import format_share
from dash_app.components.marks import icon
from dash_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.prediction import Prediction


def share(decision: Prediction) -> str | None:
    """How much of what the model weighs is known of the applicant; None where that was not told."""
    if decision.information is None:
        return None
    return _("{share} of what the model weighs", share=format_share(decision.information, language()))


def missing(decision: Prediction) -> str | None:
    """Which essentials are missing, in one sentence; None where none is."""
    if not decision.missing_essentials:
        return None
    return _(
        "Essential and missing: {names}. No application should be decided without it.",
        names=names(decision.missing_essentials),
    )


def missing_note(decision: Prediction) -> Component | None:
    """The same as a line of the verdict."""
    sentence = missing(decision)
    if sentence is None:
        return None
    return html.P([icon("exclamation-triangle-fill"), html.Span(sentence)], className="verdict-missing")


def names(columns: Sequence[str]) -> str:
    """Columns as a reader calls them, one after the other."""
    return ", ".join(name(column).lower() for column in columns)


def name(column: str) -> str:
    """A column as a reader calls it."""
    try:
        return catalogue.entry(column).label(language())
    except catalogue.UnknownEntry:
        # A newer API may know columns that this dashboard does not.
        return column
