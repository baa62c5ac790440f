"""Workbooks and files of statistics packages over HTTP: scored as the same rows as CSV, and called by their names."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import fastexcel
import polars as pl
import pyreadstat
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from api import create_app
from core.jobs.running.worker import Worker
from core.settings import Settings
from tests.shipped import shipped_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

applications = pl.DataFrame(
    {
        "SK_ID_CURR": [100002, 100003, 100004],
        "AMT_INCOME_TOTAL": [202500.0, 270000.0, 67500.0],
        "AMT_CREDIT": [406597.5, 1293502.5, 135000.0],
        "NAME_INCOME_TYPE": ["Working", "State servant", "Working"],
        "EXT_SOURCE_2": [0.2629, None, 0.5559],
    }
)


@pytest.fixture
def settings(tmp_path: Path, installed: Callable[..., Settings]) -> Settings:
    return installed(
        tmp_path,
    )


@pytest.fixture
def client(settings: Settings, scorer: Scorer, portfolio: Portfolio) -> FlaskClient:
    return create_app(settings, scorer, portfolio).test_client()


def workbook(*names: str) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    for name in names or ("Clients",):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, applications.columns)
        for place, row in enumerate(applications.iter_rows(), start=1):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(place, column, value)
    book.close()
    return content.getvalue()


def decisions(client: FlaskClient, settings: Settings, content: bytes, name: str) -> tuple[pl.DataFrame, object]:
    answer = client.post(f"/jobs?filename={name}", data=content, content_type="application/octet-stream")
    assert answer.status_code == 202, answer.text
    job = answer.get_json()
    Worker(settings, model=shipped_model()).run(job["id"])
    seen = client.get(f"/jobs/{job['id']}").get_json()
    assert seen["status"] == "done", seen["error"]
    with client.get(f"/jobs/{job['id']}/result?format=parquet") as result:
        return pl.read_parquet(io.BytesIO(result.data)), seen["converted"]


def test_the_same_decisions_whatever_the_program(client: FlaskClient, settings: Settings, tmp_path: Path) -> None:
    pyreadstat.write_sav(applications, tmp_path / "clients.sav")
    expected, none = decisions(client, settings, applications.write_csv().encode(), "clients.csv")
    assert expected.height == applications.height
    assert none is None
    from_workbook, converted = decisions(client, settings, workbook(), "clients.xlsx")
    assert converted == {"kind": "XLSX", "sheet": "Clients", "other_sheets": 0}
    assert from_workbook.equals(expected)
    from_spss, converted = decisions(client, settings, (tmp_path / "clients.sav").read_bytes(), "clients.sav")
    assert converted == {"kind": "SPSS", "sheet": None, "other_sheets": 0}
    assert from_spss.equals(expected)


def test_tables_on_other_sheets_are_said_to_be_left_out(client: FlaskClient, settings: Settings) -> None:
    found, converted = decisions(client, settings, workbook("January", "February", "March"), "clients.xlsx")
    assert found.height == applications.height
    assert converted == {"kind": "XLSX", "sheet": "January", "other_sheets": 2}
    (job,) = client.get("/jobs").get_json()["jobs"]
    with client.get(f"/jobs/{job['id']}/result?format=xlsx&lang=fr") as result:
        account = fastexcel.read_excel(result.data).load_sheet(2, header_row=None, dtypes="string").to_polars()
    assert ("Autres feuilles avec un tel tableau, non lues", "2") in account.rows()


def test_a_format_that_is_not_read_fails_by_its_name(client: FlaskClient) -> None:
    answer = client.post("/jobs?lang=fr", data=b"%PDF-1.7" + bytes(600), content_type="application/octet-stream")
    assert (answer.get_json()["status"], answer.get_json()["error_code"]) == ("failed", "file_format_not_read")
    assert "PDF" in answer.get_json()["error"]


def test_a_workbook_is_compared(client: FlaskClient) -> None:
    answer = client.post(
        "/data/drift/files?filename=clients.xlsx", data=workbook(), content_type="application/octet-stream"
    )
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["rows"] == applications.height
