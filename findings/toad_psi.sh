#!/bin/sh
# toad: the population stability index of two samples that have nothing in common is 0.
#
# Expected: infinite, or large (an empty bin is floored), as everybody's index of a category that comes or goes; numbers are binned.
# Seen:     contracts that were all "cash" and are all "revolving": 0.0. Numbers around 0 against numbers around 5: 0.0, since
#           each value is a bin of its own and none is on both sides. Half "revolving", now gone: 0.35; one client of 1,000
#           left: 3.4. So the index rises tenfold when the drift becomes smaller.
# Why:      what a bin adds is NaN where one side has none of it, and the sum leaves NaN out.
# Versions: toad 0.1.7, numpy 1.26.4, pandas 2.2.3, scikit-learn 1.4.2.
# Output:   cash, then revolving: 0.00
#           both, then cash: 0.35
#           both, then cash but one: 3.45
#           around 0, then around 5: 0.00
# Matters:  a code that a source renames is the drift that matters most to a scorecard, and 0 is the best value there is. Our index
#           floors empty bins and takes its bins from the reference (`core/drift/measures/statistics.py`, `core/drift/measures/bins.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'toad==0.1.7' 'numpy==1.26.4' 'pandas==2.2.3' 'scikit-learn==1.4.2' 'scipy==1.12.0' 'joblib==1.6.0' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import numpy as np
import pandas as pd
import toad

draw = np.random.default_rng(0)
cash, both = ["cash"] * 1000, ["cash", "revolving"] * 500
pairs = {"cash, then revolving": (["revolving"] * 1000, cash), "both, then cash": (cash, both),
         "both, then cash but one": (cash[1:] + ["revolving"], both),
         "around 0, then around 5": (draw.normal(5, size=1000), draw.normal(size=1000))}
seen = {}
for name, (now, before) in pairs.items():
    seen[name] = float(toad.metrics.PSI(pd.Series(now), pd.Series(before)))
    print(f"{name}: {seen[name]:.2f}")
gone, all_but_one = seen["both, then cash"], seen["both, then cash but one"]
holds = seen["cash, then revolving"] == seen["around 0, then around 5"] == 0 and gone < 0.4 and all_but_one > 3
raise SystemExit(0 if holds else "this has changed")
PYTHON
