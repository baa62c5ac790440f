"""The challenger in shadow of an application: asked of what requests decide, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import current_app

from api.operations.metrics import count_challenged
from core.audit.entries import Challenge, Kind
from core.audit.traffic import deciding
from core.columnar.sequences import column_of
from runtime.challenger import Challenger, threshold_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.application import Application
    from core.decision import Decision
    from core.model.artefacts import ModelInfo
    from core.settings import Settings

_extension: Final = "challenger"
_asked_of: Final[tuple[Kind, ...]] = (*deciding, "explain")


def register(app: Any, settings: Settings) -> None:
    """Gives an application its challenger, where the settings name one."""
    app.extensions[_extension] = Challenger(settings)


def begin(app: Any, patience: float = 0.0) -> None:
    """Starts to load the challenger of an application; waits for it so many seconds."""
    app.extensions[_extension].begin(patience)


def current() -> Challenger:
    """The challenger of the current application."""
    challenger: Challenger = current_app.extensions[_extension]
    return challenger


def challenges(
    kind: Kind, applications: Sequence[Application], decisions: Sequence[Decision], model: ModelInfo
) -> Sequence[Challenge | None] | None:
    """What the challenger says of what decides on an application; None where it says nothing.

    Of what shows a client, or asks what if, it is not asked. Of an explanation it is: an officer may decide on it, and
    only then it counts.

    Args:
        decisions: those on the applications, one each.
        model: that made them.
    """
    if kind not in _asked_of or not decisions:
        return None
    asked = current().ask(lambda scorer: scorer.probabilities_of(applications), model)
    if asked is None:
        return None
    count_challenged(asked.state, len(decisions))
    challenger = asked.model
    if challenger is None:
        return None
    return [
        Challenge(challenger.version, probability, threshold_of(challenger, threshold, model))
        for threshold, probability in zip(column_of(decisions, "threshold"), asked.probabilities, strict=True)
    ]
