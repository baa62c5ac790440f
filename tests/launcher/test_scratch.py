"""What tests write goes to memory where there is room, and is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher import scratch


@pytest.fixture(autouse=True)
def not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(scratch, "_needed", 1)


def test_the_folder_is_there_within_the_block_alone(tmp_path: Path) -> None:
    with scratch.folder(tmp_path) as variables:
        chosen = Path(variables["TMPDIR"])
        (chosen / "written").write_text("by a test")
        assert chosen.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reason", ["chosen", "no such folder", "no room"])
def test_without_room_or_with_a_folder_of_ones_own_nothing_changes(
    reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason == "chosen":
        monkeypatch.setenv("TMPDIR", "/elsewhere")
    if reason == "no room":
        monkeypatch.setattr(scratch, "_needed", 2**60)
    with scratch.folder(tmp_path / "none" if reason == "no such folder" else tmp_path) as variables:
        assert variables == {}
