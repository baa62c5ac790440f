"""Information in an application: which essentials it lacks, and how much of the model rests on what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core import catalogue
from core.application import FieldError
from core.columnar.sequences import Repeated
from core.contract.field_warnings import FieldWarning
from core.features import feature_names, rows
from core.features.encoding import unknown_category
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.catalogue import Language
    from core.decision import Value

# A column that a caller can be told to send: what is asked for comes first.
example_column: Final = "AMT_CREDIT"

_parts: Final = 2.0**40
# Truth values become numbers before they are weighed: those of so many rows in memory that is at hand.
_rows_at_once: Final = 128


class NothingUsable(ValueError):
    """Applications that give no feature of the model a value: a decision would be made of nothing.

    Attributes:
        positions: which of the applications that were to be decided, from 0.
    """

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__("nothing of the application can be used")
        self.positions = tuple(positions)


def nothing_usable(place: str, lang: Language) -> FieldError:
    """What is wrong with an application of which nothing can be used; `place` is where it was sent."""
    return FieldError(place, message("nothing_usable", lang), expected_usable(lang))


def expected_usable(lang: Language) -> str:
    """What a usable application has at least, in words."""
    return message("expected_usable", lang, field=example_column)


def known(features: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which features have a value.

    Args:
        features: float64 (n, n_features), columns as `core.features.feature_names()`; missing is NaN, or the number of
            a category that is not known.

    Returns:
        bool (n, n_features).
    """
    # NaN differs from itself.
    mask: NDArray[np.bool_] = (features == features) & (features != _unknown_numbers())  # noqa: PLR0124
    return mask


def usable(known_features: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows have a value that comes from what was given: bool (n,).

    Args:
        known_features: as `known` gives them.
    """
    return (known_features & _from_what_is_given()).any(axis=1)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Weights:
    """The share of the model's gain of each feature.

    Attributes:
        parts: float64 (n_features,), as whole multiples of a tiny part.
        total: their sum, 1 at least.
    """

    parts: NDArray[np.float64]
    total: float


def weights(importances: Sequence[float]) -> Weights:
    """The share of the model's gain of each feature, as `information` adds them.

    Whole multiples of a tiny part (1 / 2 ** 40), so that any order of adding them gives the same to the last bit: a row
    is told the same alone and among others.

    Args:
        importances: the gain of each feature, in any unit.
    """
    gains = np.asarray(importances, dtype=np.float64)
    total = gains.sum()
    # A model that never split leans on nothing.
    parts = np.rint(gains / total * _parts) if total > 0 else np.zeros_like(gains)
    return Weights(parts, max(float(parts.sum()), 1.0))


def information(known_features: NDArray[np.bool_], gains: Weights) -> NDArray[np.float64]:
    """The share of the model's gain that rests on features with a value: float64 (n,), each 0 to 1.

    Args:
        known_features: bool (n, n_features), as `known` gives them.
        gains: as `weights` gives them.
    """
    sums = np.empty(len(known_features))
    for start in range(0, len(sums), _rows_at_once):
        sums[start : start + _rows_at_once] = known_features[start : start + _rows_at_once] @ gains.parts
    share: NDArray[np.float64] = sums / gains.total
    return share


def missing_essentials_of(
    applications: Sequence[Application], known_features: NDArray[np.bool_]
) -> Sequence[tuple[str, ...]]:
    """What `missing_essentials` says of each application.

    Args:
        applications: what they give.
        known_features: of the same applications, as `known` gives them.
    """
    # Most have them all: where their features have a value, nothing has to be looked up.
    complete: list[bool] = known_features[:, _essential_features()].all(axis=1).tolist()  # type: ignore[assignment]
    if all(complete):
        return Repeated((), len(complete))
    return [
        () if is_complete else missing_essentials(application.values)
        for is_complete, application in zip(complete, applications, strict=True)
    ]


def missing_essentials_by_column(columns: Mapping[str, Sequence[Value]], count: int) -> list[tuple[str, ...]]:
    """The same of `count` applications whose values come column by column, None where missing."""
    lacking = [name for name in _essentials() if name not in columns or None in columns[name]]
    if not lacking:
        return [()] * count
    nothing = [None] * count
    return [
        tuple(name for name, value in zip(lacking, row, strict=True) if value is None)
        for row in zip(*(columns.get(name, nothing) for name in lacking), strict=True)
    ]


def missing_essentials(values: Mapping[str, Value]) -> tuple[str, ...]:
    """The essential columns of the catalogue that an application lacks, in the catalogue's order."""
    return tuple(name for name in _essentials() if values.get(name) is None)


@cache
def essential_warnings(missing: tuple[str, ...], lang: Language) -> tuple[FieldWarning, ...]:
    """A warning for each of those columns."""
    # Kept: there are few combinations, and a batch says the same of a thousand rows.
    return tuple(FieldWarning.of("missing_essential", name, lang) for name in missing)


@cache
def _essentials() -> tuple[str, ...]:
    return tuple(column.name for column in catalogue.essential_columns())


@cache
def _essential_features() -> NDArray[np.intp]:
    """The places of the essential columns among the features."""
    return np.array([place for place, name in enumerate(feature_names()) if name in _essentials()])


@cache
def _unknown_numbers() -> NDArray[np.float64]:
    """The number of each feature that says that nothing is known, where it has one: float64 (n_features,), else NaN."""
    names = {column.name for column in catalogue.columns() if column.type == "category"}
    return np.array([unknown_category if name in names else np.nan for name in feature_names()])


@cache
def _from_what_is_given() -> NDArray[np.bool_]:
    """The features without those that have a value even where nothing is known, such as a count of what is known."""
    mask: NDArray[np.bool_] = ~known(rows.matrix([{}]))[0]
    return mask
