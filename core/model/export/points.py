"""The scorecard as a table of points, which anybody can add up: the model that the trees are compared with.

Scaling by Siddiqi, "Credit risk scorecards" (2006), chapter 6: a score of 600 points stands for 30 good clients to one
default, and 20 points more for twice as many. Each bin of a variable has its points; a client's score is their sum.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core import catalogue
from core.catalogue.concepts import concept, sides
from core.features.encoding import category_numbers, not_employed_category, unknown_category

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.model.export.proof.certificate import Scoring
    from core.model.training.scorecard import Binned, PointsScorecard

file: Final = "points.csv"
base_points: Final = 600.0
base_odds: Final = 30.0
doubling_points: Final = 20.0
columns: Final = (
    "variable",
    "label_fr",
    "label_en",
    "bin",
    "above",
    "up_to",
    "code",
    "points",
    "exact_points",
    "points_lost",
    "weight_of_evidence",
    "reason_fr",
    "reason_en",
)
"""Of the table: a bin holds numbers above `above` up to `up_to` (empty: without end), or the `code`; `missing` and
`other` are bins of their own. `points` are whole; `points_lost` are those that the best bin of the variable has more,
and `reason_*` says why, where they are many."""

factor: Final = doubling_points / math.log(2)
offset: Final = base_points - factor * math.log(base_odds)
_other: Final = "other"
_missing: Final = "missing"


@dataclass(frozen=True)
class PointsTable:
    """A scorecard that was fitted, with the names of the columns of its matrix.

    Attributes:
        threshold: probability of default from which an application is refused.
    """

    fitted: PointsScorecard
    feature_names: tuple[str, ...]
    threshold: float

    @property
    def cutoff(self) -> float:
        """The score below which an application is refused, or at which; of exact points."""
        return points_of(self.threshold)

    def thresholds(self) -> tuple[tuple[int, float], ...]:
        """Each pair of a column and an edge of its bins, as `Forest.thresholds`."""
        binned = [variable for variable in self.fitted.binned_ if not variable.is_category]
        return tuple((variable.index, float(edge)) for variable in binned for edge in variable.edges)

    def categories(self) -> dict[int, int]:
        """The columns that are codes, with the largest that is known, as `Forest.categories`."""
        binned = [variable for variable in self.fitted.binned_ if variable.is_category]
        return {variable.index: int(variable.edges.max(initial=0)) for variable in binned}

    def probabilities(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of default, of rows (n, n_features): float64 (n,)."""
        return np.asarray(self.fitted.predict_proba(matrix)[:, 1], dtype=np.float64)

    def table(self) -> str:
        """The points of every bin, as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for variable, coefficient in zip(self.fitted.binned_, self.fitted.regression_.coef_[0], strict=True):
            writer.writerows(self._lines(variable, float(coefficient)))
        return text.getvalue()

    def _lines(self, variable: Binned, coefficient: float) -> Iterator[list[object]]:
        name = self.feature_names[variable.index]
        entry, against = catalogue.entry(name), concept(sides(name).concept)
        share = len(self.fitted.binned_)
        constant = (offset - factor * float(self.fitted.regression_.intercept_[0])) / share
        points = [constant - factor * coefficient * float(weight) for weight in variable.weights]
        for number, (exact, weight) in enumerate(zip(points, variable.weights, strict=True)):
            above, up_to, code = _bounds(variable, name, number)
            lost = round(max(points)) - round(exact)
            reasons = (against.against_fr, against.against_en) if lost else ("", "")
            yield [
                name,
                entry.label_fr,
                entry.label_en,
                number,
                above,
                up_to,
                code,
                round(exact),
                repr(exact),
                lost,
                repr(float(weight)),
                *reasons,
            ]


def points_of(probability: float) -> float:
    """The score that a probability of default stands for."""
    return offset + factor * math.log((1 - probability) / probability)


def scoring_of(table: str, feature_names: tuple[str, ...], *, whole: bool = False) -> Scoring:
    """Scores rows by a table alone, line by line, as a clerk would.

    Args:
        table: as `PointsTable.table` writes it.
        feature_names: the columns of the rows, in order.
        whole: adds up whole points, as on paper.
    """
    lines = list(csv.DictReader(io.StringIO(table)))
    numbers = {column.name: category_numbers(column) for column in catalogue.columns() if column.type == "category"}
    places = {name: place for place, name in enumerate(feature_names)}
    points = "points" if whole else "exact_points"

    def scored(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        score = np.zeros(len(matrix))
        for name in dict.fromkeys(line["variable"] for line in lines):
            own = [line for line in lines if line["variable"] == name]
            values = matrix[:, places[name]]
            # What is in no bin that is named is in that of the others.
            of_others = next((float(line[points]) for line in own if line["code"] == _other), math.nan)
            given = np.where(np.isnan(values), float(own[0][points]), of_others)
            for line in own[1:]:
                if line["code"] != _other:
                    given = np.where(_inside(line, values, numbers.get(name, {})), float(line[points]), given)
            score += given
        return np.asarray(1 / (1 + np.exp((score - offset) / factor)), dtype=np.float64)

    return scored


def _inside(line: dict[str, str], values: NDArray[np.float64], numbers: dict[object, int]) -> NDArray[np.bool_]:
    if line["code"]:
        special = {"not known": unknown_category, "not employed": not_employed_category}
        return np.asarray(values == special.get(line["code"], numbers.get(line["code"])))
    above = float(line["above"]) if line["above"] else -math.inf
    up_to = float(line["up_to"]) if line["up_to"] else math.inf
    inside: NDArray[np.bool_] = (values > above) & (values <= up_to)
    return inside | (values == -math.inf) if not line["above"] else inside


def _bounds(variable: Binned, name: str, number: int) -> tuple[str, str, str]:
    """What a bin holds: the bounds of a number, or a code."""
    if number == 0:
        return "", "", _missing
    edges, place = variable.edges, number - 1
    if variable.is_category:
        codes = {number: str(code) for code, number in category_numbers(catalogue.column(name)).items()}
        codes |= {unknown_category: "not known", not_employed_category: "not employed"}
        return "", "", codes[int(edges[place])] if place < len(edges) else _other
    above = repr(float(edges[place - 1])) if place else ""
    return above, repr(float(edges[place])) if place < len(edges) else "", ""
