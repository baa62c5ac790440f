#!/bin/sh
# gower: a column whose largest value is 0 counts for nothing in Gower's distance.
#
# Expected: a number is at its difference divided by the range of the column, wherever that range lies.
# Seen:     contracts that ended 1000, 500 and 0 days ago (-1000, -500, 0), all else equal: every distance is 0. With -1 for the
#           last one, 0.5, 0.25 and 0.25 (half, as one of two columns). Counted upwards (1000, 500, 0) it is right. No warning.
# Why:      a column is divided by its largest value before it is compared, where that is not 0; where it is, it is left as zeros.
# Versions: gower 0.1.2, pandas 2.3.3, numpy 2.4.6.
# Output:   days -1000, -500, 0: first and last 0.00, first and second 0.00, second and last 0.00
#           days -1000, -500, -1: first and last 0.50, first and second 0.25, second and last 0.25
#           days 1000, 500, 0: first and last 0.50, first and second 0.25, second and last 0.25
#           warnings: 0
# Matters:  in the public tables days count backwards to 0 (DAYS_LAST_PHONE_CHANGE, DAYS_CREDIT, MONTHS_BALANCE), and 0 is the day
#           of the application: whether the newest one is from today decides whether time counts. Our peers are compared in
#           percentile ranks (`core/comparison/gower.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'gower==0.1.2' 'pandas==2.3.3' 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import gower
import pandas as pd

seen = {}
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    for days in ((-1000.0, -500.0, 0.0), (-1000.0, -500.0, -1.0), (1000.0, 500.0, 0.0)):
        apart = gower.gower_matrix(pd.DataFrame({"days": days, "children": [1.0, 1.0, 1.0]}))
        seen[days] = [float(apart[0, 2]), float(apart[0, 1]), float(apart[1, 2])]
        ends, begins, rest = seen[days]
        print(f"days {', '.join(f'{value:.0f}' for value in days)}: first and last {ends:.2f}, first and second {begins:.2f}, second and last {rest:.2f}")
print(f"warnings: {len(warned)}")
nothing, almost, upwards = seen.values()
holds = nothing == [0, 0, 0] and abs(almost[0] - 0.5) < 0.01 and abs(upwards[0] - 0.5) < 0.01 and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
