"""Heads of tables, over numbers on their side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def head(names: Sequence[str], numbers: Collection[int] = ()) -> html.Thead:
    """One row of column names, in words; `numbers` has the places of those over numbers, which stand to the right."""
    cells = [
        html.Th(name, scope="col", className="number" if place in numbers else None) for place, name in enumerate(names)
    ]
    return html.Thead(html.Tr(cells))
