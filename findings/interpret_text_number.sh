#!/bin/sh
# InterpretML: a number that an explainable boosting machine cannot read is scored as an average client, without a word.
#
# Expected: a text in a numeric feature is an error, as in any model that was trained on numbers.
# Seen:     "3,0" with a decimal comma, "abc" and a missing value all get the probability of a client without that feature:
#           0.12, where 3.0 (as a number or as the text "3.0") has 0.46. No error, no warning; `explain_local` alone
#           refuses the very same row ("has non-numeric data").
# Why:      what is not a number falls in a bin for the unknown, whose score is 0; where nothing was missing in training, so is
#           that of the missing.
# Versions: interpret-core 0.7.8, numpy 2.4.6, pandas 3.1.1, scikit-learn 1.9.1.
# Output:   3.0: probability 0.456; explanation of the feature +1.84
#           '3.0': probability 0.456; explanation of the feature +1.84
#           '3,0': probability 0.118; explanation of the feature refused (Feature ratio is indicated as continuous, but has non-numeric data)
#           'abc': probability 0.118; explanation of the feature refused (Feature ratio is indicated as continuous, but has non-numeric data)
#           None: probability 0.118; explanation of the feature +0.00
#           warnings: 0
# Matters:  this is the glass box that banks set beside a booster; on a French file it would accept the worst applicants, without
#           a word. Here a cell that is not of its column's type is an error that names the field, for one
#           application and for a file (`core/application.py`, `core/tables/checking.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'interpret-core==0.7.8' 'numpy==2.4.6' 'pandas==3.1.1' 'scikit-learn==1.9.1' 'scipy==1.17.1' 'joblib==1.6.0' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier

draw = np.random.default_rng(0)
table = pd.DataFrame(draw.normal(size=(5000, 2)), columns=["ratio", "other"])
target = (draw.random(len(table)) < 1 / (1 + np.exp(2 - table["ratio"]))).astype(int)
model = ExplainableBoostingClassifier(outer_bags=2, interactions=0, n_jobs=1, random_state=0).fit(table, target)
seen, explained = {}, {}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for value in (3.0, "3.0", "3,0", "abc", None):
        client = pd.DataFrame({"ratio": pd.Series([value], dtype=object), "other": [0.0]})
        seen[value] = float(model.predict_proba(client)[0, 1])
        try:
            explained[value] = f"{model.explain_local(client).data(0)['scores'][0]:+.2f}"
        except ValueError as error:
            explained[value] = f"refused ({error})"
        print(f"{value!r}: probability {seen[value]:.3f}; explanation of the feature {explained[value]}")
print(f"warnings: {len(said)}")
holds = seen[3.0] == seen["3.0"] > 0.4 and all(seen[value] < 0.2 for value in ("3,0", "abc", None))
holds &= explained["3,0"].startswith("refused")
raise SystemExit(0 if holds and not said else "this has changed")
PYTHON
