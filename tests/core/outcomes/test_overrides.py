"""Overrides against pandas and scipy on the raw record; alarms where something is amiss, and nearly none elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import binomtest, chi2_contingency, fisher_exact, hypergeom

from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table
from core.audit.decisions import applicant_of
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionEntry, PredictionFilter, new_ids
from core.audit.log import AuditLog
from core.contract.record.overrides import OverrideAlarm, OverrideGroup
from core.decision import Decision
from core.outcomes.entries import OutcomeEntry
from core.outcomes.log import OutcomeLog
from core.outcomes.officers.checks import checks, none_by_chance, significance
from core.outcomes.officers.overrides import overrides
from core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from core.decision import Value
    from core.scoring import Scorer

threshold = 0.09
# How often each overrules a refusal, and an acceptance; the last one has few decisions.
officers = {"Anne": (0.3, 0.05), "Bob": (0.2, 0.04), "Carla": (0.0, 0.0), "Dora": (0.5, 0.5)}
segments = ("contract_type", "income_type", "age_band", "gender")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """1,500 decisions of officers in five months; the last two wait for half of their outcomes."""
    random = np.random.default_rng(7)
    folder: Path = tmp_path_factory.mktemp("overrides")
    database = Database.open(database_url(Settings(database_url=None, audit_file=folder / "audit.db")))
    log, outcomes = AuditLog(database), OutcomeLog(database)
    entries = []
    for number in range(1500):
        moment = datetime(2026, 1 + number % 5, 1 + number % 28, tzinfo=UTC)
        (key,) = new_ids(moment, 1)
        inputs: dict[str, Value] = {
            "NAME_CONTRACT_TYPE": "Cash loans" if number % 4 else "Revolving loans",
            "NAME_INCOME_TYPE": ("Working", "Pensioner", "State servant")[int(random.integers(3))],
            "CODE_GENDER": ("F", "F", "M")[int(random.integers(3))],
        }
        if number % 50:
            inputs["DAYS_BIRTH"] = -int(random.integers(8000, 24000))
        decision = Decision(number, float(random.beta(1.2, 12)), threshold)
        entries.append((key, moment, PredictionEntry("predict", "r", "bank", inputs, decision, "v1")))
    log.record_delivered(entries)
    table, rows, known = entry_table("decision", "sqlite"), [], []
    for number, (key, moment, entry) in enumerate(entries):
        given = log.prediction_with_inputs(key)
        assert given is not None
        applicant = applicant_of(given)
        officer = "Dora" if number < 12 else ("Anne", "Bob", "Carla")[number % 3]
        refused = entry.decision.prediction == 1
        rate = officers[officer][0 if refused else 1]
        if officer != "Carla" and not refused and applicant["age_band"] == "< 30":
            rate *= 6
        otherwise = random.random() < rate
        final = ("ACCEPTÉ" if refused else "REFUSÉ") if otherwise else entry.decision.decision
        rows.append(
            table.row(
                {
                    "id": new_ids(moment, 1)[0],
                    "time": moment + timedelta(hours=2),
                    "request_id": "r",
                    "caller": "bank",
                    "officer": officer,
                    "decision": final,
                    "kind": "override" if otherwise else "confirm",
                    "reason": "Un motif" if number % 3 else f"Un autre, {number % 400}",
                    "prediction_id": key,
                    "model_decision": entry.decision.decision,
                    "model_version": "v1",
                    "probability": entry.decision.probability,
                    "threshold": threshold,
                    "model_reason": ("job", "income", None)[number % 3],
                }
                # Of an older decision the outcome alone knows the segments.
                | (applicant if number % 7 else {})
            )
        )
        if final == "ACCEPTÉ" and (moment.month < 4 or number % 2):
            defaulted = bool(random.random() < min(entry.decision.probability * 2, 1))
            known.append(OutcomeEntry(key, None, None, defaulted, date(2026, 9, 1)))
    with appending(database) as adding:
        adding.add(table, rows, [table.content(row) for row in rows])
    for first in range(0, len(known), 1000):
        checked = outcomes.check(known[first : first + 1000], datetime(2026, 11, 28, tzinfo=UTC))
        outcomes.record(checked, "r", "bank")  # type: ignore[arg-type]
    return database


@pytest.fixture(scope="module")
def raw(record: Database) -> pd.DataFrame:
    """The record as pandas has it, without our SQL."""
    given = {each.id: each.inputs or {} for each in AuditLog(record).each(PredictionFilter())}
    with record.engine.connect() as connection:
        decided = pd.read_sql("SELECT * FROM officer_decisions", connection).set_index("prediction_id")
    decided["month"] = decided.time.str[:7]
    outcomes = pd.Series({each.prediction_id: float(each.defaulted) for each in OutcomeLog(record).each()})
    decided["defaulted"] = outcomes.reindex(decided.index)
    inputs = pd.DataFrame.from_dict(given, orient="index").reindex(decided.index)
    years = -inputs.DAYS_BIRTH / 365.25
    bands = ["< 30", "30-39", "40-49", "50-59", ">= 60"]
    inputs["age_band"] = pd.cut(years, [0, 30, 40, 50, 60, 120], right=False, labels=bands).astype(object)
    named = inputs.rename(
        columns={"NAME_CONTRACT_TYPE": "contract_type", "NAME_INCOME_TYPE": "income_type", "CODE_GENDER": "gender"}
    )
    # Where the decision does not repeat the segments, an outcome does, but for the gender.
    is_known = decided.contract_type.notna()
    for name in segments:
        decided[name] = named[name].where(is_known | (decided.defaulted.notna() & (name != "gender")))
    decided["against"] = decided.decision != decided.model_decision
    return decided


def of(found: list[OverrideGroup]) -> dict[tuple[str, str], OverrideGroup]:
    return {(group.dimension, group.value): group for group in found}


def test_every_figure_is_that_of_the_raw_record(record: Database, raw: pd.DataFrame, scorer: Scorer) -> None:
    groups = of(overrides(record, scorer.model).groups)
    parts = {("all", ""): raw}
    for name in ("month", "officer", *segments, "model_reason"):
        parts |= {(name, str(value)): part for value, part in raw.groupby(name)}
    parts |= {("reason", str(value)): part for value, part in raw[raw.against].groupby("reason") if len(part) >= 5}
    # Nobody is to be judged by a handful of decisions.
    del parts["officer", "Dora"]
    assert groups.keys() == parts.keys()
    accepted = raw[raw.against & (raw.decision == "ACCEPTÉ")]
    waiting = accepted.defaulted.isna().groupby(accepted.month).mean()
    ripe = set(waiting[waiting <= 0.1].index)
    assert ripe == {"2026-01", "2026-02", "2026-03"}
    for key, part in parts.items():
        group = groups[key]
        assert (group.decisions, group.overrides) == (len(part), part.against.sum())
        interval = binomtest(int(part.against.sum()), len(part)).proportion_ci(method="wilson")
        assert (group.rate_low, group.rate_high) == pytest.approx((interval.low, interval.high))
        assert group.rate == pytest.approx(part.against.mean())
        mine = part[part.index.isin(accepted.index)]
        assert (group.accepted, group.accepted_known) == (len(mine), mine.defaulted.notna().sum())
        assert group.accepted_defaults == mine.defaulted.sum()
        assert group.refused == (part.against & (part.decision == "REFUSÉ")).sum()
        paid = 1 - mine.defaulted[mine.month.isin(ripe)].dropna()
        assert group.paid_known == len(paid)
        if len(paid) < 20:
            assert (group.paid_rate, group.paid_rate_low, group.paid_rate_high) == (None, None, None)
            continue
        interval = binomtest(int(paid.sum()), len(paid)).proportion_ci(method="wilson")
        assert group.paid_rate == pytest.approx(paid.mean())
        assert (group.paid_rate_low, group.paid_rate_high) == pytest.approx((interval.low, interval.high))
    assert [group.value for key, group in groups.items() if key[0] == "age_band"] == [
        *("< 30", "30-39", "40-49", "50-59", ">= 60")
    ]


def test_alarms_are_those_of_scipy(record: Database, raw: pd.DataFrame, scorer: Scorer) -> None:
    found = overrides(record, scorer.model, now=datetime(2027, 1, 31, tzinfo=UTC))
    checked = found.checks
    assert checked is not None
    assert checked.since == "2026-01"
    agreeing, *overruled = checked.alarms
    assert (agreeing.kind, agreeing.value, agreeing.overrides) == ("agrees_with_everything", "Carla", 0)
    assert [group.value for group in found.groups if group.agrees_with_everything] == ["Carla"]
    none, expected = 1.0, 0.0
    for _, part in raw.groupby("model_decision"):
        mine = int((part.officer == "Carla").sum())
        none *= hypergeom(len(part), int(part.against.sum()), mine).pmf(0)
        expected += mine * part.against.mean()
    # Three officers have 50 decisions.
    assert checked.officers_tested == 3
    assert agreeing.p_value == pytest.approx(none * 3)
    assert agreeing.expected == pytest.approx(expected)
    assert (checked.officers_with_few, checked.decisions_of_few) == (1, 12)
    tests = {}
    for name in segments:
        for decision, part in raw[raw[name].notna()].groupby("model_decision"):
            table = pd.crosstab(part[name], part.against)
            # Of two segments the one that is overruled more.
            for value in table.index if len(table) > 2 else [table[True].div(table.sum(axis=1)).idxmax()]:
                both = np.array([table[table.index == value].sum(), table[table.index != value].sum()])
                if both.sum(axis=1).min() < 50:
                    continue
                plain = chi2_contingency(both, correction=False)
                sound = plain.expected_freq.min() >= 5
                tests[name, value, decision] = plain.pvalue if sound else fisher_exact(both).pvalue
    assert checked.groups_tested == len(tests) > 15
    in_order = sorted(tests.items(), key=lambda item: item[1])
    corrected, highest = {}, 0.0
    for place, (key, p_value) in enumerate(in_order):
        highest = max(highest, p_value * (len(tests) - place))
        corrected[key] = min(highest, 1.0)
    assert {
        (alarm.dimension, alarm.value, alarm.model_decision): pytest.approx(alarm.p_value) for alarm in overruled
    } == {key: p_value for key, p_value in corrected.items() if p_value <= significance}
    young = overruled[0]
    assert (young.dimension, young.value, young.model_decision) == ("age_band", "< 30", "ACCEPTÉ")
    accepted = raw[(raw.model_decision == "ACCEPTÉ") & raw.age_band.notna()]
    rates = accepted.groupby(accepted.age_band == "< 30").against.mean()
    assert (young.rate, young.others_rate) == pytest.approx((rates[True], rates[False]))
    assert young.ratio == pytest.approx(rates[True] / rates[False])


def test_whether_acceptances_were_right_is_told_by_the_costs(record: Database, scorer: Scorer) -> None:
    found = overrides(record, scorer.model)
    checked, whole = found.checks, found.groups[0]
    assert checked is not None
    assert checked.break_even_paid == pytest.approx(10 / 11)
    for low, high, verdict in ((0.92, 0.99, "right"), (0.6, 0.9, "wrong"), (0.9, 0.95, "open"), (None, None, None)):
        assert checked.verdict(whole.model_copy(update={"paid_rate_low": low, "paid_rate_high": high})) == verdict


def test_none_by_chance_is_hypergeometric_and_nearly_binomial() -> None:
    own, total, against = np.array([40, 300]), np.array([400_000, 3_000_000]), np.array([80_000, 120_000])
    exact = np.prod([hypergeom(*parts).pmf(0) for parts in zip(total, against, own, strict=True)])
    assert none_by_chance(own, total, against) == pytest.approx(exact)
    assert none_by_chance(own, total, against) == pytest.approx(0.8**40 * 0.96**300, rel=1e-2)
    # One of 2 decisions of others, and 5 of 7 are overrides: some are the officer's.
    assert none_by_chance(np.array([5]), np.array([7]), np.array([5])) == 0.0


def counted(random: np.random.Generator, young: float = 1.0) -> pl.DataFrame:
    """Decisions of officers and segments, overruled alike; acceptances of the young so many times as often."""
    rows = []
    sizes = {"officer": (400, 300, 60, 8), "age_band": (90, 230, 260, 188), "gender": (500, 268)}
    sizes |= {"contract_type": (700, 68), "income_type": (400, 200, 100, 60, 8)}
    for dimension, parts in sizes.items():
        for place, size in enumerate(parts):
            for decision, share, rate in (("REFUSÉ", 0.4, 0.2), ("ACCEPTÉ", 0.6, 0.04)):
                is_raised = dimension == "age_band" and place == 0 and decision == "ACCEPTÉ"
                number = int(size * share)
                against = int(random.binomial(number, rate * (young if is_raised else 1.0)))
                rows.append((dimension, f"{place}", decision, number, against))
    return pl.DataFrame(rows, ["dimension", "value", "model_decision", "decisions", "overrides"], orient="row")


def alarms_of(counts: pl.DataFrame, scorer: Scorer) -> list[OverrideAlarm]:
    return checks(counts, counts, scorer.model, "2026-01").alarms


def test_an_alarm_ends_a_year_after_what_raised_it(record: Database, scorer: Scorer) -> None:
    later = overrides(record, scorer.model, now=datetime(2027, 6, 1, tzinfo=UTC))
    assert later.checks is not None
    assert (later.checks.since, later.checks.alarms, later.checks.officers_tested) == ("2026-06", [], 0)
    # What the tables show stays.
    assert (later.checks.officers_with_few, later.checks.decisions_of_few) == (1, 12)
    assert later.groups[0].decisions == 1500
    assert not any(group.agrees_with_everything for group in later.groups)
    # Of the last month alone, 300 decisions are left.
    last = overrides(record, scorer.model, now=datetime(2027, 5, 31, tzinfo=UTC)).checks
    assert last is not None
    assert {alarm.value: alarm.decisions for alarm in last.alarms}["Carla"] == 100


def test_where_nothing_is_amiss_there_is_hardly_ever_an_alarm(scorer: Scorer) -> None:
    random = np.random.default_rng(1)
    assert sum(bool(alarms_of(counted(random), scorer)) for _ in range(300)) <= 6
    found = [alarms_of(counted(random, young=8.0), scorer) for _ in range(25)]
    assert sum(any((each.dimension, each.value) == ("age_band", "0") for each in alarms) for alarms in found) >= 20


def test_where_nobody_overrules_that_is_said_once(scorer: Scorer) -> None:
    none = counted(np.random.default_rng(1)).with_columns(overrides=pl.lit(0))
    (alarm,) = alarms_of(none, scorer)
    assert (alarm.kind, alarm.decisions, alarm.p_value, alarm.others_rate) == ("nobody_overrules", 767, None, None)
    few = none.filter(pl.col("dimension") == "officer").with_columns(decisions=pl.lit(6))
    assert alarms_of(few, scorer) == []


def test_no_decision_of_an_officer_says_nothing(tmp_path: Path, scorer: Scorer) -> None:
    database = Database.open(database_url(Settings(database_url=None, audit_file=tmp_path / "audit.db")))
    found = overrides(database, scorer.model)
    assert (found.groups, found.checks) == ([], None)
    database.close()
