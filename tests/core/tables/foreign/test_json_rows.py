"""JSON becomes CSV row by row, however many rows there are."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings
from core.tables.foreign import json_rows
from core.tables.limits import FileLimits

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 1_002, 3_500])
@pytest.mark.parametrize("lines", [True, False])
def test_no_row_is_lost_between_those_that_are_written_together(tmp_path: Path, count: int, lines: bool) -> None:
    path, out = tmp_path / "in.json", io.BytesIO()
    rows = [{"SK_ID_CURR": number, "AMT_CREDIT": number + 0.5} for number in range(count)]
    path.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows), encoding="utf-8")
    json_rows.convert(path, out, FileLimits.of(Settings()))
    written = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert [int(row["SK_ID_CURR"]) for row in written] == list(range(count))
