#!/bin/sh
# MLflow: whole numbers are refused where a signature says double, and the refusal repeats the rows that were sent.
#
# Expected: 64-bit whole numbers are taken as doubles, as by NumPy and pandas; an error names the column.
# Seen:     a column of int64 is refused ("Can not safely convert int64 to float64"), one of int32 is taken; so a column that is
#           complete in one file and has a gap in another (pandas reads the first as int64, the second as float64) is refused and
#           taken in turn. The error begins with the rows themselves, names and incomes included.
# Why:      what cannot be kept to the last digit beyond 2**53 counts as unsafe, whatever the values are; the message is made of the
#           frame as it prints itself.
# Versions: mlflow-skinny 3.17.2, pandas 3.1.1, numpy 2.4.6.
# Output:   int32: taken
#           float64: taken
#           int64: refused, the value is repeated: True
# Matters:  errors go to logs and proxies, and so do the clients in them. The registered model takes doubles, which callers make
#           first (README); its own refusals name the row and the column, and never a value (`core/model/raw_rows.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --only-binary :all: --disable-pip-version-check 'mlflow-skinny==3.17.2' 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -W ignore - <<'PYTHON'
import logging

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

logging.disable(logging.WARNING)


class Income(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input["income"].tolist()


signature = ModelSignature(inputs=Schema([ColSpec("double", "income", required=False)]))
mlflow.pyfunc.save_model("model", python_model=Income(), signature=signature, pip_requirements=[])
model = mlflow.pyfunc.load_model("model")
holds = True
for kind in ("int32", "float64", "int64"):
    frame = pd.DataFrame({"income": pd.Series([48_321, 52_000]).astype(kind)})
    try:
        model.predict(frame)
    except mlflow.exceptions.MlflowException as error:
        repeated = "48321" in str(error)
        print(f"{kind}: refused, the value is repeated: {repeated}")
        holds &= kind == "int64" and repeated
    else:
        print(f"{kind}: taken")
        holds &= kind != "int64"
raise SystemExit(0 if holds else "this has changed")
PYTHON
