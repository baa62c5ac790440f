"""Small comparisons written by hand, so that what is said of them can be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.contract.clients.comparison import ComparedCategory, ComparedNumber, DensityAnswer, SpreadAnswer
from tests.contracts import partly

if TYPE_CHECKING:
    from core.comparison.choice import Group


def everywhere(of: list[int]) -> dict[Group, list[int]]:
    return {"all": of, "accepted": of, "refused": of, "similar": of}


def number(value: float | None = 120_000.0, percentile: float | None = 0.85) -> ComparedNumber:
    spread = SpreadAnswer(
        known=100,
        missing_share=0.1,
        percentile=percentile,
        mean=150_000.0,
        p5=60_000.0,
        p25=90_000.0,
        median=135_000.0,
        p75=180_000.0,
        p95=300_000.0,
    )
    return partly(
        ComparedNumber,
        name="AMT_INCOME_TOTAL",
        value=value,
        spreads={"all": spread, "accepted": spread, "refused": spread, "similar": spread},
        edges=[0.0, 100_000.0, 200_000.0, 300_000.0],
        counts=everywhere([40, 50, 10]),
        default_rate=[0.12, 0.08, 0.5],
        risk=[0.11, 0.07, 0.4],
    )


def category(value: str | None = "Y") -> ComparedCategory:
    return partly(
        ComparedCategory,
        name="FLAG_OWN_CAR",
        value=value,
        codes=["N", "Y", ""],
        counts=everywhere([700, 299, 1]),
        default_rate=[0.1, 0.05, 1.0],
        risk=[0.09, 0.06, 0.9],
    )


def density(place: tuple[float, float] | None = (0.5, 150.0)) -> DensityAnswer:
    return partly(
        DensityAnswer,
        x="EXT_SOURCE_2",
        y="AMT_CREDIT",
        x_edges=[0.0, 0.4, 0.8],
        y_edges=[0.0, 100.0, 200.0],
        counts=[[80, 5], [0, 400]],
        default_rate=[[0.2, 0.4], [None, 0.05]],
        place=None if place is None else list(place),
    )
