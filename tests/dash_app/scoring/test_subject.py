"""What the Scoring page is about follows from its address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.jobs import ResultRows
from dash_app import addresses
from dash_app.views.importing import grid
from dash_app.views.scoring.layout import Subject


@pytest.mark.parametrize(
    ("named", "mode"),
    [
        ((9000002, None, None, False), "client"),
        # Of several, the first that is whole.
        ((9000002, "a1", 7, True), "client"),
        ((None, "a1", 7, True), "row"),
        ((None, "a1", None, True), "new"),
        ((None, None, 7, False), "list"),
        ((None, "", 7, False), "list"),
        ((None, None, None, False), "list"),
    ],
)
def test_what_an_address_means(named: tuple[int | None, str | None, int | None, bool], mode: str) -> None:
    client, job, row, new = named
    assert Subject.of(client, job, row, new=new).mode == mode


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=40), st.integers(1, 10**9))
def test_a_row_in_an_address_is_found_again(job: str, row: int) -> None:
    query = {name: value for name, (value,) in parse_qs(urlsplit(addresses.of_row(job, row)).query).items()}
    number = addresses.client_number(query["row"])
    assert Subject.of(None, query["import"], number, new=False) == Subject("row", job=job, row=row)


@pytest.mark.usefixtures("french")
def test_each_row_of_the_grid_leads_to_itself() -> None:
    rows: list[dict[str, Any]] = [
        {"row": 5, "SK_ID_CURR": number, "probability": 0.1, "decision": "REFUSÉ", "risk_category": "Élevé"}
        | {"threshold": 0.09, "final_decision": None, "officer": None, "decided_at": None}
        for number in (9000002, None)
    ]
    page = ResultRows(rows=rows, columns=[], total=2, limit=2, offset=0, decisions_known=True)
    assert [each["open"] for each in grid.shown(page, "a1")] == ["/?import=a1&row=5"] * 2
