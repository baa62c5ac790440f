"""Reads the comparison that the API answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.comparison.placing import CategoryComparison, ClientPlace, Density, GroupSpread, NumberComparison
from dash_app.service.final_decisions import final_decision
from dash_app.service.protocol import ComparisonView, Peers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def comparison_view(answer: Mapping[str, Any]) -> ComparisonView:
    """The answer of `/clients/{id}/comparison`. Raises KeyError or TypeError for an answer of another shape."""
    peers, density, against = answer["peers"], answer["density"], answer["against"]
    return ComparisonView(
        client_id=answer["client_id"],
        group=answer["group"],
        sizes=answer["sizes"],
        default_rates=answer["default_rates"],
        peers=Peers(
            method=peers["method"],
            size=peers["size"],
            text=peers["text"],
            kept=tuple(peers["kept"]),
            relaxed=tuple(peers["relaxed"]),
            unknown=tuple(peers["unknown"]),
        ),
        features=tuple(_compared(each) for each in answer["features"]),
        density=_density(density) if density else None,
        against=against["client_id"] if against else None,
        places=tuple(ClientPlace(**each) for each in against["places"]) if against else (),
        decision=answer["decision"],
        final=final_decision(answer["final_decision"]),
        current=answer["current_decision"],
    )


def _compared(item: Mapping[str, Any]) -> NumberComparison | CategoryComparison:
    counts = {group: tuple(found) for group, found in item["counts"].items()}
    if item["kind"] == "category":
        return CategoryComparison(
            name=item["name"],
            value=item["value"],
            codes=tuple(item["codes"]),
            counts=counts,
            default_rate=tuple(item["default_rate"]),
            risk=tuple(item["risk"]),
        )
    return NumberComparison(
        name=item["name"],
        value=item["value"],
        spreads={group: GroupSpread(**found) for group, found in item["spreads"].items()},
        edges=tuple(item["edges"]),
        counts=counts,
        default_rate=tuple(item["default_rate"]),
        risk=tuple(item["risk"]),
    )


def _density(item: Mapping[str, Any]) -> Density:
    return Density(
        x=item["x"],
        y=item["y"],
        x_edges=tuple(item["x_edges"]),
        y_edges=tuple(item["y_edges"]),
        counts=_rows(item["counts"]),
        default_rate=_rows(item["default_rate"]),
        place=(item["place"][0], item["place"][1]) if item["place"] else None,
    )


def _rows(rows: Sequence[Sequence[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in rows)
