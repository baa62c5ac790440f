#!/bin/sh
# DuckDB: the sniffer reads a French bank's file as other columns and other days, without a word.
#
# Expected: `;` is found as the separator of a table whose every line has one, with the header; and 01-02-24 in a file of
#           a French bank stays text, or is the first of February 2024 (it takes 01/02/2024 as day first).
# Seen:     `montant;taux` with decimal commas is split at the commas into three columns (whole number, text, whole
#           number) without a header, "1234,56;0,5" being 1234, "56;0" and 5. 01-02-24 is the 24th of February 2001.
# Versions: duckdb 2.0.1.
# Output:   montants.csv ['column0', 'column1', 'column2'] ['BIGINT', 'VARCHAR', 'BIGINT'] ['1234', '56;0', '5']
#           dates.csv ['id', 'ouvert'] ['BIGINT', 'DATE'] ['1', '2001-02-24']
#           barres.csv ['id', 'ouvert'] ['BIGINT', 'DATE'] ['1', '2024-02-01']
# Matters:  two amounts become three columns and a loan of 2024 one of 2001: nothing fails, features are wrong. Our readers of
#           the bank's tables take every cell as text, and its type from the catalogue (`core/tables/typed_rows.py`,
#           `core/tables/csv/lines.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'duckdb==2.0.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import duckdb

seen = {}
for name, text in {"montants.csv": "montant;taux\n1234,56;0,5\n99,10;1,5\n",
                   "dates.csv": "id;ouvert\n1;01-02-24\n2;05-06-24\n",
                   "barres.csv": "id;ouvert\n1;01/02/2024\n2;05/06/2024\n"}.items():
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    table = duckdb.sql(f"from '{name}'")
    seen[name] = (table.columns, [str(kind) for kind in table.types], [str(value) for value in table.limit(1).fetchall()[0]])
    print(name, *seen[name])
holds = (seen["montants.csv"][1:] == (["BIGINT", "VARCHAR", "BIGINT"], ["1234", "56;0", "5"])
         and seen["dates.csv"][2][1] == "2001-02-24" and seen["barres.csv"][2][1] == "2024-02-01")
raise SystemExit(0 if holds else "this has changed")
PYTHON
