"""The log-odds of default given an application: points for where each fact lies, added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.variables import couples, documents, not_employed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one fact.

    Attributes:
        edges: ascending bounds; a number at least as high as the bound at position `i` is in bin `i + 1`.
        points: points of each bin, one more than there are edges.
        missing: points where the fact is missing.
    """

    edges: NDArray[np.float64]
    points: NDArray[np.float64]
    missing: float

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The points of each number."""
        points = self.points[np.searchsorted(self.edges, values, side="right")]
        return np.where(np.isnan(values), self.missing, points)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """An additive model of the log-odds of default.

    Attributes:
        numbers: the points of each numeric fact of `facts`.
        categories: the points of each code of each categorical column; 0 for a code that is not listed.
        intercept: the log-odds of somebody without any points.
    """

    numbers: dict[str, Points]
    categories: dict[str, dict[str, float]]
    intercept: float

    def log_odds(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The log-odds of each typed application row."""
        known = frame.select(expression.cast(pl.Float64).alias(name) for name, expression in facts().items())
        total = np.full(frame.height, self.intercept)
        for name, points in self.numbers.items():
            total += points.of(known[name].to_numpy())
        for name, weights in self.categories.items():
            values = frame[name].fill_null("")
            contribution = values.replace_strict(
                list(weights), list(weights.values()), default=0.0, return_dtype=pl.Float64
            )
            total += contribution.to_numpy()
        return total

    def as_json(self) -> dict[str, Any]:
        """Plain lists and numbers, rounded to what matters."""
        numbers = {
            name: {
                "edges": [float(f"{edge:.6g}") for edge in points.edges],
                "points": np.round(points.points, 5).tolist(),
                "missing": round(points.missing, 5),
            }
            for name, points in self.numbers.items()
        }
        return {"numbers": numbers, "categories": self.categories, "intercept": self.intercept}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Scorecard:
        """The inverse of `as_json`."""
        numbers = {
            name: Points(np.asarray(points["edges"], float), np.asarray(points["points"], float), points["missing"])
            for name, points in stored["numbers"].items()
        }
        return cls(numbers, stored["categories"], stored["intercept"])


categories: Final = (
    "NAME_CONTRACT_TYPE",
    "CODE_GENDER",
    "NAME_EDUCATION_TYPE",
    "NAME_FAMILY_STATUS",
    "NAME_HOUSING_TYPE",
    "NAME_INCOME_TYPE",
    "OCCUPATION_TYPE",
    "ORGANIZATION_TYPE",
    "FLAG_OWN_CAR",
    "FLAG_OWN_REALTY",
)


def facts() -> dict[str, pl.Expr]:
    """The numeric facts that earn points, as expressions over typed application rows."""
    income, credit, annuity = (pl.col("AMT_INCOME_TOTAL"), pl.col("AMT_CREDIT"), pl.col("AMT_ANNUITY"))
    employed = pl.when(pl.col("DAYS_EMPLOYED") != not_employed).then("DAYS_EMPLOYED")
    scores = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
    plain = (
        *scores,
        "DAYS_BIRTH",
        "AMT_CREDIT",
        "AMT_ANNUITY",
        "AMT_GOODS_PRICE",
        "AMT_INCOME_TOTAL",
        "DAYS_REGISTRATION",
        "DAYS_ID_PUBLISH",
        "DAYS_LAST_PHONE_CHANGE",
        "OWN_CAR_AGE",
        "REGION_POPULATION_RELATIVE",
        "REGION_RATING_CLIENT_W_CITY",
        "CNT_CHILDREN",
        "FLAG_WORK_PHONE",
        "FLAG_PHONE",
        "FLAG_DOCUMENT_3",
        "REG_CITY_NOT_WORK_CITY",
        "REG_CITY_NOT_LIVE_CITY",
        "DEF_30_CNT_SOCIAL_CIRCLE",
        "DEF_60_CNT_SOCIAL_CIRCLE",
        "AMT_REQ_CREDIT_BUREAU_YEAR",
        "AMT_REQ_CREDIT_BUREAU_QRT",
        "AMT_REQ_CREDIT_BUREAU_MON",
        "HOUR_APPR_PROCESS_START",
        "TOTALAREA_MODE",
        "FLOORSMAX_AVG",
        "APARTMENTS_AVG",
    )
    return {name: pl.col(name) for name in plain} | {
        "EXT_SOURCE_MEAN": pl.mean_horizontal(scores),
        "EXT_SOURCE_LEAST": pl.min_horizontal(scores),
        "EMPLOYED": employed,
        "EMPLOYED_SHARE": employed / pl.col("DAYS_BIRTH"),
        "CREDIT_DURATION": credit / annuity,
        "CREDIT_GOODS_RATIO": credit / pl.col("AMT_GOODS_PRICE"),
        "ANNUITY_INCOME_RATIO": annuity / income,
        "CREDIT_INCOME_RATIO": credit / income,
        "COUPLE": pl.col("NAME_FAMILY_STATUS").is_in(couples),
        "DOCUMENTS_PROVIDED": pl.sum_horizontal(documents),
    }
