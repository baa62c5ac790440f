"""Measures recourse and simulation on demo clients: `python -m benchmarks.what_if [--clients N] [--json FILE]`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.measured import Figure, report
from core.application import Application
from core.data import demo
from core.explain.what_if import max_changes, max_scenarios, simulate
from core.recourse.plans import recourse
from core.scoring import Scorer
from core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.decision import Value

_seed: Final = 77
_goal: Final = "< 50 ms"
_changes: Final[dict[str, Value]] = {
    "AMT_CREDIT": 310_000.0,
    "AMT_ANNUITY": 21_000.0,
    "AMT_INCOME_TOTAL": 202_000.0,
    "AMT_GOODS_PRICE": 255_000.0,
    "EXT_SOURCE_1": 0.51,
    "EXT_SOURCE_2": 0.52,
    "EXT_SOURCE_3": 0.53,
    "DAYS_EMPLOYED": -3333,
    "DAYS_BIRTH": -11_111,
    "CNT_CHILDREN": 4,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__)
    parser.add_argument("--clients", type=int, default=3000, help="how many clients are drawn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    scorer = Scorer.load(settings().models_dir)
    applications = _drawn(namespace.clients)
    decided = list(zip(applications, scorer.decide_many(applications), strict=True))
    refused = [each for each, decision in decided if decision.prediction]
    accepted = [each for each, decision in decided if not decision.prediction][: len(refused)]
    found = [recourse(scorer, each) for each in refused]
    reachable = sum(each.reachable for each in found)
    different = sum(bool(each.different) for each in found)
    three = dict(list(_changes.items())[:3])
    figures = [
        Figure("refused clients", str(len(refused))),
        Figure("of them with an option of their own", f"{reachable / len(refused):.1%}"),
        Figure("of them with what nobody can choose alone", f"{different / len(refused):.1%}"),
        _timed("recourse of a refused client", lambda each: recourse(scorer, each), refused, _goal),
        _timed("room of an accepted client", lambda each: recourse(scorer, each), accepted, _goal),
        _timed("simulation of 3 changes", lambda each: simulate(scorer, each, [three]), accepted[:200]),
        _timed(f"simulation of {max_changes} changes", lambda each: simulate(scorer, each, [_changes]), accepted[:200]),
        _timed(
            f"{max_scenarios} scenarios of 3 changes",
            lambda each: simulate(scorer, each, [three] * max_scenarios),
            accepted[:10],
        ),
    ]
    report("Recourse and simulation on demo clients, one process", figures, namespace.json)
    return 0


def _drawn(clients: int) -> list[Application]:
    rows = demo.draw_applications(clients, _seed, "train").drop("SK_ID_CURR", "TARGET").iter_rows(named=True)
    return [Application({name: value for name, value in row.items() if value is not None}) for row in rows]


def _timed(
    name: str, call: Callable[[Application], object], applications: Iterable[Application], goal: str = ""
) -> Figure:
    taken = []
    for application in applications:
        start = time.perf_counter()
        call(application)
        taken.append((time.perf_counter() - start) * 1000)
    middle, slow = np.quantile(taken, [0.5, 0.95])
    return Figure(name, f"p50 {middle:.1f} ms, p95 {slow:.1f} ms", goal)


if __name__ == "__main__":
    raise SystemExit(main())
