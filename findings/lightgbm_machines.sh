#!/bin/sh
# LightGBM: grown by several machines, a feature is binned on the rows of one of them; what only the others have is lost.
#
# Expected: data-parallel training agrees on bins that hold for the rows of all machines (it exchanges histograms of them), and so
#           does not care how the rows are dealt.
# Seen:     four counts from 0 to 9; on the second machine alone they go up to 29, and are missing for some (with a risk of
#           0.7). Two features of four come out with missing type "None": a known 0 and missing get one risk between the
#           two, and everything above 9 is one value. The other two are right. No warning. Rows dealt in turn: all four are right.
# Why:      the features are shared out, and each machine finds the bins of its share on its own rows.
# Versions: lightgbm 4.7.0, numpy 2.4.6; two processes of one machine, as `lightgbm.dask` starts them.
# Output:   one machine: missing type NaN, NaN, NaN, NaN; risk where 0 [0.34 0.33 0.3  0.31], where missing [0.7 0.7 0.7 0.7], from 9 to 29 [0.13 0.07 0.06 0.09]
#           two, by date: missing type None, None, NaN, NaN; risk where 0 [0.58 0.58 0.27 0.27], where missing [0.58 0.58 0.7  0.7 ], from 9 to 29 [0.   0.   0.08 0.11]
#           two, in turn: missing type NaN, NaN, NaN, NaN; risk where 0 [0.34 0.33 0.3  0.31], where missing [0.69 0.7  0.7  0.7 ], from 9 to 29 [0.13 0.07 0.06 0.08]
# Matters:  tables lie by date or by branch, and a source that began (or stopped) in between is missing in one part only.
#           `core/cluster/training.py` deals every n-th row to each worker, so that each part is like the whole; folds and
#           evaluation are of one machine each.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'lightgbm==4.7.0' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
cat >grow.py <<'PYTHON'
import multiprocessing
import queue
import socket

import lightgbm
import numpy as np

chosen = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1}
draw = np.random.default_rng(0)
rows = 20_000
later = np.arange(rows) >= rows // 2
counts = draw.integers(0, 10, (rows, 4)) + np.where(later[:, None], draw.integers(0, 3, (rows, 4)) * 10, 0).astype(float)
missing = later[:, None] & (draw.random((rows, 4)) < 0.1)
target = (draw.random(rows) < np.where(missing.any(axis=1), 0.7, 0.1 + 0.1 * (counts > 20).sum(axis=1))).astype(int)
counts[missing] = np.nan


def grow(place, ports, part, answers):
    machines = {"tree_learner": "data", "num_machines": 2, "local_listen_port": ports[place], "pre_partition": True,
                "machines": ",".join(f"127.0.0.1:{port}" for port in ports)}
    data = lightgbm.Dataset(counts[part], target[part], params=chosen | machines)
    model = lightgbm.train(chosen | machines, data, 50)
    if place == 0:
        answers.put(model.model_to_string())
    model.free_network()


def together(parts):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    free = [socket.create_server(("127.0.0.1", 0)) for _ in parts]
    ports = [place.getsockname()[1] for place in free]
    for place in free:
        place.close()
    processes = [context.Process(target=grow, args=(place, ports, part, answers)) for place, part in enumerate(parts)]
    for process in processes:
        process.start()
    try:
        return lightgbm.Booster(model_str=answers.get(timeout=40))
    except queue.Empty:
        raise SystemExit("the machines did not finish") from None
    finally:
        for process in processes:
            process.join(10)
            process.kill()


def kinds(node, found):
    if "split_feature" in node:
        found[node["split_feature"]] = node["missing_type"]
        kinds(node["left_child"], found)
        kinds(node["right_child"], found)


def risks(model, value):
    found = []
    for feature in range(4):
        points = counts[later]
        points[:, feature] = value
        found.append(float(model.predict(points).mean()))
    return np.array(found)


if __name__ == "__main__":
    place = np.arange(rows)
    models = {"one machine": lightgbm.train(chosen, lightgbm.Dataset(counts, target), 50),
              "two, by date": together([place[~later], place[later]]),
              "two, in turn": together([place[::2], place[1::2]])}
    lost = {}
    for name, model in models.items():
        found = {}
        for tree in model.dump_model()["tree_info"]:
            kinds(tree["tree_structure"], found)
        zero, none, nine, most = (risks(model, value) for value in (0.0, np.nan, 9.0, 29.0))
        print(f"{name}: missing type {', '.join(found[feature] for feature in range(4))}; risk where 0 {zero.round(2)}, "
              f"where missing {none.round(2)}, from 9 to 29 {(most - nine).round(2)}")
        lost[name] = [found[feature] == "None" and zero[feature] == none[feature] and most[feature] == nine[feature]
                      for feature in range(4)]
    holds = not any(lost["one machine"] + lost["two, in turn"]) and sum(lost["two, by date"]) == 2
    raise SystemExit(0 if holds else "this has changed")
PYTHON
code=0
venv/bin/python grow.py >seen.log || code=$?
grep -v '^\[LightGBM\]' seen.log
exit $code
