"""The year of the demonstration as the command makes it: once, again when asked, never while somebody shows it."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

from commands.__main__ import main
from core.outcomes.synthetic.demonstration import Made

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_year_is_made_once_and_again_when_asked(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = own / "demo" / "year"
    command = ["data", "demo-year", "--out", str(folder)]
    assert main([*command, "--clients", "30", "--seed", "3"]) == 0
    assert "Playing a year of 30 synthetic applicants" in capsys.readouterr().err
    first = Made.read(folder)
    assert first is not None
    assert (first.clients, first.seed) == (30, 3)
    # What was done in it stays until then.
    (folder / "jobs").mkdir()
    assert main(command) == 0
    assert "was played on" in capsys.readouterr().err
    assert (folder / "jobs").exists()
    with (folder.parent / "year.lock").open() as shown:
        fcntl.flock(shown, fcntl.LOCK_SH)
        assert main([*command, "--again"]) == 1
        assert main(command) == 0
    assert "stop that one first" in capsys.readouterr().err
    assert main([*command, "--clients", "20"]) == 0
    assert "another version, model or size" in capsys.readouterr().err
    second = Made.read(folder)
    assert second is not None
    assert (second.clients, second.seed) == (20, 3)
    assert not (folder / "jobs").exists()
    assert sorted(each.name for each in folder.parent.iterdir()) == ["year", "year.lock"]
