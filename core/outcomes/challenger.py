"""The challenger in shadow beside the model in use: agreement, flips, scores, costs, and, with outcomes, ranking.

Sample size: of two areas whose difference has the standard error s with n outcomes, a difference d is told from 0 at a
level of 5 % with a power of 80 % from n (s (z(0.975) + z(0.8)) / d)^2 outcomes on, since s falls with the root of n.
Source: Obuchowski and McClish, "Sample size determination for diagnostic accuracy studies involving binormal ROC curve
indices" (Statistics in Medicine 16, 1997), section 2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from sqlalchemy import Integer, and_, case, cast, func, select

from core.audit.of_subject import is_made_for
from core.audit.tables import OutcomeRow, PredictionRow
from core.audit.traffic import deciding
from core.contract.record.challenger import ChallengerComparison, ChallengerOutcomes, ScoreBin
from core.drift.measures.intervals import share_interval
from core.drift.performance import fewest_outcomes
from core.model.evidence.auc import area_difference
from core.model.evidence.threshold import mean_cost
from core.outcomes.log import is_current, is_decision

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from core.audit.engine import Database

_refused: Final = "REFUSÉ"
_bins: Final = 50
_most_outcomes: Final = 200_000
# Where decisions go on for longer without it, it is gone; a shorter time may be a restart or a failure.
_silence: Final = timedelta(days=1)
# Of the normal distribution: 2.5 % lie above the first, 20 % above the second.
_z_level, _z_power = 1.959963984540054, 0.8416212335729143
_schema: Final[dict[str, Any]] = {
    "champion": pl.String(),
    "challenger": pl.String(),
    "refuses": pl.Int64(),
    "would_refuse": pl.Int64(),
    "bin": pl.Int64(),
    "challenger_bin": pl.Int64(),
    "rows": pl.Int64(),
    "probability": pl.Float64(),
    "challenger_probability": pl.Float64(),
    "first": pl.Datetime("us", "UTC"),
    "last": pl.Datetime("us", "UTC"),
}


def comparison(
    database: Database, cost_fn: float, cost_fp: float, made_for: str | None = None
) -> ChallengerComparison | None:
    """The challenger that was asked last, beside the model that decided; None where none was asked.

    Args:
        cost_fn, cost_fp: of a default that is accepted, of a good client who is refused.
        made_for: the subject of the person whose decisions alone count; None: everybody's.

    Raises:
        core.audit.writing.AuditUnavailable: where the record cannot be read.
    """
    every = _counted(database, made_for)
    if not every.height:
        return None
    champion, challenger = every.sort("last").select("champion", "challenger").row(-1)
    cells = every.filter((pl.col("champion") == champion) & (pl.col("challenger") == challenger))
    rows = int(cells["rows"].sum())
    stricter = int(cells.filter((pl.col("refuses") == 0) & (pl.col("would_refuse") == 1))["rows"].sum())
    milder = int(cells.filter((pl.col("refuses") == 1) & (pl.col("would_refuse") == 0))["rows"].sum())
    agreement = (rows - stricter - milder) / rows
    low, high = share_interval(agreement, rows)
    first, last = cells["first"].min(), cells["last"].max()
    assert isinstance(first, datetime)  # noqa: S101 (there is a row)
    assert isinstance(last, datetime)  # noqa: S101
    return ChallengerComparison(
        champion_version=champion,
        challenger_version=challenger,
        since=first,
        until=last,
        ended=_is_over(database, made_for, last),
        applications=rows,
        agreement=agreement,
        agreement_low=low,
        agreement_high=high,
        would_refuse=stricter,
        would_accept=milder,
        champion_expected_cost=_expected(cells, "refuses", "probability", cost_fn, cost_fp) / rows,
        challenger_expected_cost=_expected(cells, "would_refuse", "challenger_probability", cost_fn, cost_fp) / rows,
        distribution=_distribution(cells),
        outcomes=_outcomes(database, champion, challenger, cost_fn, cost_fp, made_for),
    )


def _is_over(database: Database, made_for: str | None, last: datetime) -> bool:
    """Whether applications of which a challenger would be asked were decided when it had been silent for long."""
    later = (
        select(PredictionRow.id)
        # By the index of moments, which has nothing after that while the challenger is asked.
        .where(PredictionRow.time > last + _silence, PredictionRow.kind.in_(deciding), is_made_for(made_for))
        .limit(1)
    )
    with database.reached(), database.engine.connect() as connection:
        return connection.execute(later).first() is not None


def needed_outcomes(rows: int, difference: float, error: float) -> int | None:
    """With how many outcomes in all a difference would be told from 0, where `rows` gave it that standard error.

    None where the difference is 0: no number tells it.
    """
    return ceil(rows * (error * (_z_level + _z_power) / difference) ** 2) if difference else None


def _expected(cells: pl.DataFrame, refuses: str, probability: str, cost_fn: float, cost_fp: float) -> float:
    """What decisions cost in all, were the probabilities of who decides true."""
    refused = cells.filter(pl.col(refuses) == 1)
    missed = float(cells.filter(pl.col(refuses) == 0)[probability].sum())
    turned_away = float(refused["rows"].sum()) - float(refused[probability].sum())
    return mean_cost(missed, turned_away, 1, cost_fn, cost_fp)


def _distribution(cells: pl.DataFrame) -> list[ScoreBin]:
    counts = []
    for name in ("bin", "challenger_bin"):
        places = np.minimum(cells[name].to_numpy(), _bins - 1)
        counts.append(np.bincount(places, weights=cells["rows"].to_numpy(), minlength=_bins).astype(int).tolist())
    return [
        ScoreBin(low=place / _bins, champion=champion, challenger=challenger)
        for place, (champion, challenger) in enumerate(zip(*counts, strict=True))
        if champion or challenger
    ]


def _outcomes(
    database: Database, champion: str, challenger: str, cost_fn: float, cost_fp: float, made_for: str | None
) -> ChallengerOutcomes | None:
    known = and_(OutcomeRow.prediction_id == PredictionRow.id, is_current(OutcomeRow))
    columns: list[Any] = [
        OutcomeRow.defaulted,
        PredictionRow.probability,
        PredictionRow.challenger_probability,
        _is_refused(),
        _would_be_refused(),
    ]
    query = (
        select(*columns)
        .join(OutcomeRow, known)
        .where(
            PredictionRow.challenger_version == challenger,
            PredictionRow.model_version == champion,
            is_decision(),
            is_made_for(made_for),
        )
        .order_by(PredictionRow.time.desc())
        .limit(_most_outcomes)
    )
    with database.reached(), database.engine.connect() as connection:
        found = connection.execute(query).all()
    if not found:
        return None
    table = np.array([tuple(row) for row in found], dtype=np.float64)
    defaulted, rows, defaults = table[:, 0], len(table), int(table[:, 0].sum())
    costs = [
        mean_cost(
            float((defaulted * (1 - refused)).sum()), float(((1 - defaulted) * refused).sum()), rows, cost_fn, cost_fp
        )
        for refused in (table[:, 3], table[:, 4])
    ]
    enough = min(defaults, rows - defaults) >= fewest_outcomes
    areas = area_difference(defaulted, table[:, 1], table[:, 2]) if enough else None
    reach = _z_level * areas.error if areas else 0.0
    return ChallengerOutcomes(
        rows=rows,
        defaults=defaults,
        champion_cost=costs[0],
        challenger_cost=costs[1],
        champion_auc=areas.first if areas else None,
        challenger_auc=areas.second if areas else None,
        auc_difference=areas.difference if areas else None,
        auc_difference_low=areas.difference - reach if areas else None,
        auc_difference_high=areas.difference + reach if areas else None,
        needed=needed_outcomes(rows, areas.difference, areas.error) if areas else None,
    )


def _counted(database: Database, made_for: str | None) -> pl.DataFrame:
    each: list[Any] = [
        PredictionRow.model_version.label("champion"),
        PredictionRow.challenger_version.label("challenger"),
        _is_refused().label("refuses"),
        _would_be_refused().label("would_refuse"),
        _bin(PredictionRow.probability, database.dialect).label("bin"),
        _bin(PredictionRow.challenger_probability, database.dialect).label("challenger_bin"),
    ]
    measured: list[Any] = [PredictionRow.probability, PredictionRow.challenger_probability, PredictionRow.time]
    # PostgreSQL groups by columns: an expression with parameters is not the one that is selected.
    rows = (
        select(*each, *measured)
        .where(PredictionRow.challenger_version.is_not(None), is_decision(), is_made_for(made_for))
        .subquery()
    )
    places = [rows.c[column.key] for column in each]
    counts: list[Any] = [
        func.count(),
        func.sum(rows.c.probability),
        func.sum(rows.c.challenger_probability),
        func.min(rows.c.time),
        func.max(rows.c.time),
    ]
    query = select(*places, *counts).group_by(*places)
    with database.reached(), database.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    return pl.DataFrame([(*row[:-2], *(_utc(moment) for moment in row[-2:])) for row in found], _schema, orient="row")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _is_refused() -> ColumnElement[int]:
    return case((PredictionRow.decision == _refused, 1), else_=0)


def _would_be_refused() -> ColumnElement[int]:
    return case((PredictionRow.challenger_probability >= PredictionRow.challenger_threshold, 1), else_=0)


def _bin(probability: Any, dialect: str) -> ColumnElement[int]:
    wide = probability * _bins
    return cast(wide if dialect == "sqlite" else func.floor(wide), Integer)
