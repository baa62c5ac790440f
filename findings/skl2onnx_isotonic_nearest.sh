#!/bin/sh
# skl2onnx: exported to ONNX, an isotonic calibration gives the probability of the nearest knot, where scikit-learn goes along a line.
#
# Expected: the same probabilities to single precision, as of a sigmoid calibration and of the model that is calibrated. Guessed: as seen.
# Seen:     calibrated on 600 clients: 2 of 100 others differ by more than 0.001, by 0.22 at most, in double precision; 1 of 1,000 is
#           decided otherwise at 1/11. On 10,000 clients 0.3 of 100, by 0.09 at most. With a sigmoid calibration none does.
# Why:      the converter takes the knot at the least distance, instead of a line between two.
# Versions: skl2onnx 1.20.0, onnxruntime 1.32.0, scikit-learn 1.9.1, numpy 2.4.6.
# Output:   sigmoid, 600 rows: 0.00 of 100 differ by more than 0.001, by 2.2e-16 at most; decided otherwise 0 of 20,000
#           isotonic, 600 rows: 2.10 of 100 differ by more than 0.001, by 2.2e-01 at most; decided otherwise 20 of 20,000
#           isotonic, 10000 rows: 0.27 of 100 differ by more than 0.001, by 8.5e-02 at most; decided otherwise 0 of 20,000
# Matters:  probabilities that were proved honest before the export are other ones after it, and nothing says so. Our recalibration is part of the trees (`core/model/recalibration/trees.py`), and an export
#           is proved row by row (`core/model/export/proof/certificate.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --no-compile --disable-pip-version-check 'skl2onnx==1.20.0' 'onnx==1.23.2' 'onnxruntime==1.32.0' 'scikit-learn==1.9.1' 'scipy==1.17.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
import skl2onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression

seen = {}
for method, rows in (("sigmoid", 600), ("isotonic", 600), ("isotonic", 10_000)):
    draw = np.random.default_rng(0)
    table = draw.normal(size=(rows, 3))
    target = (draw.random(rows) < 1 / (1 + np.exp(2.8 - table[:, 0]))).astype(int)
    model = CalibratedClassifierCV(LogisticRegression(), method=method, cv=2, ensemble=False).fit(table, target)
    asked = draw.normal(size=(20_000, 3))
    exported = skl2onnx.to_onnx(model, asked[:1], options={id(model): {"zipmap": False}})
    session = onnxruntime.InferenceSession(exported.SerializeToString())
    onnx = session.run(None, {session.get_inputs()[0].name: asked})[1][:, 1]
    own = model.predict_proba(asked)[:, 1]
    gap = abs(onnx - own)
    seen[method, rows] = (gap > 0.001).mean(), gap.max()
    print(f"{method}, {rows} rows: {100 * (gap > 0.001).mean():.2f} of 100 differ by more than 0.001, by {gap.max():.1e} at most; "
          f"decided otherwise {((onnx >= 1 / 11) != (own >= 1 / 11)).sum()} of 20,000")
holds = seen["sigmoid", 600][1] < 1e-5 and seen["isotonic", 600][0] > 0.01 and seen["isotonic", 600][1] > 0.1 and seen["isotonic", 10_000][1] > 0.02
raise SystemExit(0 if holds else "this has changed")
PYTHON
