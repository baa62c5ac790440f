"""The commands that bring in tables, as typed: what they print, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.__main__ import main
from core.settings import settings
from core.tables.sources import read_table, tables

balance = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS,NOTE\n5000001,-1,C,\n5000001,-2,0,\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "bureau_balance.csv").write_text(balance)
    return folder


def test_import_says_what_was_read_and_what_was_not(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "about.txt").write_text("about")
    assert main(["data", "import", str(source), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["bureau_balance  2 rows", f"Written to      {tmp_path / 'out'}"]
    lacking = ", ".join(table for table in tables if table != "bureau_balance")
    assert printed.err.splitlines() == [
        "bureau_balance.csv: columns not in the catalogue, not used: NOTE",
        "Files that hold none of the tables, not read: about.txt",
        f"Tables that the source lacks (their features will be missing values): {lacking}",
    ]


def test_import_writes_to_the_data_folder_of_the_settings(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    try:
        assert main(["data", "import", str(source)]) == 0
    finally:
        settings.cache_clear()
    assert read_table(tmp_path / "data", "bureau_balance").height == 2


def test_import_says_that_tables_are_synthetic(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "SYNTHETIC").write_text("drawn")
    assert main(["data", "import", str(source), "--out", str(tmp_path / "out")]) == 0
    assert "were drawn rather than observed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (balance.replace("0,\n", "9,\n"), "bureau_balance.csv: line 3, column STATUS: is not a known value"),
        ("", "bureau_balance.csv: The file is empty"),
        (None, "there is no folder or zip"),
    ],
)
def test_import_fails_with_a_sentence(
    text: str | None, sentence: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "bureau_balance.csv").write_text(text or "")
    path = source if text is not None else tmp_path / "nowhere"
    assert main(["data", "import", str(path), "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"Error: {sentence}")
    assert len(printed.err.splitlines()) == 1


def test_import_fails_where_it_may_not_write(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["data", "import", str(source), "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith("Error: ")


def test_a_variable_that_is_wrong_is_named(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_SHA256", "abc")
    settings.cache_clear()
    try:
        assert main(["data", "import", str(source)]) == 1
    finally:
        settings.cache_clear()
    assert capsys.readouterr().err.startswith("Error: DATA_SHA256: String should match pattern")
