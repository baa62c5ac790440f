#!/bin/sh
# OptBinning: a scorecard gives missing values the weight of an average client, beside a binning table that knows better.
#
# Expected: a client without a value is scored with the weight of evidence of the row "Missing" of the binning table.
# Seen:     missing values default in 61 of 100, all others in 15: the table says -1.60 for "Missing", `transform` gives 0, and
#           the scorecard says 0.44. With `metric_missing="empirical"` it says 0.61.
# Versions: optbinning 1.0.0, numpy 2.4.6, pandas 3.1.1, scikit-learn 1.9.1.
# Output:   observed 0.61 of the missing, 0.15 of the others; weight of evidence of the table -1.60, of transform 0.00
#           scorecard, as it comes: 0.44
#           scorecard, empirical: 0.61
# Matters:  external scores are missing for those who borrow for the first time: a scorecard that is trained as a benchmark would
#           be judged with one hand tied, and its points for "Missing" printed as 0. Ours is LightGBM, whose direction for
#           missing values is learnt and checked (`core/model/training/missing_values.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'optbinning==1.0.0' 'numpy==2.4.6' 'pandas==3.1.1' 'scikit-learn==1.9.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
from optbinning import BinningProcess, OptimalBinning, Scorecard
from sklearn.linear_model import LogisticRegression

draw = np.random.default_rng(0)
rows = 6000
score = draw.normal(size=rows)
missing = draw.random(rows) < 0.2
target = (draw.random(rows) < np.where(missing, 0.6, 0.1 + 0.1 * (score > 0))).astype(int)
table = pd.DataFrame({"score": np.where(missing, np.nan, score)})
binning = OptimalBinning("score").fit(table["score"].to_numpy(), target)
bins = binning.binning_table.build()
listed = float(bins.loc[bins["Bin"] == "Missing", "WoE"].iloc[0])
given = float(binning.transform(np.array([np.nan]), metric="woe")[0])
print(f"observed {target[missing].mean():.2f} of the missing, {target[~missing].mean():.2f} of the others; "
      f"weight of evidence of the table {listed:.2f}, of transform {given:.2f}")
said = {}
for name, options in {"as it comes": {}, "empirical": {"metric_missing": "empirical"}}.items():
    card = Scorecard(BinningProcess(["score"]), LogisticRegression()).fit(table, target, **options)
    said[name] = float(card.predict_proba(pd.DataFrame({"score": [np.nan]}))[0, 1])
    print(f"scorecard, {name}: {said[name]:.2f}")
holds = listed < -1.5 and given == 0 and said["as it comes"] < 0.5 < 0.58 < said["empirical"]
raise SystemExit(0 if holds else "this has changed")
PYTHON
