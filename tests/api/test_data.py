"""`/data/describe`: the portfolio in numbers."""

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.portfolio.clients import Portfolio, clients_file


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
