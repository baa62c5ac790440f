"""Measures what small files that unpack to large ones cost the API before it refuses them.

`python -m benchmarks.small_files [--against CHECKOUT] [--json FILE]`. Each kind is written to a temporary folder, sent
as a job and as a file to be compared, and removed with it; to an earlier build as well where its checkout is named.
Beside them, an ordinary file of ten rows. Linux alone: its kernel knows the peak.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measured import Figure, report
from benchmarks.services import running_api
from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil

_goal: Final = "< 300 MB, < 2 s"
_header: Final = b"SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT,NAME_INCOME_TYPE\n"
_patience: Final = 60.0
_many: Final = 100_000_000
_ways: Final = {"job": "/jobs", "drift": "/data/drift/files"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a file cost: the answer, the seconds until it came, and MB by which the API's process grew."""

    answer: str
    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {max(0.0, self.megabytes):.0f} MB more, {self.answer}"


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_files", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="an earlier build, measured beside this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    figures, refused = [], list[Cost]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "file"
        for kind, write in kinds.items():
            write(file)
            size = f"{file.stat().st_size / 1e3:,.0f} kB"
            costs = _costs(root, folder, file)
            before = {} if namespace.against is None else _costs(namespace.against.resolve(), folder, file)
            for way, cost in costs.items():
                earlier = f"; before: {before[way]}" if way in before else ""
                figures.append(
                    Figure(f"{kind} ({size}); {way}", f"{cost}{earlier}", "" if kind == _ordinary else _goal)
                )
            refused += costs.values() if kind != _ordinary else ()
    most = f"{max(cost.seconds for cost in refused):.2f} s, {max(cost.megabytes for cost in refused):.0f} MB more"
    figures.append(Figure("the most of any kind", most, _goal))
    report("Small files that unpack to large ones: what each costs the API until it answers", figures, namespace.json)
    return 0


def _costs(checkout: Path, folder: Path, file: Path) -> dict[str, Cost]:
    """What a file costs a build, each way it can be sent."""
    costs = {}
    for way, path in _ways.items():
        # An API for each: memory that one has taken from the system can serve the next without growing.
        with tempfile.TemporaryDirectory(dir=folder) as home, running_api(Path(home), tree=checkout) as api:
            (worker,) = api.workers()
            # What it takes to have taken any file is not the cost of this one.
            _send(api.port, path, _header + b"1,2e5,4e5,Working\n" * 10)
            costs[way] = _cost(worker, api.port, path, file)
    return costs


def _cost(worker: psutil.Process, port: int, path: str, file: Path) -> Cost:
    content = file.read_bytes()
    before = worker.memory_info().rss / 1e6
    # The kernel begins a new peak.
    Path(f"/proc/{worker.pid}/clear_refs").write_text("5", encoding="ascii")
    began = time.perf_counter()
    answer = _send(port, path, content)
    seconds = time.perf_counter() - began
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    return Cost(answer, seconds, peak - before)


def _send(port: int, path: str, content: bytes) -> str:
    """Sends a file; says how it was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_patience)
    connection.request("POST", path, content, {"Content-Type": "application/octet-stream"})
    try:
        response = connection.getresponse()
        found: dict[str, Any] = json.loads(response.read())
    except TimeoutError:
        return "no answer"
    finally:
        connection.close()
    return str(found.get("error_code") or found.get("type", "").rpartition("/")[2] or response.status)


def _ordinary_rows(file: Path) -> None:
    file.write_bytes(_header + b"1,2e5,4e5,Working\n" * 10)


def _equal_values(file: Path, *, dictionary: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Beside them something that does not pack, so that the file does not unpack out of proportion.
    noise = [os.urandom(200_000) for _ in range(60)]
    columns = {"AMT_CREDIT": [1.0] * 60, "NAME_INCOME_TYPE": pa.repeat("x" * 20_000_000, 60), "noise": noise}
    table = pa.table(columns)
    pq.write_table(table, file, compression="zstd", use_dictionary=dictionary)


def _equal_rows(file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = pa.table({"AMT_CREDIT": pa.repeat(1.0, _many // 20)})
    with pq.ParquetWriter(file, part.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(part, row_group_size=part.num_rows)


def _wide(file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {f"column {number}": [1] for number in range(50_000)}
    pq.write_table(pa.table({"AMT_CREDIT": [1.0]} | columns), file, compression="zstd")


def _values_on_values(file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ["x" * 200_000 + str(number) for number in range(500)]
    table = pa.table({"AMT_CREDIT": [1.0] * len(texts), "NAME_INCOME_TYPE": texts})
    pq.write_table(
        table, file, compression="zstd", use_dictionary=False, column_encoding={"NAME_INCOME_TYPE": "DELTA_BYTE_ARRAY"}
    )


def _packed_rows(file: Path) -> None:
    part = b"1,2,3,Working\n" * (_many // 1000)
    with gzip.open(file, "wb", compresslevel=9) as packed:
        packed.write(_header)
        for _ in range(1000):
            packed.write(part)


def _names(file: Path, count: int, name: str) -> None:
    names = ",".join(f"{name}{number}" for number in range(count)).encode()
    file.write_bytes(_header.rstrip() + b"," + names + b"\n" + b"," * (count + 3) + b"\n")


def _line_without_end(file: Path) -> None:
    with gzip.open(file, "wb") as packed:
        packed.write(_header)
        for _ in range(300):
            packed.write(b"0" * 1_000_000)


def _short_lines_behind_long_ones(file: Path) -> None:
    with gzip.open(file, "wb") as packed:
        packed.write(_header)
        packed.write((b"1,2,3," + b"x" * 5000 + b"\n") * 100)
        for _ in range(12):
            packed.write(b"\n" * 1_000_000)


_ordinary: Final = "ten ordinary rows, CSV"
kinds: Final[dict[str, Callable[[Path], None]]] = {
    _ordinary: _ordinary_rows,
    "60 equal values of 20 MB, Parquet with a dictionary": lambda file: _equal_values(file, dictionary=True),
    "60 equal values of 20 MB, Parquet without": lambda file: _equal_values(file, dictionary=False),
    "100 million equal rows, Parquet": _equal_rows,
    "500 values that each stand on the one before, Parquet": _values_on_values,
    "50,000 columns, Parquet": _wide,
    "100 million equal rows, CSV.gz": _packed_rows,
    "40,000 unknown names in a header, CSV": lambda file: _names(file, 40_000, "column "),
    "90,000 short names in a header, CSV": lambda file: _names(file, 90_000, ""),
    "a line of 300 MB, CSV.gz": _line_without_end,
    "12 million empty lines behind long ones, CSV.gz": _short_lines_behind_long_ones,
}


if __name__ == "__main__":
    raise SystemExit(main())
