"""Decisions counted by SQL in cells of neighbouring probabilities: what every figure of the performance is made of.

A cell is a ten-thousandth of probability wide, and split where the model decided otherwise within it, so that counts of
decisions are exact; an area under the curve takes scores of one cell for equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import Integer, String, and_, case, cast, func, select

from core.audit.of_subject import is_about_one_for
from core.audit.tables import OutcomeRow
from core.outcomes.coverage import decided_applications, final_decisions, month_of
from core.outcomes.log import is_current

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Subquery

    from core.audit.engine import Database

cells_of_one: Final = 10_000
dimensions: Final = ("month", "model_version", "decided_by", "contract_type", "income_type", "age_band")
_segments: Final = ("contract_type", "income_type", "age_band")
_counted: Final = {
    "rows": pl.Int64(),
    "defaults": pl.Int64(),
    "probability": pl.Float64(),
    "amount_lost": pl.Float64(),
    "amounts": pl.Int64(),
}


def cell_of(probability: Any, dialect: str) -> ColumnElement[int]:
    """The cell that a probability lies in: 0 to 10,000."""
    wide = probability * cells_of_one
    return cast(wide if dialect == "sqlite" else func.floor(wide), Integer)


def known_cells(database: Database, made_for: str | None = None) -> pl.DataFrame:
    """Decisions whose outcome is known, counted.

    Args:
        made_for: the subject of the person whose decisions alone count; None: everybody's.

    Returns:
        A row for each month, model version, decider (`model`, `officer`), final decision, decision of the model and
        cell: `rows`, `defaults`, the sum of `probability`, the sum of `amount_lost` and of how many that is.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    final = final_decisions()
    by = {
        "month": month_of(OutcomeRow.decided, database.dialect),
        "model_version": OutcomeRow.model_version,
        "decided_by": case((final.c.decision.is_(None), "model"), else_="officer"),
        "decision": func.coalesce(final.c.decision, OutcomeRow.model_decision),
        "model_decision": OutcomeRow.model_decision,
    }
    return _counted_cells(database, final, by, made_for)


def segment_cells(database: Database, made_for: str | None = None) -> dict[str, pl.DataFrame]:
    """As `known_cells`, by segment: for each dimension a row for each of its values, decision and cell."""
    final = final_decisions()
    frames = {}
    for name in _segments:
        by = {
            name: getattr(OutcomeRow, name),
            "decision": func.coalesce(final.c.decision, OutcomeRow.model_decision),
            "model_decision": OutcomeRow.model_decision,
        }
        frames[name] = _counted_cells(database, final, by, made_for).filter(pl.col(name).is_not_null())
    return frames


def hidden_cells(database: Database, made_for: str | None = None) -> pl.DataFrame:
    """Refusals without an outcome, counted: a row for each month and cell, with `rows`. Raises as `known_cells`."""
    decided = decided_applications(database.dialect, made_for)
    final = final_decisions()
    refused = func.coalesce(final.c.decision, decided.c.decision) == "REFUSÉ"
    rows = (
        select(decided.c.month.label("month"), cell_of(decided.c.probability, database.dialect).label("cell"))
        .select_from(decided.outerjoin(final, final.c.prediction_id == decided.c.id))
        .where(and_(decided.c.place == 1, decided.c.has_outcome == 0, refused))
        .subquery()
    )
    query = select(rows.c.month, rows.c.cell, func.count().label("rows")).group_by(rows.c.month, rows.c.cell)
    schema = {"month": pl.String(), "cell": pl.Int64(), "rows": pl.Int64()}
    return _read(database, query, schema)


def _counted_cells(database: Database, final: Subquery, by: dict[str, Any], made_for: str | None) -> pl.DataFrame:
    labelled: list[Any] = [
        *(cast(column, String).label(name) for name, column in by.items()),
        cell_of(OutcomeRow.probability, database.dialect).label("cell"),
        *(getattr(OutcomeRow, name).label(name) for name in ("defaulted", "probability", "amount_lost")),
    ]
    joined = select(*labelled).outerjoin_from(OutcomeRow, final, final.c.prediction_id == OutcomeRow.prediction_id)
    # PostgreSQL groups by columns: an expression with parameters is not the one that is selected.
    rows = joined.where(is_current(OutcomeRow), is_about_one_for(made_for, OutcomeRow)).subquery()
    places = [rows.c[name] for name in (*by, "cell")]
    counts: list[Any] = [
        func.count().label("rows"),
        func.sum(rows.c.defaulted).label("defaults"),
        func.sum(rows.c.probability).label("probability"),
        func.coalesce(func.sum(rows.c.amount_lost), 0.0).label("amount_lost"),
        func.count(rows.c.amount_lost).label("amounts"),
    ]
    query = select(*places, *counts).group_by(*places)
    return _read(database, query, {**dict.fromkeys(by, pl.String()), "cell": pl.Int64(), **_counted})


def _read(database: Database, query: Select[Any], schema: dict[str, Any]) -> pl.DataFrame:
    with database.reached(), database.engine.connect() as connection:
        rows = connection.execute(query).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").sort("cell")
