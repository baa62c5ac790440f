"""Measures the demo tables against the real sample, and their speed: `python -m benchmarks.demo [--clients N ...]`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedKFold

from benchmarks.measured import Figure, report
from core.data.demo import draw_applications, write_tables
from core.data.demo.applications import draw_blocks
from core.data.demo.fitted import fidelity, fitting
from core.data.demo.fitted.sample import read_table
from core.data.demo.tables import history_files
from core.features.application import application_features, raw_expressions
from core.features.history import build_history
from core.model.evidence.auc import auc
from core.settings import root
from runtime.console import failed, note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_default_sample: Final = root.parent / "shared" / "data" / "real_sample"
_seed: Final = 11
# With all tables, to measure these.
_clients: Final = 10_000
_folds: Final = 5
# Tables whose sample is large enough to measure a distribution on.
_measured: Final = 1_000


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo", description=__doc__)
    parser.add_argument(
        "--clients", type=int, nargs="+", default=[10_000], help="sizes to time with all tables (default: 10000)"
    )
    parser.add_argument("--train-on", type=int, default=100_000, help="synthetic rows to train on (default: 100000)")
    parser.add_argument("--sample", type=Path, default=_default_sample, help="folder of the real sample")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    if not namespace.sample.is_dir():
        return failed(f"There is no folder {namespace.sample}: --sample names the folder of the real tables")
    figures = []
    for figure in _figures(namespace.sample, namespace.clients, namespace.train_on):
        note(f"{figure.name}: {figure.measured}")
        figures.append(figure)
    report("The demo against the real sample", figures, namespace.json)
    return 0


def _figures(sample: Path, sizes: Sequence[int], train_on: int) -> Iterator[Figure]:
    real = read_table(sample, "application")
    yield from _applications(real, draw_applications(2 * real.height, _seed, "train"))
    yield from _risk(real, train_on)
    with tempfile.TemporaryDirectory() as folder:
        yield from _tables(Path(folder), sample)
    for size in sizes:
        yield _speed(size)


def _applications(real: pl.DataFrame, demo: pl.DataFrame) -> Iterator[Figure]:
    yield from _fidelity("application", real, demo)
    yield Figure("told from real, AUC", f"{fidelity.told_apart(real, demo):.3f}", "< 0.80")
    patient = fidelity.told_apart(real, demo, rounds=600)
    yield Figure("told from real, AUC with four times the trees", f"{patient:.3f}", "")


def _fidelity(name: str, real: pl.DataFrame, demo: pl.DataFrame) -> Iterator[Figure]:
    gaps = fidelity.distances(real, demo)
    worst = max(gaps, key=lambda each: gaps[each])
    close = np.mean([gap < 0.05 for gap in gaps.values()])
    yield Figure(
        f"{name}: columns with KS or TV below 0.05", f"{close:.1%}, worst {worst} {gaps[worst]:.3f}", ">= 95 %"
    )
    missing = fidelity.missing_gaps(real, demo)
    most = max(missing, key=lambda each: missing[each])
    yield Figure(f"{name}: largest gap of missing rates", f"{missing[most]:.2%} ({most})", "< 2 %")
    error = fidelity.rank_correlation_error(real, demo)
    if not np.isnan(error):
        yield Figure(f"{name}: mean absolute error of rank correlations", f"{error:.4f}", "< 0.04")


def _risk(real: pl.DataFrame, train_on: int) -> Iterator[Figure]:
    started = time.perf_counter()
    demo = draw_applications(train_on, _seed, "train")
    yield Figure(f"drawing {train_on:,} applications", f"{time.perf_counter() - started:.1f} s", "")
    yield Figure("default rate of the demo", f"{demo['TARGET'].to_numpy().mean():.2%}", "8.07 %")
    yield Figure("AUC on real rows, trained on demo", f"{fidelity.transferred(demo, real, _features):.4f}", ">= 0.74")
    held_out, own = _held_out(real, train_on)
    yield Figure("AUC on real rows that the profile never saw, trained on demo", f"{held_out:.4f}", ">= 0.74")
    yield Figure("AUC on the same rows, trained on the other real rows", f"{own:.4f}", "")


def _held_out(real: pl.DataFrame, train_on: int) -> tuple[float, float]:
    """AUC over folds that neither the profile nor the model saw: of demo-trained models, and of real-trained ones."""
    target = real["TARGET"].to_numpy()
    from_demo, from_real = np.empty(len(target)), np.empty(len(target))
    for learn, test in StratifiedKFold(_folds, shuffle=True, random_state=1).split(target, target):
        profile = fitting.fit_profile(real[learn], {})
        blocks = draw_blocks(train_on, _seed, "train", profile)
        demo = pl.concat([block.applications for block in blocks])
        from_demo[test] = fidelity.risk_of(demo, real[test], _features, rounds=400)
        from_real[test] = fidelity.risk_of(real[learn], real[test], _features, rounds=250)
    return auc(target, from_demo), auc(target, from_real)


def _tables(folder: Path, sample: Path) -> Iterator[Figure]:
    written = write_tables(folder, _clients, _seed)
    for name, stem in history_files.items():
        real = read_table(sample, name)
        if real.height >= _measured:
            demo = pl.read_parquet(written.paths[stem]).sample(fraction=1.0, shuffle=True, seed=_seed)
            yield from _fidelity(name, real, demo.head(3 * real.height))
    alone, together = _with_history(written.paths)
    yield Figure("AUC on held-out demo rows, application only", f"{alone:.4f}")
    yield Figure("AUC on held-out demo rows, with history", f"{together:.4f}", "+0.02 to +0.04")


def _speed(clients: int) -> Figure:
    """The command as a user gives it, in a process of its own, whose memory is then its own too."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "commands", "data", "demo", "--clients", str(clients), "--out", folder]
        started = time.perf_counter()
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        rows = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in Path(folder).glob("*.parquet"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    goal = {10_000: "< 20 s", 307_511: "< 600 s, 6 GB"}.get(clients, "")
    shown = f"{seconds:.1f} s, {rows:,} rows, at most {memory:.2f} GB"
    return Figure(f"`run.py data demo --clients {clients}`", shown, goal)


def _with_history(paths: dict[str, Path]) -> tuple[float, float]:
    clients = pl.read_parquet(paths["application_train"])
    tables = {name: pl.scan_parquet(paths[stem]) for name, stem in history_files.items()}
    history = build_history(clients.select("SK_ID_CURR"), tables).drop("SK_ID_CURR").fill_null(float("nan"))
    rows, learn = clients.height, int(0.6 * clients.height)
    both = pl.concat([_features(clients), history], how="horizontal")
    target = clients["TARGET"].to_numpy()[learn:]
    frames = {"alone": clients, "both": both.with_columns(clients["TARGET"])}
    predicted: dict[str, NDArray[np.float64]] = {
        "alone": fidelity.risk_of(frames["alone"][:learn], frames["alone"][learn:rows], _features, rounds=300),
        "both": fidelity.risk_of(frames["both"][:learn], frames["both"][learn:rows], _without_target, rounds=300),
    }
    return auc(target, predicted["alone"]), auc(target, predicted["both"])


def _features(frame: pl.DataFrame) -> pl.DataFrame:
    named = raw_expressions() | application_features()
    return frame.select(each.cast(pl.Float64).fill_null(float("nan")).alias(name) for name, each in named.items())


def _without_target(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop("TARGET")


if __name__ == "__main__":
    raise SystemExit(main())
