#!/bin/sh
# CatBoost: with `nan_mode="Max"`, the model exported as Python code takes a missing value for the lowest one, not the highest.
#
# Expected: the exported code has the model's own probabilities, for missing values too, or the export is refused. Guessed: as likely as not.
# Seen:     clients without a score default in 61 of 100, those of a low score in 12. Asked for a missing score, the model says 0.61 and
#           the Python code 0.12, which is that of the lowest score; the code is the same number for both, to the last bit. With
#           "Min" code and model agree. JSON (loaded again) and ONNX agree in both. C++ code has no word for NaN either.
# Why:      what the code compares is `value > border`, which is false for NaN; the model's JSON says `nan_value_treatment` "AsTrue",
#           which the code leaves out.
# Versions: catboost 1.2.10, onnxruntime 1.32.0, numpy 2.4.6.
# Output:   Min: model 0.607 (lowest 0.373), JSON 0.607, ONNX 0.607, Python 0.607; "nan" stands in the C++ code: False
#           Max: model 0.606 (lowest 0.121), JSON 0.606, ONNX 0.606, Python 0.121; "nan" stands in the C++ code: False
# Matters:  external scores are missing for those who borrow for the first time: a bank's engine that runs the code accepts whom the
#           model refuses, and a test on complete rows is green. Our exports are proved row by row, each column missing
#           alone among them (`core/model/export/proof/edge_rows.py`), before they are written.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'catboost==1.2.10' 'onnxruntime==1.32.0' 'numpy==2.4.6' 'pandas==3.1.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
from catboost import CatBoostClassifier

draw = np.random.default_rng(0)
rows = 4000
score, missing = draw.normal(size=rows), draw.random(rows) < 0.3
target = (draw.random(rows) < np.where(missing, 0.6, 0.1 + 0.1 * (score > 0))).astype(int)
table = np.where(missing, np.nan, score)[:, None]
asked = np.array([[np.nan], [-3.0]], dtype=np.float32)
seen = {}
for mode in ("Min", "Max"):
    model = CatBoostClassifier(iterations=20, depth=2, nan_mode=mode, verbose=0, allow_writing_files=False, thread_count=1).fit(table, target)
    own, lowest = model.predict_proba(asked)[:, 1].tolist()
    for kind in ("json", "onnx", "python", "cpp"):
        model.save_model(f"{mode}.{kind}", format=kind)
    again = CatBoostClassifier().load_model(f"{mode}.json", format="json").predict_proba(asked)[0, 1]
    session = onnxruntime.InferenceSession(f"{mode}.onnx")
    onnx = session.run(None, {session.get_inputs()[0].name: asked})[1][0][1]
    Path(f"{mode}.python").rename(f"{mode}_code.py")
    spec = importlib.util.spec_from_file_location(mode, f"{mode}_code.py")
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    written, written_lowest = (1 / (1 + np.exp(-code.apply_catboost_model(row.tolist()))) for row in asked)
    named = "nan" in Path(f"{mode}.cpp").read_text().lower()
    print(f'{mode}: model {own:.3f} (lowest {lowest:.3f}), JSON {again:.3f}, ONNX {onnx:.3f}, Python {written:.3f}; '
          f'"nan" stands in the C++ code: {named}')
    seen[mode] = np.allclose([again, onnx], own, atol=1e-5), abs(written - own) < 1e-5, written == written_lowest, named
holds = seen["Min"][:2] == (True, True) and seen["Max"] == (True, False, True, False)
raise SystemExit(0 if holds else "this has changed")
PYTHON
