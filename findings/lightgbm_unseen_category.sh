#!/bin/sh
# LightGBM: a category that training never saw can get the risk of the rarest one.
#
# Expected: an unseen code goes "right" at every split, with the other categories, so it lands near the average.
# Seen:     ten common categories with a risk of 0.10 and one rare one (0.6 % of the rows). Whatever the rare one's risk is,
#           0.95 or 0.01, the unseen code and a missing value are given exactly its prediction: 0.964, or 0.029.
# Why:      a split lists the categories that go left, and the common ones are the list: what is not listed is the rare one
#           and whatever else may come.
# Versions: lightgbm 4.7.0, no missing value in training.
# Output:   rare 0.96 observed, mean of all 0.11: common 0.107, rare 0.964, unseen 0.964, missing 0.964
#           rare 0.01 observed, mean of all 0.10: common 0.099, rare 0.029, unseen 0.029, missing 0.029
# Matters:  a new code in a bank's table (an employer type, a new product) would be accepted or refused as the smallest group,
#           and no warning says so. `core/features/encoding.py` gives what is not known a code of its own, which training
#           sees (decision 5).
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
rows = 40_000
holds = True
for rare_risk in (0.95, 0.01):
    code = draw.integers(0, 10, rows).astype(float)
    rare = draw.random(rows) < 0.006
    code[rare] = 10
    target = (draw.random(rows) < np.where(rare, rare_risk, 0.1)).astype(int)
    chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
    model = lightgbm.train(chosen, lightgbm.Dataset(code[:, None], target, categorical_feature=[0]), 100)
    common, smallest, unseen, missing = model.predict([[0.0], [10.0], [99.0], [np.nan]])
    print(f"rare {target[rare].mean():.2f} observed, mean of all {target.mean():.2f}: common {common:.3f}, "
          f"rare {smallest:.3f}, unseen {unseen:.3f}, missing {missing:.3f}")
    holds &= smallest == unseen == missing and abs(smallest - target.mean()) > 0.05
raise SystemExit(0 if holds else "this has changed")
PYTHON
