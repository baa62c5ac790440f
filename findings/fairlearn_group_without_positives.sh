#!/bin/sh
# fairlearn: a group in which nobody repaid has a true positive rate of 0, so that a model that accepts everybody is as unfair as can be.
#
# Expected: a rate of nobody is NaN, which the difference leaves out, or a warning says so, as scikit-learn's recall has it. Guessed: 0,
#           with scikit-learn's warning.
# Seen:     all are accepted, whatever their group. Three clients of group c defaulted: its rate is 0.0 among 1.0, the difference
#           of opportunity 1.0 (the worst there is), its ratio 0.0, the difference of odds 1.0. Without these three rows: 0.0,
#           1.0 and 0.0. No warning in either.
# Versions: fairlearn 0.15.0, scikit-learn 1.9.1, pandas 3.1.1, numpy 2.4.6.
# Output:   three of group c: rates {'a': 1.0, 'b': 1.0, 'c': 0.0}; opportunity differs by 1.0, ratio 0.0; odds differ by 1.0
#           without them: rates {'a': 1.0, 'b': 1.0}; opportunity differs by 0.0, ratio 1.0; odds differ by 0.0
#           warnings: 0
# Matters:  with 8 % of defaults it is the false positive rate of the next small group: an age band or a code that a handful of
#           clients have turns the fairness figure of a model into that of its smallest group. Ours compares groups of at
#           least 100 clients, with intervals, and of nobody there is no rate (`core/model/evidence/fairness.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'fairlearn==0.15.0' 'scikit-learn==1.9.1' 'scipy==1.17.1' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from fairlearn.metrics import (
    MetricFrame,
    equal_opportunity_difference,
    equal_opportunity_ratio,
    equalized_odds_difference,
    true_positive_rate,
)

group = np.array(["a"] * 100 + ["b"] * 50 + ["c"] * 3)
repaid = np.array([1] * 90 + [0] * 10 + [1] * 45 + [0] * 5 + [0] * 3)
seen = {}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    for name, kept in {"three of group c": group != "", "without them": group != "c"}.items():
        given = {"y_true": repaid[kept], "y_pred": np.ones(kept.sum(), int), "sensitive_features": group[kept]}
        rates = MetricFrame(metrics=true_positive_rate, **given).by_group.to_dict()
        seen[name] = [float(measure(**given)) for measure in (equal_opportunity_difference, equal_opportunity_ratio, equalized_odds_difference)]
        print(f"{name}: rates {rates}; opportunity differs by {seen[name][0]}, ratio {seen[name][1]}; odds differ by {seen[name][2]}")
print(f"warnings: {len(warned)}")
holds = seen["three of group c"] == [1.0, 0.0, 1.0] and seen["without them"] == [0.0, 1.0, 0.0] and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
