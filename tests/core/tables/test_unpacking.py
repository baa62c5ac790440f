"""Files as people send them are made into what is read row by row, within the limits."""

from __future__ import annotations

import bz2
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.drift.rows import read_applications
from core.settings import Settings
from core.tables.archive import entries
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import open_source
from core.tables.unpacking import prepare, prepared

if TYPE_CHECKING:
    from pathlib import Path

limits = FileLimits.of(Settings())
text = b"SK_ID_CURR,AMT_CREDIT\n1,480000.5\n2,300000\n"


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".csv", content)
    return path


def ways(folder: Path) -> list[Path]:
    (folder / "a.csv.bz2").write_bytes(bz2.compress(text))
    frame = pl.DataFrame({"SK_ID_CURR": [1, 2], "AMT_CREDIT": [480000.5, 300000.0]})
    frame.write_json(folder / "a.json")
    frame.write_ipc(folder / "a.arrow")
    frame.write_excel(folder / "a.xlsx")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(folder / "a.xlsx", "a.xlsx")
    zipped(folder / "a.csv.zip", a=text)
    return [folder / name for name in ("a.csv.zip", "a.csv.bz2", "a.json", "a.arrow", "a.xlsx", "b.zip")]


def test_each_is_read_in_place_and_aside(tmp_path: Path) -> None:
    for path in ways(tmp_path):
        before = path.read_bytes()
        assert read_applications(path).frame["AMT_CREDIT"].to_list() == [480000.5, 300000.0], path.name
        with prepared(path, limits) as plain:
            (batch,) = open_source(plain).batches()
            assert batch.frame["AMT_CREDIT"].cast(float).to_list() == [480000.5, 300000.0]
        assert path.read_bytes() == before
        upload = tmp_path / "upload"
        upload.write_bytes(before)
        prepare(upload, limits)
        (batch,) = open_source(upload).batches()
        assert batch.frame.height == 2


def test_a_zip_of_several_files_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", a=text, b=text)
    with pytest.raises(UnusableFile) as refused:
        prepare(path, limits)
    assert refused.value.key == "file_zip_of_several"


def test_what_unpacks_to_too_much_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    for path in (zipped(tmp_path / "in.zip", a=b"x" * 5_000_000), tmp_path / "in.bz2"):
        if path.suffix == ".bz2":
            path.write_bytes(bz2.compress(b"x" * 5_000_000))
        before = path.read_bytes()
        with pytest.raises(UnusableFile) as refused:
            prepare(path, replace(limits, unpacked_bytes=2_000_000))
        assert refused.value.key in ("file_too_large_unpacked", "file_unpacks_too_far")
        assert path.read_bytes() == before


def test_a_damaged_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.bz2"
    path.write_bytes(bz2.compress(text * 1000)[:-20])
    with pytest.raises(UnusableFile) as refused:
        prepare(path, limits)
    assert refused.value.key == "file_unreadable"


def test_a_folder_with_a_zip_for_each_table_holds_these_tables(tmp_path: Path) -> None:
    zipped(tmp_path / "bureau.csv.zip", bureau=text)
    zipped(tmp_path / "others.zip", a=text, b=text)
    found = entries(tmp_path)
    assert [each.name for each in found] == ["bureau.csv", "others.zip"]
    with found[0].open() as stream:
        assert stream.read() == text
