"""The first reason of a recorded decision: the concept that spoke most for what the model said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.application import Application
from core.decision import refused
from core.explain.concepts import strongest

if TYPE_CHECKING:
    from core.audit.entries import RecordedPrediction
    from core.catalogue.concepts import Side
    from core.scoring import Scorer


def first_reason(scorer: Scorer, recorded: RecordedPrediction) -> str | None:
    """The key of the concept; None where another version decided, or nothing is known that speaks for it.

    Args:
        recorded: with its inputs.
    """
    if recorded.inputs is None or recorded.model_version != scorer.model.version:
        return None
    explanation = scorer.explain(Application(recorded.inputs), recorded.threshold)
    side: Side = "against" if recorded.decision == refused else "for"
    return strongest(explanation.contributions, side)
