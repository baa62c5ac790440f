"""The gates together: each is told, those behind the tests after them, and one that fails is enough."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher import quality
from launcher.quality import Gate


@pytest.mark.parametrize("failing", [None, "first", "behind", "pytest"])
def test_each_gate_is_told_and_one_that_fails_is_enough(
    failing: str | None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def gate(name: str, behind: bool = False) -> Gate:
        code = f"print('{name} speaks', flush=True); raise SystemExit({int(name == failing)})"
        return Gate(name, ("-c", code), behind=behind)

    gates = [gate("behind", behind=True), gate("first"), gate("pytest")]
    monkeypatch.setattr(quality, "development", SimpleNamespace(python=Path(sys.executable), prepare=lambda: None))
    monkeypatch.setattr(quality, "_prepare_browser", lambda: None)
    assert quality.check([], lambda *_: gates, []) == (failing is not None)
    said = capfd.readouterr().out
    places = [said.index(f"{name} speaks") for name in ("first", "pytest", "behind")]
    assert places == sorted(places)
    outcomes = dict(line.split()[:2] for line in said.splitlines() if line.endswith(" s"))
    assert outcomes.pop("in") == "all"
    assert outcomes == {name: "FAILED" if name == failing else "passed" for name in ("behind", "first", "pytest")}
