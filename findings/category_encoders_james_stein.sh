#!/bin/sh
# category_encoders: James and Stein's estimator shrinks what is known best, and leaves a category of one client as it is.
#
# Expected: the fewer rows a category has, the nearer it is to the mean: its documentation says that squared standard errors
#           "penalize small observation counts".
# Seen:     of 20,502 clients 29 % default. A category of one client who defaulted: 1.00, one who repaid: 0.00. Of 10,000 of whom
#           half default: 0.44, though their rate is known to half a percent. An unseen one: 0.29. No warning. `TargetEncoder`, on
#           the same rows: 0.38, 0.25 and 0.50.
# Why:      the variance of the outcomes stands where the squared error of their mean is meant, without the number of rows; of one
#           row, or of rows that are all alike, it is 0, which counts as certain.
# Versions: category_encoders 2.11.2, scikit-learn 1.9.1, pandas 2.3.3, numpy 2.4.6.
# Output:   JamesSteinEncoder: one who defaulted 1.00, one who repaid 0.00, large, half 0.44, large, few 0.11, middling 0.13, unseen 0.29
#           TargetEncoder: one who defaulted 0.38, one who repaid 0.25, large, half 0.50, large, few 0.08, middling 0.10, unseen 0.29
#           mean: 0.29; warnings: 0
# Matters:  it is chosen for columns of many rare codes (58 types of organisation), where each rare code becomes the outcome of its
#           few clients: the target leaks. Ours are codes, no rates (`core/features/encoding.py`), and a thin bin of the scorecard
#           is given 20 average rows (`core/model/training/scorecard.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'category_encoders==2.11.2' 'scikit-learn==1.9.1' 'pandas==2.3.3' 'statsmodels==0.15.0' 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from category_encoders import JamesSteinEncoder, TargetEncoder

clients = {"one who defaulted": (1, 1), "one who repaid": (1, 0), "large, half": (10_000, 5_000), "large, few": (10_000, 800), "middling": (500, 50)}
kind = pd.DataFrame({"kind": [name for name, (rows, _) in clients.items() for _ in range(rows)]})
default = pd.Series([int(place < bad) for rows, bad in clients.values() for place in range(rows)])
asked = pd.DataFrame({"kind": [*clients, "unseen"]})
seen = {}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    for encoder in (JamesSteinEncoder, TargetEncoder):
        rates = encoder(cols=["kind"]).fit(kind, default).transform(asked)["kind"]
        seen[encoder] = dict(zip(asked["kind"], rates.astype(float)))
        print(f"{encoder.__name__}: {', '.join(f'{name} {rate:.2f}' for name, rate in seen[encoder].items())}")
print(f"mean: {default.mean():.2f}; warnings: {len(warned)}")
shrunk, target = seen[JamesSteinEncoder], seen[TargetEncoder]
leaks = shrunk["one who defaulted"] == 1 and shrunk["one who repaid"] == 0 and shrunk["large, half"] < 0.45
holds = leaks and target["one who defaulted"] < 0.5 and target["large, half"] > 0.49 and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
