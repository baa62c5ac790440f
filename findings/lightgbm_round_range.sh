#!/bin/sh
# LightGBM: which trees a prediction uses is kept in the booster, not in the call, so that calls for a part change others.
#
# Expected: `predict(start_iteration, num_iteration)` reads a booster and leaves it as it is: a call prepared for single rows
#           (the C API's SingleRowFast, which the other bindings use too) goes on to use all trees, and threads that ask one
#           booster for different parts are each told what they asked for.
# Seen:     after a prediction by the first 20 trees the prepared call, made for all 100, silently answers by 20, until somebody
#           asks for all. With one thread asking for all trees and one for 20, some answers to "all" are sums of a part.
# Why:      `GBDT::InitPredict` stores start and number of rounds in members of the booster at the beginning of each call; the
#           prepared call does so once, when it is prepared, and predictions only hold a lock that readers share.
# Versions: lightgbm 4.7.0, numpy 2.4.6.
# Output:   prepared for one row: off by 0.0000 before, by 0.5958 after a call for 20 rounds, by 0.0000 after one for all
#           two threads: some of 400 answers for all trees are not by all trees: True
# Matters:  a service that scores single rows by the prepared call and draws a staged curve, an early answer or a blockwise
#           prediction from the same booster gives wrong probabilities without an error. Ours asks LightGBM for
#           all trees of a booster, always (`core.model.prediction.predictor`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import ctypes
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
from lightgbm.basic import _LIB, _safe_call

draw = np.random.default_rng(0)
table = draw.normal(size=(3000, 5))
target = (draw.random(3000) < 1 / (1 + np.exp(-table[:, 0] - table[:, 1]))).astype(int)
chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1, "deterministic": True}
booster = lightgbm.train(chosen, lightgbm.Dataset(table, target), 100)
whole = booster.predict(table, raw_score=True)
prepared, written, answer = ctypes.c_void_p(), ctypes.c_int64(), np.empty(1)
_safe_call(_LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
    booster._handle, ctypes.c_int(1), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(1), ctypes.c_int32(5),
    b"num_threads=1", ctypes.byref(prepared)))


def off():
    row = np.ascontiguousarray(table[0])
    _safe_call(_LIB.LGBM_BoosterPredictForMatSingleRowFast(
        prepared, row.ctypes.data_as(ctypes.c_void_p), ctypes.byref(written), answer.ctypes.data_as(ctypes.c_void_p)))
    return abs(float(answer[0]) - float(whole[0]))


before = off()
booster.predict(table[:1], raw_score=True, num_iteration=20)
after = off()
booster.predict(table[:1], raw_score=True)
again = off()
print(f"prepared for one row: off by {before:.4f} before, by {after:.4f} after a call for 20 rounds, by {again:.4f} after one for all")

with ThreadPoolExecutor(2) as threads:
    asked = []
    for _ in range(400):
        asked.append(threads.submit(booster.predict, table, raw_score=True))
        threads.submit(booster.predict, table, raw_score=True, num_iteration=20)
mixed = any(np.abs(answered.result() - whole).max() > 1e-6 for answered in asked)
print(f"two threads: some of 400 answers for all trees are not by all trees: {mixed}")
raise SystemExit(0 if before < 1e-9 and after > 0.01 and again < 1e-9 and mixed else "this has changed")
PYTHON
