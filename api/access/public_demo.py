"""The public demonstration: the words of whoever tries it, and who that was, are not kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from api.access import persons
from api.services import services
from core.audit.decisions import key_of

if TYPE_CHECKING:
    from core.audit.decisions import DecisionEntry

officer: Final = "Demo"
reason: Final = "Démonstration\u00a0: motif non conservé. / Demonstration: no reason is kept."


def without_words(entry: DecisionEntry) -> DecisionEntry:
    """A decision as it is recorded: in a demonstration without name and reason, which the record could never lose.

    Whose it is, is known by the prediction that it is about, as long as that is kept. Visitors who make the same
    idempotency key are told apart by a digest of it, as persons are.
    """
    if not services().settings.public_demo:
        return entry
    visitor = persons.visitor()
    key = entry.idempotency_key if visitor is None else key_of(replace(entry, subject=visitor.subject))
    return replace(entry, officer=officer, reason=reason, idempotency_key=key)
