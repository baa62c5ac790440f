#!/bin/sh
# pandas: `read_csv(thousands=".", decimal=",")` makes whole numbers of dates and of contract numbers.
#
# Expected: the point counts as a separator of thousands where groups of three follow (1.234,56); 01.02.2024 stays text.
# Seen:     01.02.2024 is the whole number 1022024, a phone number 06.12.34.56.78 is 612345678, and version 1.10 is 110.
#           No warning, in the C and in the Python reader.
# Versions: pandas 3.1.1, numpy 2.4.6.
# Output:   c {'date': 1022024, 'amount': 1234.56, 'phone': 612345678, 'version': 110}
#           python {'date': 1022024, 'amount': 1234.56, 'phone': 612345678, 'version': 110}
# Matters:  a history exported in German or Italian style keeps a "date" column that sorts by day, and a product of 1.10 meets
#           one of 11.0. Our readers do not turn what is written into numbers by a rule for the whole file: each column has
#           its type in the catalogue, and a date is parsed as a date or refused (`core/tables/typed_rows.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'pandas==3.1.1' 'numpy==2.4.6' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import io

import pandas

text = "date;amount;phone;version\n01.02.2024;1.234,56;06.12.34.56.78;1.10\n"
holds = True
for engine in ("c", "python"):
    row = pandas.read_csv(io.StringIO(text), sep=";", thousands=".", decimal=",", engine=engine).to_dict("records")[0]
    print(engine, row)
    holds &= row == {"date": 1022024, "amount": 1234.56, "phone": 612345678, "version": 110}
raise SystemExit(0 if holds else "this has changed")
PYTHON
