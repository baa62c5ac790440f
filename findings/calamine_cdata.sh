#!/bin/sh
# A workbook cell whose value stands in a CDATA section is empty for calamine.
#
# Expected: an XLSX sheet is XML, and `<v><![CDATA[406597.5]]></v>` is `<v>406597.5</v>` for whoever parses it, as for
#   openpyxl; at the least an error. Some programs that write workbooks without a library set values in such sections.
# What happens: fastexcel (calamine, by which `polars.read_excel` reads unless told otherwise) gives null for a number and
#   an empty text for what a formula came to, without an error or a warning. Inline and shared texts that are written so
#   it reads. Rows and columns keep their places, so that nothing but the missing values tells.
# Versions: fastexcel 0.21.0, openpyxl 3.1.5, polars 2.1.0, pyarrow 26.0.1, Python 3.11.
# Seen:
#   openpyxl: [(100001, 'Working', 406597.5), (100002, 'Pensioner', 1293502.5)]
#   calamine: [(100001.0, '', None), (100002.0, 'Pensioner', 1293502.5)]
# Why it matters here: the amount of an application would be scored as not stated. core/tables/foreign/error_cells.py
#   writes such cells without sections before calamine sees them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fastexcel==0.21.0 openpyxl==3.1.5 polars==2.1.0 pyarrow==26.0.1
"$folder/env/bin/python" - <<'EOF'
import io
import sys
import zipfile

import fastexcel
import openpyxl

INLINE = '<c r="B2" t="inlineStr"><is><t>Working</t></is></c>'
NUMBER = "<v>406597.5</v>"

book = openpyxl.Workbook()
book.active.append(["SK_ID_CURR", "NAME_INCOME_TYPE", "AMT_CREDIT"])
book.active.append([100001, "Working", 406597.5])
book.active.append([100002, "Pensioner", 1293502.5])
written = io.BytesIO()
book.save(written)

plain = zipfile.ZipFile(written)
changed = io.BytesIO()
with zipfile.ZipFile(changed, "w") as archive:
    for name in plain.namelist():
        text = plain.read(name).decode()
        if name == "xl/worksheets/sheet1.xml":
            for cell in (INLINE, NUMBER):
                assert cell in text, text
            text = text.replace(INLINE, '<c r="B2" t="str"><v><![CDATA[Working]]></v></c>')
            text = text.replace(NUMBER, "<v><![CDATA[406597.5]]></v>")
        archive.writestr(name, text)

by_openpyxl = list(openpyxl.load_workbook(changed).active.values)[1:]
by_calamine = fastexcel.read_excel(changed.getvalue()).load_sheet(0).to_polars().rows()
print("openpyxl:", by_openpyxl)
print("calamine:", by_calamine)
second = ("Pensioner", 1293502.5)
expected = [(100001, "Working", 406597.5), (100002, *second)], [(100001.0, "", None), (100002.0, *second)]
sys.exit((by_openpyxl, by_calamine) != expected)
EOF
