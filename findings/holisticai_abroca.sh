#!/bin/sh
# holisticai: the area between the ROC curves of two groups is the difference of their areas: 0 where the curves cross.
#
# Expected: ABROCA is the integral of the absolute difference of the two curves (Gardner, Brooks and Baker 2019); its own
#           docstring says "the area between the roc curve of group_a and the roc curve of group_b", and its plot shades that.
# Seen:     where half of the defaulters are refused, no woman who repays is refused with them, but half of the men who repay
#           are. Both curves have an area of 0.625, and 0.25 lies between them. The answer is 0.00: no difference. Where the curves do
#           not cross it is the area, with a sign that turns with the groups. No warning.
# Why:      it is `roc_auc_score` of one group less that of the other, as the docstring says further down.
# Versions: holisticai 1.0.14, scikit-learn 1.9.1, numpy 2.4.6.
# Output:   curves that cross: areas 0.625 and 0.625, between them 0.250; abroca 0.000, groups turned 0.000
#           curves that do not: areas 0.625 and 1.000, between them 0.375; abroca -0.375, groups turned 0.375
# Matters:  ABROCA was made for models that are as good for two groups by their areas and serve one of them badly at the threshold in
#           use: just there it is 0. Ours compares the decisions at the threshold, acceptance among those who repaid as well, with
#           intervals (`core/model/evidence/fairness.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'holisticai==1.0.14' 'scikit-learn==1.9.1' 'pandas==3.1.1' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import numpy as np
from holisticai.bias.metrics import abroca
from sklearn.metrics import auc, roc_curve

# (probability of default, who repaid, who defaulted)
CROSSED = {"women": [(0.9, 0, 50), (0.5, 50, 0), (0.1, 50, 50)], "men": [(0.9, 50, 50), (0.5, 0, 50), (0.1, 50, 0)]}
APART = {"women": [(0.9, 0, 50), (0.5, 50, 0), (0.1, 50, 50)], "men": [(0.9, 0, 100), (0.1, 100, 0)]}
refused = np.linspace(0, 1, 100_001)


def measured(groups):
    """The areas of both curves, the area between them, and what the library says, both ways round."""
    scores, defaults, women = (np.array(column) for column in zip(*(
        (score, default, name == "women")
        for name, steps in groups.items() for score, *rows in steps for default, count in enumerate(rows) for _ in range(count)
    )))
    curves = [roc_curve(defaults[women == of], scores[women == of])[:2] for of in (1, 0)]
    heights = [np.interp(refused, *curve) for curve in curves]
    between = np.trapezoid(np.abs(heights[0] - heights[1]), refused)
    women = women.astype(int)
    return [auc(*curve) for curve in curves], between, abroca(women, 1 - women, scores, defaults), abroca(1 - women, women, scores, defaults)


answers = {}
for name, groups in {"curves that cross": CROSSED, "curves that do not": APART}.items():
    areas, between, said, turned = answers[name] = measured(groups)
    print(f"{name}: areas {areas[0]:.3f} and {areas[1]:.3f}, between them {between:.3f}; abroca {said:.3f}, groups turned {turned:.3f}")
_, between, said, _ = answers["curves that cross"]
_, apart, below, above = answers["curves that do not"]
holds = between > 0.24 and said == 0 and below < 0 and abs(above - apart) < 1e-4
raise SystemExit(0 if holds else "this has changed")
PYTHON
