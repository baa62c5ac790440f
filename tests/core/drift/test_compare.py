"""Two sets of applications compared: the demo's test set is told from its training set, a half from a half not."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from core.drift.compare import compare
from core.drift.datasets import of_portfolio
from core.drift.errors import NothingToCompare
from core.drift.measures.bins import NumberBins
from core.drift.measures.thresholds import Thresholds
from core.drift.results.drift_report import DriftReport, InvalidReport
from core.features import history_names
from core.portfolio.clients import Portfolio
from core.reference.profiling import profile
from core.reference.reference_profile import ReferenceProfile
from core.scoring import Scorer


@pytest.fixture(scope="module")
def frozen(train: pl.DataFrame, scorer: Scorer) -> ReferenceProfile:
    model = scorer.model
    return profile(
        train,
        scorer.probabilities(train),
        model.optimal_threshold,
        origin="demo",
        cost_fn=model.cost_fn,
        cost_fp=model.cost_fp,
    )


def test_what_the_demo_moves_is_found(report: DriftReport) -> None:
    drifted = {each.name for each in report.drifted}
    assert {"NAME_CONTRACT_TYPE", "AMT_CREDIT", "DAYS_LAST_PHONE_CHANGE", "AMT_REQ_CREDIT_BUREAU_MON"} <= drifted
    assert not drifted & {"EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "AMT_INCOME_TOTAL", "DAYS_BIRTH"}
    revolving = report.column("NAME_CONTRACT_TYPE").moved(1)[0]
    assert revolving.code == "Revolving loans"
    assert revolving.current < 0.02
    assert revolving.reference > 0.08


def test_one_half_does_not_drift_from_the_other(train: pl.DataFrame, scorer: Scorer) -> None:
    found = compare(train.gather_every(2), train.gather_every(2, offset=1), scorer=scorer)
    assert (found.drifted, found.alerts) == ((), ())
    assert found.score is not None
    assert not found.score.column.drifted
    assert not any(segment.level != "stable" for segment in found.score.segments)


def test_rows_in_another_order_are_the_same_rows(train: pl.DataFrame, test_set: pl.DataFrame) -> None:
    first = compare(train, test_set)
    second = compare(train.sample(fraction=1, shuffle=True, seed=1), test_set.reverse().lazy())
    assert first.columns == second.columns


def test_a_few_rows_are_no_drift_however_far_they_lie(train: pl.DataFrame) -> None:
    found = compare(train, train.head(6))
    assert max(column.psi for column in found.columns) > 0.25
    assert found.drifted == ()


def test_what_the_model_leans_on_comes_first(report: DriftReport, scorer: Scorer) -> None:
    order = [(not column.drifted, -(column.importance or 0)) for column in report.columns]
    assert order == sorted(order)
    known = dict(zip(scorer.model.feature_names, scorer.model.importances, strict=True))
    assert report.column("EXT_SOURCE_3").importance == known["EXT_SOURCE_3"]
    assert report.column("CODE_GENDER").importance == 0
    assert "EXT_SOURCE_MEAN" in {column.name for column in report.columns}
    assert report.drifted_importance == pytest.approx(sum(each.importance or 0 for each in report.drifted))


def test_without_a_model_only_raw_columns_are_compared(train: pl.DataFrame, test_set: pl.DataFrame) -> None:
    found = compare(train, test_set)
    assert len(found.columns) == 120
    assert {column.importance for column in found.columns} == {None}
    assert (found.model, found.score, found.performance, found.drifted_importance) == (None, None, None, None)


def test_p_values_are_corrected_over_the_columns(report: DriftReport) -> None:
    from scipy.stats import false_discovery_control

    tests = [column.chi_squared for column in report.columns]
    tests += [column.numbers.kolmogorov_smirnov for column in report.columns if column.numbers]
    # Where none is missing, or every one, there is nothing to be found.
    tests += [
        column.missing.test
        for column in report.columns
        if {column.missing.reference, column.missing.current} not in ({0.0}, {1.0})
    ]
    wanted = false_discovery_control([test.p_value for test in tests])
    assert [test.corrected for test in tests] == pytest.approx(wanted)


def test_the_score_is_compared_by_segment(report: DriftReport, train: pl.DataFrame, scorer: Scorer) -> None:
    assert report.score is not None
    found = {(segment.dimension, segment.value): segment for segment in report.score.segments}
    cash = found["NAME_CONTRACT_TYPE", "Cash loans"]
    chosen = train.filter(pl.col("NAME_CONTRACT_TYPE") == "Cash loans")
    assert cash.reference_rows == chosen.height
    assert cash.reference_mean == pytest.approx(scorer.probabilities(chosen).mean())
    assert cash.psi is not None
    young = train.filter(pl.col("DAYS_BIRTH") / -365.25 < 30).height
    assert found["age_band", "< 30"].reference_rows == young
    assert (
        sum(segment.reference_rows for segment in report.score.segments if segment.dimension == "age_band")
        == train.height
    )
    # Too few of them in the test set to say anything.
    assert found["NAME_CONTRACT_TYPE", "Revolving loans"].psi is None
    threshold = scorer.model.optimal_threshold
    assert report.score.reference_refused == (scorer.probabilities(train) >= threshold).mean()


def test_a_shift_of_the_score_raises_an_alert(train: pl.DataFrame, scorer: Scorer) -> None:
    worse = train.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4)
    found = compare(train, worse, scorer=scorer)
    rules = {alert.rule: alert for alert in found.alerts}
    assert {"score_psi", "major_columns", "calibration_rise"} <= set(rules)
    assert set(rules["major_columns"].columns) >= {"EXT_SOURCE_2", "EXT_SOURCE_3"}
    assert rules["score_psi"].value >= rules["score_psi"].limit
    assert found.performance is not None
    assert found.performance.calibration_level == "major"
    assert found.score is not None
    assert {segment.level for segment in found.score.segments} >= {"major"}


def test_performance_is_compared_where_the_outcome_is_known(train: pl.DataFrame, scorer: Scorer) -> None:
    rng = np.random.default_rng(0)
    guessed = train.with_columns(pl.Series("TARGET", (rng.random(train.height) < 0.08).astype(np.int8)))
    found = compare(train, guessed, scorer=scorer)
    assert found.performance is not None
    assert found.performance.auc_level == "major"
    assert {alert.rule for alert in found.alerts} >= {"auc_drop"}
    assert compare(train, guessed.drop("TARGET"), scorer=scorer).performance is None


def test_an_alert_is_not_raised_by_chance(train: pl.DataFrame, scorer: Scorer) -> None:
    rng = np.random.default_rng(11)
    for rows in (5, 30, 300):
        for _ in range(8):
            drawn = train[rng.choice(train.height, 2 * rows, replace=False)]
            found = compare(drawn.head(rows), drawn.tail(rows), scorer=scorer)
            assert found.alerts == ()


def test_the_chance_of_an_alert_decides(train: pl.DataFrame, scorer: Scorer) -> None:
    worse = train.with_columns(pl.col("^EXT_SOURCE_.$") * 0.4)
    assert compare(train, worse, scorer=scorer, thresholds=Thresholds(alert_significance=0.0)).alerts == ()
    assert compare(train, worse, scorer=scorer).alerts


def test_a_score_without_the_history_of_one_side_is_not_compared(portfolio: Portfolio, scorer: Scorer) -> None:
    whole = of_portfolio(portfolio).rows
    assert isinstance(whole, pl.DataFrame)
    bare = whole.drop(set(history_names()) & set(whole.columns))
    known = dict(zip(scorer.model.feature_names, scorer.model.importances, strict=True))
    for found in (
        compare(whole, bare, scorer=scorer),
        compare(bare, whole, scorer=scorer),
        compare(scorer.artefacts.reference, bare, scorer=scorer),
    ):
        apart = found.score_not_comparable
        assert apart is not None
        assert set(apart.columns) <= set(history_names())
        assert apart.importance == pytest.approx(sum(known[name] for name in apart.columns))
        assert apart.importance > 0.15
        assert (found.score, found.performance, found.alerts) == (None, None, ())
        assert DriftReport.from_json(found.to_json()) == found
    # What neither has is lacking on both sides alike.
    assert compare(bare, bare, scorer=scorer).score_not_comparable is None


def test_a_column_that_hardly_weighs_does_not_keep_scores_apart(train: pl.DataFrame, scorer: Scorer) -> None:
    assert compare(train, train.drop("FLAG_DOCUMENT_2"), scorer=scorer).score is not None
    apart = compare(train, train.drop("EXT_SOURCE_3"), scorer=scorer).score_not_comparable
    assert apart is not None
    # With all that is computed of it.
    assert apart.columns == ("EXT_SOURCE_3",)
    known = dict(zip(scorer.model.feature_names, scorer.model.importances, strict=True))
    assert apart.importance >= known["EXT_SOURCE_3"] + known["EXT_SOURCE_MEAN"]


def test_thresholds_decide(train: pl.DataFrame, test_set: pl.DataFrame) -> None:
    strict = compare(train, test_set, thresholds=Thresholds().with_limits({"psi": "0.01"}))
    lenient = compare(
        train,
        test_set,
        thresholds=Thresholds().with_limits(
            dict.fromkeys(("psi", "wasserstein", "kolmogorov_smirnov", "jensen_shannon", "total_variation"), "9")
        ),
    )
    assert lenient.drifted == ()
    assert len(strict.drifted) > len(compare(train, test_set).drifted)
    assert strict.thresholds.psi.moderate == 0.01


def test_bins_may_come_from_outside(train: pl.DataFrame, test_set: pl.DataFrame) -> None:
    found = compare(train, test_set, edges={"AMT_CREDIT": NumberBins((300_000.0, 600_000.0))})
    assert [each.high for each in found.column("AMT_CREDIT").bins] == [300_000, 600_000, None, None]
    share = (test_set["AMT_CREDIT"] <= 300_000).mean()
    assert found.column("AMT_CREDIT").bins[0].current == pytest.approx(share)


def test_a_profile_gives_the_psi_of_the_rows_that_it_was_made_of(
    train: pl.DataFrame, test_set: pl.DataFrame, frozen: ReferenceProfile, scorer: Scorer
) -> None:
    by_profile = compare(frozen, test_set, scorer=scorer)
    by_rows = compare(train, test_set, scorer=scorer, edges=frozen)
    assert by_profile.reference.detail == "profile"
    assert by_profile.reference.synthetic is True
    assert {column.name for column in by_profile.columns} == {column.name for column in by_rows.columns}
    for column in by_profile.columns:
        other = by_rows.column(column.name)
        assert column.psi == pytest.approx(other.psi, abs=1e-9), column.name
        assert column.chi_squared.statistic == pytest.approx(other.chi_squared.statistic, abs=1e-6)
        assert column.missing.test.p_value == other.missing.test.p_value
        assert (column.missing.reference, column.missing.current) == (other.missing.reference, other.missing.current)
        if column.numbers is None or other.numbers is None:
            continue
        # Known at the edges of the bins only: never too large.
        true = other.numbers.kolmogorov_smirnov.statistic
        assert column.numbers.kolmogorov_smirnov.statistic <= true + 1e-12
        if column.numbers.wasserstein_scaled is not None and other.numbers.wasserstein_scaled is not None:
            assert column.numbers.wasserstein_scaled == pytest.approx(
                other.numbers.wasserstein_scaled, abs=0.06, rel=0.25
            )
    assert by_profile.score is not None
    assert by_rows.score is not None
    assert by_profile.score.column.psi == pytest.approx(by_rows.score.column.psi)
    assert by_profile.score.reference_refused == pytest.approx(by_rows.score.reference_refused)
    # The deciles of the rows are those that a profile freezes.
    assert by_rows.column("AMT_CREDIT").bins == compare(train, test_set).column("AMT_CREDIT").bins


def test_a_profile_brings_the_performance_of_the_training(
    train: pl.DataFrame, frozen: ReferenceProfile, scorer: Scorer
) -> None:
    found = compare(frozen, train, scorer=scorer)
    assert found.performance is not None
    assert found.performance.reference.stored is True
    assert found.performance.reference.auc == scorer.model.auc
    assert not {each.name for each in found.drifted}


def test_columns_of_one_side_are_named(train: pl.DataFrame, test_set: pl.DataFrame, scorer: Scorer) -> None:
    found = compare(train.drop("AMT_CREDIT"), test_set.with_columns(SHOE_SIZE=43), scorer=scorer)
    assert found.not_compared == ("AMT_CREDIT", "SHOE_SIZE")
    names = {column.name for column in found.columns}
    # Nor is what is computed of it.
    assert not names & {"AMT_CREDIT", "CREDIT_INCOME_RATIO", "SHOE_SIZE"}


def test_nothing_cannot_be_compared(train: pl.DataFrame) -> None:
    with pytest.raises(NothingToCompare, match=r"^here has no row"):
        compare(train, train.head(0), names=("there", "here"))
    with pytest.raises(NothingToCompare, match=r"^there has no row"):
        compare(train.head(0), train, names=("there", "here"))
    with pytest.raises(NothingToCompare, match="no application column in common"):
        compare(train.select("AMT_CREDIT"), train.select("AMT_ANNUITY"))


def test_json_brings_the_whole_report_back(report: DriftReport) -> None:
    assert DriftReport.from_json(report.to_json()) == report
    content = json.loads(report.to_json())
    content["columns"][3]["psi"] = -1
    with pytest.raises(InvalidReport, match=r"^columns\.3\.psi"):
        DriftReport.from_json(json.dumps(content))
    with pytest.raises(InvalidReport):
        DriftReport.from_json("{}")
    with pytest.raises(KeyError):
        report.column("SHOE_SIZE")
