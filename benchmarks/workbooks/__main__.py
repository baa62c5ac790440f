"""Measures the memory of reading a workbook: `python -m benchmarks.workbooks [--rows N] [--json FILE]`.

The same synthetic applications as XLSX and as CSV, with all 121 columns: what the process that makes CSV of the one
takes at most, and what reading the other does. Linux alone: its kernel knows the peak.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]

from benchmarks.measured import Figure, report
from core.data import demo
from core.settings import root, settings
from core.tables.limits import FileLimits

_goal: Final = "< 250 MB more than CSV"
_seed: Final = 5
_megabyte: Final = 1_000_000
_convert: Final = "import sys; from core.tables.foreign import conversion; sys.exit(conversion.main(sys.argv[1:]))"
_read: Final = (
    "import sys; from pathlib import Path; from core.tables.reading import open_source; "
    "sum(batch.frame.height for batch in open_source(Path(sys.argv[1])).batches())"
)


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether the goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workbooks", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="default: 100000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        workbook, text = Path(name) / "in.xlsx", Path(name) / "in.csv"
        _write(workbook, text, namespace.rows)
        limits = json.dumps(asdict(FileLimits.of(settings())))
        xlsx, xlsx_seconds = _peak(_convert, str(workbook), "XLSX", str(Path(name) / "out.csv"), limits)
        csv, csv_seconds = _peak(_read, str(text))
    figures = [
        Figure(f"XLSX of {namespace.rows:,} rows: most that making CSV of it takes", f"{xlsx:.0f} MB"),
        Figure("The same rows as CSV: most that reading them takes", f"{csv:.0f} MB"),
        Figure("Difference", f"{xlsx - csv:.0f} MB", _goal),
        Figure("Processor time of either", f"{xlsx_seconds:.1f} s, {csv_seconds:.1f} s"),
    ]
    report("Memory of a workbook beside the same rows as CSV", figures, namespace.json)
    return 0


def _write(workbook: Path, text: Path, rows: int) -> None:
    applications = demo.draw_applications(rows, _seed, "test")
    applications.write_csv(text)
    book = xlsxwriter.Workbook(workbook, {"constant_memory": True})
    sheet = book.add_worksheet("Clients")
    sheet.write_row(0, 0, applications.columns)
    for line, row in enumerate(applications.iter_rows(), start=1):
        sheet.write_row(line, 0, row)
    book.close()


def _peak(code: str, *arguments: str) -> tuple[float, float]:
    """The most memory of a Python process, in MB, and its processor time. Raises `RuntimeError` where it failed."""
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=root, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"a process ended with exit code {process.returncode}")
    return used.ru_maxrss * 1024 / _megabyte, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
