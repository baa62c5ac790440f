#!/bin/sh
# SHAP: a background of 1,000 rows becomes 100 of them, without a word; woodelf then adds two backgrounds up.
#
# Expected: `TreeExplainer(model, background)` explains against the background that it is given: its expected value is the mean of
#           the model on it. Its documentation calls 100 to 1,000 rows a good size.
# Seen:     1,000 rows, whose mean is -2.15 log-odds: the explainer holds 100 and says -1.87. `woodelf` gives the values for all
#           1,000 and takes the expected value from shap: for every client, values and expected value miss the model by the
#           difference. With 100 rows both are right.
# Why:      a table is wrapped in a masker, whose `max_samples` is 100.
# Versions: shap 0.51.0, woodelf-explainer 0.4.8, lightgbm 4.7.0, numpy 2.4.6.
# Output:   100 rows given: mean -2.05; shap holds 100, expects -2.05; woodelf misses the model by 0.00 to 0.00
#           1000 rows given: mean -2.15; shap holds 100, expects -1.87; woodelf misses the model by 0.28 to 0.28
#           warnings that speak of the background: 0
# Matters:  "against the average accepted client" would be against a hundred drawn ones, which moves reasons of a decision by tenths
#           of a log-odds. Our explanations are LightGBM's own and take no background (`Scorer.explain` of `core/scoring.py`); they are compared
#           with shap's on the path-dependent values alone (`tests/core/test_scoring.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'shap==0.51.0' 'woodelf-explainer==0.4.8' 'lightgbm==4.7.0' 'numpy==2.4.6' 'pandas==3.1.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - 2>errors.log <<'PYTHON' || { cat errors.log; exit 1; }
import contextlib
import io
import warnings

import lightgbm
import numpy as np
import pandas as pd
import shap
from woodelf import WoodelfExplainer

draw = np.random.default_rng(0)
table = draw.normal(size=(5000, 3))
target = (draw.random(len(table)) < 1 / (1 + np.exp(2 - table[:, 0] - table[:, 2]))).astype(int)
model = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}, lightgbm.Dataset(table, target), 30)
names = model.feature_name()
clients = table[-5:]
holds = True
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for rows in (100, 1000):
        background = table[:rows]
        mean = float(model.predict(background, raw_score=True).mean())
        explainer = shap.TreeExplainer(model, background)
        with contextlib.redirect_stdout(io.StringIO()):
            other = WoodelfExplainer(model, pd.DataFrame(background, columns=names))
            values = np.asarray(other.shap_values(pd.DataFrame(clients, columns=names)))
        gap = np.abs(values.sum(axis=1) + other.expected_value - model.predict(clients, raw_score=True))
        print(f"{rows} rows given: mean {mean:.2f}; shap holds {len(explainer.data)}, expects {explainer.expected_value:.2f}; "
              f"woodelf misses the model by {gap.min():.2f} to {gap.max():.2f}")
        off = abs(explainer.expected_value - mean)
        holds &= len(explainer.data) == 100 and ((off > 0.05 and abs(gap - off).max() < 1e-6) if rows > 100 else max(off, gap.max()) < 1e-6)
print(f"warnings that speak of the background: {sum('background' in str(one.message) or 'sample' in str(one.message) for one in said)}")
raise SystemExit(0 if holds else "this has changed")
PYTHON
