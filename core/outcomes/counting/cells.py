"""Decisions counted by SQL in cells of neighbouring probabilities: what every figure of the performance is made of.

A cell is a ten-thousandth of probability wide, and split where the model decided otherwise within it, so that counts of
decisions are exact; an area under the curve takes scores of one cell for equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import Integer, String, case, cast, func, select

from core.audit.of_subject import is_about_one_for
from core.outcomes.counting.parts import RecordPart, whole_record
from core.outcomes.coverage import decided_applications, final_decisions, month_of
from core.outcomes.log import is_current

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

cells_of_one: Final = 10_000
dimensions: Final = ("month", "model_version", "decided_by", "contract_type", "income_type", "age_band")
segments: Final = ("contract_type", "income_type", "age_band")
_decisions: Final = ("decision", "model_decision")
_known_by: Final = ("month", "model_version", "decided_by", *_decisions)
application_schema: Final[dict[str, Any]] = {
    **dict.fromkeys(("month", "model_version", "decision"), pl.String()),
    "has_outcome": pl.Int64(),
    "cell": pl.Int64(),
    "rows": pl.Int64(),
    "probability": pl.Float64(),
}
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


def known_cells(
    connection: Connection, made_for: str | None = None, part: RecordPart = whole_record
) -> dict[str, pl.DataFrame]:
    """Decisions whose outcome is known, counted: by `known`, and by the name of each segment.

    Args:
        connection: to the record.
        made_for: the subject of the person whose decisions alone count; None: everybody's.
        part: of the record.

    Returns:
        `known` has a row for each month, model version, decider (`model`, `officer`), final decision, decision of the
        model and cell: `rows`, `defaults`, the sum of `probability`, the sum of `amount_lost` and of how many that is.
        A segment has one for each of its values, final decision, decision of the model and cell.
    """
    outcome, final = part.outcomes(), final_decisions(part=part)
    every = {
        "month": month_of(outcome.decided, connection.dialect.name),
        "model_version": outcome.model_version,
        "decided_by": case((final.c.decision.is_(None), "model"), else_="officer"),
        "decision": func.coalesce(final.c.decision, outcome.model_decision),
        "model_decision": outcome.model_decision,
        **{name: getattr(outcome, name) for name in segments},
    }
    is_counted = (is_current(outcome, part.outcomes()), is_about_one_for(made_for, outcome))
    frames = {}
    for name, by in {"known": _known_by, **{name: (name, *_decisions) for name in segments}}.items():
        labelled: list[Any] = [
            *(cast(every[column], String).label(column) for column in by),
            cell_of(outcome.probability, connection.dialect.name).label("cell"),
            *(getattr(outcome, column).label(column) for column in ("defaulted", "probability", "amount_lost")),
        ]
        joined = select(*labelled).outerjoin_from(outcome, final, final.c.prediction_id == outcome.prediction_id)
        # PostgreSQL groups by columns: an expression with parameters is not the one that is selected.
        rows = joined.where(*is_counted).subquery()
        places = [rows.c[column] for column in (*by, "cell")]
        counts: list[Any] = [
            func.count().label("rows"),
            func.sum(rows.c.defaulted).label("defaults"),
            func.sum(rows.c.probability).label("probability"),
            func.coalesce(func.sum(rows.c.amount_lost), 0.0).label("amount_lost"),
            func.count(rows.c.amount_lost).label("amounts"),
        ]
        query = select(*places, *counts).where(places[0].is_not(None)).group_by(*places)
        frames[name] = _read(connection, query, known_schema(name))
    return frames


def application_cells(
    connection: Connection, made_for: str | None = None, part: RecordPart = whole_record
) -> pl.DataFrame:
    """Applications, each once a month as `core.outcomes.month_coverage.coverage` has it, counted.

    Returns:
        A row for each month, model version, final decision, `has_outcome` (0 or 1) and cell: `rows`, and the sum of
        `probability`.
    """
    decided, final = decided_applications(connection.dialect.name, made_for, part), final_decisions(part=part)
    labelled: list[Any] = [
        decided.c.month,
        decided.c.model_version,
        func.coalesce(final.c.decision, decided.c.decision).label("decision"),
        decided.c.has_outcome,
        cell_of(decided.c.probability, connection.dialect.name).label("cell"),
        decided.c.probability,
    ]
    joined = select(*labelled).select_from(decided.outerjoin(final, final.c.prediction_id == decided.c.id))
    rows = joined.where(decided.c.place == 1).subquery()
    places = [rows.c[name] for name in application_schema if name not in ("rows", "probability")]
    query = select(*places, func.count(), func.sum(rows.c.probability)).group_by(*places)
    return _read(connection, query, application_schema)


def hidden_cells(applications: pl.DataFrame) -> pl.DataFrame:
    """Refusals without an outcome: those of `application_cells`, by month and cell."""
    hidden = applications.filter((pl.col("has_outcome") == 0) & (pl.col("decision") == "REFUSÉ"))
    return hidden.group_by("month", "cell").agg(pl.col("rows").sum()).sort("month", "cell")


def known_schema(name: str) -> dict[str, Any]:
    """The columns of `known_cells`, by its name for a frame."""
    by = _known_by if name == "known" else (name, *_decisions)
    return {**dict.fromkeys(by, pl.String()), "cell": pl.Int64(), **_counted}


def _read(connection: Connection, query: Select[Any], schema: dict[str, Any]) -> pl.DataFrame:
    rows = connection.execute(query).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").sort("cell")
