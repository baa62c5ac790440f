"""Vectorised checks of files agree with the checks of single applications."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.application import InvalidApplication, parse_application
from core.tables.checking import check

texts = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "1.5",
        "0.5",
        "1e3",
        "abc",
        "NaN",
        "inf",
        "365243",
        "-637",
        "Y",
        "N",
        "Cash loans",
        "Working",
        "XNA",
    ]
)
columns = [
    catalogue.column(name)
    for name in (
        "AMT_CREDIT",
        "EXT_SOURCE_1",
        "DAYS_EMPLOYED",
        "CNT_CHILDREN",
        "FLAG_OWN_CAR",
        "FLAG_EMAIL",
        "NAME_INCOME_TYPE",
    )
]


@given(st.lists(st.fixed_dictionaries({each.name: texts for each in columns}), min_size=1, max_size=6))
def test_a_row_is_sound_in_a_file_where_it_is_sound_alone(rows: list[dict[str, str]]) -> None:
    checked = check(pl.DataFrame(rows, schema={each.name: pl.String for each in columns}))
    for position, row in enumerate(rows):
        given_features: dict[str, object] = {}
        for column in columns:
            text = row[column.name]
            if text in ("", "NaN"):
                continue
            try:
                given_features[column.name] = text if column.type == "category" else float(text)
            except ValueError:
                given_features[column.name] = text
        try:
            parse_application(given_features)
            bad: set[str] = set()
        except InvalidApplication as invalid:
            bad = {error.field for error in invalid.errors}
        found = set(checked.errors.filter(pl.col("row") == position)["column"])
        assert found == bad
        assert (position in checked.positions.to_list()) == (not bad)


def test_sound_rows_are_typed_and_unknown_columns_left_out() -> None:
    checked = check(
        pl.DataFrame({"AMT_CREDIT": [" 1000 ", "2000.5"], "CNT_CHILDREN": ["1", "2.0"], "colour": ["a", "b"]})
    )
    assert dict(checked.rows.schema) == {"CNT_CHILDREN": pl.Int32, "AMT_CREDIT": pl.Float64}
    assert checked.rows.rows() == [(1, 1000.0), (2, 2000.5)]


def test_columns_that_are_typed_already_are_checked_too() -> None:
    checked = check(
        pl.DataFrame({"EXT_SOURCE_1": [0.5, 7.0, None, float("nan")], "FLAG_OWN_CAR": ["Y", "N", None, "Y"]})
    )
    assert checked.errors.rows() == [(1, "EXT_SOURCE_1", "out_of_bounds")]
    assert checked.positions.to_list() == [0, 2, 3]
    assert checked.rows["EXT_SOURCE_1"].to_list() == [0.5, None, None]


@given(st.lists(st.fixed_dictionaries({column.name: texts for column in columns}), min_size=1, max_size=6))
def test_a_value_means_the_same_in_a_sound_column_and_beside_one_that_is_not(rows: list[dict[str, str]]) -> None:
    schema = {column.name: pl.String for column in columns}
    alone = [check(pl.DataFrame([row], schema=schema)) for row in rows]
    together = check(pl.DataFrame([*rows, dict.fromkeys(schema, "?!")], schema=schema))
    assert together.rows.equals(pl.concat(checked.rows for checked in alone))
    assert (
        together.errors.filter(pl.col("row") < len(rows))
        .drop("row")
        .equals(pl.concat(checked.errors.drop("row") for checked in alone))
    )
