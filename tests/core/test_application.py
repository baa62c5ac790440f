"""What a caller may say of an applicant, and what it is told where that cannot be used."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.application import InvalidApplication, expected, parse_application
from core.columnar.applications import parse_alike
from core.contract.field_warnings import texts

sound: dict[str, Any] = {
    "SK_ID_CURR": 100002,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "CODE_GENDER": "F",
    "AMT_INCOME_TOTAL": 202500.0,
    "AMT_CREDIT": 406597.5,
    "AMT_ANNUITY": 24700.5,
    "DAYS_BIRTH": -9461,
    "DAYS_EMPLOYED": -637,
    "EXT_SOURCE_2": 0.26,
}


def errors_of(features: dict[str, Any], lang: catalogue.Language = "en") -> dict[str, tuple[str, str]]:
    with pytest.raises(InvalidApplication) as caught:
        parse_application(features, lang)
    return {error.field: (error.message, error.expected) for error in caught.value.errors}


def test_sound_values_come_back_typed() -> None:
    application = parse_application(sound)
    assert application.client_id == 100002
    assert application.warnings == ()
    assert application.values == {key: value for key, value in sound.items() if key != "SK_ID_CURR"}
    assert isinstance(application.values["DAYS_BIRTH"], int)


@pytest.mark.parametrize("name", ["HOUR_APPR_PROCESS_START", "FLAG_EMAIL", "DAYS_EMPLOYED", "CNT_CHILDREN"])
@pytest.mark.parametrize("part", [2.5e-49, 1e-10, 1 - 1e-12])
def test_nearly_whole_is_not_whole(name: str, part: float) -> None:
    sign = -1 if name == "DAYS_EMPLOYED" else 1
    with pytest.raises(InvalidApplication) as caught:
        parse_application({name: sign * part, "AMT_CREDIT": -1.0})
    assert {error.field: error.message for error in caught.value.errors} == {
        name: "is not a whole number",
        "AMT_CREDIT": "is out of bounds",
    }


def test_whole_numbers_written_with_a_point_are_whole() -> None:
    assert parse_application({"DAYS_REGISTRATION": -3648.0}).values == {"DAYS_REGISTRATION": -3648}


def test_null_and_absent_are_the_same() -> None:
    assert parse_application({"AMT_CREDIT": 1e5, "OWN_CAR_AGE": None}) == parse_application({"AMT_CREDIT": 1e5})


def test_every_bad_field_is_named_at_once_in_catalogue_order() -> None:
    errors = errors_of(
        {
            "EXT_SOURCE_1": 2,
            "AMT_CREDIT": "secret-value",
            "CODE_GENDER": "Q",
            "CNT_CHILDREN": 1.5,
            "AMT_INCOME_TOTAL": math.inf,
            "DAYS_EMPLOYED": 50000,
            "FLAG_MOBIL": "maybe",
        }
    )
    assert list(errors) == [
        "CODE_GENDER",
        "CNT_CHILDREN",
        "AMT_INCOME_TOTAL",
        "AMT_CREDIT",
        "DAYS_EMPLOYED",
        "FLAG_MOBIL",
        "EXT_SOURCE_1",
    ]
    assert errors["AMT_CREDIT"][0] == "is not a number"
    assert errors["AMT_INCOME_TOTAL"][0] == "is not a finite number"
    assert errors["CNT_CHILDREN"][0] == "is not a whole number"
    assert errors["CODE_GENDER"] == ("is not a known value", "one of: F, M, XNA")
    assert errors["EXT_SOURCE_1"] == ("is out of bounds", "a number from 0 to 1")
    assert errors["DAYS_EMPLOYED"][1].endswith(", or 365243")
    assert errors["FLAG_MOBIL"][1] == "one of: 0, 1"
    assert "secret" not in json.dumps(errors)


def test_messages_in_french() -> None:
    errors = errors_of({"EXT_SOURCE_1": 2, "AMT_CREDIT": []}, "fr")
    assert errors["EXT_SOURCE_1"] == ("est hors des bornes", "un nombre entre 0 et 1")
    assert errors["AMT_CREDIT"][0] == "n’est pas un nombre"


def test_not_employed_is_a_valid_number_of_days() -> None:
    assert parse_application({"DAYS_EMPLOYED": 365243}).values == {"DAYS_EMPLOYED": 365243}


@pytest.mark.parametrize(("male", "gender"), [(0, "F"), (1, "M"), (1.0, "M")])
def test_earlier_clients_send_gender_as_a_flag(male: float, gender: str) -> None:
    assert parse_application({"CODE_GENDER_M": male}).values == {"CODE_GENDER": gender}


@pytest.mark.parametrize("value", [2, "maybe", [1], -1, "M"])
def test_a_gender_flag_that_is_neither_is_refused_under_the_raw_name(value: object) -> None:
    assert list(errors_of({"CODE_GENDER_M": value})) == ["CODE_GENDER"]
    assert list(errors_of({"CODE_GENDER_M": value, "CODE_GENDER": "F"})) == ["CODE_GENDER"]


def test_the_raw_gender_goes_before_the_flag() -> None:
    assert parse_application({"CODE_GENDER_M": 1, "CODE_GENDER": "F"}).values == {"CODE_GENDER": "F"}


def test_true_is_a_flag_and_no_number() -> None:
    parsed = parse_application({"FLAG_OWN_CAR": True, "FLAG_MOBIL": False, "CODE_GENDER_M": True})
    assert parsed.values == {"FLAG_OWN_CAR": "Y", "FLAG_MOBIL": 0, "CODE_GENDER": "M"}
    assert list(errors_of({"AMT_CREDIT": True, "CNT_CHILDREN": True})) == ["CNT_CHILDREN", "AMT_CREDIT"]


@pytest.mark.parametrize("mark", [math.nan, "", "NaN", "#N/A", "<NA>", "-", "XNA"])
def test_a_mark_of_a_missing_value_is_none(mark: object) -> None:
    parsed = parse_application({"AMT_CREDIT": mark, "OCCUPATION_TYPE": mark, "BUREAU_LOANS": mark, "FLAG_MOBIL": 1})
    assert parsed.values == {"FLAG_MOBIL": 1}


def test_a_mark_that_is_a_code_of_its_column_stays() -> None:
    assert parse_application({"ORGANIZATION_TYPE": "XNA"}).values == {"ORGANIZATION_TYPE": "XNA"}


def test_a_number_of_days_without_its_sign_is_read_and_told_so() -> None:
    parsed = parse_application({"DAYS_BIRTH": 14000, "DAYS_EMPLOYED": 365243, "DAYS_ID_PUBLISH": 3, "AMT_CREDIT": 1})
    assert parsed.values == {"DAYS_BIRTH": -14000, "DAYS_EMPLOYED": 365243, "DAYS_ID_PUBLISH": -3, "AMT_CREDIT": 1}
    assert {(warning.code, warning.field) for warning in parsed.warnings} == {
        ("sign_turned", "DAYS_BIRTH"),
        ("sign_turned", "DAYS_ID_PUBLISH"),
    }
    assert list(errors_of({"DAYS_BIRTH": 400000})) == ["DAYS_BIRTH"]


@pytest.mark.parametrize(("sent", "raw"), [(1, "Y"), (0, "N"), ("Y", "Y"), ("N", "N")])
def test_earlier_clients_send_ownership_as_flags(sent: object, raw: str) -> None:
    assert parse_application({"FLAG_OWN_CAR": sent, "FLAG_OWN_REALTY": sent}).values == {
        "FLAG_OWN_CAR": raw,
        "FLAG_OWN_REALTY": raw,
    }


def test_derived_ratios_are_recomputed_and_unknown_names_are_told() -> None:
    application = parse_application({"AMT_CREDIT": 1e5, "EXT_SOURCE_MEAN": 0.9, "SHOE_SIZE": 42})
    assert application.values == {"AMT_CREDIT": 1e5}
    assert [(warning.code, warning.field) for warning in application.warnings] == [
        ("recomputed", "EXT_SOURCE_MEAN"),
        ("unknown_field", "SHOE_SIZE"),
    ]
    assert texts(application.warnings) == [
        "EXT_SOURCE_MEAN: recomputed from the raw columns",
        "SHOE_SIZE: unknown field, ignored",
    ]


def test_a_very_long_unknown_name_is_cut_in_the_warning() -> None:
    (warning,) = parse_application({"X" * 10_000: 1}).warnings
    assert len(warning.text) < 120
    assert len(warning.field or "") < 120


@pytest.mark.parametrize("column", catalogue.columns(), ids=lambda each: each.name)
def test_every_column_refuses_a_list_and_says_what_it_expects(column: catalogue.Column) -> None:
    errors = errors_of({column.name: [1, 2]})
    assert errors == {column.name: (errors[column.name][0], expected(column, "en"))}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([column.name for column in catalogue.columns()]) | st.text(max_size=30)


@given(st.dictionaries(names, json_values, max_size=12))
def test_any_json_object_is_an_application_or_named_errors(features: dict[str, Any]) -> None:
    try:
        application = parse_application(features)
    except InvalidApplication as invalid:
        errors = invalid.errors
    else:
        errors = ()
        known = {column.name: column for column in catalogue.columns()}
        for name, value in application.values.items():
            if isinstance(value, int | float) and name in known:
                assert math.isfinite(value)
                low, high = known[name].minimum, known[name].maximum
                inside = (low is None or low <= value) and (high is None or value <= high)
                assert inside or value == known[name].sentinel
    assert {error.field for error in errors} <= set(features) | {"CODE_GENDER"}
    assert all(error.message and error.expected for error in errors)


@st.composite
def alike(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of the same columns, most of them sound; a few have another column, or a value that has to be looked at."""
    columns = draw(st.lists(st.sampled_from(sorted(sound)), min_size=1, max_size=5, unique=True))
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, 365243, "0.5", "much", True, [], float("nan"), 1e300, -1, 1, "Y"]
    )
    rows = [
        {name: draw(odd) if draw(st.integers(0, 19)) == 0 else sound[name] for name in columns}
        for _ in range(draw(st.integers(1, 4)))
    ]
    if draw(st.integers(0, 9)) == 0:
        rows[-1]["OWN_CAR_AGE"] = 4
    return rows


@given(alike())
def test_column_by_column_is_as_one_by_one_or_left_to_it(rows: list[dict[str, Any]]) -> None:
    together = parse_alike(rows)
    if together is None:
        # Not for nothing: the rows differ, or one of the values is not as the catalogue has it.
        unlike = any(list(row) != list(rows[0]) for row in rows)
        assert unlike or any(row[name] != sound.get(name) for row in rows for name in row)
        return
    alone = [parse_application(row) for row in rows]
    assert together == alone
    for one, other in zip(together, alone, strict=True):
        assert [(name, type(value)) for name, value in one.values.items()] == [
            (name, type(value)) for name, value in other.values.items()
        ]


def test_a_history_that_some_rows_were_sent_is_told_of_these_alone() -> None:
    name = next(feature.name for feature in catalogue.features() if feature.table != "application")
    rows: list[dict[str, Any]] = [{"AMT_CREDIT": 1e5, name: 2.0}, {"AMT_CREDIT": 2e5, name: None}]
    together = parse_alike(rows)
    assert together is not None
    assert [application.history for application in together] == ["sent", "none"]
    assert together == [parse_application(row) for row in rows]


def test_rows_that_give_nothing_are_alike() -> None:
    assert parse_alike([{}, {}]) == [parse_application({})] * 2
    assert parse_alike([{"SK_ID_CURR": 1}, {"SK_ID_CURR": 2}]) == [
        parse_application({"SK_ID_CURR": 1}),
        parse_application({"SK_ID_CURR": 2}),
    ]
