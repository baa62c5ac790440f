#!/bin/sh
# LightGBM: with a monotone constraint, missing values can drag the lowest known value along.
#
# Expected: the constraint orders the known values; missing ones have a branch of their own, as they have without it.
# Seen:     levels 0 to 5 with a risk from 0.6 down to 0.2, a fifth of the rows missing with a risk of 0.9, constraint -1: the
#           model says 0.78 for the known 0 and for missing alike. Unconstrained it says 0.60 and 0.90. With the constraint
#           +1 on the mirrored data both are right. So the direction decides whether missing can be told apart.
# Why:      missing alone on one side of a split is only to be had on the right, beyond the greatest value, and there the
#           constraint wants the lower output. On the left, missing goes with the lowest values.
# Versions: lightgbm 4.7.0; the same with `basic` and `advanced`.
# Output:   observed (-1): lowest level 0.60, missing 0.90
#             unconstrained: lowest level 0.60, missing 0.90
#             basic: lowest level 0.78, missing 0.78
#             advanced: lowest level 0.78, missing 0.78
#           observed (+1): lowest level 0.21, missing 0.91
#             unconstrained, basic and advanced: lowest level 0.21, missing 0.91
# Matters:  external scores are constrained downwards and are often missing, with a high risk: clients with the lowest scores
#           and clients with none can end in one leaf, and "monotone" tests, which only see known values, pass. The two
#           must differ in what is measured: the model card's table of omissions, `core/model/training/missing_values.py` and the
#           added trees of `core/model/training/omission_correction.py` look at predictions, not only at the constraint.
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
rows = 8000
level = draw.integers(0, 6, rows).astype(float)
missing = draw.random(rows) < 0.2
seen = {}
for direction in (-1, 1):
    risk = np.where(missing, 0.9, 0.2 + 0.08 * (level if direction > 0 else 5 - level))
    target = (draw.random(rows) < risk).astype(int)
    lowest = target[~missing & (level == 0)].mean()
    print(f"observed ({direction:+d}): lowest level {lowest:.2f}, missing {target[missing].mean():.2f}")
    for method in (None, "basic", "advanced"):
        chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
        if method:
            chosen |= {"monotone_constraints": [direction], "monotone_constraints_method": method}
        data = lightgbm.Dataset(np.where(missing, np.nan, level)[:, None], target)
        model = lightgbm.train(chosen, data, 100)
        known, absent = model.predict([[0.0], [np.nan]])
        print(f"  {method or 'unconstrained'}: lowest level {known:.2f}, missing {absent:.2f}")
        seen[direction, method] = (known - lowest, absent - known)
joined = all(seen[-1, m][0] > 0.1 and abs(seen[-1, m][1]) < 1e-9 for m in ("basic", "advanced"))
apart = all(abs(seen[k][0]) < 0.03 and seen[k][1] > 0.2 for k in seen if k not in ((-1, "basic"), (-1, "advanced")))
raise SystemExit(0 if joined and apart else "this has changed")
PYTHON
