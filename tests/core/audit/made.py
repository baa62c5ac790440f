"""Invented predictions, as tests record them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from core.audit.entries import PredictionEntry
from core.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.audit.entries import Kind
    from core.decision import Value

inputs: dict[str, Value] = {
    "AMT_CREDIT": 600000.0,
    "CODE_GENDER": "F",
    "CNT_CHILDREN": 2,
    "NAME_TYPE_SUITE": "Accompagnée, « d'elle »",
}


def entry(client_id: int | None = 900001, probability: float = 0.2, kind: Kind = "predict") -> PredictionEntry:
    """A prediction that refuses from a probability of 0.1 on."""
    decision = Decision(client_id, probability, 0.1)
    return PredictionEntry(
        kind, "request-12345", "till", inputs, decision, "7", history="portfolio", portfolio="imported:0123456789abcdef"
    )


def file_rows(numbers: Iterable[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Decisions on rows of these numbers of a file, as blocks hold them, and what the model was given of each."""
    every = sorted(set(numbers))
    records = pl.DataFrame(
        {
            "id": [f"00000000-0000-7000-8000-{number:012}" for number in every],
            "client_id": every,
            "probability": [number % 100 / 100 for number in every],
            "decision": ["REFUSÉ" if number % 100 >= 10 else "ACCEPTÉ" for number in every],
        },
        schema={"id": pl.String(), "client_id": pl.Int64(), "probability": pl.Float64(), "decision": pl.String()},
    ).with_columns(
        **{name: pl.lit(value) for name, value in _of_job.items()},
        **{name: pl.lit(None, pl.String) for name in ("portfolio", "subject", "person")},
        fold_agreement=pl.when(pl.col("client_id") % 3 > 0).then(0.8),
        referral=pl.when(pl.col("client_id") % 3 > 0).then(pl.lit("close_call")),
    )
    given = pl.DataFrame(
        {
            "AMT_CREDIT": [1000.1 * number for number in every],
            "CNT_CHILDREN": [number % 3 or None for number in every],
            "NAME_TYPE_SUITE": [None if number % 2 else "Accompagnée, « d'elle »" for number in every],
        },
        schema={"AMT_CREDIT": pl.Float64(), "CNT_CHILDREN": pl.Int32(), "NAME_TYPE_SUITE": pl.String()},
    )
    return records, given


_of_job = {
    "kind": "job",
    "request_id": "j",
    "caller": "till",
    "threshold": 0.1,
    "model_version": "7",
    "history": "none",
    "application": "sent",
}
