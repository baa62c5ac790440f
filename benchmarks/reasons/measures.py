"""Measures of reasons that share nothing with the code that chooses them: values among other clients, and the words.

Sides are read from `sides.csv` itself; where a client stands is counted among clients drawn for the purpose, not taken
from the quantiles that travel with the model.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from core.features import feature_names
from core.features.encoding import not_employed_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.decision import Value
    from core.explain.concepts import ConceptTotal

_praise: Final = re.compile(
    r"\b(never|always|none of your instalments|nothing (overdue|left)|in full"
    r"|none .* (refused|rejected|prolonged))\b"
)
_blame: Final = re.compile(
    r"\b(were late (on|elsewhere|in)|of your instalments late|late on average|you are \S+ overdue|past due: [1-9]"
    r"|refused in [1-9]|\d% .* rejected for risk|only in part|all your previous applications were refused)\b"
)
# Here it blames: what was not done would have been good.
_blaming_never: Final = "never pay your instalments early"


@dataclass(slots=True)
class Slots:
    """What was seen of the reasons of many clients.

    Attributes:
        tolerance: by which two counts of clients may differ, since one of them is of a sample, and in whole percents.
        clients, reasons: how many there were.
        contrary: reasons whose value, or whose words, belong on the other side.
        twice: concepts said twice of one client, whatever the side.
        both_sides: concepts said on both sides.
        neutral: reasons that speak of a concept as a whole.
        missing: reasons about a value that is not known.
        examples: some of those that are contrary or missing.
    """

    tolerance: float = 0.06
    clients: int = 0
    reasons: int = 0
    contrary: int = 0
    twice: int = 0
    both_sides: int = 0
    neutral: int = 0
    missing: int = 0
    examples: list[str] = field(default_factory=list)

    def add(
        self,
        said: Sequence[ConceptTotal],
        values: Mapping[str, Value],
        row: NDArray[np.float64],
        others: NDArray[np.float64],
    ) -> None:
        """Counts the reasons of one client.

        Args:
            said: those that were said, in English, of either side.
            values: the application by name.
            row: float64 (n_features,), what the model was given.
            others: float64 (n_clients, n_features), of clients to compare with.
        """
        self.clients += 1
        self.reasons += len(said)
        by_concept: dict[str, list[bool]] = {}
        for reason in said:
            key = _sides()[reason.feature]["concept"] if reason.feature else reason.concept
            by_concept.setdefault(key, []).append(reason.contribution > 0)
            self.neutral += reason.feature is None
            self.missing += (gone := _is_missing(reason, values, row))
            self.contrary += (wrong := not gone and is_contrary(reason, values, row, others, self.tolerance))
            if gone or wrong:
                self.examples.append(f"{'against' if reason.contribution > 0 else 'for'}: {reason.text}")
        self.twice += sum(len(sides) > 1 for sides in by_concept.values())
        self.both_sides += sum(len(set(sides)) > 1 for sides in by_concept.values())

    @property
    def neutral_share(self) -> float:
        """Neutral sentences among all, 0 to 1."""
        return self.neutral / max(self.reasons, 1)


def is_contrary(
    reason: ConceptTotal,
    values: Mapping[str, Value],
    row: NDArray[np.float64],
    others: NDArray[np.float64],
    tolerance: float,
) -> bool:
    """Whether the value, or the words, of a reason belong on the other side; arguments as in `Slots.add`."""
    against, text = reason.contribution > 0, str(reason.text)
    if reason.feature is None:
        return not text.endswith(("against you.", "in your favour."))
    words = text.lower().replace(_blaming_never, "")
    if (_praise if against else _blame).search(words):
        return True
    sides = _sides()[reason.feature]
    code = values.get(reason.feature)
    if isinstance(code, str):
        return code in sides["good" if against else "bad"].split("|")
    polarity = int(sides["polarity"])
    if not polarity:
        return False
    place = feature_names().index(reason.feature)
    number = float(row[place])
    if sides["turn"]:
        beyond = number - float(sides["turn"])
        bad = beyond > 0 if polarity > 0 else beyond < 0
        return bad != against
    column = others[:, place]
    # Who has no job has a number of their own there, which is no time in a job.
    known = column[~np.isnan(column) & (column != not_employed_values.get(reason.feature))]
    higher = float((known < number).mean() - (known > number).mean()) if len(known) else 0.0
    # Positive where the value speaks against.
    return bool(higher * polarity < -tolerance if against else higher * polarity > tolerance)


def _is_missing(reason: ConceptTotal, values: Mapping[str, Value], row: NDArray[np.float64]) -> bool:
    if reason.feature is None:
        return False
    stated = values.get(reason.feature)
    said = re.search(r"not stated|not applicable|unknown", str(reason.text))
    return bool(said) or (np.isnan(row[feature_names().index(reason.feature)]) and stated is None)


@cache
def _sides() -> dict[str, dict[str, str]]:
    with files("core.catalogue").joinpath("sides.csv").open(encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def members(concepts: Sequence[str]) -> list[int]:
    """The places of the features of those concepts in the matrix of the model."""
    return [place for place, name in enumerate(feature_names()) if _sides()[name]["concept"] in concepts]
