"""Files as people send them are made into what is read row by row, within the limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zipfile
import zlib
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

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

limits = FileLimits.of(Settings())
text = b"SK_ID_CURR,AMT_CREDIT\n1,480000.5\n2,300000\n"


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".csv", content)
    return path


def in_frames(content: bytes) -> bytes:
    """As parallel compressors write it: a frame to be skipped, and several with content."""
    half = len(content) // 2
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
    return skipped + zstd.compress(content[:half]) + zstd.compress(content[half:])


def in_streams(content: bytes) -> bytes:
    """Two streams of XZ, with padding between and behind them."""
    half = len(content) // 2
    return lzma.compress(content[:half]) + bytes(8) + lzma.compress(content[half:]) + bytes(4)


compressors: dict[str, Callable[[bytes], bytes]] = {
    "bz2": bz2.compress,
    "zst": zstd.compress,
    "frames.zst": in_frames,
    "xz": lzma.compress,
    "streams.xz": in_streams,
}


def ways(folder: Path) -> list[Path]:
    packed = []
    for ending, compress in compressors.items():
        packed.append(folder / f"a.csv.{ending}")
        packed[-1].write_bytes(compress(text))
    frame = pl.DataFrame({"SK_ID_CURR": [1, 2], "AMT_CREDIT": [480000.5, 300000.0]})
    frame.write_json(folder / "a.json")
    frame.write_ipc(folder / "a.arrow")
    frame.write_excel(folder / "a.xlsx")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(folder / "a.xlsx", "a.xlsx")
    zipped(folder / "a.csv.zip", a=text)
    zipped(folder / "c.csv.zip", a=zstd.compress(text))
    lines = b'{"SK_ID_CURR":1,"AMT_CREDIT":480000.5}\n{"SK_ID_CURR":2,"AMT_CREDIT":300000}\n'
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    frame.write_parquet(folder / "a.parquet")
    (folder / "a.parquet.zst").write_bytes(zstd.compress((folder / "a.parquet").read_bytes()))
    names = ("a.csv.zip", "c.csv.zip", "a.json", "a.arrow", "a.xlsx", "b.zip", "a.parquet.zst", "a.jsonl.gz")
    return [*packed, *(folder / name for name in names)]


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
    paths = [zipped(tmp_path / "in.zip", a=b"x" * 5_000_000)]
    for ending, compress in compressors.items():
        paths.append(tmp_path / f"in.{ending}")
        paths[-1].write_bytes(compress(b"x" * 5_000_000))
    for path in paths:
        before = path.read_bytes()
        with pytest.raises(UnusableFile) as refused:
            prepare(path, replace(limits, unpacked_bytes=2_000_000))
        assert refused.value.key in ("file_too_large_unpacked", "file_unpacks_too_far")
        assert path.read_bytes() == before


@pytest.mark.parametrize("ending", compressors)
def test_a_file_that_is_damaged_or_was_cut_off_is_refused(tmp_path: Path, ending: str) -> None:
    whole = compressors[ending](b"".join(b"%d,%d\n" % (number, number**5) for number in range(50_000)))
    middle = len(whole) // 2
    path = tmp_path / "in.csv"
    for content in (whole[:-20], whole[:middle], whole[:middle] + b"\0" * 50 + whole[middle + 50 :]):
        path.write_bytes(content)
        with pytest.raises(UnusableFile) as refused:
            prepare(path, limits)
        assert refused.value.key == "file_unreadable"
        assert path.read_bytes() == content


def test_a_file_that_takes_much_memory_to_decompress_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    compressed = bytearray(lzma.compress(text, check=lzma.CHECK_NONE))
    # The header of the first block: its size, flags, filter (LZMA2, a byte of properties: the dictionary), checksum.
    size = (compressed[12] + 1) * 4
    assert compressed[14:16] == b"\x21\x01"
    compressed[16] = 38
    compressed[12 + size - 4 : 12 + size] = zlib.crc32(compressed[12 : 12 + size - 4]).to_bytes(4, "little")
    path.write_bytes(compressed)
    with pytest.raises(UnusableFile) as refused:
        prepare(path, limits)
    assert refused.value.parts == {"kind": "XZ"}


def test_a_folder_with_a_zip_for_each_table_holds_these_tables(tmp_path: Path) -> None:
    zipped(tmp_path / "bureau.csv.zip", bureau=text)
    zipped(tmp_path / "others.zip", a=text, b=text)
    found = entries(tmp_path)
    assert [each.name for each in found] == ["bureau.csv", "others.zip"]
    with found[0].open() as stream:
        assert stream.read() == text
