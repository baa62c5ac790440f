"""Values of several applications by column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.features.by_column import by_column

names = st.sampled_from(["AMT_CREDIT", "CODE_GENDER", "EXT_SOURCE_2"])
rows = st.lists(st.dictionaries(names, st.none() | st.floats(0, 1) | st.sampled_from("FM")), max_size=6)


@given(rows)
def test_each_value_is_in_its_column_and_row(given_rows: list[dict[str, float | str | None]]) -> None:
    columns = by_column(given_rows)
    assert set(columns) == {name for row in given_rows for name in row}
    for name, values in columns.items():
        assert list(values) == [row.get(name) for row in given_rows]


def test_rows_with_one_name_alike() -> None:
    assert by_column([{"AMT_CREDIT": 1.0}, {"AMT_CREDIT": 2.0}]) == {"AMT_CREDIT": (1.0, 2.0)}
