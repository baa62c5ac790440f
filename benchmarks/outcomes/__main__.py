"""Measures the back-testing of a large record beside pandas: `python -m benchmarks.outcomes [--json FILE]`.

The record is made by SQL in a temporary folder (6 GB for 10 million decisions), and deleted afterwards. CPU time is
measured, since other programs share the machine; the time on the clock, in brackets, is theirs as well. pandas reads a
part of the record, joins and groups it, and scikit-learn ranks it; its time is held against all of it, which is said.
Each measurement has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.measured import Figure, report
from benchmarks.outcomes.record import add, make, months
from core.audit.engine import Database, database_url
from core.scoring import Scorer
from core.settings import Settings, settings

_recorded: Final = 0.999
_outcomes: Final = 5_000


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark, or one of its measurements, and returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outcomes", description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000_000, help="how many (default: 10,000,000)")
    parser.add_argument("--months-in-pandas", type=int, default=2, help="of the record's 24 (default: 2)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="a record as `make` makes it, made there if absent")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--only", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    namespace = parser.parse_args(arguments)
    if namespace.only:
        way, file = namespace.only
        sys.stdout.write(json.dumps(_measured(way, Path(file), namespace.months_in_pandas)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file, total = namespace.record or Path(folder) / "audit.db", namespace.decisions
        if not file.exists():
            make(file, total, _recorded)
        size, load = file.stat().st_size, os.getloadavg()[0]
        ways = {"first": _alone("ours", file), "again": _alone("ours", file)}
        add(file, total, _recorded, _outcomes)
        ways["more"] = _alone("ours", file)
        ways["pandas"] = _alone("pandas", file, namespace.months_in_pandas)
    whole, held = ways["pandas"]["cpu"] * months / namespace.months_in_pandas, ways["more"]
    figures = [
        Figure("record", f"{total:,} decisions over {months} months, {size / 1e9:.1f} GB, SQLite"),
        Figure("decisions with outcomes", f"{ways['again']['known']:,}"),
        Figure("load of the machine", f"{load:.0f} at the beginning: what else runs is waited for"),
        Figure("counted for the first time", _figure(ways["first"]), "< 10 s on two idle cores"),
        Figure("again, nothing new", _figure(ways["again"]), "< 10 s"),
        Figure(f"after {total * (1 - _recorded):,.0f} decisions and {_outcomes:,} outcomes", _figure(held), "< 10 s"),
        Figure("memory", f"{ways['first']['memory']:,.0f} MB at first, {held['memory']:,.0f} MB again"),
        Figure(
            "pandas and scikit-learn",
            f"{whole:,.0f} s of CPU, extrapolated from {namespace.months_in_pandas} of {months} months "
            f"({ways['pandas']['cpu']:.1f} s, {ways['pandas']['memory']:,.0f} MB)",
        ),
        Figure(
            "CPU time against theirs",
            f"{ways['first']['cpu'] / whole:.2f} at first, {ways['again']['cpu'] / whole:.3f} and "
            f"{held['cpu'] / whole:.3f} again",
        ),
    ]  # fmt: skip
    report("Back-testing of a large record, CPU time of one process", figures, namespace.json)
    return 0


def _figure(measured: dict[str, float]) -> str:
    return f"{measured['cpu']:.1f} s of CPU ({measured['wall']:.1f} s)"


def _alone(way: str, file: Path, in_pandas: int = 0) -> dict[str, float]:
    """A measurement in a process of its own, whose memory is nobody else's."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.outcomes",
        "--months-in-pandas",
        str(in_pandas),
        "--only",
        way,
        str(file),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _measured(way: str, file: Path, in_pandas: int) -> dict[str, float]:
    began, wall = time.process_time(), time.perf_counter()
    known = _in_pandas(file, in_pandas) if way == "pandas" else _ours(file)
    took = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall, "known": known}
    return took | {"memory": _most_memory()}


def _most_memory() -> float:
    """The most that this process had in memory, in MB; what `getrusage` says begins with that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def _ours(file: Path) -> int:
    from core.outcomes.backtesting import performance

    model = replace(Scorer.load(settings().models_dir).model, version="model-2")
    database = Database.open(database_url(Settings(database_url=None, audit_file=file)))
    answer = performance(database, model)
    database.close()
    return answer.whole.rows if answer.whole else 0


def _in_pandas(file: Path, in_pandas: int) -> int:
    """The same figures, as somebody would compute them who reads the tables: those of the first months alone."""
    import sqlite3

    import pandas as pd
    from sklearn.metrics import roc_auc_score

    until = f"2024-{1 + in_pandas:02}"
    with closing(sqlite3.connect(file)) as connection:
        predictions = pd.read_sql(
            f"SELECT id, time, client_id, application, probability, decision, model_version FROM predictions "
            f"WHERE time < '{until}'",
            connection,
        )
        outcomes = pd.read_sql(
            "SELECT prediction_id, time, id AS outcome_id, defaulted, amount_lost, contract_type, income_type, "
            f"age_band FROM outcomes WHERE decided < '{until}'",
            connection,
        )
        words = pd.read_sql(
            f"SELECT prediction_id, time, decision AS final FROM officer_decisions WHERE time < '{until}'",
            connection,
        )
    last = outcomes.sort_values(["time", "outcome_id"]).drop_duplicates("prediction_id", keep="last")
    final = words.sort_values("time").drop_duplicates("prediction_id", keep="last")
    every = predictions.merge(last.drop(columns="time"), how="left", left_on="id", right_on="prediction_id")
    every = every.merge(final[["prediction_id", "final"]], how="left", left_on="id", right_on="prediction_id")
    every["month"] = every["time"].str[:7]
    every["decided_by"] = every["final"].notna()
    every["final"] = every["final"].fillna(every["decision"])
    known = every[every["defaulted"].notna()]
    for by in ("month", "model_version", "decided_by", "contract_type", "income_type", "age_band"):
        for _, part in known.groupby(by):
            roc_auc_score(part["defaulted"], part["probability"])
            pd.qcut(part["probability"], 10, duplicates="drop").to_frame().groupby("probability", observed=True).size()
            part["defaulted"].mean()
    once = every.sort_values(["defaulted", "id"]).drop_duplicates(["month", "client_id", "application"], keep="first")
    once.groupby(["month", "final"]).size()
    return len(known)


if __name__ == "__main__":
    raise SystemExit(main())
