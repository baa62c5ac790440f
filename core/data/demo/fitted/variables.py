"""The variables of an application, in the order in which they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.data.demo.fitted.chained_model import category, number

if TYPE_CHECKING:
    from core.data.demo.fitted.chained_model import Variable

# What DAYS_EMPLOYED says of somebody who is not employed.
not_employed: Final = 365243
# Amounts of the application lie on this grid.
amount_step: Final = 4.5

region_flags: Final = ("REG_REGION_NOT_LIVE_REGION", "REG_REGION_NOT_WORK_REGION", "LIVE_REGION_NOT_WORK_REGION")
city_flags: Final = ("REG_CITY_NOT_LIVE_CITY", "REG_CITY_NOT_WORK_CITY", "LIVE_CITY_NOT_WORK_CITY")
documents: Final = tuple(f"FLAG_DOCUMENT_{document}" for document in range(2, 22))
enquiries: Final = tuple(f"AMT_REQ_CREDIT_BUREAU_{period}" for period in ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR"))
buildings: Final = tuple(
    name.removesuffix("_AVG") for name in (column.name for column in catalogue.columns()) if name.endswith("_AVG")
)
couples: Final = ("Married", "Civil marriage")


def _building(name: str) -> tuple[Variable, ...]:
    average = f"{name}_AVG"
    return (
        number(average, 0.0001),
        number(f"{name}_MODE_GAP", 0.0001, average),
        number(f"{name}_MEDI_GAP", 0.0001, average),
    )


variables: Final = (
    category("NAME_CONTRACT_TYPE"),
    category("CODE_GENDER"),
    number("DAYS_BIRTH"),
    number("DAYS_EMPLOYED"),
    category("NAME_INCOME_TYPE", "DAYS_EMPLOYED"),
    category("NAME_EDUCATION_TYPE"),
    category("OCCUPATION_TYPE", "DAYS_EMPLOYED"),
    category("ORGANIZATION_TYPE", "DAYS_EMPLOYED"),
    category("NAME_FAMILY_STATUS"),
    number("CNT_CHILDREN"),
    number("OWN_CAR_AGE"),
    number("REGION_POPULATION_RELATIVE", 0.000001),
    category("REGION_RATING_CLIENT"),
    category("REGION_RATING_CLIENT_W_CITY"),
    number("AMT_INCOME_TOTAL", 450.0),
    category("FLAG_OWN_REALTY"),
    category("NAME_HOUSING_TYPE"),
    number("EXT_SOURCE_1", 0.0),
    number("EXT_SOURCE_3", 0.0),
    number("EXT_SOURCE_2", 0.0),
    category("GOODS_KNOWN"),
    number("PRICE", 4500.0),
    number("CREDIT_PRICE_RATIO", 0.0),
    number("ANNUITY_CREDIT_RATIO", 0.0),
    number("DAYS_REGISTRATION"),
    number("DAYS_ID_PUBLISH"),
    number("DAYS_LAST_PHONE_CHANGE"),
    category("FLAG_WORK_PHONE"),
    category("FLAG_CONT_MOBILE"),
    category("FLAG_PHONE"),
    category("FLAG_EMAIL"),
    category("NAME_TYPE_SUITE"),
    category("WEEKDAY_APPR_PROCESS_START"),
    number("HOUR_APPR_PROCESS_START"),
    category("ADDRESS_REGION"),
    category("ADDRESS_CITY"),
    category("DOCUMENTS"),
    number("OBS_30_CNT_SOCIAL_CIRCLE"),
    number("OBS_60_LESS", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    number("DEF_30_CNT_SOCIAL_CIRCLE", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    number("DEF_60_LESS", only_if="OBS_30_CNT_SOCIAL_CIRCLE"),
    number(enquiries[0]),
    *(number(name, only_if=enquiries[0]) for name in enquiries[1:]),
    category("EMERGENCYSTATE_MODE"),
    number("TOTALAREA_MODE", 0.0001),
    category("HOUSETYPE_MODE"),
    category("WALLSMATERIAL_MODE"),
    category("FONDKAPREMONT_MODE"),
    *(variable for name in buildings for variable in _building(name)),
)
