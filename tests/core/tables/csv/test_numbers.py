"""Numbers that are read as such mean what their text does: the same values, problems and readings."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from core import catalogue
from core.batch.rows import inspect_batch
from core.drift.rows import typed
from core.settings import Settings
from core.tables.columns import number_columns
from core.tables.csv import lines as csv_lines
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.tables.batches import Batch

# A flag, an outcome, counts, days, an amount, a score, a share of the history, and what is no number.
names: Final = (
    "SK_ID_CURR",
    "TARGET",
    "CNT_CHILDREN",
    "FLAG_EMAIL",
    "DAYS_BIRTH",
    "DAYS_EMPLOYED",
    "AMT_CREDIT",
    "EXT_SOURCE_2",
    "INSTALMENT_LATE_SHARE",
    "CODE_GENDER",
)
# fmt: off
awkward: Final = (
    "", " ", "  ", " 5", "5 ", "\t5", "5\t", "5\r", "+5", "-5", "--5", "+-5", ".5", "5.", ".", "-", "+", "e5", "1e5",
    "1E+5", "1e", "1d5", "5f", "5abc", "1.5.2", "1 2", "1_000", "0x10", "inf", "-inf", "+inf", "INF", "Infinity",
    "-infinity", "nan", "NaN", "NAN", "-nan", "+NaN", "nan(1)", "1e400", "-1e400", "1e-400", "5e-324", "NULL", "null",
    "None", "NA", "N/A", "#N/A", "true", "True", "FALSE", "vrai", "oui", "Y", "N", "1,5", "202,500", "1.234,5",
    "202.500", "\u0661", "\uff15", "1\xa0", "1\xa0000", "\u22125", "000005", "-0", "0.0",
    "1111111111111111111111111111111111111111", "0.333333333333333333333333333333333333333333", "9007199254740993",
    "123456789012345678", "5;", "#5", "$5", "5%", "5 \u20ac", "5\u20ac", '"', '5"', "'5'", "1e5.5", "infinit", "in",
    "1.e5", "\xe9", "0", "1", "2", "-1", "-10000", "10000", "365243", "0.3", "1.5", "450000", "1e8", "1e10", "1e23",
    "0.1",
)
# fmt: on
cells: Final = (
    st.sampled_from(awkward)
    | st.floats().map(repr)
    | st.integers(-(10**20), 10**20).map(str)
    | st.text("0123456789+-.eEinfaN_% ,x", max_size=8)
)
rows_of_cells: Final = st.lists(st.lists(cells, min_size=len(names), max_size=len(names)), min_size=1, max_size=6)


def read(path: Path, numbers: bool, limits: FileLimits | None = None) -> list[Batch]:
    return list(open_source(path, limits, numbers=number_columns() if numbers else ()).batches())


def outcome(path: Path, *, numbers: bool) -> list[Batch] | str:
    """The batches, or why there are none."""
    try:
        return read(path, numbers=numbers)
    except UnusableFile as error:
        return f"{error.key} {error.parts}"


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def assert_the_same(as_text: list[Batch], as_numbers: list[Batch]) -> None:
    """What is said of the rows is the same in both, to the last bit."""
    assert len(as_text) == len(as_numbers)
    for text, number in zip(as_text, as_numbers, strict=True):
        assert (text.numbers, text.broken, text.end) == (number.numbers, number.broken, number.end)
        before, after = inspect_batch(text), inspect_batch(number)
        for part in ("rows", "errors", "readings"):
            assert_frame_equal(getattr(before, part), getattr(after, part), check_exact=True)
        assert before.positions.to_list() == after.positions.to_list()
        (frame, bad), (other, other_bad) = typed(text.frame, text.formats), typed(number.frame, number.formats)
        assert_frame_equal(frame, other, check_exact=True)
        assert bad == other_bad


@settings(max_examples=150, deadline=None)
@given(rows=rows_of_cells)
@example(rows=[["100001", *[cell] * (len(names) - 2), "F"] for cell in awkward])
@example(rows=[["100001", "0", "2", "1", "-10000", "-500", "450000.5", "0.25", "0.125", "F"]])
def test_numbers_mean_what_their_text_does(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("numbers") / "in.csv"
    path.write_bytes(written(rows))
    as_text, as_numbers = (outcome(path, numbers=numbers) for numbers in (False, True))
    if isinstance(as_text, str) or isinstance(as_numbers, str):
        assert as_text == as_numbers
    else:
        assert_the_same(as_text, as_numbers)


@pytest.mark.parametrize("cell", awkward)
def test_each_spelling_alone_among_numbers(cell: str, tmp_path: Path) -> None:
    sound = ["100001", "0", "2", "1", "-10000", "-500", "450000.5", "0.25", "0.125", "F"]
    rows = [sound]
    for place in range(1, len(names) - 1):
        rows += [[*sound[:place], cell, *sound[place + 1 :]], sound]
    path = tmp_path / "in.csv"
    path.write_bytes(written(rows))
    assert_the_same(read(path, numbers=False), read(path, numbers=True))


def test_what_a_file_writes_otherwise_is_text_from_where_it_is_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: 256)
    path = tmp_path / "in.csv"
    rows = [[str(row), "0", "1", "1", "-10000", "-500", f"{row}.5", "0.25", "0.5", "F"] for row in range(100)]
    rows[40][6], rows[60][3] = "NULL", "oui"
    path.write_bytes(written(rows))
    as_numbers = read(path, numbers=True)
    assert_the_same(read(path, numbers=False), as_numbers)
    kinds = [(batch.frame["AMT_CREDIT"].dtype, batch.frame["FLAG_EMAIL"].dtype) for batch in as_numbers]
    assert kinds[0] == (pl.Float64(), pl.Float64())
    assert kinds[-1] == (pl.String(), pl.String())
    assert (pl.String(), pl.Float64()) in kinds
    assert as_numbers[-1].frame["EXT_SOURCE_2"].dtype == pl.Float64()


def test_a_number_may_be_no_longer_than_a_text(tmp_path: Path) -> None:
    limits = replace(FileLimits.of(Settings()), cell_bytes=40)
    sound = ["100001", "0", "2", "1", "-10000", "-500", "450000.5", "0.25", "0.125", "F"]
    path = tmp_path / "in.csv"
    # A line is longer than a value may be, and none of its values is.
    path.write_bytes(written([sound, sound]))
    (batch,) = read(path, numbers=True, limits=limits)
    assert batch.frame["AMT_CREDIT"].dtype == pl.Float64()
    assert_the_same(read(path, numbers=False, limits=limits), [batch])
    path.write_bytes(written([sound, [*sound[:6], f"{1:041}", *sound[7:]]]))
    refusals = []
    for numbers in (False, True):
        with pytest.raises(UnusableFile) as refused:
            read(path, numbers=numbers, limits=limits)
        refusals.append((refused.value.key, refused.value.parts))
    assert refusals[0] == refusals[1]
    assert refusals[0][1]["column"] == "AMT_CREDIT"


def test_only_columns_of_numbers_are_read_as_such() -> None:
    columns = {column.name: column for column in catalogue.columns()}
    assert {"AMT_CREDIT", "TARGET", "FLAG_EMAIL", "INSTALMENT_LATE_SHARE"} <= number_columns()
    assert not any(columns[name].type in ("id", "category") for name in number_columns() & columns.keys())
