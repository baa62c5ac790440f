"""Features of the application itself: raw columns worth keeping, and ratios of what is asked, earned and owned."""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from core import catalogue
from core.features.encoding import category_number, not_employed

external_scores: Final = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")

address_mismatches: Final = (
    "REG_REGION_NOT_LIVE_REGION",
    "REG_REGION_NOT_WORK_REGION",
    "LIVE_REGION_NOT_WORK_REGION",
    "REG_CITY_NOT_LIVE_CITY",
    "REG_CITY_NOT_WORK_CITY",
    "LIVE_CITY_NOT_WORK_CITY",
)

# Left out of the model: identifiers; what a lender may not decide by, gender and marital status (Regulation B, 12 CFR
# 1002.6(b)); when the form happened to be filled in; flags that are nearly constant; and the most-common/median twins
# of the building averages, which say the same thing three times.
_left_out: Final = frozenset(
    {
        "SK_ID_CURR",
        "TARGET",
        "CODE_GENDER",
        "NAME_FAMILY_STATUS",
        "WEEKDAY_APPR_PROCESS_START",
        "HOUR_APPR_PROCESS_START",
        "FLAG_MOBIL",
        "FLAG_CONT_MOBILE",
        "OBS_60_CNT_SOCIAL_CIRCLE",
    }
)
_kept_building_modes: Final = frozenset(
    {"FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "TOTALAREA_MODE", "WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE"}
)
_kept_documents: Final = frozenset({"FLAG_DOCUMENT_3"})


@cache
def raw_features() -> tuple[str, ...]:
    """The raw application columns that are features, in catalogue order."""
    return tuple(column.name for column in catalogue.columns() if _is_kept(column.name))


def _is_kept(name: str) -> bool:
    if name in _left_out or name.endswith("_MEDI"):
        return False
    if name.endswith("_MODE"):
        return name in _kept_building_modes
    if name.startswith("FLAG_DOCUMENT_"):
        return name in _kept_documents
    return True


def application_features() -> dict[str, pl.Expr]:
    """The derived features by name, as expressions over the typed application columns.

    A ratio is null where a term is missing or the denominator is zero.
    """
    income, credit = pl.col("AMT_INCOME_TOTAL"), pl.col("AMT_CREDIT")
    annuity, goods = pl.col("AMT_ANNUITY"), pl.col("AMT_GOODS_PRICE")
    scores = [pl.col(name) for name in external_scores]
    known_scores = _total([score.is_not_null().cast(pl.Int8) for score in scores])
    documents = [column.name for column in catalogue.columns() if column.name.startswith("FLAG_DOCUMENT_")]
    enquiries = [column.name for column in catalogue.columns() if column.name.startswith("AMT_REQ_CREDIT_BUREAU_")]
    return {
        "ANNUITY_INCOME_RATIO": _ratio(annuity, income),
        "CREDIT_INCOME_RATIO": _ratio(credit, income),
        "GOODS_INCOME_RATIO": _ratio(goods, income),
        "CREDIT_GOODS_RATIO": _ratio(credit, goods),
        "CREDIT_DURATION": _ratio(credit, annuity),
        "INCOME_PER_PERSON": _ratio(income, pl.col("CNT_FAM_MEMBERS")),
        "EXT_SOURCE_MEAN": pl.mean_horizontal(scores),
        "EXT_SOURCES_KNOWN": pl.when(known_scores > 0).then(known_scores),
        "EMPLOYED_AGE_RATIO": _ratio(_employed().cast(pl.Float64), pl.col("DAYS_BIRTH")),
        "SOCIAL_DEFAULT_RATIO": _ratio(
            pl.col("DEF_30_CNT_SOCIAL_CIRCLE").cast(pl.Float64), pl.col("OBS_30_CNT_SOCIAL_CIRCLE")
        ),
        "ENQUIRIES_TOTAL": _total([pl.col(name) for name in enquiries]),
        "DOCUMENTS_PROVIDED": _total([pl.col(name) for name in documents]),
        "ADDRESS_MISMATCHES": _total([pl.col(name) for name in address_mismatches]),
    }


def raw_expressions() -> dict[str, pl.Expr]:
    """The raw columns of `raw_features` as numbers: categories by the number of their code, "not employed" missing."""
    return {name: _raw(catalogue.column(name)) for name in raw_features()}


def _raw(column: catalogue.Column) -> pl.Expr:
    if column.type == "category":
        return category_number(column)
    return _employed() if column.name == "DAYS_EMPLOYED" else pl.col(column.name)


def _employed() -> pl.Expr:
    return pl.when(pl.col("DAYS_EMPLOYED") != not_employed).then(pl.col("DAYS_EMPLOYED"))


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    # A denominator so small that the ratio overflows is no more use than zero.
    ratio = numerator / denominator
    return pl.when(ratio.is_finite()).then(ratio)


def _total(terms: list[pl.Expr]) -> pl.Expr:
    """The sum of the terms; missing where one of them is, so that a partial sum is never taken for the whole."""
    return pl.sum_horizontal(terms, ignore_nulls=False)
