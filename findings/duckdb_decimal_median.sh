#!/bin/sh
# DuckDB: the median of 0.1 and 0.2 is 0.1, since a quantile of decimals has the decimals of its column.
#
# Expected: 0.15, as PostgreSQL's `percentile_cont`, which is always a double, and as DuckDB's own `avg` of the column.
# Seen:     0.1. Of 0 and 1 as DECIMAL(12,0), as an amount without cents comes from a bank: median 0, upper quartile 0; the
#           median absolute deviation of 0.1 and 0.2 is 0.0. As INTEGER or DOUBLE all are right: quartiles of the whole numbers
#           0 and 1 are 0.25 and 0.75. A number with a point in a query is a decimal, too. Polars: 0.15 from the same decimals.
# Why:      `quantile_cont` interpolates in the type of the column and cuts off the rest, towards 0; `avg` goes to DOUBLE.
# Versions: duckdb 2.0.1, polars 2.1.0.
# Output:   0.1 and 0.2 as DECIMAL(2,1): median 0.10, median absolute deviation 0.00, mean 0.15
#           0.1 and 0.2 as DOUBLE: median 0.15, median absolute deviation 0.05, mean 0.15
#           0 and 1 as DECIMAL(12,0): median 0.00, quartiles 0.00 and 0.00
#           0 and 1 as INTEGER: median 0.50, quartiles 0.25 and 0.75
#           0.1 and 0.2 as written in a query: 0.1
#           Polars, the same decimals: 0.15
# Matters:  amounts and rates of a database are decimals: a loan-to-income ratio DECIMAL(3,1) would have medians and deviations
#           that are wrong by half a step, always downwards, and a drift of less than a step would not be seen.
#           Decimals of a file become floats as they are read (`core/tables/values.py`, `core/tables/foreign/writing.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'duckdb==2.0.1' 'polars==2.1.0' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
from decimal import Decimal

import duckdb
import polars as pl

seen = {}
for kind in ("DECIMAL(2,1)", "DOUBLE"):
    asked = f"SELECT median(x), mad(x), avg(x) FROM (SELECT x::{kind} AS x FROM (VALUES (0.1), (0.2)) AS t(x))"
    seen[kind] = [float(value) for value in duckdb.sql(asked).fetchall()[0]]
    print(f"0.1 and 0.2 as {kind}: median {seen[kind][0]:.2f}, median absolute deviation {seen[kind][1]:.2f}, mean {seen[kind][2]:.2f}")
for kind in ("DECIMAL(12,0)", "INTEGER"):
    asked = f"SELECT median(x), quantile_cont(x, 0.25), quantile_cont(x, 0.75) FROM (SELECT x::{kind} AS x FROM range(2) AS t(x))"
    seen[kind] = [float(value) for value in duckdb.sql(asked).fetchall()[0]]
    print(f"0 and 1 as {kind}: median {seen[kind][0]:.2f}, quartiles {seen[kind][1]:.2f} and {seen[kind][2]:.2f}")
written = duckdb.sql("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM (VALUES (0.1), (0.2)) AS t(x)").fetchall()[0][0]
print(f"0.1 and 0.2 as written in a query: {written}")
beside = pl.Series([Decimal("0.1"), Decimal("0.2")]).median()
print(f"Polars, the same decimals: {beside:.2f}")
wrong = seen["DECIMAL(2,1)"][:2] == [0.1, 0] and seen["DECIMAL(12,0)"] == [0, 0, 0] and written == Decimal("0.1")
right = abs(seen["DOUBLE"][0] - 0.15) < 1e-9 and seen["INTEGER"] == [0.5, 0.25, 0.75] and abs(beside - 0.15) < 1e-9
raise SystemExit(0 if wrong and right else "this has changed")
PYTHON
