"""Synthetic credits of other lenders, as reported to the credit bureau, and their monthly status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.data.demo.fitted.chained_model import category, leaning, number, steered
from core.data.demo.rows import first_of_each, mixed, month, spread, standardised, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.data.demo.fitted.chained_model import ChainedModel

variables: Final = (
    category("CREDIT_TYPE"),
    category("CREDIT_CURRENCY"),
    number("DAYS_CREDIT"),
    category("CREDIT_ACTIVE"),
    number("TERM"),
    number("AMT_CREDIT_SUM", 4.5),
    number("LIFE"),
    category("ENDED_ON_TIME", "LIFE"),
    number("UPDATE_LAG"),
    number("DEBT_SHARE", 0.0001),
    number("AMT_CREDIT_SUM_LIMIT", 0.045),
    number("AMT_CREDIT_MAX_OVERDUE", 0.045),
    number("CREDIT_DAY_OVERDUE"),
    number("AMT_CREDIT_SUM_OVERDUE", 4.5),
    number("CNT_CREDIT_PROLONG"),
    number("AMT_ANNUITY", 4.5),
)

# How strongly each variable leans with the habits of its owner towards its higher codes; codes of categories are
# alphabetical, so that "Active" comes before "Closed".
_weights: Final = {
    "DAYS_CREDIT": 0.42,
    "CREDIT_ACTIVE": -0.42,
    "DEBT_SHARE": 0.3,
    "AMT_CREDIT_MAX_OVERDUE": 0.4,
    "CREDIT_DAY_OVERDUE": 0.45,
    "AMT_CREDIT_SUM_OVERDUE": 0.3,
    "CNT_CREDIT_PROLONG": 0.25,
}
# How much of a client's habits of borrowing is the client's risk; and of how late the months of one credit are.
_risk_in_habits: Final = 0.45
_risk_in_lateness: Final = 0.2
# Shares of clients with credits at the bureau, where the application has its enquiries and where it has not.
_known_where_asked: Final = 0.985
_known_where_not: Final = 0.05
# Credits of a client who has any: 1 and a negative binomial of this mean and shape; the real table has 5.61 on average,
# with a spread of 4.4.
_more_credits: Final = 4.61
_shape: Final = 1.42
# Share of clients whose credits have a monthly balance.
_balanced: Final = 0.495
# Share of closed credits whose status is no longer reported today.
_forgotten: Final = 0.55
# A debt far above its credit is one of a credit of next to nothing: it must not meet a large one.
_debt_shares: Final = (-0.05, 1.5)
_first_id: Final = 5_000_000
_oldest_month: Final = 96


def to_variables(frame: pl.DataFrame) -> pl.DataFrame:
    """The variables of typed rows of the table."""
    opened, ended, total = pl.col("DAYS_CREDIT"), pl.col("DAYS_ENDDATE_FACT"), pl.col("AMT_CREDIT_SUM")
    on_time = pl.when(ended == pl.col("DAYS_CREDIT_ENDDATE")).then(pl.lit("Y")).otherwise(pl.lit("N"))
    derived = {
        "TERM": pl.col("DAYS_CREDIT_ENDDATE") - opened,
        "LIFE": ended - opened,
        "ENDED_ON_TIME": pl.when(ended.is_not_null()).then(on_time),
        "UPDATE_LAG": pl.col("DAYS_CREDIT_UPDATE") - ended.fill_null(0),
        "DEBT_SHARE": pl.when(total > 0)
        .then(pl.col("AMT_CREDIT_SUM_DEBT") / total)
        .when(pl.col("AMT_CREDIT_SUM_DEBT").is_not_null())
        .then(0.0)
        .round(4),
    }
    return frame.select(
        derived.get(variable.name, pl.col(variable.name))
        .cast(pl.String if variable.kind == "category" else pl.Float64)
        .alias(variable.name)
        for variable in variables
    )


def draw(
    chain: ChainedModel, clients: pl.DataFrame, risk: NDArray[np.float64], first: int, rng: np.random.Generator
) -> pl.DataFrame:
    """The credits of a block of clients.

    Args:
        chain: measured on the real table.
        clients: their applications.
        risk: how risky each client is, standard normal.
        first: how many credits the blocks before this one have, so that SK_ID_BUREAU is unique.
        rng: where chance comes from.
    """
    owner, _ = spread(_credits(clients, rng))
    drawn = chain.draw(len(owner), rng, steered(rng, mixed(standardised(risk), _risk_in_habits, rng)[owner], _weights))
    opened, ended_after = pl.col("DAYS_CREDIT"), pl.col("LIFE")
    planned = opened + pl.col("TERM")
    on_time = pl.when(pl.col("ENDED_ON_TIME") == "Y").then(planned)
    ended = pl.when(ended_after.is_not_null()).then(pl.coalesce(on_time, opened + ended_after).clip(opened, 0))
    columns = {
        "SK_ID_CURR": pl.lit(clients["SK_ID_CURR"].gather(owner)),
        "SK_ID_BUREAU": pl.lit(pl.Series(_first_id + first + np.arange(len(owner)))),
        "DAYS_CREDIT_ENDDATE": planned,
        "DAYS_ENDDATE_FACT": ended,
        "DAYS_CREDIT_UPDATE": (ended.fill_null(0) + pl.col("UPDATE_LAG")).clip(None, 0),
        "AMT_CREDIT_SUM_DEBT": (pl.col("AMT_CREDIT_SUM") * pl.col("DEBT_SHARE").clip(*_debt_shares)).round(2),
    }
    return typed(drawn, "bureau", columns)


def draw_balance(known: pl.DataFrame, risk: NDArray[np.float64], rng: np.random.Generator) -> pl.DataFrame:
    """The monthly status of the credits of some of the clients, newest month first.

    Args:
        known: rows of `draw`.
        risk: how risky the owner of each credit is.
        rng: where chance comes from.
    """
    owner = known["SK_ID_CURR"].to_numpy()
    kept = (rng.random(len(owner)) < _balanced)[first_of_each(owner)]
    age = np.minimum((-known["DAYS_CREDIT"].to_numpy() / month).astype(np.int64), _oldest_month)
    ended = known["DAYS_ENDDATE_FACT"].cast(pl.Float64).to_numpy()
    forgotten = ~np.isnan(ended) & (rng.random(len(owner)) < _forgotten)
    newest = np.where(forgotten, np.minimum(rng.geometric(0.045, len(owner)), age), 0)
    months = np.where(kept, age - newest + 1, 0)
    row, place = spread(months)
    back = newest[row] + place
    closed = back < np.nan_to_num(-ended / month, nan=-1.0)[row]
    unknown = leaning(rng, rng.standard_normal(len(owner))[row], 0.9) < _unknown
    late = leaning(rng, mixed(risk, _risk_in_lateness, rng)[row], 0.75)
    status = np.select([closed, unknown], [_closed, _no_word], np.searchsorted(_lateness, late, side="right"))
    return pl.DataFrame(
        {
            "SK_ID_BUREAU": known["SK_ID_BUREAU"].gather(row),
            "MONTHS_BALANCE": pl.Series(-back, dtype=pl.Int32),
            "STATUS": pl.Series(_statuses).gather(status),
        }
    )


_statuses: Final = ("0", "1", "2", "3", "4", "5", "C", "X")
_closed: Final = _statuses.index("C")
_no_word: Final = _statuses.index("X")
# Of the months of an open credit: those of which the bureau has no word, and, of the others, the cumulative shares that
# are at most so late (measured on the real sample).
_unknown: Final = 0.427
_lateness: Final = (0.954, 0.9846, 0.9878, 0.9897, 0.9901)


def _credits(clients: pl.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    asked = clients["AMT_REQ_CREDIT_BUREAU_YEAR"].is_not_null().to_numpy()
    known = rng.random(len(asked)) < np.where(asked, _known_where_asked, _known_where_not)
    more = rng.poisson(_more_credits * rng.gamma(_shape, 1 / _shape, len(asked)))
    return np.where(known, 1 + more, 0)
