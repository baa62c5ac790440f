#!/bin/sh
# scikit-learn: weights that add up to 1 turn a calibration of 14 % of defaults into one of 38 %.
#
# Expected: weights tell how rows compare: all of them times a constant change nothing, as with the other two methods.
# Seen:     2,000 clients of whom 14 % default, probabilities from 0 to 0.90 that are right. Calibrated by Platt's sigmoid with
#           equal weights of 1: as before. With equal weights of 1/2000: all clients between 0.28 and 0.46, 0.38 on average.
#           Isotonic and temperature: the same for any weight. No warning.
# Why:      Platt replaces the outcomes 0 and 1 by 1 / (n0 + 2) and (n1 + 1) / (n1 + 2), a prior worth one row on each side; with
#           weights, n0 and n1 are sums of weights, so the prior outweighs all rows.
# Versions: scikit-learn 1.9.1, scipy 1.17.1, numpy 2.4.6.
# Output:   sigmoid, weights of 1: 0.000 to 0.901, mean 0.143; weights of 1/2000: 0.281 to 0.460, mean 0.376
#           isotonic, weights of 1: 0.000 to 1.000, mean 0.143; weights of 1/2000: 0.000 to 1.000, mean 0.143
#           temperature, weights of 1: 0.000 to 0.901, mean 0.143; weights of 1/2000: 0.000 to 0.901, mean 0.143
#           defaults: 0.143; warnings: 0
# Matters:  normalised weights, of vintages or against refused clients without an outcome, are usual, and every client would be
#           refused. Our recalibration is of a slope and offsets on the log-odds, on clients of equal weight, and is judged on
#           others (`core/model/recalibration/`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'scikit-learn==1.9.1' 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

draw = np.random.default_rng(0)
rows = 2000
score = draw.normal(size=(rows, 1))
default = (draw.random(rows) < 1 / (1 + np.exp(2.4 - 1.5 * score[:, 0]))).astype(int)
model = FrozenEstimator(LogisticRegression().fit(score, default))

means = {}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    # True, and no matter here: the model stays as it is, and its calibration is what is weighted.
    warnings.filterwarnings("ignore", message="Since FrozenEstimator does not appear to accept sample_weight")
    for method in ("sigmoid", "isotonic", "temperature"):
        said = []
        for name, weight in (("1", 1.0), ("1/2000", 1 / rows)):
            calibrated = CalibratedClassifierCV(model, method=method).fit(score, default, sample_weight=np.full(rows, weight))
            found = calibrated.predict_proba(score)[:, 1]
            means[method, name] = found.mean()
            said.append(f"weights of {name}: {found.min():.3f} to {found.max():.3f}, mean {found.mean():.3f}")
        print(f"{method}, {'; '.join(said)}")
print(f"defaults: {default.mean():.3f}; warnings: {len(warned)}")
steady = all(abs(means[method, "1"] - means[method, "1/2000"]) < 0.001 for method in ("isotonic", "temperature"))
holds = steady and means["sigmoid", "1/2000"] > 0.3 > 0.2 > means["sigmoid", "1"] and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
