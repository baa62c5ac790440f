"""What a public demonstration does not keep: the words of whoever tries it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from api.services import services

if TYPE_CHECKING:
    from core.audit.decisions import DecisionEntry

officer: Final = "Demo"
reason: Final = "Démonstration\u00a0: motif non conservé. / Demonstration: no reason is kept."


def without_words(entry: DecisionEntry) -> DecisionEntry:
    """A decision as it is recorded: in a demonstration without name and reason, which the record could never lose."""
    return replace(entry, officer=officer, reason=reason) if services().settings.public_demo else entry
