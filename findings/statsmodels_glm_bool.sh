#!/bin/sh
# statsmodels: a logistic GLM of a default that is True or False, or "yes" or "no", is one of not defaulting.
#
# Expected: the probability of True, as from R's `glm`, scikit-learn, and statsmodels with the same outcome as 1 and 0.
# Seen:     of 2,000 clients 14 % default. As 1 and 0 the mean prediction is 0.14 and the coefficient of the score 1.51; as bool
#           or text 0.86 and -1.51. No warning. `logit`, the same model beside it, refuses both with a clear error.
# Why:      the formula makes two columns of such an outcome, False first, and two columns are successes and failures.
# Versions: statsmodels 0.15.0, formulaic 1.2.2, patsy 1.0.3, pandas 3.1.1, numpy 2.4.6.
# Output:   glm, outcome as number: mean prediction 0.14, coefficient 1.51
#           glm, outcome as bool: mean prediction 0.86, coefficient -1.51
#           glm, outcome as text: mean prediction 0.86, coefficient -1.51
#           observed: 0.14; refused by logit: bool, text; warnings: 0
# Matters:  pandas and Polars compare to bool, so that "more than 90 days late" arrives as one: every sign of a scorecard is turned,
#           and who is safest is refused. Our outcome is 0 or 1 and a model that ranks against it is refused
#           (`core/model/recalibration/trees.py`); the scorecard is scikit-learn's (`core/model/training/scorecard.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'statsmodels==0.15.0' 'formulaic==1.2.2' 'patsy==1.0.3' 'scipy==1.17.1' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
import pandas as pd
from statsmodels.formula.api import glm, logit
from statsmodels.genmod.families import Binomial

draw = np.random.default_rng(0)
score = draw.normal(size=2000)
bad = draw.random(2000) < 1 / (1 + np.exp(2.4 - 1.5 * score))
clients = pd.DataFrame({"score": score, "number": bad.astype(int), "bool": bad, "text": np.where(bad, "yes", "no")})
seen, refused = {}, []
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    for outcome in ("number", "bool", "text"):
        model = glm(f"{outcome} ~ score", clients, family=Binomial()).fit()
        seen[outcome] = float(model.predict(clients).mean()), float(model.params["score"])
        print(f"glm, outcome as {outcome}: mean prediction {seen[outcome][0]:.2f}, coefficient {seen[outcome][1]:.2f}")
        try:
            logit(f"{outcome} ~ score", clients).fit(disp=0)
        except ValueError:
            refused.append(outcome)
print(f"observed: {bad.mean():.2f}; refused by logit: {', '.join(refused)}; warnings: {len(warned)}")
turned = seen["bool"] == seen["text"] and abs(seen["bool"][0] + seen["number"][0] - 1) < 1e-6 and seen["number"][1] > 1 > -1 > seen["bool"][1]
raise SystemExit(0 if turned and refused == ["bool", "text"] and not warned else "this has changed")
PYTHON
