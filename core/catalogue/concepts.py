"""Concepts: what a client would call one thing, each made of features, with the side that a value speaks for.

A model sees lateness in a dozen columns; a client hears of it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from core.catalogue.entries import Language, UnknownEntry, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

Side = Literal["for", "against"]
"""Which way something speaks: for the client, lowering the risk, or against, raising it."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a reason may be about.

    Attributes:
        key: its name in answers.
        for_fr, for_en, against_fr, against_en: what is said of it as a whole, where none of its values says it.
    """

    key: str
    label_fr: str
    label_en: str
    for_fr: str
    for_en: str
    against_fr: str
    against_en: str

    def label(self, lang: Language) -> str:
        """The short name shown to a reader of `lang`."""
        return self.label_fr if lang == "fr" else self.label_en

    def neutral(self, side: Side, lang: Language) -> str:
        """That the concept as a whole speaks for or against the client, without a full stop."""
        if side == "for":
            return self.for_fr if lang == "fr" else self.for_en
        return self.against_fr if lang == "fr" else self.against_en


@dataclass(frozen=True, slots=True)
class Sides:
    """On which side the values of one feature may stand, whatever a model makes of them.

    Attributes:
        concept: key of the one concept that the feature belongs to.
        polarity: +1 where a higher number speaks against the client, -1 where it speaks for them, 0 where a number, or
            a code that is neither in `good` nor in `bad`, may be said on either side.
        turn: the number at which the side turns, itself on the good side; None where it turns with what the other
            clients have.
        good, bad: codes that only speak for the client, and only against.
        unstated: values that say that nothing is known, such as the code XNA.
    """

    name: str
    concept: str
    polarity: int
    turn: float | None
    good: frozenset[str]
    bad: frozenset[str]
    unstated: frozenset[str]


def concepts() -> Mapping[str, Concept]:
    """The concepts by their keys."""
    return _concepts()


def concept(key: str) -> Concept:
    """One concept. Raises `UnknownEntry`.

    >>> concept("late_payments").label("en")
    'Late payments'
    """
    try:
        return _concepts()[key]
    except KeyError:
        raise UnknownEntry(key) from None


def sides(feature: str) -> Sides:
    """The sides of one feature of the model. Raises `UnknownEntry`.

    >>> late = sides("INSTALMENT_LATE_SHARE")
    >>> late.concept, late.polarity, late.turn
    ('late_payments', 1, 0.0)
    """
    try:
        return _sides()[feature]
    except KeyError:
        raise UnknownEntry(feature) from None


@cache
def concept_by_feature() -> Mapping[str, str]:
    """The key of the concept of each feature: an explanation asks for all of them."""
    return {name: known.concept for name, known in _sides().items()}


@cache
def labels(lang: Language) -> Mapping[str, str]:
    """The label of each concept by its key: an explanation says all of them."""
    return {key: known.label(lang) for key, known in _concepts().items()}


@cache
def unstated_by_feature() -> Mapping[str, frozenset[str]]:
    """The values that say that nothing is known, of the features that have any."""
    return {name: known.unstated for name, known in _sides().items() if known.unstated}


def members(key: str) -> tuple[str, ...]:
    """The features of a concept, in the order of its data."""
    return tuple(name for name, known in _sides().items() if known.concept == key)


@cache
def _concepts() -> dict[str, Concept]:
    return {row["concept"]: Concept(row["concept"], *list(row.values())[1:]) for row in read_rows("concepts.csv")}


@cache
def _sides() -> dict[str, Sides]:
    by_name: dict[str, Sides] = {}
    for row in read_rows("sides.csv"):
        name = row["name"]
        if name in by_name:
            raise ValueError(f"sides.csv: {name} is there twice, expected once")
        if row["concept"] not in _concepts():
            raise ValueError(f"sides.csv: {name} has the concept {row['concept']!r}, expected one of concepts.csv")
        by_name[name] = Sides(
            name=name,
            concept=row["concept"],
            polarity=int(row["polarity"]),
            turn=float(row["turn"]) if row["turn"] else None,
            good=_codes(row["good"]),
            bad=_codes(row["bad"]),
            unstated=_codes(row["unstated"]),
        )
    return by_name


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) if text else frozenset()
