"""A file that is larger than the limits is refused before it is in memory, by each of them, in every format."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl
import pytest

from core.batch.files import score_file
from core.drift.rows import read_applications
from core.jobs.preview import preview
from core.settings import Settings, root
from core.tables import reading
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.tables.reading import count_rows, open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.scoring import Scorer

usual: Final = FileLimits.of(Settings())
small: Final = replace(usual, rows=50, columns=12, header_bytes=400, cell_bytes=40, unpacked_bytes=100_000)
word: Final = "Working"


def table(rows: int = 40, columns: int = 3, name: str = "other", cell: str = word) -> pl.DataFrame:
    """Rows that differ, with a cell of its own in the last of them."""
    others = {f"{name} {number}": [str(row * number) for row in range(rows)] for number in range(columns - 3)}
    texts = [word] * (rows - 1) + [cell]
    numbers = [float(row) for row in range(rows)]
    return pl.DataFrame({"SK_ID_CURR": range(rows), "AMT_CREDIT": numbers, "NAME_INCOME_TYPE": texts} | others)


def as_csv(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path)


def as_gzip(frame: pl.DataFrame, path: Path) -> None:
    path.write_bytes(gzip.compress(frame.write_csv().encode()))


def as_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def as_plain_parquet(frame: pl.DataFrame, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(frame.to_arrow(), path, use_dictionary=False, data_page_version="2.0")


def as_categories(frame: pl.DataFrame, path: Path) -> None:
    frame.with_columns(pl.col("NAME_INCOME_TYPE").cast(pl.Categorical)).write_parquet(path)


formats: Final = [as_csv, as_gzip, as_parquet, as_plain_parquet, as_categories]
Writer = "Callable[[pl.DataFrame, Path], None]"


@pytest.mark.parametrize("write", formats)
@pytest.mark.parametrize(
    ("frame", "key", "setting"),
    [
        (table(rows=51), "file_too_many_rows", "MAX_FILE_ROWS"),
        (table(columns=13), "file_too_many_columns", "MAX_FILE_COLUMNS"),
        (table(columns=12, name="x" * 50), "file_header_too_long", "MAX_HEADER_BYTES"),
        (table(cell="Z" * 41), "file_cell_too_long", "MAX_CELL_BYTES"),
    ],
)
def test_each_limit_in_each_format(
    tmp_path: Path, write: Callable[[pl.DataFrame, Path], None], frame: pl.DataFrame, key: str, setting: str
) -> None:
    path = tmp_path / "in"
    write(frame, path)
    with pytest.raises(UnusableFile) as refused:
        list(open_source(path, small).batches())
    assert refused.value.key == key
    french, english = refused.value.sentence("fr"), refused.value.sentence("en")
    assert french != english
    for sentence in (french, english):
        assert setting in sentence
        assert refused.value.parts["maximum"] in sentence
        assert "ZZ" not in sentence
        assert "xx" not in sentence


def by_score(path: Path, scorer: Scorer) -> None:
    score_file(path, path.with_name("out.csv"), path.with_name("out.rejected.csv"), scorer)


def by_drift(path: Path, _: Scorer) -> None:
    read_applications(path)


def by_preview(path: Path, _: Scorer) -> None:
    preview(path)


@pytest.mark.parametrize("way", [by_score, by_drift, by_preview])
@pytest.mark.parametrize("write", [as_csv, as_gzip, as_parquet])
@pytest.mark.parametrize(
    ("settings", "key"),
    [({"max_file_rows": 50}, "file_too_many_rows"), ({"max_cell_bytes": 6}, "file_cell_too_long")],
)
def test_each_way_in_has_the_limits_of_the_settings(
    tmp_path: Path,
    scorer: Scorer,
    way: Callable[[Path, Scorer], None],
    write: Callable[[pl.DataFrame, Path], None],
    settings: dict[str, int],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "settings", lambda: Settings(**settings))  # type: ignore[arg-type]
    path = tmp_path / "in"
    write(table(rows=51), path)
    with pytest.raises(UnusableFile) as refused:
        way(path, scorer)
    assert refused.value.key == key
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("write", formats)
def test_what_is_as_large_as_the_limits_is_read(tmp_path: Path, write: Callable[[pl.DataFrame, Path], None]) -> None:
    path = tmp_path / "in"
    write(table(rows=50, columns=12, cell="Z" * 40), path)
    batches = list(open_source(path, small).batches())
    assert sum(batch.frame.height for batch in batches) == 50
    assert batches[-1].frame["NAME_INCOME_TYPE"][-1] == "Z" * 40


@pytest.mark.parametrize(
    ("frame", "key"),
    [
        (pl.select(AMT_CREDIT=pl.repeat(1.0, 2_000_000), NAME_INCOME_TYPE=pl.lit(word)), "file_unpacks_too_far"),
        (table(rows=40_000), "file_too_large_unpacked"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [as_gzip, as_parquet])
def test_what_unpacks_to_too_much(
    tmp_path: Path, write: Callable[[pl.DataFrame, Path], None], frame: pl.DataFrame, key: str
) -> None:
    path = tmp_path / "in"
    write(frame, path)
    limits = replace(usual, unpacked_bytes=100_000) if key == "file_too_large_unpacked" else usual
    with pytest.raises(UnusableFile) as refused:
        count_rows(open_source(path, limits))
    assert refused.value.key == key


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-8] + (2**31).to_bytes(4, "little") + b"PAR1",
        lambda content: content[:4] + content[-4:],
        lambda content: content[:-1000] + bytes(992) + content[-8:],
        lambda content: content[:4] + b"\xff" * (len(content) // 2) + content[4 + len(content) // 2 :],
        lambda content: content[:-100] + b"\xff" * 92 + content[-8:],
    ],
)
def test_a_parquet_file_that_is_damaged_is_said_to_be(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "in"
    table().write_parquet(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(UnusableFile) as refused:
        list(open_source(path).batches())
    assert refused.value.key in ("file_unreadable", "file_pages")


def test_a_panic_of_the_reader_is_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in"
    table().write_parquet(path)
    source = open_source(path)

    def collect(_: pl.LazyFrame) -> None:
        raise pl.exceptions.PanicException("an assertion of the library")

    monkeypatch.setattr(pl.LazyFrame, "collect", collect)
    with pytest.raises(UnusableFile) as refused:
        list(source.batches())
    assert refused.value.key == "file_unreadable"


def test_text_that_stands_on_the_text_before_it_is_called_by_its_name(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    frame = table(rows=20_000).with_columns(NAME_INCOME_TYPE="NAME" + pl.col("SK_ID_CURR").cast(pl.String))
    path = tmp_path / "in"
    pq.write_table(
        frame.to_arrow(), path, use_dictionary=False, column_encoding={"NAME_INCOME_TYPE": "DELTA_BYTE_ARRAY"}
    )
    with pytest.raises(UnusableFile) as refused:
        open_source(path)
    assert refused.value.key == "file_pages"


def test_batches_of_long_text_are_short(tmp_path: Path) -> None:
    path = tmp_path / "in"
    table(rows=9000, cell=word).with_columns(
        ORGANIZATION_TYPE=pl.lit("o" * 900), OCCUPATION_TYPE=pl.lit("p" * 900), NAME_INCOME_TYPE=pl.lit("q" * 900),
        NAME_FAMILY_STATUS=pl.lit("r" * 900), NAME_HOUSING_TYPE=pl.lit("s" * 900),
    ).write_parquet(path)  # fmt: skip
    batches = list(open_source(path).batches())
    assert len(batches) == 2
    assert [number for batch in batches for number in batch.numbers] == list(range(1, 9001))
    assert [client for batch in batches for client in batch.frame["SK_ID_CURR"]] == list(range(9000))


# Reads a file as every way in does, and says what became of it and by how much the process grew, in MB.
_reading: Final = """
import json, resource, sys
from pathlib import Path
import polars as pl
from core.tables.errors import UnusableFile
from core.tables.reading import open_source
pl.DataFrame({"a": ["x"] * 1000}).select(pl.col("a").str.strip_chars())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    outcome = next(open_source(Path(sys.argv[1])).batches()).frame.height
except UnusableFile as error:
    outcome = error.key
print(json.dumps([outcome, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000]))
"""


@pytest.mark.parametrize("dictionary", [True, False])
def test_equal_values_of_megabytes_are_refused_in_little_memory(tmp_path: Path, dictionary: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "in.parquet"
    texts = pa.repeat("x" * 4_000_000, 60)
    arrow = pa.table({"AMT_CREDIT": [1.0] * 60, "NAME_INCOME_TYPE": texts})
    pq.write_table(arrow, path, use_dictionary=dictionary, compression="zstd")
    del texts, arrow
    environment = os.environ | {"PYTHONPATH": str(root), "MAX_UNPACKED_RATIO": "1000000"}
    child = subprocess.run(
        [sys.executable, "-c", _reading, str(path)], cwd=root, env=environment, capture_output=True, check=True
    )
    outcome, grown = json.loads(child.stdout)
    assert outcome == "file_cell_too_long"
    # All of them: 240.
    assert grown < 80
