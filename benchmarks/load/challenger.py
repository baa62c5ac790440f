"""Measures what a challenger costs `POST /predict`: `python -m benchmarks.load.challenger [--json FILE]`.

Two APIs run side by side, one with a challenger (the shipped model under another version), and are asked in turn.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from api.openapi.examples import features as example_features
from benchmarks.measured import Figure, report
from benchmarks.services import running_api
from core.model.artefacts import config_file
from core.settings import settings

_rounds: Final = 15
_requests: Final = 200
_goal: Final = 1.4


@dataclass(frozen=True)
class Result:
    """Medians of rounds in milliseconds, and the ratio of each round's p50 with a challenger to that without."""

    rounds: int
    requests: int
    without: float
    with_challenger: float
    ratio: float
    ratio_low: float
    ratio_high: float


def main(arguments: list[str] | None = None) -> int:
    """Measures, shows and writes; returns 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    namespace = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        result = _measured(Path(name))
    report("A challenger beside /predict, one connection to each of two APIs", _figures(result), namespace.json)
    return 0 if result.ratio < _goal else 1


def _figures(result: Result) -> list[Figure]:
    spread = f"{result.ratio:.2f} (median of {result.rounds} rounds; {result.ratio_low:.2f} to {result.ratio_high:.2f})"
    return [
        Figure("/predict without a challenger, p50", f"{result.without:.2f} ms"),
        Figure("/predict with a challenger, p50", f"{result.with_challenger:.2f} ms"),
        Figure("ratio of the two", spread, f"under {_goal}"),
    ]


def _measured(folder: Path) -> Result:
    models = folder / "challenger"
    shutil.copytree(settings().models_dir, models)
    config = json.loads((models / config_file).read_text("utf-8"))
    (models / config_file).write_text(json.dumps(config | {"version": "challenger"}), "utf-8")
    folders = [folder / "without", folder / "with"]
    for part in folders:
        part.mkdir()
    with running_api(folders[0]) as plain, running_api(folders[1], CHALLENGER_URI=str(models)) as shadowed:
        links = [http.client.HTTPConnection("127.0.0.1", api.port) for api in (plain, shadowed)]
        for link in links:
            _p50(link, 50)
        state = _ready(links[1])
        if state != "asked":
            raise RuntimeError(f"the challenger is not asked: {state}")
        rounds = [(_p50(links[0], _requests), _p50(links[1], _requests)) for _ in range(_rounds)]
    ratios = sorted(both[1] / both[0] for both in rounds)
    return Result(
        rounds=_rounds,
        requests=_requests,
        without=round(median(both[0] for both in rounds), 3),
        with_challenger=round(median(both[1] for both in rounds), 3),
        ratio=round(median(ratios), 3),
        ratio_low=round(ratios[0], 3),
        ratio_high=round(ratios[-1], 3),
    )


def _p50(link: http.client.HTTPConnection, count: int) -> float:
    """The median time of an answer, in milliseconds."""
    taken = []
    for number in range(count):
        body = json.dumps({"features": example_features | {"AMT_CREDIT": 400_000 + number}})
        began = time.perf_counter()
        link.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = link.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"/predict answers {answer.status}")
    return median(taken)


def _ready(link: http.client.HTTPConnection) -> object:
    link.request("GET", "/health/ready")
    return json.loads(link.getresponse().read())["challenger"]


if __name__ == "__main__":
    sys.exit(main())
