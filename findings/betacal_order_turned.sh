#!/bin/sh
# betacal: a beta calibration by two parameters turns the order of the risks round, and silences every later warning of the process.
#
# Expected: a calibration keeps the order: beta calibration is a monotone map, its a and b are not negative (Kull, Silva Filho and
#           Flach 2017), and `parameters="abm"` fits without the one that would be. Three parameters fit no worse than two of them.
# Seen:     68,200 clients whose scores are half of the true rates, from 1 % to 30 %. "ab" has b = -1.1: from 2 % to 50 % the
#           probability rises from 0.04 to 0.50, then it falls: a score of 90 % is made 27 %, one of 99 % is 3 %. "am", where both
#           are one, and "abm" keep the order, but the log loss of "abm" is above that of "am", which is a case of it. After the
#           first fit no warning is shown any more, of whatever library.
# Why:      the sign is looked at for "abm" alone; the regression within stops at scikit-learn's tolerance, on columns that are nearly
#           one; and `warnings.filterwarnings("ignore")` is called in each fit, for good.
# Versions: betacal 1.1.0, scikit-learn 1.9.1, numpy 2.4.6.
# Output:   warnings shown before a fit: 1
#           ab: a 1.23, b -1.08; 0.02 is 0.04, 0.10 is 0.21, 0.30 is 0.43, 0.60 is 0.50, 0.90 is 0.27, 0.99 is 0.03; log loss 0.27495
#           am: a 1.09, b 1.09; 0.02 is 0.04, 0.10 is 0.20, 0.30 is 0.53, 0.60 is 0.82, 0.90 is 0.97, 0.99 is 1.00; log loss 0.27465
#           abm: a 1.14, b 0.47; 0.02 is 0.04, 0.10 is 0.21, 0.30 is 0.51, 0.60 is 0.75, 0.90 is 0.90, 0.99 is 0.97; log loss 0.27471
#           warnings shown after it: 0
# Matters:  defaults double in a bad year, and a score is calibrated anew: the riskiest would be accepted, and no library of the
#           service would say anything more. Ours moves level and slope, and a slope below zero is refused
#           (`core/model/recalibration/evidence.py`, `trees.py` beside it).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'betacal==1.1.0' 'scikit-learn==1.9.1' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
from betacal import BetaCalibration

RATES = {0.02: 10_000, 0.05: 20_000, 0.08: 20_000, 0.12: 10_000, 0.2: 5_000, 0.3: 2_000, 0.4: 1_000, 0.6: 200}
rate = np.repeat(list(RATES), list(RATES.values()))
default = np.concatenate([np.arange(rows) < round(share * rows) for share, rows in RATES.items()]).astype(int)
score = rate / 2
asked = np.array([0.02, 0.1, 0.3, 0.6, 0.9, 0.99])


def shown():
    """How many warnings of another library would reach the log now."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.warn("this did not converge", RuntimeWarning, stacklevel=1)
    return len(warned)


before = shown()
print(f"warnings shown before a fit: {before}")
said, loss = {}, {}
for parameters in ("ab", "am", "abm"):
    calibration = BetaCalibration(parameters).fit(score, default)
    a, b, _ = calibration.calibrator_.map_
    said[parameters] = calibration.predict(asked)
    chance = calibration.predict(score)
    loss[parameters] = -np.mean(default * np.log(chance) + (1 - default) * np.log(1 - chance))
    pairs = ", ".join(f"{one:.2f} is {other:.2f}" for one, other in zip(asked, said[parameters]))
    print(f"{parameters}: a {a:.2f}, b {b:.2f}; {pairs}; log loss {loss[parameters]:.5f}")
after = shown()
print(f"warnings shown after it: {after}")
turned = said["ab"][4] < said["ab"][2] < said["ab"][3] and said["ab"][5] < said["ab"][1]
kept = all((np.diff(said[parameters]) > 0).all() for parameters in ("am", "abm"))
raise SystemExit(0 if turned and kept and loss["abm"] > loss["am"] and (before, after) == (1, 0) else "this has changed")
PYTHON
