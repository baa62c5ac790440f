"""Reads the decisions of officers in answers of the API."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from core.contract.final_decision import FinalDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

_names: Final = tuple(field.name for field in fields(FinalDecision))


def final_decision(item: Mapping[str, Any] | None) -> FinalDecision | None:
    """The final decision in an answer; None where there is none."""
    return None if item is None else FinalDecision(**decision_parts(item))


def decision_parts(item: Mapping[str, Any]) -> dict[str, Any]:
    """What of a recorded decision is in every answer, as `FinalDecision` has it; its time as a moment."""
    return {name: item[name] for name in _names} | {"time": datetime.fromisoformat(item["time"])}
