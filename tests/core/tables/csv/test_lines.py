"""CSV text is read block by block as `csv` would read it whole, and a broken line costs no other."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import Settings
from core.tables.batches import Batch
from core.tables.csv import lines as csv_lines
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import count_rows, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.tables.batches import Place

header = "SK_ID_CURR,AMT_CREDIT,ville,EXT_SOURCE_2"


@pytest.fixture(params=[None, 64])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both as it is and with blocks of a line or two."""
    if request.param:
        monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: request.param)


def read(path: Path, content: str | bytes) -> list[Batch]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(open_source(path).batches())


def clients(batches: list[Batch]) -> list[tuple[int, str]]:
    """The line and the client of each sound row."""
    return [
        found for batch in batches for found in zip(batch.numbers, batch.frame["SK_ID_CURR"].to_list(), strict=True)
    ]


@pytest.mark.usefixtures("small_blocks")
def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    content = f'{header}\r\n1,2,Lyon,0.5\r\n\r\n2,3,"Aix,\r\nen Provence",0.5\r\n3,4,"dit ""le gros""",\r\n4,5'
    batches = read(tmp_path / "in.csv", content)
    assert clients(batches) == [(2, "1"), (4, "2"), (6, "3")]
    assert [(each.number, each.why) for batch in batches for each in batch.broken] == [(7, "2/4")]
    assert batches[-1].end.rows == 4
    assert batches[-1].end.offset == len(content)
    assert batches[-1].end.share == 1.0


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("quoted", [False, True])
def test_a_quote_that_never_ends_costs_one_row(tmp_path: Path, quoted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "_longest_row", 2000)
    mark = '"' if quoted else ""
    lines = [f"{number},{number},{mark}Lyon{mark},0.5" for number in range(1, 501)]
    lines[99] = '100,100,"Lyon,0.5'
    batches = read(tmp_path / "in.csv", "\n".join([header, *lines]) + "\n")
    assert [number for number, _ in clients(batches)] == [*range(2, 101), *range(102, 502)]
    assert [each.number for batch in batches for each in batch.broken] == [101]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings_give_the_same(tmp_path: Path, encoding: str) -> None:
    (batch,) = read(tmp_path / "in.csv", f"{header}\n1,2,Orléans,0.5\n".encode(encoding))
    assert batch.frame.rows() == [("1", "2", "0.5")]
    assert batch.frame.columns == ["SK_ID_CURR", "AMT_CREDIT", "EXT_SOURCE_2"]


def test_latin_1_that_begins_late_is_read(tmp_path: Path) -> None:
    lines = b"".join(b"%d,2,Lyon,0.5\n" % number for number in range(100_000))
    batches = read(tmp_path / "in.csv", header.encode() + b"\n" + lines + b"100000,2,Orl\xe9ans,0.5\n")
    assert sum(batch.frame.height for batch in batches) == 100_001
    assert not any(batch.broken for batch in batches)


@pytest.mark.parametrize("packed", [False, True])
def test_reading_goes_on_from_any_place(tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "_size_for_rows", lambda *_: 500)
    lines = [header, *(f'{number},{number},"a\nb",0.5' for number in range(100)), "x", "101,1,,0.5"]
    content = "\n".join(lines).encode()
    path = tmp_path / ("in.csv.gz" if packed else "in.csv")
    whole = read(path, gzip.compress(content) if packed else content)
    assert len(whole) > 3
    for place, batch in enumerate(whole):
        rest = list(open_source(path).batches(batch.end))
        assert clients(rest) == clients(whole[place + 1 :])
        last = rest[-1].end if rest else batch.end
        assert (last.rows, last.offset, last.line) == (102, len(content), 203)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_who_goes_on_meets_the_same_batches(tmp_path: Path, coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the lines get shorter or longer, and many of them are in what is read at a time."""
    monkeypatch.setattr(csv_lines, "_min_block", 2_000)
    lines = [header]
    for number in range(4_000):
        town = "x" * (number % 900 // 3) if number < 900 else '"a\nb"' * (number % 7 == 0)
        lines.append(f"{number},,{town}," if number < 1_500 else f"{number},{number},{town},0.5")
    path = tmp_path / "in.csv"
    path.write_bytes(("\n".join(lines) + "\n").encode(coding))
    whole = list(open_source(path, max_rows=60).batches())
    assert sum(batch.frame.height for batch in whole) == 4_000
    assert {20 < batch.frame.height <= 120 for batch in whole[:-1]} == {True}
    for place in range(0, len(whole), 5):
        rest = list(open_source(path, max_rows=60).batches(whole[place].end))
        assert [clients([batch]) for batch in rest] == [clients([batch]) for batch in whole[place + 1 :]]
        assert [batch.end.offset for batch in rest] == [batch.end.offset for batch in whole[place + 1 :]]


def test_a_line_without_end_is_refused_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(header.encode() + b"\n1,2,3,4\n" + b"0" * 30_000_000)
    with pytest.raises(UnusableFile) as refused:
        list(open_source(path).batches())
    assert refused.value.key == "file_line_too_long"


@pytest.mark.parametrize("end", ["\n", ",\n"])
@pytest.mark.parametrize("zeros", [990, 1001, 1500, 5000])
def test_a_number_has_the_length_of_a_value(tmp_path: Path, end: str, zeros: int) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"SK_ID_CURR,AMT_CREDIT{end}" + f"1,2{end}" * 300 + f"1,{'0' * (zeros - 1)}7{end}")
    source = open_source(path, FileLimits.of(Settings(max_cell_bytes=1000)), numbers={"AMT_CREDIT"})
    if zeros <= 1000:
        (batch,) = source.batches()
        assert batch.frame["AMT_CREDIT"].cast(pl.Float64).to_list()[-2:] == [2, 7]
        return
    with pytest.raises(UnusableFile) as refused:
        list(source.batches())
    assert refused.value.key == "file_cell_too_long"


def test_a_file_that_unpacks_to_too_much_is_refused_while_it_does(tmp_path: Path) -> None:
    path = tmp_path / "in.csv.gz"
    path.write_bytes(gzip.compress(header.encode() + b"\n" * 10_000_000))
    limits = FileLimits.of(Settings(max_unpacked_bytes=3_000_000, max_unpacked_ratio=2000))
    read_places: list[Place] = []
    with pytest.raises(UnusableFile) as refused:
        read_places.extend(batch.end for batch in open_source(path, limits).batches())
    assert refused.value.key == "file_too_large_unpacked"
    assert all(place.offset <= 3_000_000 for place in read_places)


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_short_lines_behind_long_ones_make_no_large_batch(tmp_path: Path, quote: bytes) -> None:
    # The first lines let expect 12 MB of text for a batch; of the others, as much would be three million.
    long, short = b"1,2," + b"x" * 5000 + b",4\n", b"1\n"
    path = tmp_path / "in.csv"
    path.write_bytes(header.encode() + b"\n" + long * 100 + b"1,2,%s3,4\n" % quote + short * 100_000)
    batches = list(open_source(path).batches())
    assert sum(len(batch.broken) for batch in batches) >= 100_000
    assert max(batch.frame.height + len(batch.broken) for batch in batches) <= 20_001
    assert batches[-1].end.offset == path.stat().st_size


@pytest.mark.parametrize("packed", [False, True])
def test_rows_are_counted_without_being_read(tmp_path: Path, packed: bool) -> None:
    content = b"".join([header.encode(), *(b"\n%d,%d,Lyon,0.5" % (row, row * 7919 % 1009) for row in range(200_000))])
    path = tmp_path / "in"
    path.write_bytes(gzip.compress(content) if packed else content)
    source = open_source(path)
    assert (count_rows(source).rows, count_rows(source).whole) == (200_000, True)
    about = count_rows(source, 1_000_000)
    assert not about.whole
    assert about.rows == pytest.approx(200_000, rel=0.15)


@pytest.mark.parametrize("cut", [10, 200, -9])
def test_a_gzip_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    lines = "".join(f"{number * 7919 % 1009},2,Lyon,0.5\n" for number in range(2000))
    path = tmp_path / "in.csv.gz"
    path.write_bytes(gzip.compress(f"{header}\n{lines}".encode())[:cut])
    with pytest.raises(UnusableFile) as refused:
        list(open_source(path).batches())
    assert refused.value.key == "file_unreadable"


cells = st.text(alphabet='ab;,"\n\té 1', max_size=6)


@given(rows=st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=30), block=st.integers(20, 300))
@settings(max_examples=150)
def test_well_formed_text_is_read_as_csv_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], block: int
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerows([header.split(","), *rows])
    path = tmp_path_factory.mktemp("csv") / "in.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_lines, "_size_for_rows", lambda *_: block)
        batches = read(path, stream.getvalue())
    found = [row for batch in batches for row in batch.frame.rows()]
    assert [[cell or "" for cell in row] for row in found] == [[row[0], row[1], row[3]] for row in rows if any(row)]
    assert not any(batch.broken for batch in batches)
