"""The columns of what the scoring of rows gives: decisions, and the problems of rows that are set aside."""

from __future__ import annotations

from typing import Final

import polars as pl

from core.batch.certainty import certainty_schema
from core.batch.decisions import decisions_schema

rejections_schema: Final = {
    "row": pl.Int64(),
    "client_id": pl.Int64(),
    "column": pl.String(),
    "problem": pl.String(),
    "detail": pl.String(),
}


def columns_of_decisions() -> dict[str, pl.DataType]:
    """The columns of `core.batch.rows.Scored.decisions` with their types, in the order in which results show them."""
    first = {"row": pl.Int64(), "SK_ID_CURR": pl.Int64()}
    known = {"missing_essentials": pl.String(), "information": pl.Float64(), "history": pl.String()}
    return first | decisions_schema | known | certainty_schema | {"TARGET": pl.Int64()}
