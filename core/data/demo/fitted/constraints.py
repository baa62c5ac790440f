"""Constraints between columns: application columns into free variables, and drawn variables back into columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.data.demo.fitted.discretizer import number_discretizer
from core.data.demo.fitted.variables import (
    amount_step,
    buildings,
    city_flags,
    couples,
    documents,
    not_employed,
    region_flags,
    variables,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# Gap that stands for "the twin is zero though the average is not".
_zero_twin: Final = -9.0
# Age in days from which people are employed and have a document of their own.
_working_age: Final = 18 * 365
# A twin is on a lattice where at least this share of its values are shared by many.
_on_lattice: Final = 0.93


@dataclass(frozen=True, slots=True)
class Line:
    """How a building's most common value or median (its twin) follows from its average: `intercept + slope * average`.

    Attributes:
        intercept, slope: of the line.
        lattice: the values that the twin takes, ascending, where it only takes some that many share; else empty.
    """

    intercept: float
    slope: float
    lattice: tuple[float, ...]

    def at(self, average: pl.Expr) -> pl.Expr:
        """The twin that belongs to an average; zero stays zero, and nothing exceeds one."""
        return pl.when(average == 0).then(0.0).otherwise((self.intercept + self.slope * average).clip(0.0, 1.0))

    def settled(self, twin: pl.Expr) -> pl.Expr:
        """The nearest value that the twin can take."""
        if not self.lattice:
            return twin.round(4).clip(0.0, 1.0)
        return twin.map_batches(self._nearest, return_dtype=pl.Float64)

    def _nearest(self, twin: pl.Series) -> pl.Series:
        points = np.asarray(self.lattice)
        numbers = twin.to_numpy()
        place = np.searchsorted((points[1:] + points[:-1]) / 2, numbers)
        return pl.Series(np.where(np.isnan(numbers), np.nan, points[place]), nan_to_null=True)


def fit_line(average: pl.Series, twin: pl.Series) -> Line:
    """The line through most pairs: the median slope between far pairs (Theil, Sen), so that exceptions do not count."""
    lattice = number_discretizer(twin, 0.0001, 0)
    shared = float(np.isin(twin.drop_nulls().to_numpy(), lattice.low).mean())
    pairs = pl.DataFrame({"x": average, "y": twin}).drop_nulls().filter((pl.col("x") > 0) & (pl.col("y") > 0)).sort("x")
    pairs = pairs.filter((pl.col("x") < 1) & (pl.col("y") < 1))
    x, y = pairs["x"].to_numpy(), pairs["y"].to_numpy()
    half = len(x) // 2
    rise, run = y[-half:] - y[:half], x[-half:] - x[:half]
    slope = float(np.median((rise / np.where(run == 0, np.nan, run))[run > 0]))
    kept = tuple(lattice.low.tolist()) if shared >= _on_lattice else ()
    return Line(float(np.median(y - slope * x)), slope, kept)


def to_variables(frame: pl.DataFrame, lines: Mapping[str, Line]) -> pl.DataFrame:
    """The variables of typed application rows.

    Args:
        frame: typed by `catalogue.polars_schema`.
        lines: the line of each `<building>_MODE` and `<building>_MEDI`.
    """
    employed = pl.col("DAYS_EMPLOYED") != not_employed
    price = pl.coalesce("AMT_GOODS_PRICE", "AMT_CREDIT")
    derived = {
        "DAYS_EMPLOYED": pl.when(employed).then("DAYS_EMPLOYED"),
        "NAME_INCOME_TYPE": pl.when(employed).then("NAME_INCOME_TYPE"),
        "ORGANIZATION_TYPE": pl.when(employed).then("ORGANIZATION_TYPE"),
        "GOODS_KNOWN": pl.when(pl.col("AMT_GOODS_PRICE").is_null()).then(pl.lit("N")).otherwise(pl.lit("Y")),
        "PRICE": price,
        "CREDIT_PRICE_RATIO": (pl.col("AMT_CREDIT") / price).round(4),
        "ANNUITY_CREDIT_RATIO": (pl.col("AMT_ANNUITY") / pl.col("AMT_CREDIT")).round(5),
        "ADDRESS_REGION": pl.concat_str(region_flags),
        "ADDRESS_CITY": pl.concat_str(city_flags),
        "DOCUMENTS": pl.concat_str(documents),
        "OBS_60_LESS": pl.col("OBS_30_CNT_SOCIAL_CIRCLE") - pl.col("OBS_60_CNT_SOCIAL_CIRCLE"),
        "DEF_60_LESS": pl.col("DEF_30_CNT_SOCIAL_CIRCLE") - pl.col("DEF_60_CNT_SOCIAL_CIRCLE"),
    } | {f"{name}_{twin}_GAP": _gap(name, twin, lines) for name in buildings for twin in ("MODE", "MEDI")}
    columns = {variable.name: derived.get(variable.name, pl.col(variable.name)) for variable in variables}
    types = {variable.name: pl.String if variable.kind == "category" else pl.Float64 for variable in variables}
    return frame.select(column.cast(types[name]).alias(name) for name, column in columns.items())


def from_variables(drawn: pl.DataFrame, lines: Mapping[str, Line]) -> pl.DataFrame:
    """All application columns but SK_ID_CURR and TARGET, typed by the catalogue, from drawn variables."""
    schema = catalogue.polars_schema("application")
    employed = pl.col("DAYS_EMPLOYED").is_not_null()
    credit = _on_grid(pl.col("PRICE") * pl.col("CREDIT_PRICE_RATIO"))
    derived = (
        {
            "DAYS_EMPLOYED": _since("DAYS_EMPLOYED", _working_age).fill_null(not_employed),
            "DAYS_REGISTRATION": _since("DAYS_REGISTRATION", 0),
            "DAYS_ID_PUBLISH": _since("DAYS_ID_PUBLISH", _working_age),
            "NAME_INCOME_TYPE": pl.col("NAME_INCOME_TYPE").fill_null("Pensioner"),
            "ORGANIZATION_TYPE": pl.col("ORGANIZATION_TYPE").fill_null("XNA"),
            "FLAG_EMP_PHONE": employed,
            "FLAG_MOBIL": pl.lit(1),
            "FLAG_OWN_CAR": pl.when(pl.col("OWN_CAR_AGE").is_null()).then(pl.lit("N")).otherwise(pl.lit("Y")),
            "CNT_FAM_MEMBERS": pl.col("CNT_CHILDREN") + 1 + pl.col("NAME_FAMILY_STATUS").is_in(couples),
            "AMT_GOODS_PRICE": pl.when(pl.col("GOODS_KNOWN") == "Y").then("PRICE"),
            "AMT_CREDIT": credit,
            "AMT_ANNUITY": _on_grid(credit * pl.col("ANNUITY_CREDIT_RATIO")),
        }
        | _flags("ADDRESS_REGION", region_flags)
        | _flags("ADDRESS_CITY", city_flags)
        | _flags("DOCUMENTS", documents)
        | _circle()
        | {f"{name}_{twin}": _twin(name, twin, lines) for name in buildings for twin in ("MODE", "MEDI")}
    )
    entries = [column for column in catalogue.columns() if column.name not in ("SK_ID_CURR", "TARGET")]
    columns = {entry: derived.get(entry.name, pl.col(entry.name)) for entry in entries}
    typed = [_typed(column, entry, schema[entry.name]).alias(entry.name) for entry, column in columns.items()]
    return drawn.lazy().select(typed).collect()


def _gap(name: str, twin: str, lines: Mapping[str, Line]) -> pl.Expr:
    average, value = pl.col(f"{name}_AVG"), pl.col(f"{name}_{twin}")
    gap = (value - lines[f"{name}_{twin}"].at(average)).round(4)
    return pl.when((value == 0) & (average > 0)).then(_zero_twin).otherwise(gap)


def _twin(name: str, twin: str, lines: Mapping[str, Line]) -> pl.Expr:
    gap = pl.col(f"{name}_{twin}_GAP")
    line = lines[f"{name}_{twin}"]
    return pl.when(gap == _zero_twin).then(0.0).otherwise(line.settled(line.at(pl.col(f"{name}_AVG")) + gap))


def _since(name: str, age: int) -> pl.Expr:
    """Days since something that cannot have happened before an age in days."""
    days, earliest = pl.col(name), pl.col("DAYS_BIRTH") + age
    return pl.when(days < earliest).then(earliest).otherwise(days)


def _on_grid(amount: pl.Expr) -> pl.Expr:
    return (amount / amount_step).round() * amount_step


def _flags(pattern: str, names: tuple[str, ...]) -> dict[str, pl.Expr]:
    return {name: pl.col(pattern).str.slice(place, 1).cast(pl.Int8) for place, name in enumerate(names)}


def _circle() -> dict[str, pl.Expr]:
    """Counts of the social circle: a shorter delay is observed at least as often, and nobody defaults unobserved."""
    observed = pl.col("OBS_30_CNT_SOCIAL_CIRCLE")
    observed_60 = pl.max_horizontal(observed - pl.col("OBS_60_LESS"), pl.lit(0))
    defaulted = pl.min_horizontal("DEF_30_CNT_SOCIAL_CIRCLE", observed)
    defaulted_60 = pl.min_horizontal(pl.max_horizontal(defaulted - pl.col("DEF_60_LESS"), pl.lit(0)), observed_60)
    known = observed.is_not_null()
    return {
        "OBS_60_CNT_SOCIAL_CIRCLE": pl.when(known).then(observed_60),
        "DEF_30_CNT_SOCIAL_CIRCLE": pl.when(known).then(defaulted),
        "DEF_60_CNT_SOCIAL_CIRCLE": pl.when(known).then(defaulted_60),
    }


def _typed(column: pl.Expr, entry: catalogue.Column, dtype: pl.DataType) -> pl.Expr:
    """The column in its type and within its bounds, so that what is drawn is always a valid application."""
    if entry.type in ("integer", "real") and entry.sentinel is None and entry.name != "DAYS_EMPLOYED":
        column = column.cast(pl.Float64).clip(entry.minimum, entry.maximum)
    if dtype.is_integer():
        return column.cast(pl.Float64).round().cast(dtype)
    return column.cast(dtype)
