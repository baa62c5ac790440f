"""Reasons by concept: what all features of one thing contribute together, and one sentence that stands on its side."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from core.catalogue import UnknownEntry
from core.catalogue import concepts as known_concepts
from core.catalogue.concepts import Side
from core.decision import lowers_risk, raises_risk
from core.explain.reason_codes import sentence
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.catalogue import Language
    from core.catalogue.concepts import Sides
    from core.decision import Contribution

least_weight: Final = 0.02
"""A concept that moves the log-odds by less is no reason: at 8 % it moves the risk by 0.15 points."""
most_reasons: Final = 5
"""So many reasons are said on each side."""
_most_unknown: Final = 3
_for: Final[frozenset[Side]] = frozenset({"for"})
_against: Final[frozenset[Side]] = frozenset({"against"})
_either: Final = _for | _against


class ConceptTotal(NamedTuple):
    """What one concept contributes to a decision, and how that is said; a tuple, as `core.decision.Contribution`.

    Attributes:
        concept: its key.
        label: its name.
        contribution: in log-odds of default, the exact sum of those of its features.
        known: whether it rests on what is known of the client. Where not, nothing of it is known, or what is known
            speaks the other way, and it is no reason.
        feature: the one that `text` speaks of; None where it speaks of the concept as a whole, or there is none.
        text: a sentence for the client; None where it is not among the reasons.
    """

    concept: str
    label: str
    contribution: float
    known: bool
    feature: str | None = None
    text: str | None = None

    @property
    def side(self) -> Side:
        """The side on which it stands."""
        return "against" if self.contribution > 0 else "for"

    @property
    def direction(self) -> Literal["augmente le risque", "diminue le risque"]:
        """As `core.decision.Contribution.direction`."""
        return raises_risk if self.contribution > 0 else lowers_risk


def concept_totals(contributions: Iterable[Contribution], lang: Language) -> tuple[ConceptTotal, ...]:
    """The contributions summed up by concept, the strongest first; the `most_reasons` strongest of each side are said.

    Args:
        contributions: those of all features of the model.

    Raises:
        core.catalogue.UnknownEntry: for a feature that no concept has.
    """
    reason_counts: dict[Side, int] = {"for": 0, "against": 0}
    concepts, labels = [], known_concepts.labels(lang)
    for key, total, stated in _by_strength(contributions):
        side: Side = "against" if total > 0 else "for"
        known = bool(stated) and _leans(sum([part.contribution for part in stated]), side)
        feature = text = None
        if known and abs(total) >= least_weight and reason_counts[side] < most_reasons:
            reason_counts[side] += 1
            feature, text = _said(key, stated, side, lang)
        concepts.append(ConceptTotal(key, labels[key], total, known, feature, text))
    return tuple(concepts)


def strongest(contributions: Iterable[Contribution], side: Side) -> str | None:
    """The key of the first of the `reasons` on a side, without any words; None where there is none.

    Args:
        contributions: as for `concept_totals`.

    Raises:
        core.catalogue.UnknownEntry: for a feature that no concept has.
    """
    for key, total, stated in _by_strength(contributions):
        if abs(total) < least_weight:
            return None
        if _leans(total, side) and _leans(sum([part.contribution for part in stated]), side):
            return key
    return None


def _by_strength(contributions: Iterable[Contribution]) -> Iterator[tuple[str, float, list[Contribution]]]:
    """Each concept with what it contributes and those of its contributions whose value is stated, strongest first."""
    concept_of, unstated = known_concepts.concept_by_feature(), known_concepts.unstated_by_feature()
    shares: defaultdict[str, list[float]] = defaultdict(list)
    stated: defaultdict[str, list[Contribution]] = defaultdict(list)
    try:
        for part in contributions:
            feature, value, share, _ = part
            concept = concept_of[feature]
            shares[concept].append(share)
            if value is not None and (feature not in unstated or _is_stated(part, unstated)):
                stated[concept].append(part)
    except KeyError as error:
        raise UnknownEntry(*error.args) from None
    totals = {key: sum(parts) for key, parts in shares.items()}
    for key in sorted(totals, key=lambda name: abs(totals[name]), reverse=True):
        yield key, totals[key], stated[key]


def reasons(totals: Iterable[ConceptTotal], side: Side) -> tuple[ConceptTotal, ...]:
    """Those that are said on one side, the strongest first."""
    return tuple(total for total in totals if total.text is not None and total.side == side)


def not_known(totals: Iterable[ConceptTotal], lang: Language) -> str | None:
    """One line that names what weighs because it is not known; None where nothing does."""
    names = [_small(total.label) for total in totals if not total.known and abs(total.contribution) >= least_weight]
    if not names:
        return None
    # One more is named rather than counted: "and 1 more" is no shorter.
    if len(names) <= _most_unknown + 1:
        return message("not_known_to_us", lang, names=", ".join(names))
    first = ", ".join(names[:_most_unknown])
    return message("not_known_to_us_and_more", lang, names=first, count=str(len(names) - _most_unknown))


def sides_of(contribution: Contribution) -> frozenset[Side]:
    """The sides on which a value may be said.

    A number turns at a value of its own where the catalogue has one, else where as many clients have less as have more;
    there it says nothing for or against.
    """
    sides, value = known_concepts.sides(contribution.feature), contribution.value
    if isinstance(value, str):
        return _for if value in sides.good else _against if value in sides.bad else _either
    if not sides.polarity or value is None:
        return _either
    weight = _beyond(contribution, sides, value) * sides.polarity
    return _against if weight > 0 else _for if weight < 0 else frozenset()


def _beyond(contribution: Contribution, sides: Sides, value: float) -> float:
    """Above 0 where a number is high, below where it is low, 0 where it is neither."""
    if sides.turn is not None:
        return (value - sides.turn) or -sides.polarity
    place = contribution.place
    return 0.0 if place is None else place.below - place.above


def _is_stated(contribution: Contribution, unstated: Mapping[str, frozenset[str]]) -> bool:
    """Whether a value says something, of a feature of which some values do not."""
    value = contribution.value
    return (value if isinstance(value, str) else f"{value:g}") not in unstated[contribution.feature]


def _leans(contribution: float, side: Side) -> bool:
    return contribution > 0 if side == "against" else contribution < 0


def _said(key: str, stated: Sequence[Contribution], side: Side, lang: Language) -> tuple[str | None, str]:
    """The feature that is spoken of, and the sentence: of the strongest value that belongs on the side."""
    leaning = [part for part in stated if _leans(part.contribution, side)]
    for part in sorted(leaning, key=lambda part: abs(part.contribution), reverse=True):
        if side in sides_of(part):
            return part.feature, sentence(part, side, lang)
    # Columns that say one thing share its weight as it falls: that a pensioner has no job may all stand at the job.
    for part in stated:
        sides = known_concepts.sides(part.feature)
        if part.value in (sides.good if side == "for" else sides.bad):
            return part.feature, sentence(part, side, lang)
    return None, f"{known_concepts.concept(key).neutral(side, lang)}."


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
