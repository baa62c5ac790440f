"""How often a drift report raises an alert by chance, and how often it finds a shift that is there.

`python -m benchmarks.drift.false_alerts [--data DIR] [--halves N] [--json FILE]`. Of the portfolio, rows are drawn and
parted in two at random, so that nothing differs but by chance; also a draw against all other rows, and against the
profile that was frozen with the model. Then one half is shifted by a quarter of a standard deviation towards risk, in
the ten columns that the model leans on most.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.measured import Figure, report
from core import catalogue
from core.drift.datasets import SideRows, compare_sides, of_model, of_portfolio
from core.drift.verdict import verdict
from core.portfolio.clients import Portfolio, PortfolioMissing
from core.scoring import Scorer
from core.settings import root
from runtime.console import failed, note

_sizes: Final = (30, 300, 3000)
_goal: Final = 0.02
_shift: Final = 0.25
_shifted_columns: Final = 10
# Comparisons with all other rows take longer, and tell less that is new.
_part_of_others: Final = 5


@dataclass
class _Found:
    """What many comparisons came to."""

    comparisons: int = 0
    alerts: int = 0
    watches: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return self.alerts / self.comparisons

    def __str__(self) -> str:
        rules = ", ".join(f"{name} {count}" for name, count in self.rules.most_common())
        said = (
            f"{self.share:.1%} of {self.comparisons} ({rules})" if rules else f"{self.share:.1%} of {self.comparisons}"
        )
        return f"{said}; to watch {self.watches / self.comparisons:.1%}"


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns its exit code, 1 where more alerts are false than may be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift.false_alerts", description=__doc__)
    parser.add_argument("--data", type=Path, default=root / "data", metavar="DIR", help="folder with the portfolio")
    parser.add_argument("--halves", type=int, default=500, help="random halves at each number of rows (default: 500)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args(arguments)
    scorer = Scorer.load(root / "models")
    try:
        side = of_portfolio(Portfolio.open(options.data / "portfolio"))
    except PortfolioMissing as error:
        return failed(str(error))
    assert isinstance(side.rows, pl.DataFrame)
    frame = side.rows
    figures, missed = [Figure("clients of the portfolio", f"{frame.height:,}")], False
    for rows in _sizes:
        if 2 * rows > frame.height:
            return failed(f"the portfolio has {frame.height:,} clients: {2 * rows:,} are needed")
        found = _compared(_halves(frame, rows, options.halves), scorer)
        figures.append(Figure(f"false alerts, halves of {rows:,} rows", str(found), f"under {_goal:.0%}"))
        missed |= found.share >= _goal
    others = options.halves // _part_of_others
    for rows in _sizes:
        found = _compared(_against_the_rest(frame, rows, others), scorer)
        figures.append(Figure(f"false alerts, {rows:,} rows against the rest", str(found)))
        found = _compared(_against(of_model(scorer), frame, rows, others), scorer)
        figures.append(Figure(f"false alerts, {rows:,} rows against the model's reference", str(found)))
    moved = _towards_risk(frame, scorer)
    for rows in _sizes:
        found = _compared(_halves(frame, rows, others, moved), scorer)
        name = f"alerts, {rows:,} rows, {_shifted_columns} columns shifted by {_shift} standard deviations"
        figures.append(Figure(name, str(found)))
    report("Drift: alerts where nothing has changed, and where something has", figures, options.json)
    return int(missed)


def _compared(pairs: Iterator[tuple[SideRows, SideRows]], scorer: Scorer) -> _Found:
    found = _Found()
    for reference, current in pairs:
        made = compare_sides(reference, current, scorer)
        found.comparisons += 1
        found.alerts += bool(made.alerts)
        found.watches += verdict(made) == "watch"
        found.rules.update(alert.rule for alert in made.alerts)
    note(str(found))
    return found


def _halves(
    frame: pl.DataFrame, rows: int, times: int, moved: pl.DataFrame | None = None
) -> Iterator[tuple[SideRows, SideRows]]:
    """Twice so many rows, parted at random; the second half is taken from `moved` where that is given."""
    chance = np.random.default_rng(rows)
    for _ in range(times):
        drawn = chance.choice(frame.height, 2 * rows, replace=False)
        later = frame if moved is None else moved
        yield SideRows("one half", frame[drawn[:rows]]), SideRows("the other", later[drawn[rows:]])


def _against_the_rest(frame: pl.DataFrame, rows: int, times: int) -> Iterator[tuple[SideRows, SideRows]]:
    chance = np.random.default_rng(rows + 1)
    for _ in range(times):
        order = chance.permutation(frame.height)
        yield SideRows("the rest", frame[order[rows:]]), SideRows("some", frame[order[:rows]])


def _against(reference: SideRows, frame: pl.DataFrame, rows: int, times: int) -> Iterator[tuple[SideRows, SideRows]]:
    chance = np.random.default_rng(rows + 2)
    for _ in range(times):
        yield reference, SideRows("some", frame[chance.choice(frame.height, rows, replace=False)])


def _towards_risk(frame: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """All rows, the columns of numbers that the model leans on most shifted by a part of their standard deviation, each
    in the direction in which more of it goes with more risk, within what the column may hold.
    """
    model = scorer.model
    ranked = sorted(zip(model.importances, model.feature_names, strict=True), reverse=True)
    numbers = [name for _, name in ranked if name in frame.columns and frame[name].dtype.is_float()]
    risk = pl.Series(scorer.probabilities(frame))
    shifted = []
    for name in numbers[:_shifted_columns]:
        column = frame[name]
        both = pl.DataFrame({"value": column, "risk": risk}).drop_nulls()
        sign = np.sign(both.select(pl.corr("value", "risk", method="spearman")).item())
        spread = float(both["value"].std())  # type: ignore[arg-type]
        entry = catalogue.entry(name)
        low, high = (entry.minimum, entry.maximum) if isinstance(entry, catalogue.Column) else (None, None)
        shifted.append((pl.col(name) + sign * _shift * spread).clip(low, high))
    return frame.with_columns(shifted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
