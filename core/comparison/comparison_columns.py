"""Comparison columns: the clients on hand column by column, in the units that a reader thinks in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.catalogue import Column
from core.catalogue.ages import days_per_year
from core.features import application_features, history_names
from core.features.assembly import with_all_columns
from core.features.encoding import not_employed
from core.portfolio.clients import clients_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from core.catalogue import Entry
    from core.decision import Value
    from core.portfolio.clients import Portfolio

# Columns kept in memory: at 307,511 clients each takes 2.5 MB.
_kept: Final = 16
# Accepted as input, shown to nobody as a reason and compared with nobody (see the model card).
_protected: Final = frozenset({"CODE_GENDER"})
# Features of the history that the model takes as negative time before the application, as the raw columns are; the
# others count forwards, or into the future.
_since: Final = frozenset(
    {
        "BUREAU_DAYS_SINCE_FIRST",
        "BUREAU_DAYS_SINCE_LAST",
        "BUREAU_DAYS_MEAN",
        "BUREAU_DAYS_UPDATED",
        "PREVIOUS_DAYS_SINCE_FIRST",
        "PREVIOUS_DAYS_SINCE_LAST",
        "PREVIOUS_DAYS_SINCE_REFUSED",
        "INSTALMENT_DAYS_SINCE_LAST",
        "POS_LAST_MONTH",
    }
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A column or feature as it is compared.

    Attributes:
        entry: its place in the catalogue.
        codes: of a category, in the order of the catalogue; flags have `0` and `1`; empty for numbers.
        unit: as in `Entry.unit`; days before the application are turned into years, months before it counted forwards.
    """

    entry: Entry
    codes: tuple[str, ...]
    unit: str

    @property
    def categorical(self) -> bool:
        """Whether the values are places in `codes`, rather than amounts."""
        return bool(self.codes)

    def read(self, value: Value) -> float:
        """A value as a column holds it; NaN where it is missing, not applicable or not a known code."""
        if value is None:
            return float("nan")
        if self.categorical:
            code = value if isinstance(value, str) else str(int(value))
            return float(self.codes.index(code)) if code in self.codes else float("nan")
        sentinel = self.entry.sentinel if isinstance(self.entry, Column) else None
        if sentinel is not None and value == sentinel:
            return float("nan")
        return float(value) / _back(self.entry) if _counts_back(self.entry) else float(value)


def axis(name: str) -> Axis:
    """How a column or feature is compared. Raises `catalogue.UnknownEntry` where there is none that can be."""
    try:
        return axes()[name]
    except KeyError:
        raise catalogue.UnknownEntry(name) from None


@cache
def axes() -> dict[str, Axis]:
    """Everything that clients can be compared by: application columns, then derived features, then history."""
    raw = [
        column
        for column in catalogue.columns()
        if column.type not in ("id", "target") and column.name not in _protected
    ]
    entries: list[Entry] = [*raw, *(catalogue.entry(name) for name in (*application_features(), *history_names()))]
    return {entry.name: _axis(entry) for entry in entries}


def _axis(entry: Entry) -> Axis:
    codes: tuple[str, ...] = ()
    if isinstance(entry, Column):
        codes = ("0", "1") if entry.type == "flag" else tuple(code.code for code in entry.codes)
    return Axis(entry, codes, "years" if _counts_back(entry) and entry.unit == "days" else entry.unit)


def _counts_back(entry: Entry) -> bool:
    """Whether the values are time before the application, as negative numbers."""
    return entry.name in _since or (isinstance(entry, Column) and entry.unit == "days")


def _back(entry: Entry) -> float:
    """What such values are divided by, to be a time in years, or in the months that they are in."""
    return -days_per_year if entry.unit == "days" else -1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A column in ascending order, of the clients who have a value.

    Attributes:
        values: float64 (n_known,).
        order: int32 (n_known,), the place of each of these clients in the columns.
    """

    values: NDArray[np.float64]
    order: NDArray[np.int32]


class ComparisonColumns:
    """The columns of a portfolio, read from its file as they are asked for; the last few are kept."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self._columns: dict[str, NDArray[np.float64]] = {}
        self._orders: dict[str, NDArray[np.int32]] = {}

    @property
    def size(self) -> int:
        """How many clients there are."""
        return self.portfolio.index.height

    @property
    def probability(self) -> NDArray[np.float64]:
        """The probability of default of each client, by the model that the portfolio was made with."""
        return self.portfolio.index["probability"].to_numpy()

    @property
    def refused(self) -> NDArray[np.bool_]:
        """Whose application the model refuses."""
        return self.probability >= self.portfolio.threshold

    @property
    def default(self) -> NDArray[np.float64] | None:
        """1 where the client defaulted, 0 where not; None where no outcome is known."""
        if "TARGET" not in self._stored():
            return None
        return self._kept("TARGET", pl.col("TARGET"))

    def column(self, name: str) -> NDArray[np.float64]:
        """A column or feature of every client, in the order of their numbers.

        Args:
            name: one of `axes()`.

        Returns:
            float64 (size,): numbers in the unit of the axis, categories as places in its codes; NaN where missing.

        Raises:
            catalogue.UnknownEntry: for another name.
        """
        return self._kept(name, _expression(axis(name)))

    def ranked(self, name: str) -> Ranked:
        """The numbers of a column in ascending order; sorted once, since every comparison asks for it."""
        values = self.column(name)
        order = self._orders.pop(name, None)
        if order is None:
            known = np.flatnonzero(~np.isnan(values))
            order = known[np.argsort(values[known], kind="stable")].astype(np.int32)
            order.setflags(write=False)
        self._orders[name] = order
        while len(self._orders) > _kept:
            self._orders.pop(next(iter(self._orders)), None)
        return Ranked(values[order], order)

    def position(self, client_id: int) -> int | None:
        """The place of a client in the columns; None where there is no such client."""
        ids = self.portfolio.index["SK_ID_CURR"].to_numpy()
        place = int(ids.searchsorted(client_id))
        return place if place < len(ids) and ids[place] == client_id else None

    def _kept(self, name: str, expression: pl.Expr) -> NDArray[np.float64]:
        values = self._columns.pop(name, None)
        if values is None:
            # With the numbers of the clients, so that there are rows even where none of the columns is stored.
            needed = {"SK_ID_CURR", *expression.meta.root_names()} & self._stored()
            frame = with_all_columns(pl.read_parquet(self.portfolio.folder / clients_file, columns=sorted(needed)))
            values = frame.select(value=expression.cast(pl.Float64))["value"].to_numpy()
            values.setflags(write=False)
        # The last to be asked for stands last: the first is the one to go.
        self._columns[name] = values
        while len(self._columns) > _kept:
            self._columns.pop(next(iter(self._columns)), None)
        return values

    def _stored(self) -> frozenset[str]:
        return _columns_of(str(self.portfolio.folder / clients_file))


@cache
def _columns_of(path: str) -> frozenset[str]:
    return frozenset(pl.read_parquet_schema(path))


class ComparisonColumnsCache:
    """The population of the portfolio that was asked for last, so that its columns are read once."""

    def __init__(self) -> None:
        self._last: ComparisonColumns | None = None

    def of(self, portfolio: Portfolio) -> ComparisonColumns:
        """The clients of an opened portfolio."""
        last = self._last
        if last is None or last.portfolio is not portfolio:
            last = self._last = ComparisonColumns(portfolio)
        return last


def values_of(applicant: Mapping[str, Value], names: tuple[str, ...]) -> dict[str, float]:
    """One application in the same terms as the columns of `ComparisonColumns`.

    Args:
        applicant: validated raw columns and history features by name; those that are absent or None are missing.
        names: which of `axes()` to give.

    Returns:
        By name: a number in the unit of the axis, or a place in its codes; NaN where missing.
    """
    derived = [name for name in names if name in application_features()]
    computed: dict[str, float] = {}
    if derived:
        schema = catalogue.polars_schema("application")
        row = pl.DataFrame({name: [applicant.get(name)] for name in schema}, schema=schema)
        frame = row.select(application_features()[name].cast(pl.Float64).alias(name) for name in derived)
        computed = {name: float("nan") if value is None else value for name, value in frame.row(0, named=True).items()}
    return {name: computed[name] if name in computed else axis(name).read(applicant.get(name)) for name in names}


def _expression(of: Axis) -> pl.Expr:
    name = of.entry.name
    if name in application_features():
        return application_features()[name]
    column = pl.col(name)
    if _counts_back(of.entry):
        return pl.when(column != not_employed).then(column.cast(pl.Float64) / _back(of.entry))
    if isinstance(of.entry, Column) and of.entry.type == "category":
        return column.cast(pl.Enum(of.codes), strict=False).to_physical()
    return column
