"""An import gives what the source holds, typed; what is not a table is refused, and then nothing has changed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pyarrow.parquet as pq
import pyreadstat
import pytest

from core import catalogue, outputs
from core.data import limits
from core.data.importing import import_tables
from core.outputs import UnusableOutput
from core.portfolio.drawn_clients import is_synthetic, read_clients, synthetic_marker
from core.tables.csv import lines as csv_lines
from core.tables.sources import read_table, tables
from core.tables.typed_rows import TableError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def as_folder(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    return csv_folder


def as_parquet(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    return parquet_folder


def as_gzip(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    for path in csv_folder.iterdir():
        (out / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    return out


def as_zip(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    return zip_of({path.name: path.read_bytes() for path in csv_folder.iterdir()}, out)


def as_zip_with_a_folder(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    inside = {f"home-credit/tables/{path.name.upper()}": path.read_bytes() for path in csv_folder.iterdir()}
    return zip_of({"home-credit/": b"", "home-credit/about.pdf": b"%PDF", **inside}, out)


def as_zip_of_gzip(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    return zip_of({f"{path.name}.gz": gzip.compress(path.read_bytes(), 1) for path in csv_folder.iterdir()}, out)


def as_zip_of_parquet(csv_folder: Path, parquet_folder: Path, out: Path) -> Path:
    return zip_of({path.name: path.read_bytes() for path in parquet_folder.iterdir()}, out)


def zip_of(files: dict[str, bytes], folder: Path) -> Path:
    path = folder / "tables.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An empty folder to put files into."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "new" / "data"


balance = "SK_ID_BUREAU,MONTHS_BALANCE,STATUS\n5000001,-1,C\n5000001,-2,0\n"


def refusal(source: Path, data_dir: Path) -> str:
    with pytest.raises(TableError) as refused:
        import_tables(source, data_dir)
    return str(refused.value)


@pytest.mark.parametrize(
    "packed", [as_folder, as_gzip, as_zip, as_zip_with_a_folder, as_zip_of_gzip, as_parquet, as_zip_of_parquet]
)
def test_all_tables_come_over_value_for_value(
    packed: Callable[[Path, Path, Path], Path], csv_folder: Path, parquet_folder: Path, source: Path, data_dir: Path
) -> None:
    report = import_tables(packed(csv_folder, parquet_folder, source), data_dir)
    assert [table.stem for table in report.tables] == list(tables)
    assert report.missing == ()
    assert not report.synthetic
    for table in report.tables:
        read = pl.read_parquet(table.path)
        assert read.equals(read_table(csv_folder, table.stem))
        assert read.equals(pl.read_parquet(parquet_folder / f"{table.stem}.parquet").select(read.columns))
        assert table.rows == read.height > 0
        assert read.schema == {name: catalogue.polars_schema(tables[table.stem])[name] for name in read.columns}
        assert table.ignored_columns == ()
    assert sorted(path.name for path in data_dir.iterdir()) == sorted(f"{stem}.parquet" for stem in tables)


@pytest.mark.parametrize(
    ("above", "line_end", "encoding", "packed"),
    [
        ("", "\n", "latin-1", as_folder),
        ("sep=;\r\n", "\r\n", "utf-8-sig", as_zip),
        ("Encours au 31/10;;\n\n", "\n", "utf-16", as_zip_of_gzip),
    ],
)
def test_french_tables_come_over_value_for_value(
    above: str,
    line_end: str,
    encoding: str,
    packed: Callable[[Path, Path, Path], Path],
    parquet_folder: Path,
    tmp_path: Path,
    source: Path,
    data_dir: Path,
) -> None:
    """Written by Polars, and compared with the Parquet of which it wrote them: nothing of our reader is in between."""
    french = tmp_path / "french"
    french.mkdir()
    for stem in tables:
        # In no catalogue, but what the other columns stand beside in Latin-1.
        table = pl.read_parquet(parquet_folder / f"{stem}.parquet").with_columns(ÉTAT=pl.lit("réglé, 1.5"))
        text = table.write_csv(separator=";", decimal_comma=True, line_terminator=line_end)
        (french / f"{stem}.csv").write_bytes((above + text).encode(encoding))
    report = import_tables(packed(french, parquet_folder, source), data_dir)
    assert [table.stem for table in report.tables] == list(tables)
    for imported in report.tables:
        read = pl.read_parquet(imported.path)
        assert read.equals(pl.read_parquet(parquet_folder / f"{imported.stem}.parquet").select(read.columns))
        assert imported.ignored_columns == ("ÉTAT",)


def test_a_french_number_that_can_be_read_in_two_ways_is_refused(
    source: Path, parquet_folder: Path, data_dir: Path
) -> None:
    table = pl.read_parquet(parquet_folder / "bureau.parquet").head(3)
    amounts = pl.Series("AMT_CREDIT_SUM", ["1234,5", "202.500", "90,0"])
    french = table.with_columns(amounts).write_csv(separator=";", decimal_comma=True)
    (source / "bureau.csv").write_text(french)
    # The column has decimal commas: its points set thousands apart.
    import_tables(source, data_dir)
    assert read_table(data_dir, "bureau")["AMT_CREDIT_SUM"].to_list() == [1234.5, 202500.0, 90.0]
    (source / "bureau.csv").write_text(french.replace("1234,5", "").replace("90,0", "90"))
    message = refusal(source, data_dir)
    assert message.startswith("bureau.csv: line 3, column AMT_CREDIT_SUM: can be read in two ways")
    assert "202" not in message


def test_small_batches_give_the_same(csv_folder: Path, data_dir: Path) -> None:
    with patch.object(csv_lines, "_size_for_rows", lambda *_: 5000):
        import_tables(csv_folder, data_dir)
    for stem in tables:
        assert read_table(data_dir, stem).equals(read_table(csv_folder, stem))


def test_all_but_amounts_are_stored_with_a_dictionary(csv_folder: Path, data_dir: Path) -> None:
    import_tables(csv_folder, data_dir)
    group = pq.ParquetFile(data_dir / "bureau.parquet").metadata.row_group(0)
    columns = {(column := group.column(place)).path_in_schema: column for place in range(group.num_columns)}
    real = {column.name for column in catalogue.columns("bureau") if column.type == "real"}
    assert {name for name, column in columns.items() if not column.has_dictionary_page} == real


def test_the_model_reads_what_was_imported(csv_folder: Path, parquet_folder: Path, data_dir: Path) -> None:
    import_tables(csv_folder, data_dir)
    assert read_clients(data_dir).equals(read_clients(parquet_folder))


def test_real_rows_are_imported(real_sample: Path, data_dir: Path) -> None:
    report = import_tables(real_sample, data_dir)
    assert report.missing == ("application_test",)
    assert {table.stem: table.rows for table in report.tables}["application_train"] == 8318
    assert "HomeCredit_columns_description.csv" in report.skipped
    assert read_table(data_dir, "application_train").equals(read_table(real_sample, "application_train"))
    assert read_clients(data_dir).height == 8318


def test_what_is_missing_skipped_and_ignored_is_reported(source: Path, data_dir: Path) -> None:
    (source / "Bureau_Balance.CSV").write_text(balance.replace("STATUS\n", "STATUS,NOTE\n").replace("C\n", "C,x\n"))
    (source / "readme.txt").write_text("about")
    text = (source / "Bureau_Balance.CSV").read_text().replace("0\n", "0,\n")
    (source / "Bureau_Balance.CSV").write_text(text)
    report = import_tables(source, data_dir)
    assert [(table.stem, table.source, table.rows) for table in report.tables] == [
        ("bureau_balance", "Bureau_Balance.CSV", 2)
    ]
    assert report.tables[0].ignored_columns == ("NOTE",)
    assert report.missing == tuple(table for table in tables if table != "bureau_balance")
    assert report.skipped == ("readme.txt",)


def test_tables_that_the_source_lacks_stay(source: Path, csv_folder: Path, data_dir: Path) -> None:
    import_tables(csv_folder, data_dir)
    before = (data_dir / "bureau.parquet").read_bytes()
    (source / "bureau_balance.csv").write_text(balance)
    import_tables(source, data_dir)
    assert read_table(data_dir, "bureau_balance").height == 2
    assert (data_dir / "bureau.parquet").read_bytes() == before


def test_a_folder_can_be_imported_into_itself_again_and_again(source: Path) -> None:
    (source / "bureau_balance.csv").write_text(balance)
    assert import_tables(source, source).tables[0].rows == 2
    (source / "bureau_balance.csv").write_text(balance + "5000001,-3,X\n")
    assert import_tables(source, source).tables[0].rows == 3


def test_a_table_is_not_imported_onto_itself(source: Path, data_dir: Path) -> None:
    (source / "bureau_balance.csv").write_text(balance)
    import_tables(source, data_dir)
    ours = data_dir / "bureau_balance.parquet"
    table = pl.read_parquet(ours).with_columns(NOTE=pl.lit("of the bank, in no catalogue"))
    table.write_parquet(ours)
    (source / "bureau_balance.csv").unlink()
    (source / "bureau_balance.parquet").hardlink_to(ours)
    for same in (data_dir, source):
        with pytest.raises(UnusableOutput, match="is the input"):
            import_tables(same, data_dir)
    assert pl.read_parquet(ours).equals(table)


def test_an_import_that_cannot_be_put_in_place_leaves_the_folder_as_it_was(
    source: Path, csv_folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_tables(csv_folder, data_dir)
    before = {path.name: path.read_bytes() for path in data_dir.iterdir()}
    put = outputs._put

    def full(new: Path, path: Path) -> None:
        # The middle one of those that are put in place.
        if path.name == "credit_card_balance.parquet" and "after" in new.parts:
            raise OSError(28, "No space left on device")
        put(new, path)

    for path in csv_folder.iterdir():
        (source / path.name).write_bytes(path.read_bytes())
    (source / synthetic_marker).write_text("drawn")
    monkeypatch.setattr(outputs, "_put", full)
    with pytest.raises(OSError, match="No space"):
        import_tables(source, data_dir)
    assert {path.name: path.read_bytes() for path in data_dir.iterdir()} == before
    assert not is_synthetic(data_dir)


def test_an_import_that_fails_leaves_the_folder_as_it_was(source: Path, csv_folder: Path, data_dir: Path) -> None:
    import_tables(csv_folder, data_dir)
    before = {path.name: path.read_bytes() for path in data_dir.iterdir()}
    for path in csv_folder.iterdir():
        (source / path.name).write_bytes(path.read_bytes())
    # The last table to be read: all others have been written by then.
    with (source / "credit_card_balance.csv").open("a") as stream:
        stream.write("1,2\n")
    assert "credit_card_balance.csv: line" in refusal(source, data_dir)
    assert {path.name: path.read_bytes() for path in data_dir.iterdir()} == before


def test_what_a_killed_import_left_is_removed_a_day_later(source: Path, data_dir: Path) -> None:
    (source / "bureau_balance.csv").write_text(balance)
    for name, age in (("old", 25 * 3600), ("new", 60)):
        left = data_dir / f".staged-{name}"
        left.mkdir(parents=True)
        (left / "bureau.parquet").write_bytes(b"half")
        os.utime(left, (time.time() - age,) * 2)
    import_tables(source, data_dir)
    assert sorted(path.name for path in data_dir.iterdir()) == [".staged-new", "bureau_balance.parquet"]


def test_a_source_without_tables_makes_no_folder(source: Path, data_dir: Path) -> None:
    assert "source: holds no table: expected files such as application_train.csv" in refusal(source, data_dir)
    assert not data_dir.exists()


def test_a_table_that_is_there_twice_is_refused(source: Path, data_dir: Path) -> None:
    packed = zip_of({"a/bureau_balance.csv": b"", "b/bureau_balance.csv.gz": b""}, source)
    assert refusal(packed, data_dir) == (
        "tables.zip: bureau_balance appears more than once: a/bureau_balance.csv, b/bureau_balance.csv.gz"
    )


@pytest.mark.parametrize("name", ["application_train", "bureau", "previous_application"])
def test_repeated_keys_are_refused(name: str, source: Path, csv_folder: Path, data_dir: Path) -> None:
    lines = (csv_folder / f"{name}.csv").read_text().splitlines()
    (source / f"{name}.csv").write_text("\n".join([*lines[:4], lines[2]]))
    assert refusal(source, data_dir).endswith("rows 2 and 4 have the same number")


def test_a_value_that_does_not_fit_is_named_by_file_line_and_column(
    source: Path, csv_folder: Path, data_dir: Path
) -> None:
    table = pl.read_csv(csv_folder / "application_train.csv", infer_schema=False)
    spoilt = pl.when(pl.int_range(pl.len()) == 6).then(pl.lit("plenty")).otherwise("AMT_CREDIT").alias("AMT_CREDIT")
    table.with_columns(spoilt).write_csv(source / "application_train.csv")
    message = refusal(source, data_dir)
    assert message.startswith("application_train.csv: line 8, column AMT_CREDIT: is not a number; expected a number")
    assert "plenty" not in message


def test_a_missing_column_is_named(source: Path, csv_folder: Path, parquet_folder: Path, data_dir: Path) -> None:
    pl.read_csv(csv_folder / "bureau.csv").drop("DAYS_CREDIT").write_csv(source / "bureau.csv")
    assert refusal(source, data_dir) == "bureau.csv: missing column DAYS_CREDIT"
    (source / "bureau.csv").unlink()
    pl.read_parquet(parquet_folder / "bureau.parquet").drop("DAYS_CREDIT").write_parquet(source / "bureau.parquet")
    assert refusal(source, data_dir) == "bureau.parquet: missing column DAYS_CREDIT"


def test_only_application_test_may_lack_the_outcome(source: Path, csv_folder: Path, data_dir: Path) -> None:
    train = pl.read_csv(csv_folder / "application_train.csv", infer_schema=False).drop("TARGET")
    train.write_csv(source / "application_test.csv")
    assert import_tables(source, data_dir).tables[0].rows == train.height
    train.write_csv(source / "application_train.csv")
    assert refusal(source, data_dir) == "application_train.csv: missing column TARGET"


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (pl.Series([-1, 2]), "row 2, column MONTHS_BALANCE: is out of bounds"),
        (pl.Series([-1.0, -1.5]), "row 2, column MONTHS_BALANCE: is not a whole number"),
        (pl.Series([-1.0, float("inf")]), "row 2, column MONTHS_BALANCE: is not a finite number"),
        (pl.Series(["-1", "x"]), "row 2, column MONTHS_BALANCE: is not a number"),
        (pl.Series([[1], [2]]), "column MONTHS_BALANCE: holds List(Int64); expected a whole number"),
        (pl.Series([b"1", b"2"]), "column MONTHS_BALANCE: holds Binary; expected a whole number"),
        (pl.Series([0, 1]).cast(pl.Date), "column MONTHS_BALANCE: holds Date; expected a whole number"),
        (pl.Series([{"a": 1}, {"a": 2}]), "column MONTHS_BALANCE: holds Struct"),
    ],
)
def test_parquet_is_held_to_the_catalogue_too(column: pl.Series, sentence: str, source: Path, data_dir: Path) -> None:
    frame = pl.DataFrame({"SK_ID_BUREAU": [5000001, 5000002], "STATUS": ["C", "0"]})
    frame.with_columns(column.alias("MONTHS_BALANCE")).write_parquet(source / "bureau_balance.parquet")
    message = refusal(source, data_dir)
    assert message.startswith("bureau_balance.parquet: ")
    assert sentence in message


def test_parquet_in_other_types_is_cast(source: Path, data_dir: Path) -> None:
    pl.DataFrame(
        {
            "STATUS": pl.Series(["C", None, "0"], dtype=pl.Categorical),
            "MONTHS_BALANCE": [-1.0, float("nan"), None],
            "SK_ID_BUREAU": ["5000001", "5000002", "5000003"],
        }
    ).write_parquet(source / "bureau_balance.parquet")
    import_tables(source, data_dir)
    assert read_table(data_dir, "bureau_balance").rows() == [
        (5000001, -1, "C"),
        (5000002, None, None),
        (5000003, None, "0"),
    ]


def as_spss(rows: pl.DataFrame, path: Path) -> None:
    # The codes as labels of numbers, as a statistics package keeps them.
    coded = rows.with_columns(pl.col("STATUS").replace_strict({"C": 1.0, "0": 2.0}))
    pyreadstat.write_sav(coded, path, variable_value_labels={"STATUS": {1: "C", 2: "0"}})


formats: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "xlsx": lambda rows, path: rows.write_excel(path),
    "feather": lambda rows, path: rows.write_ipc(path),
    "jsonl": lambda rows, path: rows.write_ndjson(path),
    "json.xz": lambda rows, path: path.write_bytes(lzma.compress(rows.write_json().encode())),
    "csv.bz2": lambda rows, path: path.write_bytes(bz2.compress(rows.write_csv().encode())),
    "csv.zst": lambda rows, path: path.write_bytes(zstd.compress(rows.write_csv().encode())),
    "dta": lambda rows, path: pyreadstat.write_dta(rows.with_columns(pl.col("SK_ID_BUREAU").cast(pl.Int32)), path),
    "xpt": lambda rows, path: pyreadstat.write_xport(rows, path, file_format_version=8),
    "sav": as_spss,
}


@pytest.mark.parametrize("ending", formats)
def test_a_table_of_any_format_that_is_scored_is_imported(ending: str, source: Path, data_dir: Path) -> None:
    rows = pl.DataFrame(
        {"SK_ID_BUREAU": [5000001, 5000002], "MONTHS_BALANCE": [-1, -2], "STATUS": ["C", "0"]}, strict=True
    )
    path = source / f"Bureau_Balance.{ending}"
    formats[ending](rows, path)
    expected = rows.rows()
    (source.parent / "zipped").mkdir()
    for given in (source, path, zip_of({path.name: path.read_bytes()}, source.parent / "zipped")):
        report = import_tables(given, data_dir)
        assert [(table.stem, table.rows) for table in report.tables] == [("bureau_balance", 2)]
        assert read_table(data_dir, "bureau_balance").rows() == expected
        assert [entry.name for entry in data_dir.iterdir()] == ["bureau_balance.parquet"]


damaged_gzip = gzip.compress(balance.encode() * 1000)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bureau_balance.csv.gz", damaged_gzip[:-20]),
        ("bureau_balance.csv.gz", damaged_gzip[:40] + b"\0\0\0\0" + damaged_gzip[44:]),
        ("bureau_balance.csv.gz", balance.encode()),
        ("bureau_balance.csv.gz", b""),
        ("bureau_balance.parquet", b"PAR1 and no more"),
        ("bureau_balance.parquet", b""),
    ],
)
def test_a_damaged_file_is_refused(name: str, data: bytes, source: Path, data_dir: Path) -> None:
    (source / name).write_bytes(data)
    in_folder = refusal(source, data_dir)
    refusals = tuple(
        f"{name}: {start}" for start in ("cannot be read (", "The file is empty", "The file cannot be read as")
    )
    assert in_folder.startswith(refusals)
    (source / name).unlink()
    assert refusal(zip_of({name: data}, source), data_dir).startswith(refusals)
    assert list(data_dir.iterdir()) == []


def test_a_zip_with_damaged_contents_is_refused(source: Path, data_dir: Path) -> None:
    packed = zip_of({"bureau_balance.csv": balance.encode() * 1000}, source)
    data = bytearray(packed.read_bytes())
    data[70:74] = b"\0\0\0\0"
    packed.write_bytes(data)
    assert refusal(packed, data_dir).startswith("bureau_balance.csv: ")
    packed.write_bytes(data[:-30])
    assert refusal(packed, data_dir).startswith("tables.zip: cannot be read as a zip (")


@pytest.mark.parametrize("name", ["../../bureau_balance.csv", "/bureau_balance.csv", "a/../../../bureau_balance.csv"])
def test_a_name_in_a_zip_leads_nowhere(name: str, source: Path, data_dir: Path, tmp_path: Path) -> None:
    packed = zip_of({name: balance.encode(), "../../evil.sh": b"exit"}, source)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    report = import_tables(packed, data_dir)
    assert report.tables[0].path == data_dir / "bureau_balance.parquet"
    assert {path for path in tmp_path.rglob("*") if path.is_file()} - before == {report.tables[0].path}
    assert report.skipped == ("../../evil.sh",)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_small_file_that_becomes_a_huge_one_is_refused(ending: str, source: Path, data_dir: Path) -> None:
    # Numbers that do not repeat: nothing is out of proportion, and too large all the same.
    rows = balance + "".join(f"{number * 7919 % 1_000_003},-1,C\n" for number in range(100_000))
    data = gzip.compress(rows.encode()) if ending == ".csv.gz" else rows.encode()
    packed = zip_of({f"bureau_balance{ending}": data}, source)
    with patch.object(limits, "max_table_bytes", 1_000_000):
        assert refusal(packed, data_dir).startswith(f"bureau_balance{ending}: is larger than")
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_what_unpacks_out_of_proportion_is_refused(ending: str, source: Path, data_dir: Path) -> None:
    rows = pl.select(SK_ID_BUREAU=pl.repeat(5000001, 1_000_000), MONTHS_BALANCE=-1, STATUS=pl.lit("C"))
    content = io.BytesIO()
    if ending == ".parquet":
        rows.write_parquet(content)
    else:
        rows.write_csv(content)
    data = gzip.compress(content.getvalue()) if ending == ".csv.gz" else content.getvalue()
    with zipfile.ZipFile(source / "tables.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"bureau_balance{ending}", data)
    assert "MAX_UNPACKED_RATIO" in refusal(source / "tables.zip", data_dir)
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize(
    ("change", "setting"),
    [
        (lambda rows: rows.with_columns(pl.lit("Z" * 1001).alias("STATUS")), "MAX_CELL_BYTES"),
        (lambda rows: rows.with_columns(pl.lit(0).alias(f"x{number}") for number in range(5001)), "MAX_FILE_COLUMNS"),
        (lambda rows: rows.with_columns(pl.lit(0).alias("x" * 500_001)), "MAX_HEADER_BYTES"),
    ],
)
def test_tables_have_the_limits_of_files(
    ending: str, change: Callable[[pl.DataFrame], pl.DataFrame], setting: str, source: Path, data_dir: Path
) -> None:
    rows = change(pl.DataFrame({"SK_ID_BUREAU": [1, 2], "MONTHS_BALANCE": [-1, -2], "STATUS": ["C", "C"]}))
    path = source / f"bureau_balance{ending}"
    if ending == ".parquet":
        rows.write_parquet(path)
    else:
        text = rows.write_csv().encode()
        path.write_bytes(gzip.compress(text) if ending == ".csv.gz" else text)
    sentence = refusal(source, data_dir)
    assert sentence.startswith(f"bureau_balance{ending}: ")
    assert setting in sentence
    assert "ZZ" not in sentence


def test_synthetic_tables_stay_marked(source: Path, data_dir: Path) -> None:
    files = {"bureau_balance.csv": balance.encode(), f"demo/{synthetic_marker}": b"drawn"}
    assert import_tables(zip_of(files, source), data_dir).synthetic
    assert is_synthetic(data_dir)


def test_real_and_synthetic_tables_are_not_mixed(source: Path, csv_folder: Path, data_dir: Path) -> None:
    import_tables(csv_folder, data_dir)
    (source / "bureau_balance.csv").write_text(balance)
    (source / synthetic_marker).write_text("drawn")
    message = refusal(source, data_dir)
    assert "the folder data holds real tables, which synthetic ones cannot join (application_train" in message
    assert not is_synthetic(data_dir)


def test_a_complete_set_of_real_tables_takes_the_place_of_synthetic_ones(
    source: Path, csv_folder: Path, data_dir: Path
) -> None:
    (source / "bureau_balance.csv").write_text(balance)
    (source / synthetic_marker).write_text("drawn")
    import_tables(source, data_dir)
    import_tables(csv_folder, data_dir)
    assert not is_synthetic(data_dir)
