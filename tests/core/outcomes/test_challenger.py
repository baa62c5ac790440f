"""The challenger's comparison against pandas, scikit-learn and a plain count of pairs; what is recorded of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from commands.of_outcomes.performance import challenger_lines
from core.audit.chain.verification import verify
from core.audit.engine import Database, database_url
from core.audit.entries import Challenge, PredictionEntry, PredictionFilter, new_ids
from core.audit.log import AuditLog
from core.decision import Decision
from core.model.evidence.auc import area_difference
from core.outcomes.challenger import comparison, needed_outcomes
from core.outcomes.entries import OutcomeEntry
from core.outcomes.log import OutcomeLog
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

cost_fn, cost_fp = 10.0, 1.0


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """700 applications as both models see them; of two in three the outcome is known."""
    random = np.random.default_rng(7)
    p = random.beta(1.2, 12, 700)
    frame = pd.DataFrame({"p": p, "q": np.clip(p * random.uniform(0.5, 1.7, 700), 0, 1)})
    frame["defaulted"] = (random.random(700) < frame.q).astype(float)
    frame.loc[::3, "defaulted"] = np.nan
    return frame


@pytest.fixture(scope="module")
def record(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder: Path = tmp_path_factory.mktemp("challenger")
    database = Database.open(database_url(Settings(database_url=None, audit_file=folder / "audit.db")))
    fill(database, frame)
    return database


def fill(database: Database, frame: pd.DataFrame) -> None:
    """Records the applications; the first one also of an older pair, of a what-if, and without a challenger."""
    log, start = AuditLog(database), datetime(2026, 3, 1, tzinfo=UTC)
    entries = []
    for number, row in enumerate(frame.itertuples()):
        moment = start + timedelta(hours=number)
        decision = Decision(number + 1, float(row.p), 0.1)  # type: ignore[arg-type]
        challenge = Challenge("v2", float(row.q), 0.12)  # type: ignore[arg-type]
        entry = PredictionEntry("predict", "r", "bank", {"AMT_CREDIT": 1.0}, decision, "v1", challenge=challenge)
        entries.append((new_ids(moment, 1)[0], moment, entry))
    other = replace(entries[0][2], challenge=Challenge("v0", 0.5, 0.1))
    before, after = start - timedelta(days=1), start + timedelta(days=90)
    extra = [
        (new_ids(before, 1)[0], before, other),
        (new_ids(after, 1)[0], after, replace(other, kind="simulate")),
        (new_ids(after, 1)[0], after, replace(other, kind="explain")),
        (new_ids(after, 1)[0], after, replace(other, challenge=None)),
    ]
    log.record_delivered(entries + extra)
    known = [
        OutcomeEntry(key, None, None, bool(defaulted), date(2026, 9, 1), None)
        for (key, _, _), defaulted in zip(entries, frame.defaulted, strict=True)
        if not np.isnan(defaulted)
    ]
    outcomes = OutcomeLog(database)
    outcomes.record(outcomes.check(known, datetime(2026, 11, 28, tzinfo=UTC)), "r", "bank")  # type: ignore[arg-type]


def test_it_has_ended_where_decisions_go_on_without_it(tmp_path: Path) -> None:
    database = Database.open(database_url(Settings(database_url=None, audit_file=tmp_path / "audit.db")))
    log, start = AuditLog(database), datetime(2026, 3, 1, tzinfo=UTC)
    with_it = PredictionEntry(
        "predict", "r", "bank", {}, Decision(1, 0.2, 0.1), "v1", challenge=Challenge("v2", 0.3, 0.1)
    )
    without = replace(with_it, challenge=None)
    # A client who is looked at is not asked about, and an hour without it may be a restart.
    looked_at = replace(without, kind="client")
    for hours, entry, ended in ((0, with_it, False), (60, looked_at, False), (23, without, False)):
        moment = start + timedelta(hours=hours)
        log.record_delivered([(new_ids(moment, 1)[0], moment, entry)])
        found = comparison(database, cost_fn, cost_fp)
        assert found is not None
        assert found.ended is ended
    moment = start + timedelta(hours=25)
    log.record_delivered([(new_ids(moment, 1)[0], moment, replace(without, kind="job"))])
    found = comparison(database, cost_fn, cost_fp)
    assert found is not None
    assert (found.ended, found.until) == (True, start)
    database.close()


def test_every_figure_is_that_of_pandas(record: Database, frame: pd.DataFrame) -> None:
    found = comparison(record, cost_fn, cost_fp)
    assert found is not None
    assert found.outcomes is not None
    refuses, would = frame.p >= 0.1, frame.q >= 0.12
    assert (found.champion_version, found.challenger_version, found.applications) == ("v1", "v2", len(frame))
    assert (found.since, found.until) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 30, 3, tzinfo=UTC))
    assert found.agreement == pytest.approx((refuses == would).mean())
    assert (found.would_refuse, found.would_accept) == ((~refuses & would).sum(), (refuses & ~would).sum())
    assert found.would_refuse
    assert found.would_accept
    claimed = [
        np.where(refused, cost_fp * (1 - p), cost_fn * p).mean()
        for refused, p in ((refuses, frame.p), (would, frame.q))
    ]
    assert [found.champion_expected_cost, found.challenger_expected_cost] == pytest.approx(claimed)
    edges = np.linspace(0, 1, 51)
    counted = {round(part.low * 50): (part.champion, part.challenger) for part in found.distribution}
    for place, counts in enumerate(zip(*(np.histogram(x, edges)[0] for x in (frame.p, frame.q)), strict=True)):
        assert counted.get(place, (0, 0)) == counts
    known = frame[frame.defaulted.notna()]
    bad = known.defaulted == 1
    realised = [
        (cost_fn * (bad & ~refused[known.index]).sum() + cost_fp * (~bad & refused[known.index]).sum()) / len(known)
        for refused in (refuses, would)
    ]
    assert (found.outcomes.rows, found.outcomes.defaults) == (len(known), bad.sum())
    assert [found.outcomes.champion_cost, found.outcomes.challenger_cost] == pytest.approx(realised)
    areas = [roc_auc_score(bad, known[name]) for name in ("p", "q")]
    assert [found.outcomes.champion_auc, found.outcomes.challenger_auc] == pytest.approx(areas)
    error = plain_error(bad.to_numpy(), known.p.to_numpy(), known.q.to_numpy())
    difference = areas[1] - areas[0]
    assert found.outcomes.auc_difference_low == pytest.approx(difference - 1.959964 * error)
    assert found.outcomes.auc_difference_high == pytest.approx(difference + 1.959964 * error)
    assert found.outcomes.needed == needed_outcomes(len(known), difference, error)


def plain_error(bad: NDArray[np.bool_], first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """DeLong's standard error of a paired difference from all pairs, one by one."""
    psi = [(np.sign(x[bad][:, None] - x[~bad][None]) + 1) / 2 for x in (first, second)]
    difference = psi[1] - psi[0]
    of_bad, of_good = difference.mean(axis=1), difference.mean(axis=0)
    return float(np.sqrt(of_bad.var(ddof=1) / len(of_bad) + of_good.var(ddof=1) / len(of_good)))


def test_the_error_of_a_difference_is_that_of_the_bootstrap(frame: pd.DataFrame) -> None:
    known = frame[frame.defaulted.notna()]
    target, first, second = (known[name].to_numpy() for name in ("defaulted", "p", "q"))
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(400):
        rows = random.integers(len(target), size=len(target))
        drawn.append(area_difference(target[rows], first[rows], second[rows]).difference)
    assert area_difference(target, first, second).error == pytest.approx(np.std(drawn), rel=0.15)


def test_with_as_many_outcomes_as_needed_four_in_five_tell_the_difference() -> None:
    """Of the normal distribution: with n outcomes the difference is d / s = 2.8 standard errors off 0."""
    random = np.random.default_rng(2)
    needed = needed_outcomes(100, 0.01, 0.02)
    assert needed == 3140
    error = 0.02 * np.sqrt(100 / needed)
    drawn = random.normal(0.01, error, 20_000)
    assert (np.abs(drawn) > 1.96 * error).mean() == pytest.approx(0.8, abs=0.01)
    assert needed_outcomes(100, 0.0, 0.02) is None


def test_the_record_proves_it_and_tells_it_to_nobody(record: Database) -> None:
    assert not verify(record).faults
    page = AuditLog(record).predictions_with_inputs(PredictionFilter(), 1)
    assert not [name for name in type(page.predictions[0]).__dataclass_fields__ if "challenge" in name]


def test_a_block_holds_what_the_challenger_said(tmp_path: Path) -> None:
    database = Database.open(database_url(Settings(database_url=None, audit_file=tmp_path / "audit.db")))
    entries = [
        PredictionEntry("batch", "r", "bank", {"AMT_CREDIT": 1.0}, Decision(number, 0.01 * (number % 30), 0.1), "v1",
                        challenge=None if number == 5 else Challenge("v2", 0.02, 0.1))
        for number in range(120)
    ]  # fmt: skip
    AuditLog(database).record_many(entries)
    found = comparison(database, cost_fn, cost_fp)
    assert not verify(database).faults
    database.close()
    assert found is not None
    assert (found.applications, found.outcomes) == (119, None)
    assert (found.would_refuse, found.would_accept) == (0, 80)


def test_the_terminal_says_the_same(record: Database) -> None:
    found = comparison(record, cost_fn, cost_fp)
    assert found is not None
    lines = dict(challenger_lines(found))
    assert lines["Challenger"].startswith("v2 beside v1 on 700 applications, 2026-03-01 to 2026-03-30")
    assert f"{found.would_refuse:,} accepted ones" in lines["Agreement"]
    assert found.outcomes is not None
    assert f"{found.outcomes.auc_difference:+.4f}" in lines["AUC difference"]
    assert challenger_lines(None) == []


def test_both_databases_compare_alike(record: Database, frame: pd.DataFrame, new_postgresql: Callable[[], str]) -> None:
    other = Database.open(database_url(Settings(database_url=new_postgresql())))
    fill(other, frame)
    of_file, of_server = (comparison(database, cost_fn, cost_fp) for database in (record, other))
    assert of_file is not None
    assert of_server is not None
    assert verify(other).fault_count == 0
    first, second = of_file.model_dump(), of_server.model_dump()
    assert first.pop("outcomes") == pytest.approx(second.pop("outcomes"))
    for name, value in first.items():
        assert second[name] == (value if not isinstance(value, float) else pytest.approx(value)), name
    other.close()
