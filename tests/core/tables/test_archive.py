"""Folders and zips are listed and read file by file, and what is damaged or hostile is refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import limits
from core.tables import archive
from core.tables.archive import Limited, entries
from core.tables.typed_rows import TableError


def zip_of(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return target.getvalue()


def test_a_zip_is_listed_with_the_folders_in_it(tmp_path: Path) -> None:
    source = tmp_path / "tables.zip"
    source.write_bytes(zip_of({"a/b/bureau.csv": b"one", "about.txt": b"three"}))
    found = entries(source)
    assert [(each.name, each.size) for each in found] == [("a/b/bureau.csv", 3), ("about.txt", 5)]
    with found[0].open() as stream:
        assert stream.read() == b"one"


def test_a_folder_is_listed_without_hidden_files(tmp_path: Path) -> None:
    for name in ("bureau.csv", "inner/about.txt", ".hidden", ".importing-1/bureau.parquet"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"one")
    found = entries(tmp_path)
    assert [each.name for each in found] == ["bureau.csv", "inner/about.txt"]
    with found[0].open() as stream:
        assert stream.read() == b"one"


def test_a_table_in_a_zip_of_its_own_is_one_whatever_a_system_adds_to_it(tmp_path: Path) -> None:
    (tmp_path / "bureau.csv.zip").write_bytes(
        zip_of({"bureau.csv": b"one", "__MACOSX/._bureau.csv": b"four", ".DS_Store": b"x", "Thumbs.db": b"y"})
    )
    (found,) = entries(tmp_path)
    assert (found.name, found.size) == ("bureau.csv", 3)
    with found.open() as stream:
        assert stream.read() == b"one"


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"there is no folder or zip .*nowhere"):
        entries(tmp_path / "nowhere")
    (tmp_path / "bureau.csv").write_bytes(b"SK_ID_BUREAU\n")
    with pytest.raises(TableError, match=r"bureau\.csv: cannot be read as a zip"):
        entries(tmp_path / "bureau.csv")


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of({"bureau.csv": b"one"}))
    # The flag "encrypted", in the file's own header and in the directory of the archive.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "tables.zip").write_bytes(data)
    entry = entries(tmp_path / "tables.zip")[0]
    with pytest.raises(TableError, match=r"bureau\.csv: is encrypted"), entry.open():
        pass


def test_a_file_that_says_it_is_too_large_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "tables.zip").write_bytes(zip_of({"bureau.csv": b"0" * 1001}))
    entry = entries(tmp_path / "tables.zip")[0]
    with (
        patch.object(limits, "max_table_bytes", 1000),
        pytest.raises(TableError, match=r"bureau\.csv: is larger than"),
        entry.open(),
    ):
        pass


def test_reading_stops_where_it_becomes_too_large() -> None:
    stream = Limited(io.BytesIO(b"name\n" + b"0" * 1000), "bureau.csv", 1000)
    with patch.object(limits, "max_table_bytes", 1000):
        assert stream.readline() == b"name\n"
        assert len(stream.read(900)) == 900
        with pytest.raises(TableError, match=r"bureau\.csv: is larger than"):
            stream.read(900)


@given(
    cut=st.none() | st.integers(0, 400),
    changes=st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), max_size=4),
)
def test_a_damaged_zip_gives_what_it_held_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cut: int | None, changes: list[tuple[int, int]]
) -> None:
    held = {"bureau.csv": b"SK_ID_BUREAU\n" * 20, "é/application_train.csv": b"SK_ID_CURR\n" * 20}
    data = bytearray(zip_of(held))
    for place, value in changes:
        data[place % len(data)] = value
    source = tmp_path_factory.getbasetemp() / "damaged.zip"
    source.write_bytes(data[:cut])
    try:
        for entry in entries(source):
            with entry.open() as stream:
                assert stream.read() in held.values()
    except (TableError, *archive.damaged):
        # The second are turned into the first by whoever reads on: `core.tables.contents`.
        return
