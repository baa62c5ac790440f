"""The index of a data frame that may be the number of clients is asked about; nothing is taken for it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from core.tables.reading import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from core.tables.columns import ColumnMatch

amounts = {"AMT_CREDIT": [450000.0, 270000.0, 135000.0]}


def opened(path: Path, content: bytes) -> ColumnMatch:
    path.write_bytes(content)
    return open_source(path).columns


def parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("index", "asked"),
    [
        ([100002, 100003, 100007], True),
        ([7, 5, 3], True),
        ([0, 1, 2], False),
        ([1, 2, 3], False),
        ([100002, 100002, 100003], False),
        (["a", "b", "c"], False),
        ([0.1, 0.2, 0.3], False),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "csv again", "parquet"])
def test_an_index_is_asked_about_where_it_may_number_clients(
    tmp_path: Path, kind: str, index: list[object], *, asked: bool
) -> None:
    frame = pd.DataFrame(amounts, index=index)
    if kind == "parquet":
        match, name = opened(tmp_path / "in", parquet(frame)), "__index_level_0__"
    elif kind == "csv":
        match, name = opened(tmp_path / "in", frame.to_csv().encode()), ""
    else:
        match, name = (
            opened(tmp_path / "in", pd.read_csv(io.StringIO(frame.to_csv())).to_csv(index=False).encode()),
            "Unnamed: 0",
        )
    assert match.similar == (((name, "SK_ID_CURR"),) if asked else ())
    assert match.known() == ("AMT_CREDIT",)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_index_by_its_name_is_the_column(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(amounts, index=pd.Index([100002, 100003, 100007], name="SK_ID_CURR"))
    match = opened(tmp_path / "in", parquet(frame) if kind == "parquet" else frame.to_csv().encode())
    assert set(match.known()) == {"SK_ID_CURR", "AMT_CREDIT"}
    assert match.similar == ()


def test_an_index_beside_the_numbers_of_clients_is_none(tmp_path: Path) -> None:
    frame = pd.DataFrame({"SK_ID_CURR": [100002, 100003, 100007]} | amounts, index=[7, 5, 3])
    assert opened(tmp_path / "in", frame.to_csv().encode()).similar == ()
