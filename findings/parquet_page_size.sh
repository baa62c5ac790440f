#!/bin/sh
# Parquet: pyarrow looks at `data_page_size` every 1,024 values only, so that pages of long values are 160 times the limit.
#
# Expected: a page is closed near the size that was asked for, or that is usual (1 MiB), whatever its values are.
# Seen:     64 kB asked for, texts of 10 kB: pages of 10 MB, 1,024 values each. Texts of 100 kB, 200 rows: one page of 20 MB. With
#           `write_batch_size=1` pages are of 65 to 100 kB; nothing else in the call bounds them.
# Why:      the size is compared after each batch of values, and a batch is 1,024.
# Versions: pyarrow 25.0.1.
# Output:   texts of 100, batches of 1,024: 20 pages, largest 106,503 bytes, 1024 values
#           texts of 100, batches of 1: 32 pages, largest 65,631 bytes, 631 values
#           texts of 10,000, batches of 1,024: 2 pages, largest 10,244,103 bytes, 1024 values
#           texts of 10,000, batches of 1: 293 pages, largest 70,034 bytes, 7 values
#           texts of 100,000, batches of 1,024: 1 pages, largest 20,000,807 bytes, 200 values
#           texts of 100,000, batches of 1: 200 pages, largest 100,010 bytes, 1 values
# Matters:  a reader unpacks a page whole: who reckons with pages of 1 MB allocates many times more, for a column of notes in a
#           quite honest file. Uploads are judged by the headers of their pages and by the length of values, not by what
#           writers promise (`core/tables/parquet/layout.py`, decision 10).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'pyarrow==25.0.1' 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python - <<'PYTHON'
import pyarrow
import pyarrow.parquet as parquet


def whole(body, place):
    value = shift = 0
    while True:
        byte = body[place]
        value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            return (value >> 1) ^ -(value & 1), place


def header(body, place):
    # Thrift's compact protocol, of which a page header without statistics needs whole numbers and messages within.
    fields, name = {}, 0
    while body[place]:
        kind, step = body[place] & 15, body[place] >> 4
        name, place = name + step, place + 1
        if kind not in (5, 12):
            raise ValueError(f"a field of kind {kind}")
        fields[name], place = (whole if kind == 5 else header)(body, place)
    return fields, place + 1


def pages(path):
    chunk = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    with open(path, "rb") as file:
        file.seek(chunk.data_page_offset)
        body = file.read(chunk.total_compressed_size)
    place = 0
    while place < len(body):
        fields, place = header(body, place)
        place += fields[3]
        yield fields[2], fields[5][1]


seen = {}
for length, rows in ((100, 20_000), (10_000, 2048), (100_000, 200)):
    table = pyarrow.table({"text": [f"{row:010d}" * (length // 10) for row in range(rows)]})
    for batch in (1024, 1):
        parquet.write_table(table, "rows.parquet", data_page_size=64 * 1024, write_batch_size=batch, use_dictionary=False,
                            compression="none", write_statistics=False)
        found = list(pages("rows.parquet"))
        seen[length, batch] = max(size for size, _ in found)
        assert sum(values for _, values in found) == rows
        print(f"texts of {length:,}, batches of {batch:,}: {len(found)} pages, largest {seen[length, batch]:,} bytes, {found[0][1]} values")
usual = max(seen[length, 1] for length in (100, 10_000, 100_000)) < 2 * 64 * 1024
raise SystemExit(0 if usual and seen[10_000, 1024] > 10_000_000 and seen[100_000, 1024] > 20_000_000 else "this has changed")
PYTHON
