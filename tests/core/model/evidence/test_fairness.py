"""Groups against each other: every ratio against the rows counted one by one."""

import numpy as np
import polars as pl
import pytest

from core.model.evidence.fairness import compare_groups


@pytest.fixture(scope="module")
def decided() -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """4,000 applications of which men and the young are judged too hard."""
    draw = np.random.default_rng(5)
    rows = 4000
    gender = draw.choice(["M", "F", "XNA"], rows, p=[0.4, 0.58, 0.02])
    years = draw.uniform(21, 68, rows)
    probability = np.clip(draw.beta(1.2, 12, rows) + 0.03 * (gender == "M") + 0.05 * (years < 30), 0, 1)
    target = (draw.random(rows) < draw.beta(1.2, 12, rows)).astype(np.int8)
    applications = pl.DataFrame(
        {
            "CODE_GENDER": gender,
            "DAYS_BIRTH": (-365.25 * years).astype(int),
            "AMT_INCOME_TOTAL": draw.lognormal(12, 0.5, rows),
            "AMT_CREDIT": draw.lognormal(13, 0.6, rows),
        }
    )
    return applications, target, probability


def test_ratios_are_those_of_the_rows_counted(decided: tuple[pl.DataFrame, np.ndarray, np.ndarray]) -> None:
    applications, target, probability = decided
    found = {each.dimension: each for each in compare_groups(applications, target, probability, 0.1)}
    accepted = probability < 0.1
    gender = applications["CODE_GENDER"].to_numpy()
    young = applications["DAYS_BIRTH"].to_numpy() > -30 * 365.25
    for dimension, own, others in (
        ("CODE_GENDER", gender == "M", gender == "F"),
        ("age_band", young, ~young),
    ):
        comparison = found[dimension]
        assert comparison.n_rows == (own.sum(), others.sum())
        assert comparison.adverse_impact.estimate == pytest.approx(accepted[own].mean() / accepted[others].mean())
        good = target == 0
        assert comparison.equal_opportunity.estimate == pytest.approx(
            accepted[own & good].mean() / accepted[others & good].mean()
        )
        assert comparison.calibration.estimate == pytest.approx(target[own].sum() / probability[own].sum())
        assert comparison.calibration_of_others.estimate == pytest.approx(
            target[others].sum() / probability[others].sum()
        )
        for interval in (comparison.adverse_impact, comparison.equal_opportunity, comparison.conditional):
            assert interval.low < interval.estimate < interval.high
    assert found["CODE_GENDER"].adverse_impact.high < 1


def test_within_income_and_credit_the_others_are_weighted_as_the_group_is(
    decided: tuple[pl.DataFrame, np.ndarray, np.ndarray],
) -> None:
    applications, target, probability = decided
    comparison = compare_groups(applications, target, probability, 0.1)[0]
    cells = applications.with_columns(
        accepted=pl.Series(probability < 0.1),
        income=(pl.col("AMT_INCOME_TOTAL").rank("ordinal") - 1) * 5 // pl.len(),
        credit=(pl.col("AMT_CREDIT").rank("ordinal") - 1) * 5 // pl.len(),
    ).filter(pl.col("CODE_GENDER") != "XNA")
    rates = cells.group_by("income", "credit").agg(
        men=(pl.col("CODE_GENDER") == "M").sum(),
        own=pl.col("accepted").filter(pl.col("CODE_GENDER") == "M").mean(),
        women=pl.col("accepted").filter(pl.col("CODE_GENDER") == "F").mean(),
    )
    expected = rates.select((pl.col("men") * pl.col("own")).sum() / (pl.col("men") * pl.col("women")).sum()).item()
    assert comparison.conditional.estimate == pytest.approx(expected, rel=1e-3)


def test_an_interval_is_that_of_the_rows_drawn_again(decided: tuple[pl.DataFrame, np.ndarray, np.ndarray]) -> None:
    applications, target, probability = decided
    interval = compare_groups(applications, target, probability, 0.1)[0].adverse_impact
    gender = applications["CODE_GENDER"].to_numpy()
    kept = np.flatnonzero(gender != "XNA")
    draw = np.random.default_rng(9)
    ratios = []
    for _ in range(400):
        rows = draw.choice(kept, len(kept))
        accepted, men = probability[rows] < 0.1, gender[rows] == "M"
        ratios.append(accepted[men].mean() / accepted[~men].mean())
    assert (interval.low, interval.high) == pytest.approx(np.quantile(ratios, [0.025, 0.975]), abs=0.01)


def test_a_group_of_a_few_is_not_compared(decided: tuple[pl.DataFrame, np.ndarray, np.ndarray]) -> None:
    applications, target, probability = decided
    assert compare_groups(applications.head(60), target[:60], probability[:60], 0.1) == ()
