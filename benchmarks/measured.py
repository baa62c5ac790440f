"""Measured figures beside their goals: shown at the terminal, and stored for the model card to read."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from core import outputs
from runtime.console import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its goal, both as they are shown; the goal is empty where there is none."""

    name: str
    measured: str
    goal: str = ""


def beside(name: str, blocks: Sequence[tuple[float, float]], unit: str, goal: str = "") -> Figure:
    """How much of another build's a measure is: the median of the blocks, with the least and the most.

    Args:
        name: what was measured.
        blocks: the measure of the other build and of this one, taken in turn.
        unit: of both.
        goal: as it is shown.
    """
    ratios = sorted(ours / other for other, ours in blocks)
    other, ours = (median(side) for side in zip(*blocks, strict=True))
    spread = f"{median(ratios):.2f} of the other ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return Figure(name, f"{spread}: {ours:,.4g} {unit}, not {other:,.4g}", goal)


def report(title: str, figures: Sequence[Figure], path: Path | None) -> None:
    """Shows figures, and stores them where a path is given.

    Args:
        title: what was measured, as the heading of the stored figures.
        figures: in the order in which they are to be read.
        path: JSON file to write, with the day and the machine's make beside the figures.
    """
    table(
        [
            (figure.name, f"{figure.measured}   (goal {figure.goal})" if figure.goal else figure.measured)
            for figure in figures
        ]
    )
    if path is None:
        return
    stored = {
        "title": title,
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "figures": [asdict(figure) for figure in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs.write(path, f"{json.dumps(stored, indent=1, ensure_ascii=False)}\n".encode())
