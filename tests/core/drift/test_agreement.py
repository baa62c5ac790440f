"""Every statistic of a whole report, against scipy, scikit-learn, or the definition written out; to 1e-9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, roc_auc_score

from core.drift.baselines import features_of
from core.drift.compare import compare
from core.drift.measures.statistics import max_exact_pairs, psi_floor
from core.drift.results.columns import ColumnDrift
from core.drift.results.drift_report import DriftReport
from core.drift.rows import read_applications
from core.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.drift.results.columns import BinShift, Significance

    Frames = tuple[pl.DataFrame, pl.DataFrame]


def close(number: Any) -> object:
    assert number is not None
    return pytest.approx(number, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def frames(train: pl.DataFrame, test_set: pl.DataFrame) -> Frames:
    """Rows that moved a little by nature, and some columns that moved far."""
    now = test_set.head(1200).with_columns(
        pl.col("EXT_SOURCE_2") * 0.7,
        AMT_CREDIT=pl.when(pl.col("AMT_CREDIT") > 5e5).then(None).otherwise(pl.col("AMT_CREDIT")),
        NAME_HOUSING_TYPE=pl.lit("Houseboat"),
        TARGET=(pl.int_range(1200) % 9 == 0).cast(pl.Int8),
    )
    return train.head(2500), now


@pytest.fixture(scope="module")
def compared(frames: Frames, scorer: Scorer) -> DriftReport:
    return compare(*frames, scorer=scorer)


def values(frame: pl.DataFrame, name: str) -> pl.Series:
    return frame[name] if name in frame.columns else features_of(frame)[name]


def counts(values: pl.Series, bins: Sequence[BinShift]) -> list[int]:
    """Rows in each bin, by what the bin says of itself."""
    known = values.drop_nulls().cast(pl.String if bins_hold_codes(bins) else pl.Float64)
    if known.dtype == pl.Float64:
        known = known.filter(known.is_finite())
    specials = [each.high for each in bins if each.kind == "special"]
    codes = [each.code for each in bins if each.kind == "code"]
    found: list[int] = []
    for each in bins:
        if each.kind == "missing":
            found.append(len(values) - len(known))
        elif each.kind == "unseen":
            found.append(sum(code not in codes for code in known))
        elif each.kind == "code":
            found.append(sum(code == each.code for code in known))
        elif each.kind == "special":
            found.append(sum(value == each.high for value in known))
        else:
            low = -np.inf if each.low is None else each.low
            high = np.inf if each.high is None else each.high
            found.append(sum(low < value <= high and value not in specials for value in known))
    assert sum(found) == len(values)
    return found


def bins_hold_codes(bins: Sequence[BinShift]) -> bool:
    return any(each.kind in ("code", "unseen") for each in bins)


def proper(values: pl.Series, bins: Sequence[BinShift]) -> NDArray[np.float64]:
    """The numbers without missing ones and without those that stand for something else."""
    numbers: NDArray[np.float64] = values.drop_nulls().cast(pl.Float64).to_numpy()
    specials = [each.high for each in bins if each.kind == "special"]
    kept: NDArray[np.float64] = numbers[np.isfinite(numbers) & ~np.isin(numbers, np.array(specials, dtype=float))]
    return kept


def assert_agrees(of: ColumnDrift, was: pl.Series, now: pl.Series) -> None:
    before, after = counts(was, of.bins), counts(now, of.bins)
    p, q = np.array(before) / len(was), np.array(after) / len(now)
    assert [each.reference for each in of.bins] == close_all(p)
    assert [each.current for each in of.bins] == close_all(q)
    r, s = np.maximum(p, psi_floor), np.maximum(q, psi_floor)
    assert of.psi == close(sum((b - a) * np.log(b / a) for a, b in zip(r, s, strict=True)))
    assert of.jensen_shannon == pytest.approx(jensenshannon(p, q, base=2), rel=1e-9, abs=1e-7)
    assert of.jensen_shannon**2 == close(jensenshannon(p, q, base=2) ** 2)
    assert of.total_variation == close(np.maximum(p - q, 0).sum())
    table = np.array([before, after])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] > 1:
        oracle = stats.chi2_contingency(table, correction=False)
        assert of.chi_squared.statistic == close(oracle.statistic)
        assert of.chi_squared.exact == (oracle.expected_freq.min() < 5)
        if not of.chi_squared.exact:
            assert of.chi_squared.p_value == close(oracle.pvalue)
    else:
        assert (of.chi_squared.statistic, of.chi_squared.p_value) == (0, 1)
    assert_missing_agrees(of, before[-1], len(was), after[-1], len(now))
    if of.numbers is not None:
        assert_numbers_agree(of, proper(was, of.bins), proper(now, of.bins))


def assert_missing_agrees(of: ColumnDrift, before: int, n: int, after: int, m: int) -> None:
    assert of.missing.reference == close(before / n)
    assert of.missing.current == close(after / m)
    table = np.array([[before, n - before], [after, m - after]])
    if before + after in (0, n + m):
        assert of.missing.test.p_value == 1
        return
    oracle = stats.chi2_contingency(table, correction=False)
    assert of.missing.test.statistic**2 == close(oracle.statistic)
    assert np.sign(of.missing.test.statistic) == np.sign(after / m - before / n)
    wanted = stats.fisher_exact(table).pvalue if of.missing.test.exact else oracle.pvalue
    assert of.missing.test.p_value == close(float(wanted))


def assert_numbers_agree(of: ColumnDrift, before: NDArray[np.float64], after: NDArray[np.float64]) -> None:
    assert of.numbers is not None
    exact = of.numbers.kolmogorov_smirnov.exact
    assert exact == (len(before) * len(after) <= max_exact_pairs)
    oracle = stats.ks_2samp(before, after, method="exact" if exact else "asymp")
    assert of.numbers.kolmogorov_smirnov.statistic == close(oracle.statistic)
    assert of.numbers.kolmogorov_smirnov.p_value == close(oracle.pvalue)
    distance = stats.wasserstein_distance(before, after)
    assert of.numbers.wasserstein == close(distance)
    # In standard deviations: scipy measures the scaled numbers anew.
    if before.std() > 0:
        assert of.numbers.wasserstein_scaled == close(
            stats.wasserstein_distance(before / before.std(), after / before.std())
        )
    assert of.numbers.reference_mean == close(float(before.mean()))
    assert of.numbers.current_mean == close(float(after.mean()))
    shares = [quantile.share for quantile in of.numbers.quantiles]
    assert [quantile.reference for quantile in of.numbers.quantiles] == close_all(np.quantile(before, shares))
    assert [quantile.current for quantile in of.numbers.quantiles] == close_all(np.quantile(after, shares))
    drawn = of.numbers.histogram
    if drawn is not None:
        for shown, side in ((drawn.reference, before), (drawn.current, after)):
            within = np.clip(side, drawn.edges[0], drawn.edges[-1])
            found, _ = np.histogram(within, drawn.edges)
            assert list(shown) == close_all(found / len(side))


def close_all(numbers: NDArray[np.float64]) -> object:
    return pytest.approx(list(numbers), rel=1e-9, abs=1e-9)


def test_every_column_agrees(frames: Frames, compared: DriftReport) -> None:
    assert len(compared.columns) > 120
    for column in compared.columns:
        assert_agrees(column, *(values(frame, column.name) for frame in frames))


def test_p_values_are_corrected_together_as_scipy_does(compared: DriftReport) -> None:
    tests: list[Significance] = [
        *(column.chi_squared for column in compared.columns),
        *(
            column.missing.test
            for column in compared.columns
            if {column.missing.reference, column.missing.current} not in ({0.0}, {1.0})
        ),
        *(column.numbers.kolmogorov_smirnov for column in compared.columns if column.numbers is not None),
    ]
    wanted = stats.false_discovery_control([test.p_value for test in tests])
    assert [test.corrected for test in tests] == close_all(wanted)


def test_the_score_agrees_in_all_rows_and_in_each_segment(
    frames: Frames, compared: DriftReport, scorer: Scorer
) -> None:
    was, now = frames
    before, after = (scorer.probabilities(frame) for frame in frames)
    score = compared.score
    assert score is not None
    assert_agrees(score.column, pl.Series(before), pl.Series(after))
    assert score.reference_refused == close(np.mean(before >= score.threshold))
    assert score.current_refused == close(np.mean(after >= score.threshold))
    assert {segment.dimension for segment in score.segments} == {"NAME_CONTRACT_TYPE", "NAME_INCOME_TYPE", "age_band"}
    edges = [each for each in score.column.bins if each.kind in ("interval", "missing")]
    for segment in score.segments:
        chosen = [within(frame, segment.dimension, segment.value) for frame in (was, now)]
        sides = [side[mask] for side, mask in zip((before, after), chosen, strict=True)]
        assert segment.reference_share == close(chosen[0].mean())
        assert segment.current_share == close(chosen[1].mean())
        for shown, side in ((segment.reference_mean, sides[0]), (segment.current_mean, sides[1])):
            assert (shown == close(side.mean())) if len(side) else shown is None
        if segment.psi is None:
            assert min(len(side) for side in sides) < 100
            continue
        p, q = (np.maximum(np.array(counts(pl.Series(side), edges)) / len(side), psi_floor) for side in sides)
        assert segment.psi == close(float(((q - p) * np.log(q / p)).sum()))


def within(frame: pl.DataFrame, dimension: str, value: str) -> NDArray[np.bool_]:
    if dimension != "age_band":
        return np.array([each == value for each in frame[dimension]])
    years = [-each / 365.25 for each in frame["DAYS_BIRTH"]]
    low, high = {
        "< 30": (0, 30),
        "30-39": (30, 40),
        "40-49": (40, 50),
        "50-59": (50, 60),
        ">= 60": (60, 200),
    }[value]
    return np.array([low <= year < high for year in years])


def test_performance_and_calibration_agree(frames: Frames, compared: DriftReport, scorer: Scorer) -> None:
    assert compared.performance is not None
    errors: list[float] = []
    for frame, found in zip(frames, (compared.performance.reference, compared.performance.current), strict=True):
        target, probability = frame["TARGET"].to_numpy(), scorer.probabilities(frame)
        assert found.default_rate == close(target.mean())
        assert found.mean_probability == close(probability.mean())
        assert found.auc == close(roc_auc_score(target, probability))
        assert found.brier == close(brier_score_loss(target, probability))
        assert found.log_loss == close(log_loss(target, probability))
        tenths = np.array_split(sorted(zip(probability, target, strict=True), key=lambda pair: pair[0]), 10)
        gaps = [len(tenth) * abs(tenth[:, 0].mean() - tenth[:, 1].mean()) for tenth in tenths]
        assert found.calibration_error == close(sum(gaps) / len(target))
        assert [each.predicted for each in found.reliability] == close_all(np.array([e[:, 0].mean() for e in tenths]))
        assert [each.observed for each in found.reliability] == close_all(np.array([e[:, 1].mean() for e in tenths]))
        # Neighbours together until five of either outcome are expected; what is left over goes to the last.
        groups: list[list[NDArray[np.float64]]] = [[]]
        for tenth in tenths:
            held = np.concatenate([e[:, 0] for e in groups[-1]]) if groups[-1] else np.empty(0)
            if min(held.sum(), (1 - held).sum()) >= 5:
                groups.append([])
            groups[-1].append(tenth)
        if min((last := np.concatenate([e[:, 0] for e in groups[-1]])).sum(), (1 - last).sum()) < 5:
            groups[-2] += groups.pop()
        hosmer_lemeshow = sum(
            (sum(e[:, 1].sum() for e in group) - sum(e[:, 0].sum() for e in group)) ** 2
            / sum(len(e) * e[:, 0].mean() * (1 - e[:, 0].mean()) for e in group)
            for group in groups
        )
        assert found.calibration_p_value == close(stats.chi2.sf(hosmer_lemeshow, len(groups)))
        model = scorer.model
        ((_, false_alarms), (missed, _)) = confusion_matrix(target, probability >= model.optimal_threshold)
        assert found.cost == close((missed * model.cost_fn + false_alarms * model.cost_fp) / len(target))
        errors.append(delong(target, probability))
        assert found.auc_error == close(errors[-1])
    drift = compared.performance
    assert drift.current.auc is not None
    assert drift.reference.auc is not None
    assert drift.auc_change == close(drift.current.auc - drift.reference.auc)
    # Hanley and McNeil's error of two samples of one area may be the larger.
    wanted = 2 * stats.norm.sf(abs(drift.current.auc - drift.reference.auc) / np.hypot(errors[0], errors[1]))
    assert drift.auc_p_value is not None
    assert wanted <= drift.auc_p_value + 1e-12
    assert drift.auc_p_value == pytest.approx(wanted, abs=0.05)


def delong(target: NDArray[np.int8], probability: NDArray[np.float64]) -> float:
    bad, good = probability[target == 1], probability[target == 0]
    wins = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    return float(np.sqrt(wins.mean(axis=1).var(ddof=1) / len(bad) + wins.mean(axis=0).var(ddof=1) / len(good)))


def test_real_rows_agree_as_well(real_sample: Path) -> None:
    rows = read_applications(real_sample, ("application_train",)).frame
    half = rows.height // 2
    was, now = rows.head(half), rows.tail(rows.height - half)
    report = compare(was, now)
    assert len(report.columns) > 115
    for column in report.columns:
        assert_agrees(column, was[column.name], now[column.name])
