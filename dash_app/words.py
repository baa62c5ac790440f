"""Words for a client, a decision, a risk: the same on every page."""

from __future__ import annotations

from typing import Final, Protocol

from core.decision import accepted
from core.text.formats import format_number, format_probability
from dash_app.i18n import _, language, mark, plural, translated

_risk_names: Final = {
    "Très faible": mark("Very low"),
    "Faible": mark("Low"),
    "Modéré": mark("Moderate"),
    "Élevé": mark("High"),
    "Très élevé": mark("Very high"),
}


class ModelDecision(Protocol):
    """What the model decided, whichever answer says it."""

    @property
    def probability(self) -> float:
        """Of default, 0 to 1."""

    @property
    def threshold(self) -> float:
        """From which an application is refused."""

    @property
    def decision(self) -> str:
        """In the words of the API contract."""


def client_number(client_id: int) -> str:
    """`100 002`: the digits are read in groups, and never broken over two lines."""
    text = str(client_id)
    return "\u00a0".join([text[max(end - 3, 0) : end] for end in range(len(text), 0, -3)][::-1])


def client_name(client_id: int) -> str:
    """`Client 100 002`."""
    return _("Client {number}", number=client_number(client_id))


def verdict(decision: str) -> str:
    """The decision of the API contract in the reader's language."""
    return _("Accepted") if decision == accepted else _("Refused")


def risk_name(category: str) -> str:
    """The risk category of the API contract in the reader's language."""
    return translated(_risk_names[category])


def hundredths(probability: float) -> int:
    """How many of a hundred: rounded, but never 0 or 100, which would promise too much."""
    return min(max(round(probability * 100), 1), 99)


def out_of_hundred(probability: float) -> str:
    """`7 in 100`; `under 1 in 100` for the smallest."""
    if probability < 0.005:
        return _("under 1 in 100")
    return _("{count} in 100", count=hundredths(probability))


def risk(decision: ModelDecision, *others: ModelDecision | None) -> str:
    """The probability of default, to be told from the threshold, and from those of other decisions shown beside it."""
    beside = [other.probability for other in others if other]
    return format_probability(decision.probability, language(), decision.threshold, *beside)


def threshold(decision: ModelDecision, *others: ModelDecision | None) -> str:
    """The threshold, to be told from the probability, and from those of other decisions shown beside it."""
    beside = [other.probability for other in others if other]
    return format_probability(decision.threshold, language(), decision.probability, *beside)


def points(difference: float) -> str:
    """A difference of two probabilities, in percentage points without sign: `2,1 points`."""
    lang = language()
    size = round(abs(difference) * 100, 1)
    # French counts anything below two as one.
    count = 1 if size == 1 or (lang == "fr" and size < 2) else 2
    return plural("{size} point", "{size} points", count, size=format_number(size, lang))
