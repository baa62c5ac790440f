#!/bin/sh
# LightGBM: above 200,000 rows the order of the rows is part of the model; below it is not.
#
# Expected: with `deterministic`, one thread, no bagging, the same rows in another order give the same trees, but for the last
#           digits of sums; or the order matters at every size.
# Seen:     150,000 rows shuffled: not one digit differs. 300,000 rows shuffled: single probabilities differ by up to 0.14, half
#           a per cent of the decisions at the tenth with the highest risk turn.
# Why:      the bounds of the bins come from a sample of 200,000 rows that is drawn by place. What is rare and large can fall
#           between its bounds. `bin_construct_sample_cnt` as large as the table makes the order irrelevant again.
# Versions: lightgbm 4.7.0, numpy 2.4.6.
# Output:   150000 rows, bins from 200000: largest difference 0.0000, decisions that turn 0.00%
#           300000 rows, bins from 200000: largest difference 0.1398, decisions that turn 0.47%
#           300000 rows, bins from 300000: largest difference 0.0000, decisions that turn 0.00%
# Matters:  the full table has 307,511 rows: a query without ORDER BY, a file written by several threads or a partitioned folder
#           gives another model from the same data and the same seed, and "retrained, nothing changed" cannot be shown. The
#           fingerprint of our training rows depends on their order too, so that another order is seen
#           (`core/model/training/fitting.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import lightgbm
import numpy as np

draw = np.random.default_rng(0)
holds = True
for rows, sample in ((150_000, 200_000), (300_000, 200_000), (300_000, 300_000)):
    table = draw.lognormal(size=(rows, 3))
    target = (draw.random(rows) < 1 / (1 + np.exp(2 - np.log(table[:, 0])))).astype(int)
    chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1, "deterministic": True,
              "force_row_wise": True, "bin_construct_sample_cnt": sample}
    order = draw.permutation(rows)
    first, second = (lightgbm.train(chosen, lightgbm.Dataset(table[places], target[places]), 60).predict(table)
                     for places in (np.arange(rows), order))
    cut = np.quantile(first, 0.9)
    differs, turned = float(np.abs(first - second).max()), float(((first > cut) != (second > cut)).mean())
    print(f"{rows} rows, bins from {sample}: largest difference {differs:.4f}, decisions that turn {turned:.2%}")
    holds &= differs > 0.02 and turned > 0.001 if rows > sample else differs < 1e-6
raise SystemExit(0 if holds else "this has changed")
PYTHON
