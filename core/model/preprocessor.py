"""The preprocessor: from typed applications to the matrix of the model, with what training saw of each feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from core import catalogue
from core.decision import PlaceAmong
from core.features import feature_names, matrix
from core.features.encoding import not_employed_values

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


# Of `core.features.encoding`: a model that was trained before it last changed would misread what it is given.
_encoding: Final = 2
_n_quantiles: Final = 101


class InvalidPreprocessor(ValueError):
    """A text is no preprocessor; the message names what is wrong with it."""


@dataclass(frozen=True)
class Preprocessor:
    """What has to be remembered of the training data.

    Attributes:
        feature_names: columns of the matrix, in order.
        codes: the codes of each categorical feature, in the order they are numbered.
        quantiles: float64 (n_features, 101): the 0 % to 100 % quantiles of each numeric feature in training, among
            those who have one; NaN for categorical ones and for those that were always missing.
        encoding: how `core.features.encoding` gave categories and "not employed" to the model.
    """

    feature_names: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]
    quantiles: NDArray[np.float64]
    # Where an earlier version left it out of what was stored.
    encoding: int = 1

    @classmethod
    def fit(cls, applications: pl.DataFrame) -> Preprocessor:
        """Learns from typed applications (see `core.features.build`)."""
        names = feature_names()
        codes = _catalogue_codes(names)
        quantiles = np.full((len(names), _n_quantiles), np.nan)
        features = matrix(applications)
        for index, name in enumerate(names):
            column = features[:, index]
            known = column[~np.isnan(column) & (column != not_employed_values.get(name))]
            if name not in codes and known.size:
                quantiles[index] = np.quantile(known, np.linspace(0, 1, _n_quantiles))
        return cls(feature_names=names, codes=codes, quantiles=quantiles, encoding=_encoding)

    @classmethod
    def from_json(cls, text: bytes) -> Preprocessor:
        """Reads what `to_json` wrote. Raises `InvalidPreprocessor` where a part is absent, unknown or unsound."""
        try:
            stored = _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidPreprocessor(f"{place or 'preprocessor'}: {first['msg']}") from None
        return stored.preprocessor()

    def to_json(self) -> bytes:
        """The preprocessor as data; each number is read back as it is."""
        rows = [None if np.isnan(row).any() else tuple(row.tolist()) for row in self.quantiles]
        stored = _Stored(1, self.feature_names, self.codes, tuple(rows), self.encoding)
        return _adapter().dump_json(stored) + b"\n"

    @property
    def categorical_features(self) -> tuple[str, ...]:
        """The features whose numbers are codes, not amounts."""
        return tuple(self.codes)

    def transform(self, applications: pl.DataFrame) -> NDArray[np.float64]:
        """The features of typed applications: float64 (n_applications, n_features), NaN where missing."""
        # `fits_catalogue` has made sure that what is built is what the model was trained on.
        return matrix(applications)

    def places(self, row: NDArray[np.float64]) -> tuple[PlaceAmong | None, ...]:
        """Where each feature of one application stands among those of the training clients who have it.

        Args:
            row: float64 (n_features,), as a row of `transform`.

        Returns:
            One a feature; None where it is a category or missing, or nobody had it.
        """
        # Most features of an application without a history are missing: only the others are looked at.
        placed = np.flatnonzero(self.amounts(row) & ~np.isnan(self.quantiles[:, 0]))
        quantiles, columns = self.quantiles[placed], row[placed, np.newaxis]
        # What lies beyond k of the 101 quantiles lies beyond k - 1 percent of the clients at least.
        below, above = (np.maximum(_counts(beyond), 1) - 1 for beyond in (quantiles < columns, quantiles > columns))
        found: list[PlaceAmong | None] = [None] * len(row)
        for feature, lower, higher in zip(placed.tolist(), below.tolist(), above.tolist(), strict=True):
            found[feature] = _place(lower, higher)
        return tuple(found)

    def amounts(self, row: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which features of one application have a number that `core.features.encoding.is_amount`: bool (n_features,).

        Args:
            row: as for `places`.
        """
        # NaN differs from itself.
        mask: NDArray[np.bool_] = (row == row) & (row != _not_employed(self.feature_names))  # noqa: PLR0124
        return mask

    def fits_catalogue(self) -> bool:
        """Whether the code base still numbers codes and names features as it did at training."""
        now = _catalogue_codes(feature_names())
        return (
            self.encoding == _encoding
            and self.feature_names == feature_names()
            and all(now.get(name, ())[: len(codes)] == codes for name, codes in self.codes.items())
        )


@dataclass(frozen=True, slots=True)
class _Stored:
    """A preprocessor as it is written down. `quantiles` has None where a feature has none."""

    __pydantic_config__: ClassVar = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    layout: Literal[1]
    feature_names: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    quantiles: tuple[tuple[float, ...] | None, ...]
    encoding: int

    def preprocessor(self) -> Preprocessor:
        if len(set(self.feature_names)) != len(self.feature_names):
            raise InvalidPreprocessor("feature_names: expected each name once")
        if not set(self.codes) <= set(self.feature_names):
            raise InvalidPreprocessor("codes: expected features")
        if len(self.quantiles) != len(self.feature_names):
            raise InvalidPreprocessor("quantiles: expected those of each feature")
        quantiles = np.full((len(self.feature_names), _n_quantiles), np.nan)
        for index, row in enumerate(self.quantiles):
            if row is None:
                continue
            if len(row) != _n_quantiles or list(row) != sorted(row):
                raise InvalidPreprocessor(f"quantiles.{index}: expected {_n_quantiles} ascending numbers")
            quantiles[index] = row
        return Preprocessor(self.feature_names, dict(self.codes), quantiles, self.encoding)


def _counts(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """How many of each row are true: uint8 (n,), for rows of less than 256; half a million a millisecond so."""
    counts: NDArray[np.uint8] = mask.view(np.uint8).sum(axis=1, dtype=np.uint8)
    return counts


@cache
def _not_employed(names: tuple[str, ...]) -> NDArray[np.float64]:
    """What each feature is of somebody who is not employed, where that is a value of its own; else NaN."""
    return np.array([not_employed_values.get(name, np.nan) for name in names])


@cache
def _place(below: int, above: int) -> PlaceAmong:
    """A place, by whole percents: there are few, and each explanation has one for most features."""
    return PlaceAmong(below / (_n_quantiles - 1), above / (_n_quantiles - 1))


@cache
def _adapter() -> TypeAdapter[_Stored]:
    return TypeAdapter(_Stored)


def _catalogue_codes(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    columns = {column.name: column for column in catalogue.columns()}
    return {
        name: tuple(code.code for code in columns[name].codes)
        for name in names
        if name in columns and columns[name].type == "category"
    }
