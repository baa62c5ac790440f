"""The threads of the commands that score files: they sleep between two calls of LightGBM, which reads that once."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from types import ModuleType

import pytest

from commands import __main__ as commands


@pytest.mark.parametrize(("chosen", "expected"), [(None, "passive"), ("active", "active")])
@pytest.mark.parametrize("command", ["worker", "score"])
def test_idle_threads_sleep_where_files_are_scored(
    command: str, chosen: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set first, so that what the command sets is undone as well.
    monkeypatch.setenv("OMP_WAIT_POLICY", chosen or "")
    if chosen is None:
        del os.environ["OMP_WAIT_POLICY"]
    seen: list[str | None] = []

    def run(_: Namespace) -> int:
        seen.append(os.environ.get("OMP_WAIT_POLICY"))
        return 0

    stand_in = ModuleType(f"commands.{command}")
    stand_in.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, f"commands.{command}", stand_in)
    monkeypatch.setattr(f"commands.{command}", stand_in, raising=False)
    assert commands._handlers[command](Namespace()) == 0
    assert seen == [expected]
