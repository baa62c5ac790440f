"""Training ranges: which values of an application are out of the distribution that the model saw in training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from core import catalogue
from core.contract.field_warnings import FieldWarning
from core.features.rows import by_column
from core.reference.profiles import NumberProfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.catalogue import Language
    from core.decision import Value
    from core.reference.reference_profile import ReferenceProfile


_no_range: Final = (1.0, 0.0)
# Of fewer, to turn rows into columns takes longer than to look at each value.
_rows_worth_columns: Final = 4


@dataclass(frozen=True, slots=True)
class TrainingRanges:
    """The values that the model saw.

    Attributes:
        ranges: of each column of numbers, the lowest and the highest number.
        others: of each column, what it may also be: codes, or numbers that stand for something else.
    """

    ranges: Mapping[str, tuple[float, float]]
    others: Mapping[str, frozenset[Value]]

    @classmethod
    def of(cls, reference: ReferenceProfile, names: Iterable[str]) -> TrainingRanges:
        """What the reference of a model has of those columns and features.

        The ends of a range stand for `core.reference.profiles.fewest` rows, as a code does: what only fewer rows had
        counts as not seen. A flag is left out: it has no value that would be strange by itself.
        """
        ranges: dict[str, tuple[float, float]] = {}
        others: dict[str, frozenset[Value]] = {}
        for name in names:
            profile = reference.columns.get(name)
            if isinstance(profile, NumberProfile):
                if profile.minimum is not None and profile.maximum is not None:
                    ranges[name] = (profile.minimum, profile.maximum)
                    others[name] = frozenset(special.value for special in profile.specials)
            elif profile is not None and not _is_flag(name):
                others[name] = frozenset(code.code for code in profile.codes)
        return cls(ranges, others)

    @classmethod
    def anything(cls) -> TrainingRanges:
        """For a model that came without a reference: nothing is known to be outside."""
        return cls({}, {})

    def outside(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """The names of the values that the model never saw the like of, in the order of `values`."""
        ranges, others = self.ranges, self.others
        names = []
        for name, value in values.items():
            also = others.get(name)
            if also is None or value is None or value in also:
                continue
            low, high = ranges.get(name, _no_range)
            if value.__class__ is str or not low <= value <= high:  # type: ignore[operator]
                names.append(name)
        return tuple(names)

    def outside_many(self, rows: Sequence[Mapping[str, Value]]) -> list[tuple[str, ...]]:
        """What `outside` says of each row. Columns of which every value is familiar are looked at once, as a whole."""
        if len(rows) < _rows_worth_columns:
            return [self.outside(row) for row in rows]
        suspect = set(self._suspect(by_column(rows)))
        if not suspect:
            return [()] * len(rows)
        return [self.outside({name: value for name, value in row.items() if name in suspect}) for row in rows]

    def outside_by_column(self, columns: Mapping[str, Sequence[Value]], count: int) -> list[tuple[str, ...]]:
        """The same of `count` rows that come column by column, None where a value is missing."""
        suspect = self._suspect(columns)
        if not suspect:
            return [()] * count
        rows = zip(*(columns[name] for name in suspect), strict=True)
        return [self.outside(dict(zip(suspect, row, strict=True))) for row in rows]

    def _suspect(self, columns: Mapping[str, Sequence[Value]]) -> list[str]:
        return [name for name, values in columns.items() if self._has_outside(name, values)]

    def _has_outside(self, name: str, values: Sequence[Value]) -> bool:
        also = self.others.get(name)
        if also is None:
            return False
        distinct = set(values) - also - {None}
        if not distinct or name not in self.ranges:
            return bool(distinct)
        low, high = self.ranges[name]
        return not all(value.__class__ is not str and low <= value <= high for value in distinct)  # type: ignore[operator]

    def outside_rows(self, names: Iterable[str]) -> dict[str, pl.Expr]:
        """Of each of those columns that the model knows: the expression that is true in the rows that are `outside`.

        Null, or false, where a value is missing.
        """
        return {name: self._outside(name) for name in names if name in self.others}

    def _outside(self, name: str) -> pl.Expr:
        column, others = pl.col(name), self.others[name]
        if name not in self.ranges:
            return column.is_in([other for other in others if isinstance(other, str)]).not_()
        low, high = self.ranges[name]
        outside = (column < low) | (column > high)
        for other in others:
            outside &= column != other
        return outside

    def warnings(self, values: Mapping[str, Value], lang: Language) -> tuple[FieldWarning, ...]:
        """The same as warnings."""
        return _warnings(self.outside(values), lang)

    def warnings_many(self, rows: Sequence[Mapping[str, Value]], lang: Language) -> list[tuple[FieldWarning, ...]]:
        """The same of each row."""
        return [_warnings(names, lang) for names in self.outside_many(rows)]

    def warnings_by_column(
        self, columns: Mapping[str, Sequence[Value]], count: int, lang: Language
    ) -> list[tuple[FieldWarning, ...]]:
        """The same of `count` rows that come column by column."""
        return [_warnings(names, lang) if names else () for names in self.outside_by_column(columns, count)]


def _warnings(names: Iterable[str], lang: Language) -> tuple[FieldWarning, ...]:
    return tuple(FieldWarning.of("outside_training", name, lang) for name in names)


def _is_flag(name: str) -> bool:
    try:
        return catalogue.column(name).type == "flag"
    except catalogue.UnknownEntry:
        return False
