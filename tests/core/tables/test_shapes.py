"""Tables in the shapes in which spreadsheets and exporters leave them are the tables that they are."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables.errors import UnusableFile
from core.tables.reading import count_rows, open_source

rows = [("1", "480000.5", "Stone, brick"), ("2", "300000", "Panel")]
plain = 'SK_ID_CURR,AMT_CREDIT,WALLSMATERIAL_MODE\n1,480000.5,"Stone, brick"\n2,300000,Panel\n'
semicolons = "SK_ID_CURR;AMT_CREDIT;WALLSMATERIAL_MODE\n1;480000.5;Stone, brick\n2;300000;Panel\n"
wrapped = '"1,480000.5,""Stone, brick"""\n2,300000,Panel\n'
header = plain.splitlines(keepends=True)[0]

shapes: dict[str, bytes] = {
    "plain": plain.encode(),
    "separator named": b"sep=;\n" + semicolons.encode(),
    "separator named in quotes": b'"sep=;"\r\n' + semicolons.replace("\n", "\r\n").encode(),
    "title": b"Export of 3 May\n\n" + semicolons.encode(),
    "title among separators": b"Export of 3 May;;\n;;\n" + semicolons.encode(),
    "empty first line": b"\n" + plain.encode(),
    "empty first lines": b"\r\n\r\n" + plain.replace("\n", "\r\n").encode(),
    "carriage returns": plain.replace("\n", "\r").encode(),
    "UTF-16": semicolons.encode("utf-16"),
    "UTF-16 big endian": b"\xfe\xff" + semicolons.encode("utf-16-be"),
    "UTF-16 with tabs": semicolons.replace(";", "\t").replace("\n", "\r\n").encode("utf-16"),
    "a row in quotes": (header + wrapped).encode(),
    "a row in quotes with separators behind it": (
        header + '"1,480000.5,""Stone, brick""";;;\n2,300000,Panel\n'
    ).encode(),
    "every line in quotes": (
        b'"SK_ID_CURR,AMT_CREDIT,WALLSMATERIAL_MODE"\n"1,480000.5,""Stone, brick"""\n"2,300000,Panel"\n'
    ),
    "UTF-16 without a mark": semicolons.encode("utf-16-le"),
    "UTF-16 big endian without a mark": semicolons.encode("utf-16-be"),
    "a separator at the end of each row": (semicolons.replace("\n", ";\n").replace("MODE;", "MODE").encode()),
    "numbers of rows without a name": (
        b"SK_ID_CURR;AMT_CREDIT;WALLSMATERIAL_MODE\n1;1;480000.5;Stone, brick\n2;2;300000;Panel\n"
    ),
    "byte order mark and separator": b"\xef\xbb\xbfsep=;\n" + semicolons.encode(),
}


# Counted as lines they are more, until they are read.
empty_rows: dict[str, bytes] = {
    "rows of nothing but separators": semicolons.encode() + b";;\n;;\n",
    "such rows between the others": semicolons.replace("\n2", "\r\n;;\r\n2").encode(),
    "empty columns behind the others": semicolons.replace("\n", ";;\n").encode() + b";;;;\n",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", shapes | empty_rows)
def test_a_shape_is_the_table_that_it_is(tmp_path: Path, shape: str, packed: bool) -> None:
    path = tmp_path / "in.csv"
    content = (shapes | empty_rows)[shape]
    path.write_bytes(gzip.compress(content) if packed else content)
    source = open_source(path)
    (batch,) = source.batches()
    assert batch.frame.rows() == rows
    assert batch.broken == ()
    assert count_rows(source).rows == 2 or shape in empty_rows


def test_windows_1252_is_read_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes("AMT_CREDIT;DAYS_BIRTH;ville\n50 000 €;–14000;Nîmes\n1’350’000;–9461;L’Haÿ\n".encode("cp1252"))
    (batch,) = open_source(path).batches()
    assert batch.frame.rows() == [("50 000 €", "–14000"), ("1’350’000", "–9461")]


@pytest.mark.parametrize(
    "row",
    ["3;100003;480000;", "100003;480000;3;", "100003;480000", "1;2;3;4;5"],
    ids=["numbered", "extra", "few", "many"],
)
def test_a_row_of_another_width_is_broken(tmp_path: Path, row: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"SK_ID_CURR;AMT_CREDIT;WALLSMATERIAL_MODE\n{row}\n100001;480000.5;Panel\n")
    (batch,) = open_source(path).batches()
    assert [broken.number for broken in batch.broken] == [2]
    assert batch.frame.height == 1


def test_reading_goes_on_from_a_place_in_a_text_that_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = "".join(f"{number};1,5;Panel\n" for number in range(30_000))
    path.write_bytes(("SK_ID_CURR;AMT_CREDIT;WALLSMATERIAL_MODE\n" + lines).encode("utf-16"))
    whole = list(open_source(path).batches())
    assert len(whole) > 1
    after = list(open_source(path).batches(whole[0].end))
    assert [each.numbers[0] for each in after] == [each.numbers[0] for each in whole[1:]]
    assert [each.frame["SK_ID_CURR"][0] for each in after] == [each.frame["SK_ID_CURR"][0] for each in whole[1:]]
    assert sum(each.frame.height for each in whole) == 30_000


@pytest.mark.parametrize("text", ["900101,Cash loans,480000.0,480000.0\n900102,Cash loans,1,1\n", "480000;480000;x\n"])
def test_a_file_without_names_is_told_so_without_its_values(tmp_path: Path, text: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(text)
    with pytest.raises(UnusableFile) as refused:
        open_source(path)
    assert refused.value.key == "file_no_header"
    assert "480000" not in refused.value.sentence("fr")


_parts = (
    b"AMT_CREDIT",
    b",",
    b";",
    b"\n",
    b"\r",
    b'"',
    b"\xff\xfe",
    b"sep=;",
    b"\xe2\x82",
    b"1",
    b"202.500",
    b"\xef\xbb\xbf",
)


@given(st.lists(st.sampled_from(_parts), max_size=16))
def test_whatever_is_sent_is_read_or_refused(parts: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "in"
        path.write_bytes(b"".join(parts))
        with suppress(UnusableFile):
            source = open_source(path)
            assert sum(batch.frame.height for batch in source.batches()) <= len(parts)
