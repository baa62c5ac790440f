#!/bin/sh
# LightGBM: a feature that `interaction_constraints` does not name is never used, without a word.
#
# Expected: a feature in no group is free, or a group of its own (as in scikit-learn), or an error.
# Seen:     three features, of which the third carries the risk; [[0, 1]] keeps those two together: the third has no split and no
#           gain, and the area under the curve falls from 0.87 to 0.65. With [[0, 1], [2]] it is used alone. No warning.
# Versions: lightgbm 4.7.0, numpy 2.4.6, scikit-learn 1.9.1 (for the area, and as the other behaviour).
# Output:   None: splits [505, 476, 519], area 0.87
#           [[0, 1]]: splits [701, 799, 0], area 0.65
#           [[0, 1], [2]]: splits [177, 213, 1110], area 0.85
#           scikit-learn, [[0, 1]]: area 0.84
# Matters:  reviewers ask that a few features meet no others (reasons must stay apart); who writes down those few drops all the
#           rest, and finds a weaker model with a plausible list of importances. Our training sets none; who adds some must
#           name every feature (`docs/known-traps.md`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'lightgbm==4.7.0' 'numpy==2.4.6' 'scikit-learn==1.9.1' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import lightgbm
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

draw = np.random.default_rng(0)
table = draw.random((20_000, 3))
target = (draw.random(len(table)) < 0.1 + 0.1 * table[:, 0] + 0.6 * (table[:, 2] > 0.5)).astype(int)
holds = True
for groups in (None, [[0, 1]], [[0, 1], [2]]):
    chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
    if groups:
        chosen["interaction_constraints"] = groups
    model = lightgbm.train(chosen, lightgbm.Dataset(table, target), 50)
    splits, area = model.feature_importance("split").tolist(), roc_auc_score(target, model.predict(table))
    print(f"{groups}: splits {splits}, area {area:.2f}")
    holds &= (splits[2] == 0) == (groups == [[0, 1]])
other = HistGradientBoostingClassifier(interaction_cst=[[0, 1]], max_iter=50, random_state=0).fit(table, target)
area = roc_auc_score(target, other.predict_proba(table)[:, 1])
print(f"scikit-learn, [[0, 1]]: area {area:.2f}")
raise SystemExit(0 if holds and area > 0.75 else "this has changed")
PYTHON
