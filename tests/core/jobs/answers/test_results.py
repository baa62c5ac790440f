"""A result is read page by page, sorted and filtered; no file that comes of it runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from core import catalogue
from core.access import person
from core.decision import refused
from core.jobs.answers import made, results, workbook
from core.jobs.answers.made import ResultForm
from core.jobs.answers.results import Condition, RowQuery, UnknownRow
from core.jobs.running.worker import Worker
from core.jobs.store import JobStore
from core.settings import Settings
from core.text.messages import message

if TYPE_CHECKING:
    from pathlib import Path

    from core.catalogue import Language
    from core.model.source import ModelSource
    from tests.core.jobs.conftest import Sender


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory, models_dir: Path, loaded_model: ModelSource, csv_file: bytes
) -> Path:
    """The folder of a job that is done."""
    settings = Settings(models_dir=models_dir, jobs_dir=tmp_path_factory.mktemp("jobs"))
    store = JobStore(settings.jobs_dir)
    with store.receive() as upload:
        upload.write(csv_file)
        sent = store.create(upload, "in.csv", person.Sender("tester"))
    Worker(settings, model=loaded_model).run(sent.id)
    return store.folder(sent.id)


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    """A copy of it, for each test to write into."""
    return shutil.copytree(done, tmp_path / done.name)


@pytest.fixture(scope="module")
def rows(done: Path) -> pl.DataFrame:
    return pl.read_parquet(done / "result.parquet")


def test_the_file_itself_has_its_columns_in_the_places_of_csv_and_workbook(folder: Path, rows: pl.DataFrame) -> None:
    heading = results.heading_of_file(folder, None, "all")
    assert rows.columns == heading
    # The main columns of this file do not come first in the order of the catalogue.
    sent = [name for name in catalogue.polars_schema("application") if name in heading]
    assert [name for name in heading if name in sent] != sent


def test_pages_follow_the_file(folder: Path, rows: pl.DataFrame) -> None:
    first, second = (results.page(folder, RowQuery(offset=offset, limit=40)) for offset in (0, 40))
    assert first.total == second.total == 1000
    assert [each["row"] for each in (*first.rows, *second.rows)] == list(range(2, 82))
    assert list(first.rows[0]) == results.shown_columns(folder)
    assert first.rows[0]["probability"] == rows["probability"][0]
    assert results.page(folder, RowQuery(offset=1000)).rows == ()


@pytest.mark.parametrize("column", ["probability", "OCCUPATION_TYPE", "AMT_CREDIT", "row"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_sorted_page(folder: Path, rows: pl.DataFrame, column: str, descending: bool) -> None:
    found = results.page(folder, RowQuery(offset=100, limit=500, sort=column, descending=descending))
    expected = rows.sort(column, "row", descending=[descending, descending and column == "row"], nulls_last=True)
    assert [row["row"] for row in found.rows] == expected["row"].slice(100, 500).to_list()


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (
            [Condition("probability", "min", 0.1), Condition("probability", "max", 0.2)],
            pl.col("probability").is_between(0.1, 0.2),
        ),
        ([Condition("decision", "in", [refused])], pl.col("decision") == refused),
        ([Condition("SK_ID_CURR", "prefix", "90001")], pl.col("SK_ID_CURR").cast(pl.String).str.starts_with("90001")),
        ([Condition("OCCUPATION_TYPE", "missing", True)], pl.col("OCCUPATION_TYPE").is_null()),
        ([Condition("EXT_SOURCE_1", "missing", False)], pl.col("EXT_SOURCE_1").is_not_null()),
        ([Condition("CNT_CHILDREN", "in", [1, 2])], pl.col("CNT_CHILDREN").is_in([1, 2])),
    ],
)
def test_a_filtered_page(folder: Path, rows: pl.DataFrame, conditions: list[Condition], expected: pl.Expr) -> None:
    found = results.page(folder, RowQuery(limit=1000, conditions=tuple(conditions)))
    numbers = rows.filter(expected)["row"].to_list()
    assert 0 < len(numbers) < 1000
    assert ([row["row"] for row in found.rows], found.total) == (numbers, len(numbers))


def test_a_column_that_the_file_lacks_is_missing_in_each_row(store: JobStore, worker: Worker, send: Sender) -> None:
    sent = send("AMT_CREDIT\n1000\n2000\n")
    worker.run(sent.id)
    folder = store.folder(sent.id)
    assert "TARGET" not in results.shown_columns(folder)
    assert results.page(folder, RowQuery(conditions=(Condition("AMT_ANNUITY", "min", 1),))).total == 0
    assert results.page(folder, RowQuery(conditions=(Condition("AMT_ANNUITY", "missing", True),))).total == 2
    assert results.page(folder, RowQuery(sort="AMT_ANNUITY", descending=True)).rows[0]["row"] == 2


def test_one_row_whole(folder: Path, applications: pl.DataFrame) -> None:
    found = results.row(folder, 12)
    (sent,) = applications.slice(10, 1).iter_rows(named=True)
    assert found.application == {name: value for name, value in sent.items() if value is not None and name != "TARGET"}
    assert (found.decision["row"], found.decision["TARGET"]) == (12, sent["TARGET"])
    for number in (1, 1002, -1):
        with pytest.raises(UnknownRow):
            results.row(folder, number)


def test_the_result_as_csv(folder: Path, rows: pl.DataFrame) -> None:
    text = "".join(results.csv_lines(folder))
    shown = results.shown_columns(folder)
    decided = "row,SK_ID_CURR,probability,prediction,decision,risk_category,threshold,"
    sure = "certainty,fold_agreement,referral,referral_reasons,thin_file"
    assert text.startswith(f"{decided}missing_essentials,information,history,{sure},TARGET,")
    assert pl.read_csv(io.StringIO(text), schema=rows.select(shown).schema).equals(rows.select(shown))


def test_the_result_as_a_french_csv(folder: Path, rows: pl.DataFrame) -> None:
    text = "".join(results.csv_lines(folder, None, "fr", "all"))
    assert text.startswith("\ufeffrow;SK_ID_CURR;probability;")
    expected = rows.select(results.columns_of_file(folder, "all"))
    found = pl.read_csv(io.BytesIO(text.encode("utf-8")), separator=";", decimal_comma=True, schema=expected.schema)
    assert found.equals(expected)


@pytest.mark.parametrize("columns", ["main", "all"])
def test_the_columns_are_the_same_in_each_format(folder: Path, rows: pl.DataFrame, columns: results.Columns) -> None:
    text = "".join(results.csv_lines(folder, columns=columns))
    names = next(csv.reader(io.StringIO(text)))
    path = made.made_file(folder, ResultForm("parquet", columns))
    assert pl.read_parquet(path).columns == names
    workbook.write(folder, "out.xlsx", columns, "en")
    assert sheet(folder / "out.xlsx")[0] == names
    assert set(names) == (set(rows.columns) if columns == "all" else set(results.shown_columns(folder)))


def test_the_result_as_a_workbook(folder: Path, rows: pl.DataFrame) -> None:
    path = made.made_file(folder, ResultForm("xlsx"))
    found = sheet(path)
    expected = rows.select(results.shown_columns(folder))
    assert found[0] == expected.columns
    assert len(found) == 1001
    # Excel keeps 16 digits.
    for line, row in zip(found[1:], expected.iter_rows(), strict=True):
        cells = ["" if each is None else each for each in row]
        assert line == [pytest.approx(cell, rel=1e-14) if isinstance(cell, float) else cell for cell in cells]
    before = path.stat().st_mtime_ns
    assert made.made_file(folder, ResultForm("xlsx")).stat().st_mtime_ns == before
    assert made.made_file(folder, ResultForm("xlsx", "main", "en")) != path


@pytest.mark.parametrize(
    ("lang", "aside", "account"),
    [
        (
            "en",
            ["3", "AMT_CREDIT", "is not a number"],
            {"File": "clients.csv", "Format": "CSV", "Separator": ";", "Decimal mark": ",", "Rows read": 4},
        ),
        (
            "fr",
            ["3", "AMT_CREDIT", "n’est pas un nombre"],
            {"Fichier": "clients.csv", "Seuil de refus": 0.25, "Lignes notées": 3, "Lignes écartées": 1},
        ),
    ],
)
def test_a_workbook_says_what_was_set_aside_and_what_was_done(
    store: JobStore,
    worker: Worker,
    send: Sender,
    lang: Language,
    aside: list[str],
    account: dict[str, object],
) -> None:
    text = "SK_ID_CURR;AMT_CREDIT;EXT_SOURCE_2\n7;1000,5;0,2\n8;x;0,5\n9;2000;0,5\n10;3000;0,25\n"
    sent = send(text, "clients.csv", threshold=0.25)
    worker.run(sent.id)
    folder = store.folder(sent.id)
    workbook.write(folder, "out.xlsx", "main", lang)
    first, second, third = (sheet(folder / "out.xlsx", number) for number in (1, 2, 3))
    assert [row[first[0].index("AMT_CREDIT")] for row in first[1:]] == [1000.5, 2000, 3000]
    assert [str(second[1][0]).removesuffix(".0"), *second[1][2:4]] == aside
    done = {str(name): value for name, value, *_ in third}
    assert account.items() <= done.items()
    # Each caveat of the job has a line of its own: two columns of seven essentials are given, and five are not.
    assert sum(line[0] == message("account_caveat", lang) for line in third) >= 5
    assert store.read(sent.id).model_version in done.values()


def test_a_workbook_that_cannot_be_written_says_so_and_leaves_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "result.parquet").write_bytes(b"broken")
    before = {path.name for path in folder.iterdir()}
    with pytest.raises(made.ResultNotMade):
        made.made_file(folder, ResultForm("xlsx"))
    assert {path.name for path in folder.iterdir()} - before <= {"lock.made"}
    assert "ComputeError" in capfd.readouterr().err


def test_no_cell_runs_in_a_spreadsheet(folder: Path, rows: pl.DataFrame) -> None:
    # No sound row holds such a text; should one ever, it is harmless all the same.
    bad = rows.head(3).with_columns(ORGANIZATION_TYPE=pl.Series(["=1+1", "@SUM(A1)", "-2+3"]))
    bad.write_parquet(folder / "result.parquet")
    lines = list(csv.DictReader(io.StringIO("".join(results.csv_lines(folder)))))
    assert [line["ORGANIZATION_TYPE"] for line in lines] == ["'=1+1", "'@SUM(A1)", "'-2+3"]
    assert lines[0]["DAYS_BIRTH"].startswith("-")
    workbook.write(folder, "out.xlsx", "main", "fr")
    found = sheet(folder / "out.xlsx")
    assert [row[found[0].index("ORGANIZATION_TYPE")] for row in found[1:]] == ["'=1+1", "'@SUM(A1)", "'-2+3"]


def test_the_list_of_bad_rows_is_for_a_reader(store: JobStore, worker: Worker, send: Sender) -> None:
    sent = send("SK_ID_CURR,AMT_CREDIT,EXT_SOURCE_2,BUREAU_LOANS\n7,x,2,\n8,1\n9,1,,many\n")
    worker.run(sent.id)
    folder = store.folder(sent.id)
    english, french = (
        list(csv.reader(io.StringIO("".join(results.rejected_lines(folder, lang))))) for lang in ("en", "fr")
    )
    assert english == [
        ["row", "SK_ID_CURR", "column", "problem", "expected"],
        ["2", "7", "AMT_CREDIT", "is not a number", english[1][4]],
        ["2", "7", "EXT_SOURCE_2", "is out of bounds", "a number from 0 to 1"],
        ["3", "", "", "is not a well-formed row (2/4)", "as many values as there are columns"],
        ["4", "9", "BUREAU_LOANS", "is not a number", "a number"],
    ]
    assert french[2][3:] == ["est hors des bornes", "un nombre entre 0 et 1"]


def test_a_file_without_bad_rows_has_an_empty_list(folder: Path) -> None:
    assert list(results.rejected_lines(folder, "en")) == ["row,SK_ID_CURR,column,problem,expected\n"]


def sheet(path: Path, number: int = 1) -> list[list[object]]:
    """The cells of a sheet of a workbook, row by row; a missing one is empty. Fails where one holds a formula."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        tree = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - ours
    assert not list(tree.iter(f"{space}f"))
    found: list[list[object]] = []
    for row in tree.iter(f"{space}row"):
        cells: dict[int, object] = {}
        for cell in row:
            place = 0
            for letter in cell.attrib["r"].rstrip("0123456789"):
                place = place * 26 + ord(letter) - 64
            text = "".join(cell.itertext())
            cells[place - 1] = text if cell.attrib.get("t") == "inlineStr" else float(text)
        found.append([cells.get(place, "") for place in range(max(cells) + 1)])
    width = len(found[0])
    return [row + [""] * (width - len(row)) for row in found]


def test_a_file_is_written_without_the_libraries_of_the_model() -> None:
    """Its process is started for each file."""
    heavy = {"lightgbm", "scipy", "sklearn", "pandas"}
    code = f"import sys, core.jobs.answers.made; sys.exit(bool({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
