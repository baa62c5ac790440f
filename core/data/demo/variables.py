"""The variables that are drawn one after the other, and how they and the application's columns become each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from core import catalogue

# What DAYS_EMPLOYED says of somebody who is not employed.
not_employed: Final = 365243
# Amounts of the application lie on this grid.
amount_step: Final = 4.5

region_flags: Final = ("REG_REGION_NOT_LIVE_REGION", "REG_REGION_NOT_WORK_REGION", "LIVE_REGION_NOT_WORK_REGION")
city_flags: Final = ("REG_CITY_NOT_LIVE_CITY", "REG_CITY_NOT_WORK_CITY", "LIVE_CITY_NOT_WORK_CITY")
documents: Final = tuple(f"FLAG_DOCUMENT_{number}" for number in range(2, 22))
enquiries: Final = tuple(f"AMT_REQ_CREDIT_BUREAU_{period}" for period in ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR"))
buildings: Final = tuple(
    name.removesuffix("_AVG") for name in (each.name for each in catalogue.columns()) if name.endswith("_AVG")
)
couples: Final = ("Married", "Civil marriage")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the model.

    Attributes:
        name: an application column, or a name of our own for what is derived from some.
        kind: whether its codes stand for categories or for cells of a number.
        step: the grid of a number; 0 where it has none.
        cells: the most intervals that a number is cut into.
        only_if: a variable drawn earlier without which this one is missing, and with which its own table is fitted.
    """

    name: str
    kind: Literal["category", "number"]
    step: float = 1.0
    cells: int = 250
    only_if: str | None = None


def _category(name: str, only_if: str | None = None) -> Variable:
    return Variable(name, "category", only_if=only_if)


def _number(name: str, step: float = 1.0, only_if: str | None = None, cells: int = 250) -> Variable:
    return Variable(name, "number", step, cells, only_if)


def _building(name: str) -> tuple[Variable, ...]:
    average = f"{name}_AVG"
    return (
        _number(average, 0.0001),
        _number(f"{name}_MODE_GAP", 0.0001, average),
        _number(f"{name}_MEDI_GAP", 0.0001, average),
    )


variables: Final = (
    _category("NAME_CONTRACT_TYPE"),
    _category("CODE_GENDER"),
    _number("DAYS_BIRTH"),
    _number("DAYS_EMPLOYED"),
    _category("NAME_INCOME_TYPE", "DAYS_EMPLOYED"),
    _category("NAME_EDUCATION_TYPE"),
    _category("OCCUPATION_TYPE", "DAYS_EMPLOYED"),
    _category("ORGANIZATION_TYPE", "DAYS_EMPLOYED"),
    _category("NAME_FAMILY_STATUS"),
    _number("CNT_CHILDREN"),
    _number("OWN_CAR_AGE"),
    _number("REGION_POPULATION_RELATIVE", 0.000001),
    _category("REGION_RATING_CLIENT"),
    _category("REGION_RATING_CLIENT_W_CITY"),
    _number("AMT_INCOME_TOTAL", 450.0),
    _category("FLAG_OWN_REALTY"),
    _category("NAME_HOUSING_TYPE"),
    _number("EXT_SOURCE_1", 0.0),
    _number("EXT_SOURCE_3", 0.0),
    _number("EXT_SOURCE_2", 0.0),
    _category("GOODS_KNOWN"),
    _number("PRICE", 4500.0),
    _number("CREDIT_PRICE_RATIO", 0.0),
    _number("ANNUITY_CREDIT_RATIO", 0.0),
    _number("DAYS_REGISTRATION"),
    _number("DAYS_ID_PUBLISH"),
    _number("DAYS_LAST_PHONE_CHANGE"),
    _category("FLAG_WORK_PHONE"),
    _category("FLAG_CONT_MOBILE"),
    _category("FLAG_PHONE"),
    _category("FLAG_EMAIL"),
    _category("NAME_TYPE_SUITE"),
    _category("WEEKDAY_APPR_PROCESS_START"),
    _number("HOUR_APPR_PROCESS_START"),
    _category("ADDRESS_REGION"),
    _category("ADDRESS_CITY"),
    _category("DOCUMENTS"),
    _number("OBS_30_CNT_SOCIAL_CIRCLE"),
    _number("OBS_60_LESS", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    _number("DEF_30_CNT_SOCIAL_CIRCLE", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    _number("DEF_60_LESS", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    _number(enquiries[0]),
    *(_number(name, only_if=enquiries[0]) for name in enquiries[1:]),
    _category("EMERGENCYSTATE_MODE"),
    _number("TOTALAREA_MODE", 0.0001),
    _category("HOUSETYPE_MODE"),
    _category("WALLSMATERIAL_MODE"),
    _category("FONDKAPREMONT_MODE"),
    *(each for name in buildings for each in _building(name)),
)
