"""What is loaded from files is used while they are replaced, and no longer than that."""

from __future__ import annotations

import pytest

from runtime.stored import Stored


class Wrong(Exception):
    """What files that are not valid raise."""


class Files:
    """Stands for files: their content, which is wrong where it says so."""

    def __init__(self) -> None:
        self.content = "first"
        self.loads = 0

    def load(self) -> str:
        self.loads += 1
        if self.content.startswith("wrong"):
            raise Wrong(self.content)
        return self.content

    def stored(self, patience: float) -> Stored[str]:
        return Stored(self.load, lambda: self.content, (Wrong,), patience)


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("runtime.stored.time.monotonic", lambda: now[0])
    return now


def test_what_was_loaded_serves_while_its_files_are_replaced(files: Files, clock: list[float]) -> None:
    stored = files.stored(5)
    assert stored.get() == "first"
    for content in ("wrong 1", "wrong 2"):
        files.content = content
        assert stored.get() == stored.get() == "first"
        clock[0] += 2
    assert files.loads == 3, "files that do not change are read once"
    files.content = "second"
    assert stored.get() == "second"


def test_files_that_stay_wrong_are_an_error_until_they_are_right(files: Files, clock: list[float]) -> None:
    stored = files.stored(5)
    stored.get()
    files.content = "wrong"
    assert stored.failure() is None
    clock[0] += 5
    with pytest.raises(Wrong):
        stored.get()
    files.content = "wrong again"
    assert isinstance(stored.failure(), Wrong), "there is nothing to go on with"
    files.content = "first"
    assert stored.get() == "first"


def test_each_replacement_has_its_time(files: Files, clock: list[float]) -> None:
    stored = files.stored(5)
    stored.get()
    for _ in range(3):
        files.content = "wrong"
        assert stored.get() == "first"
        files.content = "first"
        assert stored.get() == "first"
        clock[0] += 60


def test_files_that_are_wrong_at_the_start_are_an_error_at_once(files: Files) -> None:
    files.content = "wrong"
    assert isinstance(files.stored(5).failure(), Wrong)
