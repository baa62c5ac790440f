"""`run.py score` says what became of a file, and fails where nothing was decided."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from commands import score

if TYPE_CHECKING:
    from pathlib import Path

header = "SK_ID_CURR,AMT_CREDIT,EXT_SOURCE_2\n"


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ("1,200000,0.5\n2,dear,0.5\n", 0, "Scored"),
        ("1,cheap,0.5\n2,dear,0.5\n", 1, "Error: No row could be scored"),
        (",,\n,,\n", 1, "Error: The file holds no row of data"),
    ],
)
def test_the_exit_code_says_whether_anything_was_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, code: int, said: str
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(header + rows)
    asked = Namespace(file=file, out=out, threshold=None, history="none", cluster=None)
    assert score.run(asked) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    if code and "No row" in said:
        assert (tmp_path / "out.rejected.csv").read_text().count("not a number") == 2
