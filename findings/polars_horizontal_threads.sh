#!/bin/sh
# Polars: the last bit of `sum_horizontal` depends on the number of threads.
#
# Expected: an expression on the values of one row is the same everywhere; only sums over rows may be grouped otherwise.
# Seen:     ten columns: POLARS_MAX_THREADS 1, 2 and 4 give different columns, in a quarter of the rows; a frame of one
#           row too. `mean_horizontal` alike. Added with `+`, or with no more than four columns, nothing differs.
# Why:      the columns are dealt to the threads, and the sums of the parts are added.
# Versions: polars 2.1.0, numpy 2.4.6.
# Output:   alone: rows of 1,000 that differ from one thread: with 2 272, with 4 289
#           sum_horizontal: rows of 1,000 that differ from one thread: with 2 272, with 4 289
#           mean_horizontal: rows of 1,000 that differ from one thread: with 2 241, with 4 255
#           plus: rows of 1,000 that differ from one thread: with 2 0, with 4 0
#           mean of three: rows of 1,000 that differ from one thread: with 2 0, with 4 0
# Matters:  a service with one thread and a job with eight would score one client with two numbers, and a fingerprint of features
#           computed elsewhere does not match. The features that we add up this way are whole numbers, exact in any order, or
#           three scores (`core/features/application.py`), which no number of threads splits; what scores a row without Polars
#           holds to that bound (`core/features/scalar.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'polars==2.1.0' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
cat >add.py <<'PYTHON'
import functools
import operator
import sys

import numpy as np
import polars as pl

table = pl.DataFrame(np.random.default_rng(0).lognormal(size=(1000, 10)), schema=[f"amount_{place}" for place in range(10)])
three = table.columns[:3]
wanted = {"sum_horizontal": pl.sum_horizontal(pl.all()), "mean_horizontal": pl.mean_horizontal(pl.all()),
          "plus": functools.reduce(operator.add, map(pl.col, table.columns)), "mean of three": pl.mean_horizontal(three)}
answers = {name: table.select(expression.alias("x"))["x"].to_numpy() for name, expression in wanted.items()}
alone = np.concatenate([table[place].select(pl.sum_horizontal(pl.all()).alias("x"))["x"].to_numpy() for place in range(1000)])
np.savez(sys.argv[1], alone=alone, **answers)
PYTHON
for threads in 1 2 4; do POLARS_MAX_THREADS=$threads venv/bin/python add.py "$threads.npz"; done
venv/bin/python - <<'PYTHON'
import numpy as np

by_threads = {threads: np.load(f"{threads}.npz") for threads in (1, 2, 4)}
differing = {}
for name in by_threads[1].files:
    differing[name] = [int((by_threads[threads][name] != by_threads[1][name]).sum()) for threads in (2, 4)]
    print(f"{name}: rows of 1,000 that differ from one thread: with 2 {differing[name][0]}, with 4 {differing[name][1]}")
same_alone = all((answers["alone"] == answers["sum_horizontal"]).all() for answers in by_threads.values())
holds = same_alone and min(differing["sum_horizontal"] + differing["mean_horizontal"]) > 100
raise SystemExit(0 if holds and max(differing["plus"] + differing["mean of three"]) == 0 else "this has changed")
PYTHON
