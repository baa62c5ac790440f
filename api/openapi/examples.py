"""An invented applicant, as the OpenAPI document and the guide show one."""

from __future__ import annotations

from typing import Final

features: Final[dict[str, float | int | str]] = {
    "SK_ID_CURR": 900001,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 180000,
    "AMT_CREDIT": 600000,
    "AMT_ANNUITY": 31000,
    "AMT_GOODS_PRICE": 540000,
    "DAYS_BIRTH": -14600,
    "DAYS_EMPLOYED": -2200,
    "NAME_INCOME_TYPE": "Working",
    "NAME_EDUCATION_TYPE": "Higher education",
    "EXT_SOURCE_2": 0.62,
    "EXT_SOURCE_3": 0.48,
}

legacy_features: Final[dict[str, float | int | str]] = {
    "AMT_INCOME_TOTAL": 180000,
    "AMT_CREDIT": 600000,
    "AMT_ANNUITY": 31000,
    "AMT_GOODS_PRICE": 540000,
    "DAYS_BIRTH": -14600,
    "DAYS_EMPLOYED": -2200,
    "CNT_CHILDREN": 1,
    "CNT_FAM_MEMBERS": 3,
    "EXT_SOURCE_1": 0.51,
    "EXT_SOURCE_2": 0.62,
    "EXT_SOURCE_3": 0.48,
    "CODE_GENDER_M": 1,
    "FLAG_OWN_CAR": 1,
    "FLAG_OWN_REALTY": 0,
    "CREDIT_INCOME_RATIO": 3.33,
    "ANNUITY_INCOME_RATIO": 0.17,
    "EXT_SOURCE_MEAN": 0.54,
}
