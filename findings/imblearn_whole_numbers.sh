#!/bin/sh
# imbalanced-learn: in columns of whole numbers, SMOTE invents clients who have less of everything.
#
# Expected: a synthetic client lies between two real ones, so means stay; whole numbers are rounded, or become floats.
# Seen:     of 100 defaulters 51 have the flag; of 100 synthetic ones 26, with whole numbers, and 52 with the same numbers as
#           floats. Children 1.52, then 1.17 and 1.52. The columns stay whole, every value looks possible, no warning.
# Why:      what lies between is computed as a float and cast back, which cuts off the decimals: towards 0, negative numbers too.
# Versions: imbalanced-learn 0.14.2, scikit-learn 1.9.1, pandas 3.1.1, numpy 2.4.6.
# Output:   real defaulters: flag 0.51, children 1.52
#           synthetic ones, from int (int64): flag 0.26, children 1.17
#           synthetic ones, from float (float64): flag 0.52, children 1.52
#           warnings: 0
# Matters:  flags and counts of the public tables are whole numbers: a model would learn that defaulters have fewer flags, fewer
#           children and fewer refused applications. Ours is trained on the rows as they are (`core/model/training/fitting.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'imbalanced-learn==0.14.2' 'scikit-learn==1.9.1' 'pandas==3.1.1' 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE

draw = np.random.default_rng(0)
rows = 2000
clients = pd.DataFrame({"flag": draw.integers(0, 2, rows), "children": draw.integers(0, 4, rows), "income": draw.integers(20_000, 200_000, rows)})
default = (draw.random(rows) < 0.08).astype(int)


def shown(table):
    return f"flag {table['flag'].mean():.2f}, children {table['children'].mean():.2f}"


real = clients[default == 1]
print(f"real defaulters: {shown(real)}")
synthetic = {}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    for kind in (int, float):
        more, _ = SMOTE(random_state=0).fit_resample(clients.astype(kind), default)
        synthetic[kind] = more.iloc[rows:]
        print(f"synthetic ones, from {kind.__name__} ({synthetic[kind]['flag'].dtype}): {shown(synthetic[kind])}")
print(f"warnings: {len(warned)}")
lost = synthetic[int]["flag"].mean() < 0.7 * real["flag"].mean() and synthetic[int]["children"].mean() < 0.85 * real["children"].mean()
kept = abs(synthetic[float]["flag"].mean() - real["flag"].mean()) < 0.05 and synthetic[int]["flag"].dtype.kind == "i"
raise SystemExit(0 if lost and kept and not warned else "this has changed")
PYTHON
