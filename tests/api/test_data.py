"""`/data/*`: the portfolio described, and the drift report where one was made."""

import polars as pl
import pytest
from flask.testing import FlaskClient

from api import create_app
from core.portfolio import Portfolio, clients_file
from core.scoring import Scorer
from core.settings import Settings


@pytest.fixture(scope="module")
def rows(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file)


def test_the_description_is_that_of_the_rows(client: FlaskClient, rows: pl.DataFrame) -> None:
    answer = client.get("/data/describe")
    assert answer.status_code == 200
    content = answer.get_json()
    assert list(content)[:5] == ["n_rows", "n_columns", "describe", "missing", "target_distribution"]
    assert content["n_rows"] == rows.height
    for name in ("AMT_CREDIT", "EXT_SOURCE_1", "DAYS_BIRTH"):
        statistics = content["describe"][name]
        assert statistics["count"] == rows[name].count()
        assert statistics["mean"] == pytest.approx(rows[name].mean())
        assert statistics["max"] == rows[name].max()
        assert content["missing"][name] == rows[name].null_count()
    assert content["target_distribution"] == {"0": int((rows["TARGET"] == 0).sum()), "1": int(rows["TARGET"].sum())}


def test_the_summary_is_that_of_the_rows(client: FlaskClient, rows: pl.DataFrame) -> None:
    summary = client.get("/data/describe").get_json()["summary"]
    assert summary["n_clients"] == rows.height
    assert summary["default_rate"] == pytest.approx(rows["TARGET"].mean())
    assert summary["income"]["median"] == pytest.approx(rows["AMT_INCOME_TOTAL"].median())
    assert summary["ext_source_2"]["missing"] == pytest.approx(rows["EXT_SOURCE_2"].null_count() / rows.height)
    assert sum(summary["gender"].values()) == pytest.approx(1)
    assert summary["synthetic"] is True


def test_there_is_no_drift_report_until_one_is_made(
    api_settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data_dir = tmp_path_factory.mktemp("drift")
    client = create_app(api_settings.model_copy(update={"data_dir": data_dir}), scorer, portfolio).test_client()
    answer = client.get("/data/drift")
    assert answer.status_code == 404
    assert answer.get_json() == {"detail": "No drift report has been made yet."}
    (data_dir / "drift").mkdir()
    (data_dir / "drift" / "report.html").write_text("<!doctype html><p>dérive</p>", encoding="utf-8")
    answer = client.get("/data/drift")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.text == "<!doctype html><p>dérive</p>"
    # The page may draw itself, and reach nothing.
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "connect-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["path=/etc/passwd", "file=../../etc/passwd", "url=http://example.org/"])
def test_no_caller_names_what_is_read(client: FlaskClient, query: str) -> None:
    assert client.get(f"/data/drift?{query}").data == client.get("/data/drift").data
