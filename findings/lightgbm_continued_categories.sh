#!/bin/sh
# LightGBM: continued or refitted on a frame in which a category does not occur, a model takes each category for another one.
#
# Expected: the trees that are there go on meaning what they meant, or the frame is refused: for a prediction, the categories of
#           any frame are matched by name.
# Seen:     2 % of the clients who work at a bank default, 10 % at a school, 30 % in trade, and the model says so. Brought up to date
#           on clients of the very same rates of whom none works at a bank, it says 3 % of a school and 10 to 12 % of trade after
#           `refit`, or one round of `init_model`. After 100 rounds these two are learnt anew, and a bank, of which nothing was heard,
#           is at 40 %. On the same clients with the three categories listed in the frame: as before. No word in the log.
# Why:      the new frame numbers its categories anew, and the one list of the result (`pandas_categorical`) is the new frame's:
#           the old trees are read with its numbers, in training as well, and what is not in it is missing.
# Versions: lightgbm 4.7.0, pandas 3.1.1, numpy 2.4.6.
# Output:   trained                                bank 0.02, school 0.10, trade 0.30
#           refitted                               bank 0.14, school 0.03, trade 0.10
#           continued, 1 round                     bank 0.17, school 0.03, trade 0.12
#           continued, 100 rounds                  bank 0.40, school 0.10, trade 0.30
#           continued, 100 rounds, bank is listed  bank 0.02, school 0.10, trade 0.30
#           warnings, and lines of the log: 0
# Matters:  a model is brought up to date with a quarter's applications, and of 58 types of organisation a rare one is not among them.
#           Ours is trained anew, on codes whose numbers travel with the model (`core/features/encoding.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'lightgbm==4.7.0' 'pandas==3.1.1' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import logging
import warnings

import lightgbm
import numpy as np
import pandas as pd

RATES = {"bank": 0.02, "school": 0.10, "trade": 0.30}
PARAMS = {"objective": "binary", "num_threads": 1, "verbosity": 0}
lines = []
logger = logging.getLogger("lightgbm")
logger.setLevel(logging.INFO)
logger.addFilter(lambda record: "No further splits" not in record.getMessage() and lines.append(record.getMessage()))
lightgbm.register_logger(logger)


def clients(kinds, listed=None):
    """1,000 clients of each kind, of whom exactly its rate defaults."""
    work = pd.Categorical([kind for kind in kinds for _ in range(1000)], categories=listed)
    return pd.DataFrame({"work": work}), np.array([float(place < 1000 * RATES[kind]) for kind in kinds for place in range(1000)])


with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    model = lightgbm.train(PARAMS, lightgbm.Dataset(*clients(RATES)), 100)
    two = ["school", "trade"]
    said = {
        "trained": model,
        "refitted": model.refit(*clients(two)),
        "continued, 1 round": lightgbm.train(PARAMS, lightgbm.Dataset(*clients(two)), 1, init_model=model),
        "continued, 100 rounds": lightgbm.train(PARAMS, lightgbm.Dataset(*clients(two)), 100, init_model=model),
        "continued, 100 rounds, bank is listed": lightgbm.train(PARAMS, lightgbm.Dataset(*clients(two, list(RATES))), 100, init_model=model),
    }
    asked = pd.DataFrame({"work": pd.Categorical(list(RATES))})
    said = {name: dict(zip(RATES, booster.predict(asked))) for name, booster in said.items()}
for name, rates in said.items():
    print(f"{name:<38} {', '.join(f'{kind} {rate:.2f}' for kind, rate in rates.items())}")
print(f"warnings, and lines of the log: {len(warned) + len(lines)}")


def near(name, wanted):
    return all(abs(said[name][kind] - rate) < 0.03 for kind, rate in wanted.items())


holds = near("trained", RATES) and near("continued, 100 rounds, bank is listed", RATES) and not warned and not lines
holds = holds and all(near(name, {"school": 0.02, "trade": 0.10}) for name in ("refitted", "continued, 1 round"))
raise SystemExit(0 if holds and said["continued, 100 rounds"]["bank"] > 0.3 else "this has changed")
PYTHON
