#!/bin/sh
# XGBoost: a model trained with `missing=-999` takes -999 for a number once it was saved and loaded, from MLflow as well.
#
# Expected: what stands for a missing value is part of a classifier, as its classes are, which come back; MLflow's model decides as the one
#           that was logged. Guessed: lost by XGBoost, and likely by MLflow.
# Seen:     clients without a score (-999) default in 60 of 100 and are refused at 0.61. Saved and loaded: 0.12, that of the lowest score, and
#           accepted; `missing` is NaN again. From MLflow the same, by its XGBoost flavour and by `pyfunc`. A score that is there
#           has the same probability in all. No warning says so.
# Why:      the file holds the booster and what the classifier learnt; `missing` is applied to the table before the booster sees it.
# Versions: xgboost 3.2.0, mlflow-skinny 3.17.2, scikit-learn 1.9.1, pandas 3.1.1, numpy 2.4.6.
# Output:   trained: -999 0.614, -2 0.111; decides [1, 0]
#           loaded: -999 0.122, -2 0.111; decides [0, 0]; missing nan
#           mlflow: -999 0.122, -2 0.111; decides [0, 0]; missing nan
#           pyfunc decides [0, 0]
#           loaded into missing=-999: -999 0.614, -2 0.111; decides [1, 0]; missing -999
#           warnings that speak of it: 0
# Matters:  credit data has such numbers (365243 days employed in these tables): the model that was approved and the one that is served
#           from a registry differ on those clients only. Here the formulas of the features read them, which travel with the model
#           (`core/features/encoding.py`), and the registered model is asked for raw rows (`core/model/raw_rows.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --no-compile --disable-pip-version-check 'mlflow-skinny==3.17.2' 'scikit-learn==1.9.1' 'scipy==1.17.1' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
# Without what it takes along for graphics processors.
venv/bin/python -m pip install --quiet --only-binary :all: --no-compile --no-deps --disable-pip-version-check 'xgboost==3.2.0' 2>pip.log || { cat pip.log; exit 1; }
MLFLOW_DISABLE_TELEMETRY=true venv/bin/python - 2>stderr.log <<'PYTHON' || { cat stderr.log; exit 1; }
import warnings

import mlflow.pyfunc
import mlflow.xgboost
import numpy as np
import pandas as pd
from xgboost import XGBClassifier

draw = np.random.default_rng(0)
rows = 4000
score, missing = draw.normal(size=rows), draw.random(rows) < 0.3
target = (draw.random(rows) < np.where(missing, 0.6, 0.1 + 0.1 * (score > 0))).astype(int)
table = pd.DataFrame({"score": np.where(missing, -999.0, score)})
asked = pd.DataFrame({"score": [-999.0, -2.0]})
seen = {}


def told(name, model):
    probability, decided = model.predict_proba(asked)[:, 1], model.predict(asked).tolist()
    print(f"{name}: -999 {probability[0]:.3f}, -2 {probability[1]:.3f}; decides {decided}" + ("" if name == "trained" else f"; missing {model.missing}"))
    seen[name] = probability.round(3).tolist()


with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    model = XGBClassifier(missing=-999, n_estimators=30, max_depth=3, n_jobs=1).fit(table, target)
    told("trained", model)
    model.save_model("model.ubj")
    loaded, again = XGBClassifier(), XGBClassifier(missing=-999)
    loaded.load_model("model.ubj")
    again.load_model("model.ubj")
    told("loaded", loaded)
    mlflow.xgboost.save_model(model, "registered")
    told("mlflow", mlflow.xgboost.load_model("registered"))
    served = mlflow.pyfunc.load_model("registered").predict(asked).tolist()
    print(f"pyfunc decides {served}")
    told("loaded into missing=-999", again)
of_missing = [one for one in warned if "missing" in str(one.message).lower()]
print(f"warnings that speak of it: {len(of_missing)}")
holds = seen["trained"] == seen["loaded into missing=-999"] and seen["loaded"] == seen["mlflow"] and served == [0, 0]
holds &= seen["trained"][0] > 0.5 > 0.2 > seen["loaded"][0] and seen["trained"][1] == seen["loaded"][1] and not of_missing
raise SystemExit(0 if holds else "this has changed")
PYTHON
