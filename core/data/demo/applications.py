"""Synthetic applications: variables one after the other, constraints between columns, then who defaults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit

from core import catalogue
from core.data.demo.fitted import profile as profiles
from core.data.demo.fitted.constraints import from_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.data.demo.fitted.profile import Profile

Split = Literal["train", "test"]

# Sizes of the real tables.
train_clients: Final = 307_511
test_clients: Final = 48_744
default_rate: Final = 24_825 / 307_511
# The numbers of the real tables run from 100001 to 456255 without a gap. None of ours is among them: a history that was
# drawn would be joined to a person who bears the number.
first_id: Final = 9_000_001
# What the latent adds to the log-odds of default per standard deviation.
latent_weight: Final = 1.0
# A logistic curve that is averaged over the latent is flatter by this factor; stretching the scorecard by it keeps the
# rate of default given the application what the scorecard says (MacKay 1992, "The evidence framework", eq. 13).
_stretch: Final = float(np.sqrt(1 + np.pi * latent_weight**2 / 8))
# Clients are drawn in blocks of this many, each with random numbers of its own, so that memory stays flat and a longer
# table begins with the shorter one.
block: Final = 20_000
_calibration_clients: Final = 160_000

# How the applications of the second table differ. A variable's random number is raised to this power before it chooses
# among the ordered codes: above 1 it moves towards the first code or the lowest number, below 1 towards the highest.
_tilts: Final = {
    "NAME_CONTRACT_TYPE": 12.0,
    "FLAG_EMAIL": 0.33,
    "PRICE": 0.9,
    "DAYS_LAST_PHONE_CHANGE": 0.8,
    "AMT_REQ_CREDIT_BUREAU_DAY": 4.0,
    "AMT_REQ_CREDIT_BUREAU_WEEK": 8.0,
    "AMT_REQ_CREDIT_BUREAU_MON": 10.0,
    "AMT_REQ_CREDIT_BUREAU_QRT": 0.5,
}


@dataclass(frozen=True, slots=True)
class Clients:
    """A block of clients.

    Attributes:
        applications: all application columns, typed by the catalogue; without TARGET in the test split.
        risk: how risky each client is, application and latent together, in standard deviations over all clients.
    """

    applications: pl.DataFrame
    risk: NDArray[np.float64]


def draw_applications(clients: int, seed: int, split: Split) -> pl.DataFrame:
    """Synthetic applications, SK_ID_CURR ascending.

    Args:
        clients: how many rows.
        seed: the same seed gives the same rows.
        split: `train` has TARGET (122 columns), `test` has not and differs as a later table would.
    """
    drawn = [drawn_block.applications for drawn_block in draw_blocks(clients, seed, split)]
    schema = {name: dtype for name, dtype in catalogue.polars_schema().items() if split == "train" or name != "TARGET"}
    return pl.concat(drawn) if drawn else pl.DataFrame(schema=schema)


def draw_blocks(clients: int, seed: int, split: Split, profile: Profile | None = None) -> Iterator[Clients]:
    """The same applications block by block, with the risk that the history tables are drawn from.

    Args:
        clients, seed, split: as for `draw_applications`.
        profile: what they are drawn from; the one that comes with the package where it is left out.
    """
    profile = profile or profiles.load()
    for number, start in enumerate(range(0, clients, block)):
        rng = np.random.default_rng([seed, ("train", "test").index(split), number])
        ids = client_ids(start, min(start + block, clients), split)
        yield _draw_block(profile, ids, rng, split)


def client_ids(start: int, stop: int, split: Split) -> NDArray[np.int32]:
    """The numbers of the clients at positions `start` to `stop` of a split; the two splits interleave, never meet."""
    mine = _own_offsets(split)
    rounds, place = np.divmod(np.arange(start, stop), len(mine))
    return (first_id + rounds * (train_clients + test_clients) + mine[place]).astype(np.int32)


def draw_values(profile: Profile, clients: int, rng: np.random.Generator, split: Split = "train") -> pl.DataFrame:
    """The application columns of a number of clients without their number and TARGET."""

    def uniforms(name: str) -> NDArray[np.float64]:
        chance = rng.random(clients)
        return chance ** _tilts.get(name, 1.0) if split == "test" else chance

    return from_variables(profile.chains["application"].draw(clients, rng, uniforms), profile.lines)


def calibrated(profile: Profile) -> Profile:
    """The profile with the intercept at which a train split defaults at the real rate, and its spread of risk."""
    rng = np.random.default_rng(0)
    odds = _stretch * profile.scorecard.log_odds(draw_values(profile, _calibration_clients, rng))
    risk = odds + latent_weight * rng.standard_normal(_calibration_clients)
    intercept = float(brentq(lambda shift: expit(risk + shift).mean() - default_rate, -5.0, 5.0))
    return replace(
        profile, intercept=intercept, risk_mean=float(risk.mean() + intercept), risk_spread=float(risk.std())
    )


def _draw_block(profile: Profile, ids: NDArray[np.int32], rng: np.random.Generator, split: Split) -> Clients:
    values = draw_values(profile, len(ids), rng, split)
    latent = rng.standard_normal(len(ids))
    risk = profile.intercept + _stretch * profile.scorecard.log_odds(values) + latent_weight * latent
    columns: dict[str, NDArray[np.generic]] = {"SK_ID_CURR": ids}
    if split == "train":
        columns["TARGET"] = rng.random(len(ids)) < expit(risk)
    schema = catalogue.polars_schema()
    frame = values.with_columns(pl.Series(name, column).cast(schema[name]) for name, column in columns.items())
    return Clients(
        applications=frame.select(name for name in schema if name in frame.columns),
        risk=(risk - profile.risk_mean) / profile.risk_spread,
    )


@cache
def _own_offsets(split: Split) -> NDArray[np.int64]:
    """Which of the numbers from `first_id` on belong to a split, drawn once and for all; the first is of the test
    split, the second of the train split, as in the real tables.
    """
    rng = np.random.default_rng(20180517)
    others = 2 + rng.permutation(train_clients + test_clients - 2)
    test = np.zeros(train_clients + test_clients, dtype=bool)
    test[0] = True
    test[others[: test_clients - 1]] = True
    return np.flatnonzero(test if split == "test" else ~test)
