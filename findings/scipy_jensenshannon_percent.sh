#!/bin/sh
# SciPy: the Jensen-Shannon distance of a distribution from itself is NaN, in four cases of ten, when one side is in percent.
#
# Expected: 0, or a few 1e-9 from rounding: both sides are divided by their sums first.
# Seen:     shares of ten bins beside the same shares times 100: 430 of 1,000 samples give NaN, the others at most 1e-8. What is
#           said is NumPy's "invalid value encountered in sqrt", of no sample in particular. Shares beside themselves: 0.
# Why:      the divergence of what is equal but for the last bit comes out as -1e-17, and its square root is taken as it is.
# Versions: scipy 1.17.1, numpy 2.4.6.
# Output:   beside itself: 0 of 1000 NaN, the others at most 0e+00
#           beside itself in percent: 430 of 1000 NaN, the others at most 1e-08
#           warnings: invalid value encountered in sqrt
# Matters:  drift is monitored with it (NannyML calls this function): where nothing has changed at all, the report has a
#           gap, and a NaN is neither above nor below a threshold. Ours is cut to 0 to 1 (`core/drift/measures/statistics.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from scipy.spatial.distance import jensenshannon

counts = np.random.default_rng(0).integers(1, 1000, (1000, 10))
shares = counts / counts.sum(axis=1, keepdims=True)
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    itself = np.array([jensenshannon(row, row, base=2) for row in shares])
    percent = np.array([jensenshannon(row, row * 100, base=2) for row in shares])
print(f"beside itself: {np.isnan(itself).sum()} of 1000 NaN, the others at most {np.nanmax(itself):.0e}")
print(f"beside itself in percent: {np.isnan(percent).sum()} of 1000 NaN, the others at most {np.nanmax(percent):.0e}")
print(f"warnings: {', '.join(sorted({str(warning.message) for warning in warned}))}")
holds = not itself.any() and np.isnan(percent).sum() > 100 and np.nanmax(percent) < 1e-6
raise SystemExit(0 if holds else "this has changed")
PYTHON
