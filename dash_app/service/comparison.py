"""Comparisons as the API answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash_app.service.client import read, understood
from dash_app.service.protocol import ComparisonView

if TYPE_CHECKING:
    from collections.abc import Mapping


def comparison_view(answer: Mapping[str, Any]) -> ComparisonView:
    """The answer of `/clients/{id}/comparison`. Raises `ServiceUnavailable` for an answer of another shape."""
    with understood():
        against = answer["against"]
        view = {
            **answer,
            "against": against["client_id"] if against else None,
            "places": against["places"] if against else (),
            "final": answer["final_decision"],
            "current": answer["current_decision"],
        }
    return read(ComparisonView, view)
