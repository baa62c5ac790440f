"""Back-testing against pandas and scikit-learn on the raw record; bounds of what refusals hide against trying all."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from commands.__main__ import main
from core.audit.decisions import DecisionEntry, DecisionLog
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionEntry, PredictionFilter, new_ids
from core.audit.log import AuditLog
from core.contract.model import ModelEvaluation, RecalibrationAnswer
from core.decision import Decision
from core.model.evidence.auc import area
from core.model.evidence.calibration import reliability
from core.model.evidence.threshold import cost_curve
from core.outcomes.backtesting import performance
from core.outcomes.counting.bounds import auc_bounds
from core.outcomes.counting.scores import CountedScores, score_figures, scores_of
from core.outcomes.counting.scores import area as counted_area
from core.outcomes.entries import OutcomeEntry
from core.outcomes.estimate import expected_area
from core.outcomes.log import OutcomeLog
from core.settings import Settings
from core.settings import settings as of_process
from tests.core.audit.made import entry as made

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.audit.entries import Outcome
    from core.decision import Value
    from core.model.artefacts import ModelInfo
    from core.scoring import Scorer

threshold = 0.0912


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """1,200 decisions of three months; accepted ones have outcomes, and a few refused ones that officers accepted."""
    random = np.random.default_rng(19)
    folder: Path = tmp_path_factory.mktemp("performance")
    database = Database.open(database_url(Settings(database_url=None, audit_file=folder / "audit.db")))
    log, decisions, outcomes = AuditLog(database), DecisionLog(database), OutcomeLog(database)
    entries = []
    for number in range(1200):
        moment = datetime(2026, 1 + number % 3, 1 + number % 28, tzinfo=UTC)
        (key,) = new_ids(moment, 1)
        contract = "Cash loans" if number % 4 else "Revolving loans"
        inputs: dict[str, Value] = {"NAME_CONTRACT_TYPE": contract, "DAYS_BIRTH": -9000 - 10 * number}
        decision = Decision(1000 + number, float(random.beta(1.2, 12)), threshold)
        entries.append((key, moment, PredictionEntry("predict", "r", "bank", inputs, decision, f"v{number % 2}")))
    log.record_delivered(entries)
    known = []
    for number, (key, moment, entry) in enumerate(entries):
        refused = entry.decision.probability >= threshold
        if refused and number % 5:
            continue
        if refused or number % 40 == 0:
            final: Outcome = "ACCEPTÉ" if refused else "REFUSÉ"
            decisions.record(DecisionEntry("C. Martin", final, "Un motif", key, None, "r", "bank"))
        if number % 7:
            defaulted = bool(random.random() < entry.decision.probability * 1.3)
            lost = 1000.0 * number if defaulted and number % 2 else None
            known.append(OutcomeEntry(key, None, None, defaulted, date(2026, 9, moment.month), lost))
    for part in (known[:500], known[500:]):
        # The first ones are corrected: the last counts.
        for entries_of_part in ([OutcomeEntry(*_turned(part[0]))], part):
            checked = outcomes.check(entries_of_part, datetime(2026, 11, 28, tzinfo=UTC))
            outcomes.record(checked, "r", "bank")  # type: ignore[arg-type]
    return database


def _turned(entry: OutcomeEntry) -> tuple[Any, ...]:
    return (entry.prediction_id, None, None, not entry.defaulted, entry.observed, None)


@pytest.fixture(scope="module")
def raw(record: Database) -> pd.DataFrame:
    """The record as pandas has it, without our SQL: predictions, last decisions, last outcomes."""
    predictions = pd.DataFrame(
        [
            {"id": each.id, "month": f"{each.time:%Y-%m}", "p": each.probability, "model": each.decision}
            | {"version": each.model_version, "contract": (each.inputs or {})["NAME_CONTRACT_TYPE"]}
            for each in AuditLog(record).each(PredictionFilter())
        ]
    ).set_index("id")
    with record.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT prediction_id, decision FROM officer_decisions ORDER BY time").all()
    predictions["officer"] = pd.Series(dict(tuple(row) for row in rows))
    outcomes = {each.prediction_id: each for each in OutcomeLog(record).each()}
    predictions["defaulted"] = pd.Series({key: float(each.defaulted) for key, each in outcomes.items()})
    predictions["lost"] = pd.Series({key: each.amount_lost for key, each in outcomes.items()}, dtype=float)
    predictions["final"] = predictions["officer"].fillna(predictions["model"])
    return predictions


def test_every_figure_is_that_of_the_raw_record(record: Database, raw: pd.DataFrame, scorer: Scorer) -> None:
    model = scorer.model
    answer = performance(record, model)
    known = raw[raw.defaulted.notna()]
    parts = {("all", ""): known}
    parts |= {("month", str(month)): part for month, part in known.groupby("month")}
    parts |= {("model_version", str(version)): part for version, part in known.groupby("version")}
    parts |= {
        ("decided_by", "officer"): known[known.officer.notna()],
        ("decided_by", "model"): known[known.officer.isna()],
    }
    parts |= {("contract_type", str(contract)): part for contract, part in known.groupby("contract")}
    groups = {(str(group.dimension), group.value): group for group in answer.groups}
    assert parts.keys() <= groups.keys()
    assert sum(group.rows for key, group in groups.items() if key[0] == "age_band") == len(known)
    for key, part in parts.items():
        group = groups[key]
        assert (group.rows, group.defaults) == (len(part), part.defaulted.sum())
        assert group.default_rate_low <= group.default_rate <= group.default_rate_high
        assert group.mean_probability == pytest.approx(part.p.mean())
        for cost, decision in ((group.cost, part.final), (group.model_cost, part.model)):
            refused = decision == "REFUSÉ"
            wrong = (
                model.cost_fn * (part.defaulted[~refused] == 1).sum()
                + model.cost_fp * (part.defaulted[refused] == 0).sum()
            )
            assert cost == pytest.approx(wrong / len(part))
        if group.auc is None:
            assert min(group.defaults, group.rows - group.defaults) < 10
            assert group.best_threshold is None
            continue
        # Scores of one ten-thousandth count as equal.
        assert group.auc == pytest.approx(roc_auc_score(part.defaulted, np.floor(part.p * 10_000)), abs=2e-4)
        assert group.auc == pytest.approx(roc_auc_score(part.defaulted, part.p), abs=2e-3)
        assert group.gini == pytest.approx(2 * group.auc - 1)
        assert (group.auc_low or 1) < group.auc < (group.auc_high or 0)
        assert group.auc_promised == pytest.approx(promised(part.p.to_numpy()), abs=2e-3)
        least = cost_curve(
            part.defaulted.to_numpy(dtype=np.int8), part.p.to_numpy(), model.cost_fn, model.cost_fp
        ).least_cost
        assert group.best_cost == pytest.approx(least, abs=0.02)
        assert (group.best_cost or 0.0) <= group.model_cost + 1e-12
    whole = groups["all", ""]
    assert (whole.amount_lost, whole.amounts) == (known.lost.sum(), known.lost.notna().sum())
    assert answer.waiting == ((raw.final == "ACCEPTÉ") & raw.defaulted.isna()).sum()
    assert sum(tenth.rows for tenth in answer.calibration) == len(known)
    waiting = raw[(raw.final == "ACCEPTÉ") & raw.defaulted.isna()].groupby("month").size()
    months = [group for group in answer.groups if group.dimension == "month"]
    assert {group.value: group.waiting for group in months} == waiting.to_dict()
    assert answer.early == [
        group.value for group in months if (group.waiting or 0) > (group.rows + (group.waiting or 0)) / 10
    ]
    assert whole.waiting is None


def test_what_waits_is_estimated_from_calibrated_probabilities(
    record: Database, raw: pd.DataFrame, scorer: Scorer
) -> None:
    model = dataclasses.replace(scorer.model, version="v1")
    found = performance(record, model, evaluation=recalibrated("real", 5000)).estimate
    assert found is not None
    assert (found.state, found.model_version, found.recalibrated_on) == ("estimated", "v1", 5000)
    of_model = raw[raw.version == "v1"]
    waiting = of_model[of_model.defaulted.isna() & (of_model.final == "ACCEPTÉ")]
    parts = {"": waiting, **{str(month): part for month, part in waiting.groupby("month")}}
    assert [figures.month for figures in found.figures] == sorted(parts)
    for figures in found.figures:
        part = parts[figures.month]
        assert figures.rows == len(part)
        assert figures.default_rate == pytest.approx(part.p.mean())
        assert figures.cost == pytest.approx(model.cost_fn * part.p.mean())
        # Fewer than 10 defaults are to be expected of them.
        assert figures.auc is None
    answer = performance(record, model)
    early = answer.early
    assert answer.estimate is not None
    assert (answer.estimate.state, answer.estimate.figures, answer.estimate.error) == ("no_evaluation", [], None)
    known = of_model[of_model.defaulted.notna() & ~of_model.month.isin(early)]
    off = []
    for _, part in known.groupby("month"):
        refused = part.final == "REFUSÉ"
        expected = (model.cost_fn * part.p[~refused].sum() + model.cost_fp * (1 - part.p[refused]).sum()) / len(part)
        wrong = model.cost_fn * (part.defaulted[~refused] == 1).sum() + (part.defaulted[refused] == 0).sum()
        if min(part.defaulted.sum(), (1 - part.defaulted).sum()) >= 10 <= part.p.sum():
            off.append(
                (
                    part.p.mean() - part.defaulted.mean(),
                    pairs_in_order(part.p.to_numpy()) - roc_auc_score(part.defaulted, part.p),
                    expected - wrong / len(part),
                )
            )
    assert (found.error is None) == (not off)
    if found.error is not None:
        mean, spread = np.mean(off, axis=0), np.sqrt(np.mean(np.square(off), axis=0))
        assert found.error.months == len(off)
        assert [found.error.default_rate, found.error.auc, found.error.cost] == pytest.approx(mean, abs=2e-3)
        spreads = [found.error.default_rate_spread, found.error.auc_spread, found.error.cost_spread]
        assert spreads == pytest.approx(spread, abs=2e-3)


def test_settled_are_the_decisions_of_the_model_in_use_in_months_that_are_not_early(
    record: Database, raw: pd.DataFrame, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = dataclasses.replace(scorer.model, version="v1")
    assert performance(record, model).settled is None
    # Between the shares of its own decisions that wait, month by month.
    own = raw[raw.version == "v1"]
    waits = own[own.defaulted.isna() & (own.final == "ACCEPTÉ")].groupby("month").size()
    shares = (waits / (waits + own.groupby("month").defaulted.count())).sort_values()
    monkeypatch.setattr("core.contract.record.performance.early_share", float(shares.iloc[:2].mean()))
    answer = performance(record, model)
    known = own[own.defaulted.notna() & (own.month == shares.index[0])]
    assert len(shares) > 1
    assert answer.settled is not None
    assert (answer.settled.value, answer.settled.rows) == (answer.model_version, len(known))
    assert answer.settled.default_rate == pytest.approx(known.defaulted.mean())
    assert answer.settled.mean_probability == pytest.approx(known.p.mean())
    # Of the version of the scorer nothing is on record, whatever is of others.
    assert performance(record, scorer.model).settled is None


@pytest.mark.parametrize(("origin", "taken"), [("demo", True), ("real", False)])
def test_nothing_is_estimated_of_a_model_that_was_not_recalibrated_on_real_outcomes(
    record: Database, scorer: Scorer, origin: str, taken: bool
) -> None:
    model = dataclasses.replace(scorer.model, version="v1")
    found = performance(record, model, evaluation=recalibrated(origin, 5000, taken=taken)).estimate
    assert found is not None
    assert (found.state, found.recalibrated_on, found.figures) == ("not_recalibrated", None, [])


def test_of_probabilities_that_are_true_the_estimate_is_true() -> None:
    random = np.random.default_rng(3)
    p = np.clip(random.beta(1.2, 12, 4000), 0.0001, 0.9999)
    cells = pl.DataFrame({"cell": np.floor(p * 10_000).astype(int), "rows": np.ones(4000, int), "probability": p})
    found = expected_area(cells)
    assert found == pytest.approx(pairs_in_order(p), abs=1e-4)
    drawn = [roc_auc_score(random.random(4000) < p, p) for _ in range(200)]
    assert found == pytest.approx(np.mean(drawn), abs=3 * float(np.std(drawn)) / 200**0.5 + 5e-4)


def recalibrated(origin: str, rows: int, *, taken: bool = True) -> ModelEvaluation:
    """The evaluation of a model that was recalibrated, as far as it counts here."""
    made: dict[str, Any] = {"origin": origin, "taken": taken, "n_rows": rows}
    stored: dict[str, Any] = {"recalibration": RecalibrationAnswer.model_construct(**made)}
    return ModelEvaluation.model_construct(**stored)


def pairs_in_order(p: NDArray[np.float64]) -> float:
    """The expected share of pairs of a default and a good client that are in order, pair by pair."""
    weight = p[:, None] * (1 - p)[None, :]
    in_order = (p[:, None] > p[None, :]) + 0.5 * (p[:, None] == p[None, :])
    return float((weight * in_order).sum() / weight.sum())


def test_what_refusals_hide_is_bounded(record: Database, raw: pd.DataFrame, scorer: Scorer) -> None:
    answer = performance(record, scorer.model)
    known, hidden = raw[raw.defaulted.notna()], raw[raw.defaulted.isna() & (raw.final == "REFUSÉ")]
    bounds = answer.hidden[0]
    assert (bounds.dimension, bounds.refused) == ("all", len(hidden))
    for defaulted, low_or_high in ((0.0, bounds.default_rate_low), (1.0, bounds.default_rate_high)):
        everybody = pd.concat([known.defaulted, pd.Series(defaulted, index=hidden.index)])
        assert low_or_high == pytest.approx(everybody.mean())
    assert answer.whole is not None
    costs = answer.whole.cost * len(known) + np.array([0, scorer.model.cost_fp * len(hidden)])
    assert [bounds.cost_low, bounds.cost_high] == pytest.approx(costs / (len(known) + len(hidden)))
    assert answer.whole.auc is not None
    assert 0 <= (bounds.auc_low or 1) <= (bounds.auc_high or 0) <= 1
    assert sum(month.refused for month in answer.hidden[1:]) == len(hidden)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=6),
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
)
def test_the_bounds_of_the_area_are_those_of_all_outcomes(known: list[tuple[int, bool]], hidden: list[int]) -> None:
    known += [(2, True), (3, False)]
    cells = pl.DataFrame(
        {"cell": [cell for cell, _ in known], "rows": [1] * len(known), "defaults": [int(bad) for _, bad in known]}
    )
    scores = [cell for cell, _ in known] + hidden
    areas = [
        roc_auc_score([bad for _, bad in known] + list(tried), scores)
        for tried in product([False, True], repeat=len(hidden))
    ]
    refused = pl.DataFrame({"cell": hidden, "rows": [1] * len(hidden)})
    assert auc_bounds(cells, refused) == pytest.approx((min(areas), max(areas)))


def test_tenths_that_cut_through_a_cell_do_not_part_good_from_bad() -> None:
    # All in one cell: each tenth has the rate of the cell.
    cells = pl.DataFrame(
        {"cell": [900], "rows": [1000], "defaults": [100], "probability": [90.0], "model_decision": ["ACCEPTÉ"]}
    )
    found = score_figures(scores_of(cells), 10.0, 1.0)
    assert found is not None
    assert sum(tenth.rows for tenth in found.tenths) == 1000
    assert [tenth.observed for tenth in found.tenths] == pytest.approx([0.1] * len(found.tenths))


def promised(probability: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Each row as a default with its probability, and as none with the rest of it."""
    outcomes = np.repeat([1, 0], len(probability))
    weights = np.concatenate([probability, 1 - probability])
    return float(roc_auc_score(outcomes, np.tile(probability, 2), sample_weight=weights))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.001, 0.99), st.integers(1, 60), st.floats(0, 1)), min_size=1, max_size=12))
def test_counted_scores_have_the_figures_of_the_rows(cells: list[tuple[float, int, float]]) -> None:
    cells = [*sorted(cells), (0.995, 30, 0.5)]
    rows = np.array([count for _, count, _ in cells])
    defaults = np.array([int(count * share) for _, count, share in cells])
    counted = CountedScores(np.array([score for score, _, _ in cells]), rows, defaults)
    # Row by row: the defaults of a cell evenly among its rows.
    place = np.concatenate([np.arange(count) for count in rows])
    bad, size = np.repeat(defaults, rows), np.repeat(rows, rows)
    target = (place + 1) * bad // size - place * bad // size
    probability = np.repeat(counted.score, rows)
    found = score_figures(counted, 10.0, 1.0)
    assert found is not None
    expected = area(target, probability)
    assert found.auc == pytest.approx(expected.auc)
    assert counted_area(counted).error == pytest.approx(expected.error)
    assert found.auc_promised == pytest.approx(promised(probability))
    tenths = reliability(target, probability)
    assert [(tenth.rows, tenth.observed) for tenth in found.tenths] == [
        (tenth.rows, tenth.observed) for tenth in tenths
    ]
    assert [tenth.predicted for tenth in found.tenths] == pytest.approx([tenth.predicted for tenth in tenths])
    curve = cost_curve(target.astype(np.int8), probability, 10.0, 1.0)
    assert (found.best_threshold, found.best_cost) == pytest.approx((curve.best_threshold, curve.least_cost))


def test_without_outcomes_nothing_is_said(tmp_path: Path, scorer: Scorer) -> None:
    database = Database.open(database_url(Settings(database_url=None, audit_file=tmp_path / "audit.db")))
    model: ModelInfo = scorer.model
    answer = performance(database, model)
    assert (answer.groups, answer.hidden, answer.calibration, answer.waiting) == ([], [], [], 0)
    assert answer.whole is None
    database.close()


def test_the_command_says_what_officers_do_before_any_outcome_is_known(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(models_dir))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AUDIT_FILE", str(tmp_path / "audit.db"))
    of_process.cache_clear()
    assert main(["performance"]) == 0
    assert capsys.readouterr().out == ""
    database = Database.open(database_url(of_process()))
    keys = AuditLog(database).record_many([made(number) for number in range(50)])
    decisions = DecisionLog(database)
    for key in keys:
        decisions.record(DecisionEntry("C. Martin", "REFUSÉ", "", key, None, "r", "bank"))
    assert main(["performance"]) == 0
    said = capsys.readouterr()
    assert "0 of 50 decisions of officers" in said.out
    assert "No officer has decided otherwise than the model in 50 decisions" in said.err
    database.close()
    of_process.cache_clear()
