#!/bin/sh
# sklearn-pmml-model: a tree of PMML that says what becomes of missing values sends them to the higher ones, whatever it says.
#
# Expected: with missingValueStrategy="defaultChild" a client whose score is missing goes to the child that is named; with
#           missingValueReplacement="0.2" it counts as 0.2; with "nullPrediction" there is no answer (PMML 4.3, TreeModel and
#           MiningSchema). Or what is not supported is refused.
# Seen:     up to a score of 0.5, 60 of 100 default, above it 5. The missing score is told to be low: 0.60. The answer is 0.05 in
#           each of the three, as for the best score, in whichever order the children stand. Known scores are right. No warning.
# Why:      predicates and counts are read into a tree of scikit-learn, the rest is not looked at; a missing value is not
#           less than anything, and goes where what is greater goes.
# Versions: sklearn-pmml-model 1.0.8, scikit-learn 1.9.1, pandas 3.1.1, numpy 2.4.6.
# Output:   default child is the low one: score 0.2: 0.60, score 0.8: 0.05, missing: 0.05
#           the same, children turned: score 0.2: 0.60, score 0.8: 0.05, missing: 0.05
#           missing counts as 0.2: score 0.2: 0.60, score 0.8: 0.05, missing: 0.05
#           no answer for missing: score 0.2: 0.60, score 0.8: 0.05, missing: 0.05
#           warnings: 0
# Matters:  PMML is how a model goes from one bank's system to another's, and an external score is missing for half of the clients: they
#           would be the safest. Our export names a predicate and "else" in each node, no strategy, and is proved by PMML4S with every
#           column missing alone (`core/model/export/pmml/document.py`, `core/model/export/proof/edge_rows.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'sklearn-pmml-model==1.0.8' 'scikit-learn==1.9.1' 'pandas==3.1.1' 'numpy==2.4.6' 'scipy==1.17.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import io
import warnings

import numpy as np
from sklearn_pmml_model.tree import PMMLTreeClassifier

TREE = """<PMML version="4.3" xmlns="http://www.dmg.org/PMML-4_3"><Header/>
<DataDictionary numberOfFields="2">
 <DataField name="default" optype="categorical" dataType="integer"><Value value="0"/><Value value="1"/></DataField>
 <DataField name="score" optype="continuous" dataType="double"/>
</DataDictionary>
<TreeModel functionName="classification" splitCharacteristic="binarySplit" missingValueStrategy="{strategy}">
 <MiningSchema><MiningField name="default" usageType="target"/><MiningField name="score"{replacement}/></MiningSchema>
 <Node id="all" defaultChild="low" recordCount="200"><True/>{children}</Node>
</TreeModel></PMML>"""
LOW = """<Node id="low" score="1" recordCount="100"><SimplePredicate field="score" operator="lessOrEqual" value="0.5"/>
 <ScoreDistribution value="0" recordCount="40"/><ScoreDistribution value="1" recordCount="60"/></Node>"""
HIGH = """<Node id="high" score="0" recordCount="100"><SimplePredicate field="score" operator="greaterThan" value="0.5"/>
 <ScoreDistribution value="0" recordCount="95"/><ScoreDistribution value="1" recordCount="5"/></Node>"""
TREES = {
    "default child is the low one": TREE.format(strategy="defaultChild", replacement="", children=LOW + HIGH),
    "the same, children turned": TREE.format(strategy="defaultChild", replacement="", children=HIGH + LOW),
    "missing counts as 0.2": TREE.format(strategy="none", replacement=' missingValueReplacement="0.2"', children=LOW + HIGH),
    "no answer for missing": TREE.format(strategy="nullPrediction", replacement="", children=LOW + HIGH),
}
asked = np.array([[0.2], [0.8], [np.nan]])
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    said = {name: PMMLTreeClassifier(io.StringIO(text)).predict_proba(asked)[:, 1] for name, text in TREES.items()}
for name, (low, high, missing) in said.items():
    print(f"{name}: score 0.2: {low:.2f}, score 0.8: {high:.2f}, missing: {missing:.2f}")
print(f"warnings: {len(warned)}")
holds = all(np.allclose(answer, [0.6, 0.05, 0.05]) for answer in said.values()) and not warned
raise SystemExit(0 if holds else "this has changed")
PYTHON
