#!/bin/sh
# ONNX Runtime: a client's probability by a tree model depends on how many others are scored with it.
#
# Expected: float32 differs from LightGBM's float64 in the 7th digit, and does so the same way for a row wherever it stands.
# Seen:     50 trees, 2 threads: a fifth of the clients get another last digit alone than among 1,000. 100 trees: alone and among
#           1,000 agree, but among 10 they do not. With one thread nothing differs.
# Why:      by the number of rows and of trees, it is rows or trees that are dealt to the threads; where it is trees, their partial
#           sums are added.
# Versions: onnxruntime 1.31.1, onnxmltools 1.16.0, onnx 1.23.2, lightgbm 4.7.0, numpy 2.4.6.
# Output:   50 trees, 1 threads: of 1,000 clients, alone 0 differ, among ten 0 (by 0.0e+00 at most)
#           50 trees, 2 threads: of 1,000 clients, alone 209 differ, among ten 209 (by 1.8e-07 at most)
#           100 trees, 1 threads: of 1,000 clients, alone 0 differ, among ten 0 (by 0.0e+00 at most)
#           100 trees, 2 threads: of 1,000 clients, alone 0 differ, among ten 201 (by 1.8e-07 at most)
# Matters:  a certificate that scores 10,000 clients as one batch says nothing of the one that a service scores alone: where a
#           probability lies on the threshold, the decision can be another one. Services here score with LightGBM, whose
#           numbers do not depend on the batch; an export is to be compared row by row too, or to run on one thread
#           (`docs/known-traps.md`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'onnxruntime==1.31.1' 'onnxmltools==1.16.0' 'onnx==1.23.2' 'skl2onnx==1.20.0' 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import lightgbm
import numpy as np
import onnxruntime
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

# It warns of the shape of the labels at every call.
onnxruntime.set_default_logger_severity(3)
draw = np.random.default_rng(0)
table = draw.normal(size=(20_000, 5)).astype(np.float32)
target = (draw.random(len(table)) < 1 / (1 + np.exp(2 - table.sum(axis=1)))).astype(int)
holds = True
for trees in (50, 100):
    chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
    model = lightgbm.train(chosen, lightgbm.Dataset(table, target), trees)
    graph = convert_lightgbm(model, initial_types=[("rows", FloatTensorType([None, 5]))], zipmap=False).SerializeToString()
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(graph, options)
        by_size = {}
        for size in (1, 10, 1000):
            parts = [session.run(None, {"rows": table[start : start + size]})[1][:, 1] for start in range(0, 1000, size)]
            by_size[size] = np.concatenate(parts)
        differing = {size: int((by_size[size] != by_size[1000]).sum()) for size in (1, 10)}
        most = max(float(np.abs(by_size[size] - by_size[1000]).max()) for size in (1, 10))
        print(f"{trees} trees, {threads} threads: of 1,000 clients, alone {differing[1]} differ, among ten {differing[10]} (by {most:.1e} at most)")
        holds &= max(differing.values()) == 0 if threads == 1 else max(differing.values()) > 50
raise SystemExit(0 if holds else "this has changed")
PYTHON
