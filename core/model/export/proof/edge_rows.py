"""Edge rows: made-up rows on which an export goes wrong first, at every threshold, with every column missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_tiny: Final = (0.0, -0.0, 5e-324, 1e-36, -1e-36, 1.1e-35, -1.1e-35)
_large: Final = (1e38, -1e38, 3.5e38, -3.5e38, 1.7e308, -1.7e308)
# Of codes: before the first, far beyond the last, beyond a word of 32 and one of 64.
_strange_codes: Final = (-1.0, 1000.0)


@dataclass(frozen=True, slots=True)
class EdgeRows:
    """Rows of the matrix with what each is for.

    Attributes:
        matrix: float64 (n_rows, n_features), NaN where missing.
        descriptions: one a row, such as `AMT_CREDIT: next below 450000.0 in float32`.
    """

    matrix: NDArray[np.float64]
    descriptions: tuple[str, ...]


class Edged(Protocol):
    """A model that says where its decisions change: `Forest`, or a scorecard."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of the matrix, in order."""

    def thresholds(self) -> tuple[tuple[int, float], ...]:
        """Each pair of a column and a value that it is compared with."""

    def categories(self) -> dict[int, int]:
        """The columns that are codes, with the largest that is known."""


def edge_rows(model: Edged, clients: NDArray[np.float64]) -> EdgeRows:
    """The rows for a model.

    Args:
        clients: float64 (n_clients, n_features), one at least: rows of people, of whom one value is replaced each, in
            turn, so that the replaced one is met behind many different splits.
    """
    names = model.feature_names
    changes = [("all missing", tuple(range(len(names))), np.nan)]
    changes += [(f"{name}: missing", (place,), np.nan) for place, name in enumerate(names)]
    changes += [
        (f"all but {name} missing", tuple(p for p in range(len(names)) if p != place), np.nan)
        for place, name in enumerate(names)
    ]
    categories = model.categories()
    for feature, largest in categories.items():
        codes = [*map(float, range(largest + 3)), *_strange_codes]
        changes += [(f"{names[feature]}: code {code:g}", (feature,), code) for code in codes]
    changes += [(f"{names[feature]}: {told}", (feature,), value) for feature, told, value in _around(model)]
    changes += [
        (f"{name}: {value!r}", (place,), value)
        for place, name in enumerate(names)
        if place not in categories
        for value in (*_tiny, *_large)
    ]
    matrix = clients[np.arange(len(changes)) % len(clients)].copy()
    for row, (_, places, value) in zip(matrix, changes, strict=True):
        row[list(places)] = value
    return EdgeRows(matrix, tuple(told for told, _, _ in changes))


def _around(model: Edged) -> Iterator[tuple[int, str, float]]:
    """Every threshold as it is and its neighbours, in double and in single precision: its feature, words, a value."""
    for feature, threshold in model.thresholds():
        # Beyond what single precision holds, it is infinite.
        with np.errstate(over="ignore"):
            single = np.float32(threshold)
        values: Sequence[tuple[str, float]] = (
            (f"{threshold!r}", threshold),
            (f"next below {threshold!r}", float(np.nextafter(threshold, -np.inf))),
            (f"next above {threshold!r}", float(np.nextafter(threshold, np.inf))),
            (f"{threshold!r} in float32", float(single)),
            (f"next below {threshold!r} in float32", float(np.nextafter(single, np.float32(-np.inf)))),
            (f"next above {threshold!r} in float32", float(np.nextafter(single, np.float32(np.inf)))),
        )
        for told, value in values:
            yield feature, told, value
