#!/bin/sh
# statsmodels: a lowess curve of defaults says that nobody defaults, whatever the probability; with equal scores, one client decides.
#
# Expected: with probabilities that are right, a smooth calibration curve near the diagonal; among equal scores, their mean.
# Seen:     1,000 clients, probabilities from 0.01 to 0.20, all distinct, 127 defaults: the curve is 0.0 from end to end, no warning.
#           With `it=0` it is right, but where 28 of 40 clients share a score it gives them the outcome of the first of them: 0.0
#           if that one repaid, 1.0 if not, though the other 27 did; then NumPy warns of a division.
# Why:      robust fitting, three rounds by default, takes the rare defaults for outliers and leaves them out. Where equal scores
#           fill the window (two thirds of the rows) its width is 0, and the first outcome stands for a fit.
# Versions: statsmodels 0.15.0, scipy 1.17.1, pandas 3.1.1, numpy 2.4.6.
# Output:   127 of 1000 default, as it comes: curve from 0.000 to 0.000
#           127 of 1000 default, it=0: curve from 0.004 to 0.257
#           warnings: 0
#           28 of 40 share a score, 0 of them defaults: their rate is 0.0
#           28 of 40 share a score, 1 of them defaults: their rate is 1.0
# Matters:  a smoothed curve is how calibration is shown in papers; here it would be a model that finds ten times too many defaults.
#           Ours compares equally filled bins, equal probabilities in one bin (`core/model/evidence/calibration.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'statsmodels==0.15.0' 'scipy==1.17.1' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from statsmodels.nonparametric.smoothers_lowess import lowess

draw = np.random.default_rng(0)
probability = np.sort(draw.uniform(0.01, 0.2, 1000))
default = (draw.random(1000) < probability).astype(float)
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    curves = {name: lowess(default, probability, **more)[:, 1] for name, more in (("as it comes", {}), ("it=0", {"it": 0}))}
for name, curve in curves.items():
    print(f"{int(default.sum())} of 1000 default, {name}: curve from {curve.min():.3f} to {curve.max():.3f}")
print(f"warnings: {len(warned)}")

tied = np.concatenate([np.full(28, 0.02), np.linspace(0.03, 0.3, 12)])
decided = []
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for first in (0.0, 1.0):
        outcome = np.zeros(40)
        outcome[[0, 30, 35, 39]] = first, 1, 1, 1
        decided.append(sorted({float(value) for value in lowess(outcome, tied, it=0, return_sorted=False)[:28]}))
        print(f"28 of 40 share a score, {outcome[:28].sum():.0f} of them defaults: their rate is {', '.join(map(str, decided[-1]))}")
flat = curves["as it comes"].max() < 1e-9 and curves["it=0"].max() > 0.15 and not warned
raise SystemExit(0 if flat and decided == [[0.0], [1.0]] else "this has changed")
PYTHON
