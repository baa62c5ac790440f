"""Invented predictions, as tests record them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.audit.entries import PredictionEntry
from core.decision import Decision

if TYPE_CHECKING:
    from core.audit.entries import Kind
    from core.decision import Value

inputs: dict[str, Value] = {
    "AMT_CREDIT": 600000.0,
    "CODE_GENDER": "F",
    "CNT_CHILDREN": 2,
    "NAME_TYPE_SUITE": "Accompagnée, « d'elle »",
}


def entry(client_id: int | None = 900001, probability: float = 0.2, kind: Kind = "predict") -> PredictionEntry:
    """A prediction that refuses from a probability of 0.1 on."""
    decision = Decision(client_id, probability, 0.1)
    return PredictionEntry(
        kind, "request-12345", "till", inputs, decision, "7", history="portfolio", portfolio="imported:0123456789abcdef"
    )
