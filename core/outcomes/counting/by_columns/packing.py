"""Several small numbers as one, so that rows are told apart, grouped and sorted by a single column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

_most_bits: Final = 63


class TooLarge(ValueError):
    """A number that has no room among the others."""


@dataclass(frozen=True, slots=True)
class Packing:
    """The bits that each number takes, by name, the highest first: the order of the whole is that of the first."""

    bits: Mapping[str, int]

    def __post_init__(self) -> None:
        """Raises `ValueError` where they have no room in 64 bits with their sign."""
        if sum(self.bits.values()) > _most_bits:
            raise ValueError("expected at most 63 bits in all")

    def packed(self, numbers: Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        """Numbers as one for each row.

        Args:
            numbers: of each name, as many as there are rows, or one for all of them.

        Raises:
            TooLarge: one is negative, or takes more bits than it has.
        """
        whole = np.zeros(1, np.int64)
        for name, bits in self.bits.items():
            column = np.asarray(numbers[name], np.int64)
            if column.size and (column.min() < 0 or column.max() >> bits):
                raise TooLarge(name)
            whole = (whole << bits) | column
        return whole

    def columns(self, packed: pl.Series) -> list[pl.Series]:
        """The numbers, each a column of its name."""
        left, found = packed.to_numpy(), []
        for name, bits in reversed([*self.bits.items()]):
            found.append(pl.Series(name, left & ((1 << bits) - 1)))
            left = left >> bits
        return found[::-1]
