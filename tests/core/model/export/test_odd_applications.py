"""Odd applications: scored from their columns, by ours and by what the table of formulas makes of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from core.model.export import formulas
from core.model.export.proof.certificate import RowSet, compared, of_booster
from core.model.export.proof.odd_applications import odd_applications
from core.model.export.proof.remade import matrix_of
from core.portfolio.clients import Portfolio, clients_file
from core.scoring import Scorer


@pytest.fixture(scope="module")
def clients(portfolio: Portfolio) -> pl.DataFrame:
    return pl.read_parquet(portfolio.folder / clients_file).head(40)


def test_each_column_that_is_read_is_odd_in_each_way(clients: pl.DataFrame) -> None:
    odd, told = odd_applications(formulas.table(), clients)
    assert (odd.height, odd.columns) == (len(told), clients.columns)
    for oddity, column, value in (
        ("AMT_CREDIT: missing", "AMT_CREDIT", None),
        ("AMT_CREDIT: -450000", "AMT_CREDIT", -450_000.0),
        ("DAYS_EMPLOYED: 365243", "DAYS_EMPLOYED", 365243.0),
        ("OCCUPATION_TYPE: 'no such code'", "OCCUPATION_TYPE", "no such code"),
        ("all columns but AMT_CREDIT missing", "AMT_ANNUITY", None),
        ("all columns missing", "AMT_CREDIT", None),
    ):
        assert odd[told.index(oddity)][column].to_list() == [value]
    assert odd[told.index("all columns but AMT_CREDIT missing")]["AMT_CREDIT"].is_not_null().all()


def test_the_formulas_score_them_as_we_do(clients: pl.DataFrame, scorer: Scorer) -> None:
    table = formulas.table()
    odd, told = odd_applications(table, clients)
    ours = of_booster(scorer.artefacts.booster)
    matrix, remade = scorer.artefacts.preprocessor.transform(odd), matrix_of(table, odd)
    np.testing.assert_allclose(remade, matrix, rtol=1e-14, atol=1e-15)
    found = compared(RowSet("applications", matrix, told, remade), ours, ours, scorer.model.optimal_threshold)
    assert not found.differing
    assert found.largest_difference < 1e-12
    # One word of a formula otherwise, and the certificate sees it.
    wrong = table.replace("if(DAYS_EMPLOYED == 365243, -365243,", "if(DAYS_EMPLOYED == 365243, 365243,")
    rows = RowSet("applications", matrix, told, matrix_of(wrong, odd))
    assert compared(rows, ours, ours, scorer.model.optimal_threshold).largest_difference > 1e-6


def test_a_word_that_the_table_does_not_explain_is_named(clients: pl.DataFrame) -> None:
    for formula in ("median(AMT_CREDIT)", "AMT_CREDIT * 2", "NO_COLUMN"):
        with pytest.raises(KeyError, match=formula.partition("(")[0].replace("*", ".")):
            matrix_of(f"feature,kind,formula,codes\nX,formula,{formula},\n", clients)
