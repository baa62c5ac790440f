"""The certificate of an export: the same rows scored by ours and by the exported model in its own runtime."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.export.precision import max_share_differing, rounded, tolerances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from core.model.booster import Booster
    from core.model.export.precision import Precision

    Scoring = Callable[[NDArray[np.float64]], NDArray[np.float64]]

file: Final = "certificate.json"
# The sets of rows that are people; the others are made up.
_of_clients: Final = ("portfolio", "tables")
# How many rows are scored again, one by one and ten by ten: in some runtimes the batch is part of the result.
_alone: Final = 200
_in_tens: Final = 1000


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows to be compared.

    Attributes:
        name: `portfolio`, `tables` (those of `--data`), `applications` (odd ones) or `edges`.
        matrix: float64 (n_rows, n_features).
        labels: one a row, by which a reader finds it again.
        remade: the same rows, as the formulas of the export make them of the applications: what the exported model is
            given, as in another system. None where the rows are no applications: it is given `matrix`.
    """

    name: str
    matrix: NDArray[np.float64]
    labels: Sequence[str]
    remade: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row on which the two decide, or could decide, differently.

    Attributes:
        distance: our probability less the threshold.
    """

    row: str
    ours: float
    exported: float
    distance: float


@dataclass(frozen=True, slots=True)
class ComparedSet:
    """One set of rows, compared.

    Attributes:
        largest_difference: of probabilities, absolute.
        largest_unexplained: the same where ours scores the rows as they are rounded for the exported one, so that a
            value that rounding moves across a split moves for both.
        moved: how many rows ours scores otherwise once they are rounded; 0 in double precision.
        largest_by_batch: between a row scored in the whole set, among ten, and alone, by the exported one.
        differing: the rows whose decision is another one.
        could_differ: those nearer to the threshold than `largest_unexplained`, whose decision is the same.
    """

    name: str
    rows: int
    largest_difference: float
    largest_unexplained: float
    moved: int
    largest_by_batch: float
    differing: tuple[ComparedRow, ...]
    could_differ: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was compared, and what was found.

    Attributes:
        format: of the export.
        runtime: that the exported model was scored in, with its version.
        model: name, version and fingerprint of the training data.
        threshold: a probability of default from which an application is refused.
        precision: that the exported model computes in.
        made_at: ISO 8601, UTC.
        files: SHA-256 of each file that was written, by its name.
    """

    format: str
    runtime: str
    model: Mapping[str, str]
    threshold: float
    precision: Precision
    made_at: str
    sets: tuple[ComparedSet, ...]
    files: Mapping[str, str]

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return sum(compared.rows for compared in self.sets)

    @property
    def largest_difference(self) -> float:
        """Of the probability of any row, however it was scored."""
        return max(max(compared.largest_difference, compared.largest_by_batch) for compared in self.sets)

    @property
    def largest_unexplained(self) -> float:
        """The same but for what rounding the values explains: all of it in double precision."""
        return max(max(compared.largest_unexplained, compared.largest_by_batch) for compared in self.sets)

    @property
    def differing(self) -> tuple[ComparedRow, ...]:
        """All rows whose decision is another one."""
        return tuple(row for compared in self.sets for row in compared.differing)

    @property
    def could_differ(self) -> tuple[ComparedRow, ...]:
        """All rows whose decision is the same, and could be another one."""
        return tuple(row for compared in self.sets for row in compared.could_differ)

    @property
    def share_differing(self) -> float:
        """Of the clients compared, the share whose decision is another one; 0 where there are none."""
        sets = [compared for compared in self.sets if compared.name in _of_clients]
        differing = sum(len(compared.differing) for compared in sets)
        return differing / max(1, sum(compared.rows for compared in sets))

    @property
    def tolerance(self) -> float:
        """From which a difference is no rounding."""
        return tolerances[self.precision]

    @property
    def holds(self) -> bool:
        """Whether every probability is within the tolerance, and every decision the same.

        In single precision a decision may differ that rounding the values turns, of `max_share_differing` of the
        clients at most; it is listed.
        """
        allowed = self.share_differing <= max_share_differing if self.precision == "single" else not self.differing
        return self.largest_unexplained < self.tolerance and allowed

    def to_json(self) -> bytes:
        """As JSON, with the verdict first."""
        summed_up = {
            "certified": self.holds,
            "rows": self.rows,
            "largest_difference": self.largest_difference,
            "decisions_differing": len(self.differing),
            "decisions_that_could_differ": len(self.could_differ),
            "share_of_clients_differing": self.share_differing,
            "tolerance": self.tolerance,
        }
        return json.dumps(summed_up | asdict(self), indent=2, ensure_ascii=False).encode() + b"\n"


def of_booster(booster: Booster) -> Scoring:
    """How a model scores rows, as the workbench does."""
    return lambda matrix: np.asarray(booster.predict(matrix, num_threads=1), dtype=np.float64)


def compared(
    rows: RowSet, model: Scoring, exported: Scoring, threshold: float, precision: Precision = "double"
) -> ComparedSet:
    """Scores a set of rows by both.

    Args:
        model, exported: rows (n, n_features) in, probabilities of default (n,) out.
        threshold: a probability from which an application is refused.
        precision: that the exported one computes in.
    """
    given = rows.matrix if rows.remade is None else rows.remade
    first, second = model(rows.matrix), exported(given)
    as_seen = first if precision == "double" else model(rounded(rows.matrix, precision))
    unexplained = _largest(as_seen, second)
    other = (first >= threshold) != (second >= threshold)
    near = ~other & (np.minimum(np.abs(first - threshold), np.abs(as_seen - threshold)) <= unexplained)
    return ComparedSet(
        name=rows.name,
        rows=len(rows.matrix),
        largest_difference=_largest(first, second),
        largest_unexplained=unexplained,
        moved=int((as_seen != first).sum()),
        largest_by_batch=_largest_by_batch(given, second, exported),
        differing=_listed(rows, other, first, second, threshold),
        could_differ=_listed(rows, near, first, second, threshold),
    )


def _largest(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    # A probability that is no number differs from every other by infinity.
    return float(np.nan_to_num(np.abs(first - second), nan=np.inf).max(initial=0.0))


def _largest_by_batch(matrix: NDArray[np.float64], whole: NDArray[np.float64], exported: Scoring) -> float:
    largest = 0.0
    for count, size in ((_alone, 1), (_in_tens, 10)):
        parts = [exported(matrix[start : start + size]) for start in range(0, min(count, len(matrix)), size)]
        if parts:
            again = np.concatenate(parts)
            largest = max(largest, _largest(again, whole[: len(again)]))
    return largest


def _listed(
    rows: RowSet,
    chosen: NDArray[np.bool_],
    ours: NDArray[np.float64],
    exported: NDArray[np.float64],
    threshold: float,
) -> tuple[ComparedRow, ...]:
    return tuple(
        ComparedRow(rows.labels[place], float(ours[place]), float(exported[place]), float(ours[place] - threshold))
        for place in np.flatnonzero(chosen).tolist()
    )
