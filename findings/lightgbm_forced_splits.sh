#!/bin/sh
# LightGBM: a forced split on a constrained feature voids its monotone constraint, which the model's text goes on listing.
#
# Expected: `forcedsplits_filename` chooses where a tree begins; a split whose sides contradict `monotone_constraints` is left
#           out, or the two settings together are an error.
# Seen:     a risk that rises with x, the constraint -1 on it: without forced splits the curve is flat, as it has to be. With a
#           split of x forced at 0.5 it rises by 0.30 at that point, for every method. No warning; the text of the model
#           says [monotone_constraints: -1,0].
# Versions: lightgbm 4.7.0, numpy 2.4.6.
# Output:   free: basic rises 0.00, intermediate rises 0.00, advanced rises 0.00; listed True
#           forced: basic rises 0.30, intermediate rises 0.30, advanced rises 0.30; listed True
# Matters:  cut-offs of a scorecard are forced this way, and a validator who reads the constraints in the model's text signs a
#           curve that turns. Our training forces no split, and its tests prove the constraints on predictions, one value
#           moved at a time (`tests/core/model/training/test_missing_values.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import json

import lightgbm
import numpy as np

draw = np.random.default_rng(0)
table = draw.random((20_000, 2))
target = (draw.random(len(table)) < 0.2 + 0.5 * table[:, 0] + 0.1 * table[:, 1]).astype(int)
with open("forced.json", "w", encoding="utf-8") as file:
    json.dump({"feature": 0, "threshold": 0.5, "left": {"feature": 1, "threshold": 0.5}}, file)
curve = np.column_stack([np.linspace(0, 1, 201), np.full(201, 0.5)])
holds = True
for name, forced in {"free": {}, "forced": {"forcedsplits_filename": "forced.json"}}.items():
    rises = {}
    for method in ("basic", "intermediate", "advanced"):
        chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1, "monotone_constraints": [-1, 0],
                  "monotone_constraints_method": method, **forced}
        model = lightgbm.train(chosen, lightgbm.Dataset(table, target), 50)
        rises[method] = float(np.diff(model.predict(curve)).max())
        listed = "[monotone_constraints: -1,0]" in model.model_to_string()
        holds &= listed and (rises[method] > 0.2 if forced else rises[method] <= 0)
    print(f"{name}: " + ", ".join(f"{method} rises {rise:.2f}" for method, rise in rises.items()) + f"; listed {listed}")
raise SystemExit(0 if holds else "this has changed")
PYTHON
