"""Keeps decisions from a process of its own, which loads no more than it needs."""

from __future__ import annotations

from pathlib import Path

from dash_app.service.away.spool import Spool


def append(folder: Path, first: int) -> None:
    """Puts 25 decisions into the spool of a folder, numbered from `first`."""
    spool = Spool(folder, 1000, 10_000_000)
    for number in range(first, first + 25):
        spool.append(f"{number:04}", "{}")
