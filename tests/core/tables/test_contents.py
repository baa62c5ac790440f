"""Rows of CSV come out the same wherever the text is cut, and a line that is no row is named."""

from __future__ import annotations

import csv
import io
import random
from typing import TYPE_CHECKING
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables import contents
from core.tables.contents import text_content
from core.tables.csv import lines as csv_lines
from core.tables.sources import table_file
from core.tables.typed_rows import TableError, TableFile, typed_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.tables.batches import Batch

file = table_file("bureau_balance", "balance.csv")
good = b"SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5000001,-1,C\n5000001,-2,0\n5000002,0,X\n"


class Dripping(io.BytesIO):
    """A stream that hands over as few bytes as it likes, as a socket does."""

    def __init__(self, data: bytes, seed: int) -> None:
        super().__init__(data)
        self._random = random.Random(seed)  # noqa: S311 - decides where to cut

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._random.randint(1, size) if size and size > 0 else size)


def rows_of(stream: io.BytesIO, block_bytes: int = 8_000_000) -> pl.DataFrame:
    with patch.object(csv_lines, "_size_for_rows", lambda *_: block_bytes):
        batches = list(text_content(stream, file).batches)
    return pl.concat([pl.DataFrame(schema=file.schema()), *batches])


def read(data: bytes, block_bytes: int = 8_000_000) -> pl.DataFrame:
    return rows_of(io.BytesIO(data), block_bytes)


def refusal(data: bytes, block_bytes: int = 8_000_000) -> str:
    with pytest.raises(TableError) as refused:
        read(data, block_bytes)
    return str(refused.value)


cells = st.tuples(
    st.integers(5_000_000, 6_000_000),
    st.integers(-96, 0),
    st.sampled_from(["0", "1", "C", "X", ""]),
    # A column that the table does not have holds anything.
    st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12),
)


@given(
    rows=st.lists(cells, max_size=25),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ends_with_line_end=st.booleans(),
    blocks=st.integers(160, 700),
    seed=st.integers(1, 1000),
)
def test_rows_are_the_same_wherever_the_text_is_cut(
    rows: list[tuple[int, int, str, str]],
    quoting: int,
    line_end: str,
    separator: str,
    encoding: str,
    ends_with_line_end: bool,
    blocks: int,
    seed: int,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerow(["SK_ID_BUREAU", "NOTE", "MONTHS_BALANCE", "STATUS"])
    writer.writerows([number, note, month, status] for number, month, status, note in rows)
    content = text.getvalue()
    data = (content if ends_with_line_end else content.removesuffix(line_end)).encode(encoding)
    expected = [(number, month, status or None) for number, month, status, _ in rows]
    assert read(data).rows() == expected
    assert rows_of(Dripping(data, seed), blocks).rows() == expected


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbf" + good).rows() == read(good).rows()


def test_blank_lines_are_no_rows() -> None:
    assert read(good.replace(b"\n", b"\n\n") + b"\n\n", 40).rows() == read(good).rows()


def test_a_file_with_a_header_alone_has_no_rows() -> None:
    assert read(good.partition(b"\n")[0]).is_empty()


def test_columns_that_are_not_needed_may_share_a_name() -> None:
    doubled = good.replace(b"\n", b",a,b\n").replace(b"STATUS,a,b", b"STATUS,NOTE,NOTE")
    assert read(doubled).rows() == read(good).rows()


@pytest.mark.parametrize("block_bytes", [40, 8_000_000])
@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (good.replace(b"-2,0", b"-2"), "line 3: expected 3 values, found 2"),
        (good.replace(b"-2,0", b"-2,0,"), "line 3: expected 3 values, found 4"),
        (good.replace(b"-2,0", b"-2,\xff"), "line 3, column STATUS: is not a known value"),
        (good.replace(b"-2,0", b"two,0"), "line 3, column MONTHS_BALANCE: is not a number; expected a whole number"),
        (good.replace(b"-2,0", b"-2.5,0"), "line 3, column MONTHS_BALANCE: is not a whole number"),
        (good.replace(b"-2,0", b"-2,Z"), "line 3, column STATUS: is not a known value; expected one of: 0, 1,"),
        (good.replace(b"1,-2", b"1,-2000"), "line 3, column MONTHS_BALANCE: is out of bounds"),
        (good.replace(b"5000001,-2", b",-2"), "line 3, column SK_ID_BUREAU: is missing"),
        (good.replace(b"-2,0", b'-2,"0'), "line 3 is not CSV"),
        (good.replace(b"-2,0", b'-2,"0"1'), "line 3 is not CSV"),
    ],
)
def test_what_is_no_row_is_named_by_its_line(spoilt: bytes, sentence: str, block_bytes: int) -> None:
    message = refusal(spoilt, block_bytes)
    assert message.startswith(f"balance.csv: {sentence}")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    quoted = b'SK_ID_BUREAU,MONTHS_BALANCE,STATUS,NOTE\n5000001,-1,C,"one\ntwo\nthree"\n\n5000001,-2,wrong,-\n'
    assert "line 6, column STATUS" in refusal(quoted)
    assert "line 6, column STATUS" in refusal(quoted, 50)


@pytest.mark.parametrize("names", ["sk_id_bureau,months_balance,status", "SkIdBureau,Months Balance,Status"])
def test_names_of_columns_may_be_spelt_as_a_database_spells_them(names: str) -> None:
    assert read(good.replace(b"SK_ID_BUREAU,MONTHS_BALANCE,STATUS", names.encode())).rows() == read(good).rows()
    assert "the column STATUS appears twice" in refusal(f"{names},STATUS\n".encode())


def test_other_errors_nearby_are_counted() -> None:
    assert refusal(good.replace(b"-1,C", b"x,C").replace(b"-2,0", b"y,0")).endswith("(1 more nearby)")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "balance.csv: The file is empty: expected a first line with the names of the columns"),
        (b"\n5000001,-1,C\n", "balance.csv: missing column SK_ID_BUREAU, MONTHS_BALANCE, STATUS"),
        ("SK_ID_BUREAU,é\n".encode("utf-16"), "balance.csv: missing column MONTHS_BALANCE, STATUS"),
        ("SK_ID_BUREAU,é\n".encode("utf-32"), "balance.csv: The file cannot be read as text"),
        (b"SK_ID_BUREAU,STATUS\n", "balance.csv: missing column MONTHS_BALANCE"),
        (b"SK_ID_BUREAU;STATUS\n", "balance.csv: missing column MONTHS_BALANCE"),
        (b"SK_ID_BUREAU,MONTHS_BALANCE,STATUS,STATUS\n", "balance.csv: the column STATUS appears twice"),
    ],
)
def test_a_first_line_without_the_columns_is_refused(data: bytes, sentence: str) -> None:
    assert refusal(data).startswith(sentence)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    with patch.object(csv_lines, "_longest_row", 100):
        assert "a line of more than 100 bytes" in refusal(good + b"5" * 1000, 100)


@pytest.mark.parametrize(
    "written",
    [
        b"sep=;\n" + good.replace(b",", b";"),
        b"Soldes mensuels\n\n" + good,
        good.replace(b"\n", b"\r"),
        b"".join(b'"%s"\n' % line for line in good.splitlines()),
        good.replace(b"5000001,-2,0", b'"5000001,-2,0"'),
    ],
    ids=["a line with the separator", "a title", "carriage returns", "lines in quotes", "a row in quotes"],
)
def test_tables_may_be_written_as_applications_may(written: bytes) -> None:
    assert (
        read(written).rows() == read(written, 40).rows() == [(5000001, -1, "C"), (5000001, -2, "0"), (5000002, 0, "X")]
    )


@pytest.mark.parametrize(
    ("written", "kind"),
    [(good, pl.Float64), (good.replace(b"-2,0", b"NA,0"), pl.String), (good.replace(b"-2,0", b"-2 ,0"), pl.String)],
    ids=["plain", "a mark of a missing value", "a blank behind a number"],
)
def test_numbers_are_read_as_such_where_all_are_plain(written: bytes, kind: type[pl.DataType]) -> None:
    schemas = []

    def noted(batches: Iterable[Batch], table: TableFile) -> Iterator[pl.DataFrame]:
        for batch in batches:
            schemas.append(batch.frame.schema)
            yield from typed_lines([batch], table)

    with patch.object(contents, "typed_lines", noted):
        found = read(written)
    assert schemas == [{"SK_ID_BUREAU": kind, "MONTHS_BALANCE": kind, "STATUS": pl.String}]
    # And come out the same.
    with patch.object(csv_lines.LineReader, "_cells", lambda *_: None):
        assert found.equals(read(written))
