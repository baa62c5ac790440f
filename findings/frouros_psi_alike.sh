#!/bin/sh
# Frouros: the population stability index of two samples of one distribution is above 0.25 one time in three, above 5 with few rows.
#
# Expected: 0.02 for 1,000 rows beside 1,000 of a normal distribution, 0.1 for 1,000 beside 100; 0.25 is the usual alarm.
# Seen:     1,000 beside 1,000: median 0.02, but above 0.25 in 33 of 100 draws. 1,000 beside 100: median 5.01, above 0.25 in 87 of
#           100. The ages of 1,000 clients beside the same where one is 100 years old: 0.70. Uniform ones, whose bins all have
#           rows, are as expected. No warning.
# Why:      ten bins of equal width from the least to the largest value, so that the outer ones are nearly empty; an empty one
#           counts as the smallest float, 2e-308, whose logarithm is -708: one client in 1,000 there adds 0.7.
# Versions: frouros 0.9.0, numpy 2.1.3, scipy 1.14.1.
# Output:   normal, 1000 rows beside 1000: median 0.02, above 0.25 in 33 of 100
#           normal, 1000 rows beside 100: median 5.01, above 0.25 in 87 of 100
#           uniform, 1000 rows beside 1000: median 0.02, above 0.25 in 0 of 100
#           uniform, 1000 rows beside 100: median 0.09, above 0.25 in 1 of 100
#           1000 ages beside the same with one of 100 years: 0.70
#           warnings: 0
# Matters:  the measure that banks watch would be an alarm in many a month, from a single client. Ours takes its bins from the quantiles
#           of the reference, and an empty one counts as 1 in 10,000 (`core/drift/measures/bins.py`, `statistics.py` beside it).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'frouros==0.9.0' 'numpy==2.1.3' 'scipy==1.14.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from frouros.detectors.data_drift import PSI

draw = np.random.default_rng(0)


def psi(before, now):
    detector = PSI()
    detector.fit(X=before)
    return float(detector.compare(X=now)[0].distance)


with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    alarms = {}
    for law in ("normal", "uniform"):
        for rows in (1000, 100):
            found = [psi(getattr(draw, law)(size=1000), getattr(draw, law)(size=rows)) for _ in range(100)]
            alarms[law, rows] = sum(value > 0.25 for value in found)
            print(f"{law}, 1000 rows beside {rows}: median {np.median(found):.2f}, above 0.25 in {alarms[law, rows]} of 100")
    ages = np.repeat(np.arange(20.0, 70.0), 20)
    older = ages.copy()
    older[0] = 100.0
    one = psi(ages, older)
print(f"1000 ages beside the same with one of 100 years: {one:.2f}")
print(f"warnings: {len(warned)}")
holds = alarms["normal", 1000] > 15 and alarms["normal", 100] > 60 and alarms["uniform", 1000] < 5 and one > 0.5 and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
