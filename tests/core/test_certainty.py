"""How sure a decision is: the share of the fold models that agree, whoever asks, and what a reader is told of it."""

import math
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.application import parse_application
from core.batch.certainty import certainty_columns
from core.data import demo
from core.decision import Decision
from core.explain.referral import certainty_sentence, referral_sentences
from core.model.artefacts import folds_file
from core.model.errors import ArtefactError
from core.scoring import Scorer
from tests.folds import distances, give_folds, take_folds


@pytest.fixture(scope="module")
def folder(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model with fold models at known distances."""
    return give_folds(Path(shutil.copytree(models_dir, tmp_path_factory.mktemp("sure") / "models")))


@pytest.fixture(scope="module")
def sure(folder: Path) -> Scorer:
    return Scorer.load(folder)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return demo.draw_applications(150, 31, "train").drop("TARGET")


def expected(probability: float, threshold: float) -> float:
    """Counted, and not by NumPy."""
    log_odds, at = math.log(probability / (1 - probability)), math.log(threshold / (1 - threshold))
    if abs(log_odds - at) >= 0.5:
        return 1.0
    return sum((log_odds + distance >= at) == (log_odds >= at) for distance in distances) / len(distances)


@pytest.mark.parametrize("threshold", [None, 0.03, 0.2])
def test_the_share_is_that_of_the_fold_models_that_decide_alike(
    sure: Scorer, rows: pl.DataFrame, threshold: float | None
) -> None:
    at = sure.model.optimal_threshold if threshold is None else threshold
    found = sure.score_rows(rows, threshold)
    np.testing.assert_allclose(found.agreement, [expected(each, at) for each in found.probabilities.tolist()])
    assert len(np.unique(found.agreement)) > 2


def test_a_row_is_told_the_same_alone_among_others_and_explained(sure: Scorer, rows: pl.DataFrame) -> None:
    applications = [
        parse_application({name: value for name, value in row.items() if value is not None})
        for row in rows.head(40).iter_rows(named=True)
    ]
    together = [decision.agreement for decision in sure.decide_many(applications)]
    assert together == sure.score_rows(rows.head(40)).agreement.tolist()
    assert together == [sure.decide(application).agreement for application in applications]
    assert together == [sure.explain(application).decision.agreement for application in applications]
    assert set(together) > {1.0}


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_at_the_ends_all_agree(sure: Scorer, rows: pl.DataFrame, threshold: float) -> None:
    assert set(sure.score_rows(rows, threshold).agreement.tolist()) == {1.0}


def test_without_a_stored_reach_all_are_asked(folder: Path, tmp_path: Path, rows: pl.DataFrame) -> None:
    copied = give_folds(Path(shutil.copytree(folder, tmp_path / "models")), reach=None)
    found = Scorer.load(copied).score_rows(rows)
    np.testing.assert_allclose(found.agreement, Scorer.load(folder).score_rows(rows).agreement)


def test_a_model_of_an_earlier_version_says_nothing_of_it(folder: Path, tmp_path: Path, rows: pl.DataFrame) -> None:
    scorer = Scorer.load(take_folds(Path(shutil.copytree(folder, tmp_path / "models"))))
    decision = scorer.decide(parse_application({"AMT_CREDIT": 450000, "EXT_SOURCE_2": 0.35}))
    assert (decision.agreement, decision.certainty) == (None, None)
    assert np.isnan(scorer.score_rows(rows.head(5)).agreement).all()


def test_fold_models_that_are_listed_have_to_be_there_as_they_were(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "models"))
    (copied / folds_file).write_bytes((copied / folds_file).read_bytes() + b"\n")
    with pytest.raises(ArtefactError, match=f"{folds_file} does not match"):
        Scorer.load(copied)
    (copied / folds_file).unlink()
    with pytest.raises(ArtefactError, match=f"{folds_file} is missing"):
        Scorer.load(copied)


decisions = [
    Decision(1, 0.05, 0.1, (), 0.9, 1.0),
    Decision(2, 0.09, 0.1, (), 0.9, 0.8),
    Decision(3, 0.09, 0.1, ("AMT_CREDIT", "EXT_SOURCE_2"), 0.3, 0.6),
    Decision(4, 0.05, 0.1, ("AMT_CREDIT",), 0.3, None),
    Decision(5, 0.05, 0.1, (), None, None),
]


def test_many_rows_are_told_what_one_is() -> None:
    frame = pl.DataFrame(
        {
            "fold_agreement": [each.agreement for each in decisions],
            "missing_essentials": [" ".join(each.missing_essentials) for each in decisions],
            "information": [each.information for each in decisions],
        }
    ).with_columns(**certainty_columns())
    assert frame["certainty"].to_list() == [each.certainty for each in decisions]
    assert frame["referral_reasons"].to_list() == [" ".join(each.referral_codes) for each in decisions]
    assert frame["referral"].to_list() == [int(bool(each.referral_codes)) for each in decisions]
    assert frame["thin_file"].to_list() == [each.is_thin_file for each in decisions]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sentences_say_what_applies_and_nothing_else(lang: str) -> None:
    found = [certainty_sentence(each, lang) for each in decisions]  # type: ignore[arg-type]
    assert found[4] is None
    assert all(share in str(line) for share, line in zip(("80", "60", "30"), found[1:4], strict=True))
    assert len(set(found)) == 5
    reasons = [referral_sentences(each, lang) for each in decisions]  # type: ignore[arg-type]
    assert [tuple(code for code, _ in each) for each in reasons] == [each.referral_codes for each in decisions]
    assert all("{" not in sentence for each in reasons for _, sentence in each)
