"""A file of outcomes is read in any format; a row that is none is told with what is wrong with it, and never lost."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from commands.__main__ import main
from core.audit.engine import Database, database_url
from core.audit.log import AuditLog
from core.audit.writing import AuditUnavailable
from core.outcomes.entries import OutcomeEntry
from core.outcomes.file import BadRow, rows_of_file
from core.outcomes.log import OutcomeFilter, OutcomeLog
from core.settings import settings
from core.tables.errors import UnusableFile
from core.tables.limits import FileLimits
from core.text.messages import sentences
from tests.core.audit.made import entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.outcomes.entries import Status

key = "01a209e4-8353-7d50-846d-3f12c06d7bbf"
day = date(2026, 9, 30)


def read(path: Path) -> list[tuple[int, OutcomeEntry | BadRow]]:
    return [(row.number, row.entry) for rows in rows_of_file(path, FileLimits.of(settings())) for row in rows]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("prediction_id,defaulted,observed,amount_lost\n{key},1,2026-09-30,1234.5\n", 1234.5),
        ("Prediction;Défaut;Date observation;Perte\n{key};oui;2026-09-30;1 234,50\n", 1234.5),
        ('prediction_id\tTARGET\tobserved\n"{key}"\t1.0\t2026-09-30 00:00:00\n', None),
        ("prediction_id,defaulted,observed,amount_lost\n{key},TRUE,2026-09-30,\n", None),
    ],
)
def test_a_text_is_read_as_it_is_written(tmp_path: Path, text: str, lost: float | None) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(text.replace("{key}", key), encoding="utf-8")
    assert read(path) == [(2, OutcomeEntry(key, None, None, defaulted=True, observed=day, amount_lost=lost))]


def test_other_formats_are_read_as_well(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"SK_ID_CURR": [900001], "decided": [date(2026, 1, 15)], "defaulted": [0], "observed": [day], "loss": [None]}
    )
    frame.write_parquet(tmp_path / "outcomes.parquet")
    frame.write_excel(tmp_path / "outcomes.xlsx")
    expected = OutcomeEntry(None, 900001, date(2026, 1, 15), defaulted=False, observed=day)
    for name in ("parquet", "xlsx"):
        assert [found for _, found in read(tmp_path / f"outcomes.{name}")] == [expected], name


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("x,,,1,2026-09-30,", BadRow("prediction_id", "outcome_bad_identifier")),
        (",,,1,2026-09-30,", BadRow("client_id", "outcome_names_nothing")),
        (",9.5,2026-01-15,1,2026-09-30,", BadRow("client_id", "outcome_bad_client")),
        (",99999999999,2026-01-15,1,2026-09-30,", BadRow("client_id", "outcome_bad_client")),
        (",900001,,1,2026-09-30,", BadRow("decided", "outcome_bad_day")),
        (",900001,15/01/2026,1,2026-09-30,", BadRow("decided", "outcome_bad_day")),
        (f"{key},,,perhaps,2026-09-30,", BadRow("defaulted", "outcome_bad_default")),
        (f"{key},,,1,2026-02-30,", BadRow("observed", "outcome_bad_day")),
        (f"{key},,,1,2026-09-30,-1", BadRow("amount_lost", "outcome_bad_amount")),
        (f"{key},,,1,2026-09-30,much", BadRow("amount_lost", "outcome_bad_amount")),
        (f"{key},,,1", BadRow(None, "outcome_row_broken")),
    ],
)
def test_a_row_that_is_no_outcome_is_told(tmp_path: Path, row: str, expected: BadRow) -> None:
    path = tmp_path / "outcomes.csv"
    sound = f"{key},,,1,2026-09-30,5"
    path.write_text(f"prediction_id,client_id,decided,defaulted,observed,amount_lost\n{sound}\n{row}\n{sound}\n")
    assert [number for number, _ in read(path)] == [2, 3, 4]
    assert read(path)[1] == (3, expected)
    for lang in ("fr", "en"):
        assert {expected.problem, f"{expected.problem}_expected"} <= sentences.of(lang).keys()


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("prediction_id,defaulted", "file_no_outcomes"),
        ("client_id,defaulted,observed", "file_no_outcomes"),
        ("prediction_id,prediction,defaulted,observed", "file_column_twice"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, header: str, problem: str) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(f"{header}\n1,2,3,4\n")
    with pytest.raises(UnusableFile) as raised:
        read(path)
    assert raised.value.key == problem


def test_the_command_records_sound_rows_once_and_sets_others_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AUDIT_FILE", str(tmp_path / "audit.db"))
    settings.cache_clear()
    database = Database.open(database_url(settings()))
    now = datetime.now(UTC)
    ids = AuditLog(database).record_many([entry(900001), entry(900002)])
    path = tmp_path / "outcomes.csv"
    lines = [f"{ids[0]},,,1,{now:%Y-%m-%d},10.5", f",900002,{now:%Y-%m-%d},0,{now:%Y-%m-%d},", f"{key},,,1,2026-09-30,"]
    path.write_text("\n".join(["prediction_id,client_id,decided,defaulted,observed,amount_lost", *lines, ""]))
    assert main(["outcomes", "import", str(path)]) == 0
    shown = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (shown["Recorded"], shown["Set aside"]) == ("2", "1")
    with (tmp_path / "outcomes.set-aside.csv").open(newline="") as stream:
        (aside,) = csv.DictReader(stream)
    assert (aside["row"], aside["column"], aside["prediction_id"]) == ("4", "prediction_id", key)
    # The rows that were set aside are a file of outcomes themselves.
    assert main(["outcomes", "import", str(tmp_path / "outcomes.set-aside.csv")]) == 0
    assert (tmp_path / "outcomes.set-aside.set-aside.csv").is_file()
    assert main(["outcomes", "import", str(path)]) == 0
    assert dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())["Known before"] == "2"
    page = OutcomeLog(database).outcomes(OutcomeFilter(), 10)
    assert sorted((stored.client_id, stored.defaulted, stored.amount_lost) for stored in page.outcomes) == [
        (900001, 1, 10.5),
        (900002, 0, None),
    ]
    assert main(["outcomes", "coverage"]) == 0
    assert f"{now:%Y-%m}" in capsys.readouterr().out
    assert main(["audit", "export", "outcomes", "--out", str(tmp_path / "outcomes.jsonl")]) == 0
    assert len((tmp_path / "outcomes.jsonl").read_text().splitlines()) == 2
    assert main(["outcomes", "import", str(tmp_path / "none.csv")]) == 1
    # What is set aside is not lost where the import stops midway.
    commas = tmp_path / "commas.csv"
    commas.write_text(
        f"prediction_id;defaulted;observed;amount_lost\n{key};1;2026-09-30;2,500\n{key};1;2026-09-30;1,5\n"
    )
    answers: Iterator[list[Status]] = iter([[]])

    def fails_the_second_time(*_: object) -> list[Status]:
        for answer in answers:
            return answer
        raise AuditUnavailable("full")

    monkeypatch.setattr("core.outcomes.file._rows_at_once", 1)
    monkeypatch.setattr(OutcomeLog, "record", fails_the_second_time)
    assert main(["outcomes", "import", str(commas)]) == 1
    assert "commas.set-aside.csv" in capsys.readouterr().err
    with (tmp_path / "commas.set-aside.csv").open(newline="") as stream:
        (aside,) = csv.DictReader(stream)
    # An amount is written so that it is read there as it was here.
    assert float(aside["amount_lost"]) == 2.5
    database.close()
    settings.cache_clear()
