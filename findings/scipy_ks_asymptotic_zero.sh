#!/bin/sh
# SciPy: the asymptotic p-value of `ks_2samp` is exactly 0.0 for three rows against three, and NaN for one against one.
#
# Expected: an approximation that is off for few rows, about 0.03 to 0.1 for three against three that do not overlap
#           (the exact value is 0.1), and 1 for one against one.
# Seen:     0.0, as certain as can be, for 3 against 3 and for 5 against 5; NaN for 1 against 1.
# Why:      "asymp" is the exact one-sample law at n = round(m * n / (m + n)), and a gap of 1 has no probability under it;
#           round(0.5) is 0, for which there is no law.
# Versions: scipy 1.17.1, numpy 2.4.6.
# Output:   1 against 1: asymp nan, exact 1.0000
#           3 against 3: asymp 0.0, exact 0.1000
#           5 against 5: asymp 0.0, exact 0.0079
# Matters:  a drift report on a handful of decisions would be a certain alarm, and a NaN passes every "p < 0.05" as no drift.
#           `core/drift/measures/statistics.py` takes the exact value wherever the two sides are few.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

from scipy.stats import ks_2samp

warnings.simplefilter("ignore")
seen = {}
for rows in (1, 3, 5):
    first, second = list(range(rows)), list(range(rows, 2 * rows))
    seen[rows] = [float(ks_2samp(first, second, method=method).pvalue) for method in ("asymp", "exact")]
    print(f"{rows} against {rows}: asymp {seen[rows][0]}, exact {seen[rows][1]:.4f}")
holds = seen[1][0] != seen[1][0] and seen[3][0] == 0.0 and seen[5][0] == 0.0 and abs(seen[3][1] - 0.1) < 1e-9
raise SystemExit(0 if holds else "this has changed")
PYTHON
