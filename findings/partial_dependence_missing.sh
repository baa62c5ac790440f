#!/bin/sh
# scikit-learn: the partial dependence of a feature with missing values is a flat line over a grid of NaN, without a word.
#
# Expected: the grid is of the known values (models of trees take missing ones as they are), or an error names the feature.
# Seen:     a risk that rises with the score from 0.10 to 0.65. 4 % of the scores missing: the curve is right. 6 %: the grid is
#           five times NaN, and the average five times the model's answer for "missing". No warning.
# Why:      NaN sorts as the greatest value, the grid ends at the 95th percentile, and steps to NaN are NaN.
# Versions: scikit-learn 1.9.1, lightgbm 4.7.0, numpy 2.4.6.
# Output:   lightgbm, 0% missing: grid [-1.65 -0.82  0.01  0.84  1.67], average [0.1  0.1  0.28 0.46 0.65]
#           lightgbm, 4% missing: grid [-1.63 -0.64  0.34  1.33  2.32], average [0.1  0.16 0.37 0.62 0.72]
#           lightgbm, 6% missing: grid [nan nan nan nan nan], average [0.29 0.29 0.29 0.29 0.29]
#           scikit-learn, 0% missing: grid [-1.65 -0.82  0.01  0.84  1.67], average [0.12 0.08 0.3  0.46 0.65]
#           scikit-learn, 4% missing: grid [-1.63 -0.64  0.34  1.33  2.32], average [0.12 0.15 0.34 0.6  0.72]
#           scikit-learn, 6% missing: grid [nan nan nan nan nan], average [0.29 0.29 0.29 0.29 0.29]
#           warnings of NaN: 0
# Matters:  a validator's curve of an external score (missing for four clients of ten) says that the score has no effect. What is
#           shown of a feature here is counted on known values, with missing ones beside them (`core/model/training/missing_values.py`
#           and the pictures of `core/model/evidence/figures.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'scikit-learn==1.9.1' 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import partial_dependence

draw = np.random.default_rng(0)
table = draw.normal(size=(5000, 2))
target = (draw.random(len(table)) < 1 / (1 + np.exp(1 - table[:, 0]))).astype(int)
tables = {}
for share in (0, 0.04, 0.06):
    tables[share] = table.copy()
    tables[share][: int(share * len(table)), 0] = np.nan
models = {"lightgbm": LGBMClassifier(n_estimators=50, num_leaves=7, n_jobs=1, random_state=0, verbose=-1),
          "scikit-learn": HistGradientBoostingClassifier(max_iter=50, random_state=0)}
holds = True
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for name, model in models.items():
        model.fit(tables[0.06], target)
        for share, rows in tables.items():
            found = partial_dependence(model, rows, [0], grid_resolution=5, kind="average", method="brute")
            grid, average = found["grid_values"][0], found["average"][0]
            print(f"{name}, {share:.0%} missing: grid {grid.round(2)}, average {average.round(2)}")
            flat = bool(np.isnan(grid).all() and np.ptp(average) == 0)
            holds &= flat == (share == 0.06) and (flat or np.ptp(average) > 0.4)
print(f"warnings of NaN: {sum('nan' in str(one.message).lower() for one in said)}")
raise SystemExit(0 if holds else "this has changed")
PYTHON
