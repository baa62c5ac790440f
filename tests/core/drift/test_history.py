"""Reports are kept, listed newest first, and found by their key alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import outputs
from core.drift.errors import UnknownReport
from core.drift.history import History
from core.drift.results.drift_report import DriftReport


def test_what_is_kept_can_be_read_again(tmp_path: Path, report: DriftReport) -> None:
    history = History(tmp_path / "drift")
    assert history.all() == ()
    kept = history.keep(report, "Portfolio gegen Été 2018!")
    assert kept.key.endswith("Z-portfolio-gegen-t-2018")
    assert datetime.now(UTC) - kept.moment < timedelta(minutes=5)
    assert history.read(kept) == report
    names = sorted(path.name for path in history.folder.iterdir())
    assert names == sorted(f"{kept.key}.{ending}" for ending in ("en.html", "fr.html", "json"))


def test_two_processes_keep_a_report_in_the_same_millisecond(
    tmp_path: Path, report: DriftReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    plain = Path.replace

    def meanwhile(part: Path, target: Path) -> Path:
        # The other process writes the same file between this one's writing and its renaming.
        monkeypatch.setattr(Path, "replace", plain)
        outputs.write(target, b"other")
        return plain(part, target)

    monkeypatch.setattr(Path, "replace", meanwhile)
    assert history.read(history.keep(report, "live")) == report


def test_the_newest_comes_first(tmp_path: Path, report: DriftReport) -> None:
    history = History(tmp_path)
    keys = [history.keep(report, name).key for name in ("first", "second", "")]
    assert [each.key for each in history.all()] == sorted(keys, reverse=True)
    assert history.latest().key == max(keys)
    assert history.find(keys[0]).key == keys[0]
    assert [kept.key for kept, _ in history.reports(history.all())] == sorted(keys, reverse=True)
    assert any(key.endswith("Z-report") for key in keys)


@pytest.mark.parametrize("key", ["", "../x", "/etc/passwd", "20260101T000000.000Z-x", "*"])
def test_what_is_not_kept_is_not_found(tmp_path: Path, report: DriftReport, key: str) -> None:
    (tmp_path / "x.json").write_text("{}")
    history = History(tmp_path / "drift")
    history.keep(report, "one")
    with pytest.raises(UnknownReport):
        history.find(key)
    with pytest.raises(UnknownReport):
        History(tmp_path / "elsewhere").latest()


def test_other_files_and_older_reports_are_passed_over(tmp_path: Path, report: DriftReport) -> None:
    history = History(tmp_path)
    kept = history.keep(report, "good")
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "20200101T000000.000Z-old.json").write_text('{"version": 0}')
    assert len(history.all()) == 2
    assert [each.key for each, _ in history.reports(history.all())] == [kept.key]
    with pytest.raises(UnknownReport):
        history.read(history.find("20200101T000000.000Z-old"))


def test_the_oldest_go(tmp_path: Path, report: DriftReport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.drift.history.max_kept", 2)
    history = History(tmp_path)
    keys = [history.keep(report, f"r{number}").key for number in range(4)]
    assert {each.key for each in history.all()} <= set(keys)
    assert len(history.all()) == 2
    assert len(list(tmp_path.iterdir())) == 6
