#!/bin/sh
# pypmml: in a frame, or an array, a number keeps ten decimals on its way into the model; in a dict or a list it keeps all.
#
# Expected: by its documentation, the same for every kind of input. Guessed from its code, which hands a frame over as pandas' JSON: in
#           a frame and in an array the tenth decimal decides, and what comes back in them is off by its last digit.
# Seen:     as guessed: 0.10000000000000002 and 0.10000000004 go to the left of `<= 0.1` in a frame and in an array, and to the right in
#           a dict and in a list. What comes back in a frame is 0.33333333333333304 for 0.3333333333333333.
# Why:      `DataFrame.to_json` rounds to ten decimals unless it is told not to, and `read_json` reads numbers fast, not exactly.
# Versions: pypmml 1.5.8 (PMML4S 1.5.8), pandas 3.1.1, numpy 2.4.6, Java 17.0.15.
# Output:   0.1: dict 0.5 list 0.5 frame 0.5 array 0.5
#           0.10000000000000002: dict 0.3333333333333333 list 0.3333333333333333 frame 0.5 array 0.5
#           0.10000000004: dict 0.3333333333333333 list 0.3333333333333333 frame 0.5 array 0.5
#           0.10000000006: dict 0.3333333333333333 list 0.3333333333333333 frame 0.33333333333333304 array 0.33333333333333304
# Matters:  small shares and ratios of a credit application differ where they are compared. A certificate of an export to PMML asks PMML4S
#           itself, in JSON whose numbers are written out (`core/model/export/pmml/evaluator.py`), and its page says what not to use.
# Needs:    Java (8 or later), which no package index has.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'pypmml==1.5.8' 'py4j==0.10.9.9' 'jpype1==1.7.1' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
from pypmml import Model

model = Model.load("""<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/>
<DataDictionary><DataField name="ratio" optype="continuous" dataType="double"/></DataDictionary>
<TreeModel functionName="regression" splitCharacteristic="binarySplit"><MiningSchema><MiningField name="ratio"/></MiningSchema>
<Node><True/>
<Node score="0.5"><SimplePredicate field="ratio" operator="lessOrEqual" value="0.1"/></Node>
<Node score="0.3333333333333333"><True/></Node>
</Node></TreeModel></PMML>""")
holds = True
for value in (0.1, float(np.nextafter(0.1, 1)), 0.10000000004, 0.10000000006):
    (by_dict,) = model.predict({"ratio": value}).values()
    (by_list,) = model.predict([value])
    by_frame = float(model.predict(pd.DataFrame({"ratio": [value]})).to_numpy()[0, 0])
    by_array = float(np.asarray(model.predict(np.array([[value]])))[0, 0])
    print(f"{value}: dict {by_dict} list {by_list} frame {by_frame} array {by_array}")
    exact = 0.5 if value <= 0.1 else 0.3333333333333333
    holds &= by_dict == by_list == exact
    holds &= (by_frame == by_array == 0.5) if value < 0.10000000005 else by_frame != exact and abs(by_frame - exact) < 1e-15
Model.close()
raise SystemExit(0 if holds else "this has changed")
PYTHON
