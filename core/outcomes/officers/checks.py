"""Whether an officer agrees with everything, or one group is overruled more than another, more than chance explains.

Refusals of the model, which are overruled often, are compared apart from its acceptances, so that neither an officer
nor a group stands out for what the model says of the files alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core.contract.record.overrides import OverrideAlarm, OverrideChecks, fewest_decisions
from core.drift.measures.intervals import share_interval
from core.drift.measures.statistics import holm, share_p_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.audit.entries import Outcome
    from core.contract.record.overrides import AlarmKind, OverrideDimension
    from core.model.artefacts import ModelInfo

# Of officers and of segments each: at most so many records in which nothing is amiss raise an alarm.
significance: Final = 0.01
# Of an officer, and of either side of a comparison.
fewest_compared: Final = 50
# The four-fifths rule of 29 CFR 1607.4(D): what differs by less is no alarm, however sure it is.
_least_ratio: Final = 1.25


@dataclass(frozen=True, slots=True)
class _Compared:
    """A segment against the others of its dimension, of the decisions of the model that are alike."""

    dimension: OverrideDimension
    value: str
    model_decision: Outcome
    own: tuple[int, int]
    others: tuple[int, int]

    @property
    def p_value(self) -> float:
        return share_p_value(self.others[1], self.others[0], self.own[1], self.own[0]).p_value

    @property
    def ratio(self) -> float | None:
        """The rate of overrides over that of the others; None where these have none."""
        return self.own[1] / self.own[0] / (self.others[1] / self.others[0]) if self.others[1] else None

    @property
    def is_large(self) -> bool:
        ratio = self.ratio
        return ratio is None or ratio >= _least_ratio or ratio * _least_ratio <= 1


def checks(counts: pl.DataFrame, recent: pl.DataFrame, model: ModelInfo, since: str) -> OverrideChecks:
    """The alarms, and what was tested.

    Args:
        counts: `decisions` and `overrides` by `dimension` (`officer`, and those of segments), `value` and
            `model_decision`, of at least one officer.
        recent: the same of the decisions that alarms are about.
        model: whose costs say from when on accepting pays.
        since: the first month of `recent`.
    """
    few = _by_officer(counts).filter(pl.col("decisions") < fewest_decisions)
    by_officer, totals = recent.filter(pl.col("dimension") == "officer"), _by_officer(recent)
    tested = totals.filter(pl.col("decisions") >= fewest_compared)
    compared = list(_compared(recent.filter(pl.col("dimension") != "officer")))
    decisions, overrides = int(totals["decisions"].sum()), int(totals["overrides"].sum())
    alarms: list[OverrideAlarm] = []
    if overrides:
        alarms = [*_agreeing(by_officer, tested), *_overruled(compared)]
    elif decisions >= fewest_compared:
        alarms = [_alarm("nobody_overrules", "all", "", (decisions, 0), (0, 0))]
    return OverrideChecks(
        alarms=alarms,
        significance=significance,
        officers_tested=tested.height,
        groups_tested=len(compared),
        officers_with_few=few.height,
        decisions_of_few=int(few["decisions"].sum()),
        break_even_paid=model.cost_fn / (model.cost_fn + model.cost_fp),
        since=since,
    )


def _by_officer(counts: pl.DataFrame) -> pl.DataFrame:
    of_officers = counts.filter(pl.col("dimension") == "officer")
    return of_officers.group_by("value").agg(pl.col("decisions", "overrides").sum()).sort("value")


def _agreeing(by_officer: pl.DataFrame, tested: pl.DataFrame) -> Iterator[OverrideAlarm]:
    """Officers who have confirmed everything, where the rates of all together make that unlikely."""
    whole = by_officer.group_by("model_decision").agg(pl.col("decisions", "overrides").sum())
    alike = by_officer.join(whole, on="model_decision", suffix="_of_all")
    found = []
    for officer, number in tested.filter(pl.col("overrides") == 0).select("value", "decisions").rows():
        own = alike.filter(pl.col("value") == officer)
        total, against = own["decisions_of_all"].to_numpy(), own["overrides_of_all"].to_numpy()
        mine = own["decisions"].to_numpy()
        p_value = min(none_by_chance(mine, total, against) * tested.height, 1.0)
        if p_value <= significance:
            others = int(whole["decisions"].sum()) - number, int(whole["overrides"].sum())
            expected = float((mine * against / total).sum())
            found.append(_alarm("agrees_with_everything", "officer", officer, (number, 0), others, expected, p_value))
    yield from sorted(found, key=lambda alarm: alarm.p_value or 0.0)


def none_by_chance(own: np.ndarray, total: np.ndarray, overrides: np.ndarray) -> float:
    """The probability that none of the overrides falls on one officer, were they dealt out among all decisions alike.

    Hypergeometric, for each part apart; with many decisions of others that is the binomial (1 - rate)^own, but where
    these are few it allows for what is not known of their rate.

    Args:
        own, total, overrides: (n_parts,), the officer's decisions, those of all officers, and overrides among them.
    """
    rest = total - own
    # C(total - own, overrides) / C(total, overrides); nothing of it can be where the others have too few decisions.
    if (rest < overrides).any():
        return 0.0
    from scipy.special import gammaln  # a fortieth of the API's start, for a page that few look at

    logs = gammaln(rest + 1) - gammaln(rest - overrides + 1) - gammaln(total + 1) + gammaln(total - overrides + 1)
    return float(np.exp(logs.sum()))


def _overruled(compared: Sequence[_Compared]) -> Iterator[OverrideAlarm]:
    """Segments that are overruled more, or less, often than the others, surely and by much."""
    corrected = holm([each.p_value for each in compared])
    for p_value, each in sorted(zip(corrected, compared, strict=True), key=lambda pair: pair[0]):
        if p_value <= significance and each.is_large:
            expected = each.own[0] * each.others[1] / each.others[0]
            yield _alarm(
                "overrules_one_group",
                each.dimension,
                each.value,
                each.own,
                each.others,
                expected,
                p_value,
                each.model_decision,
            )


def _compared(counts: pl.DataFrame) -> Iterator[_Compared]:
    """The comparisons that have enough decisions on either side. Of two segments, one says it all."""
    for (dimension, decision), part in sorted(counts.group_by("dimension", "model_decision"), key=lambda pair: pair[0]):
        every = int(part["decisions"].sum()), int(part["overrides"].sum())
        sides = [
            _Compared(dimension, value, decision, (rows, against), (every[0] - rows, every[1] - against))
            for value, rows, against in part.sort("value").select("value", "decisions", "overrides").rows()
        ]
        enough = [side for side in sides if min(side.own[0], side.others[0]) >= fewest_compared]
        if len(enough) == 2:
            # One is the other turned round: the one that is overruled more.
            yield max(enough, key=lambda side: side.own[1] / side.own[0])
        else:
            yield from enough


def _alarm(
    kind: AlarmKind,
    dimension: OverrideDimension,
    value: str,
    own: tuple[int, int],
    others: tuple[int, int],
    expected: float | None = None,
    p_value: float | None = None,
    model_decision: Outcome | None = None,
) -> OverrideAlarm:
    rate, others_rate = own[1] / own[0], others[1] / others[0] if others[0] else None
    low, high = share_interval(rate, own[0])
    others_low, others_high = (None, None) if others_rate is None else share_interval(others_rate, others[0])
    return OverrideAlarm(
        kind=kind,
        dimension=dimension,
        value=value,
        model_decision=model_decision,
        decisions=own[0],
        overrides=own[1],
        rate=rate,
        rate_low=low,
        rate_high=high,
        expected=expected,
        others_decisions=others[0],
        others_overrides=others[1],
        others_rate=others_rate,
        others_rate_low=others_low,
        others_rate_high=others_high,
        ratio=rate / others_rate if others_rate else None,
        p_value=p_value,
    )
