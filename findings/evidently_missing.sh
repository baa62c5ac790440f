#!/bin/sh
# Evidently: a column of which nine tenths have gone missing does not drift, by any of its measures.
#
# Expected: missing values are a bin of their own (as in a scorecard's population stability index), or the measure refuses.
# Seen:     the same distribution, 90 % of the current values missing: psi 0.011 for a number, 0.0 for a category; jensenshannon
#           and wasserstein alike, far below their thresholds of 0.1. The p-value of ks is 0.67. What is missing is left out
#           before anything is counted.
# Versions: evidently 0.7.23, pandas 2.3.3, numpy 2.2.6.
# Output:   score: psi 0.011, wasserstein 0.020, jensenshannon 0.038, ks 0.671 (each: drift False)
#           contract: psi 0.000, jensenshannon 0.000 (each: drift False)
# Matters:  a source that stops delivering (a credit bureau, a job that fills a column) is the drift that a bank meets most, and
#           a report by this peer is green. Our statistics count missing values as a bin (`core/drift/measures/bins.py`), so that
#           the two reports of one file differ there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'evidently==0.7.23' 'pandas==2.3.3' 'numpy==2.2.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift

draw = np.random.default_rng(0)
sides = {}
for side in ("reference", "current"):
    sides[side] = pd.DataFrame({"score": draw.normal(size=30_000), "contract": ["cash", "revolving"] * 15_000})
sides["current"].loc[:26_999, ["score", "contract"]] = None
definition = DataDefinition(numerical_columns=["score"], categorical_columns=["contract"])
current, reference = (Dataset.from_pandas(sides[side], definition) for side in ("current", "reference"))
holds = True
for column, methods in {"score": ("psi", "wasserstein", "jensenshannon", "ks"), "contract": ("psi", "jensenshannon")}.items():
    for method in methods:
        report = Report([ValueDrift(column=column, method=method)]).run(current, reference)
        value = float(report.dict()["metrics"][0]["value"])
        drifts = value < 0.05 if method == "ks" else value > 0.1
        print(f"{column}: {method} {value:.3f}, drift {drifts}")
        holds &= not drifts
raise SystemExit(0 if holds else "this has changed")
PYTHON
