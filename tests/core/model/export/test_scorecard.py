"""The scorecard as a table of points: added up by hand it says what was fitted; with too few outcomes there is none."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.catalogue.concepts import concept, sides
from core.model.evidence.auc import auc
from core.model.export import points
from core.model.export.exporting import written
from core.model.export.forest import NotExportable
from core.model.export.proof.certificate import RowSet
from core.model.export.scorecard import file, scorecard
from core.portfolio.clients import Portfolio, clients_file
from core.scoring import Scorer


@pytest.fixture(scope="module")
def rows(scorer: Scorer, portfolio: Portfolio) -> np.ndarray:
    return scorer.artefacts.preprocessor.transform(pl.read_parquet(portfolio.folder / clients_file))


@pytest.fixture(scope="module")
def target(scorer: Scorer, rows: np.ndarray) -> np.ndarray:
    """Outcomes in equal parts, which the model's own risk tells for the most part."""
    risk = np.asarray(scorer.artefacts.booster.predict(rows, raw_score=True)) + np.random.default_rng(1).normal(
        size=len(rows)
    )
    return (risk > np.median(risk)).astype(np.int8)


def test_the_table_is_what_was_fitted(scorer: Scorer, rows: np.ndarray, target: np.ndarray, tmp_path: Path) -> None:
    exported = scorecard(scorer.artefacts, rows, target)
    clients = RowSet("portfolio", rows, [str(place) for place in range(len(rows))])
    certificate = written(exported, scorer.artefacts, [clients], tmp_path, "2026-11-28T12:00:00+00:00")
    assert certificate.holds
    assert certificate.sets[1].rows > 500
    described = json.loads((tmp_path / file).read_text())
    assert described["rows"] == len(rows)
    assert 0.6 < described["auc_out_of_fold"] < auc(target, exported.ours(rows))
    assert described["refused_at_or_below"] == pytest.approx(points.points_of(exported.threshold))


def test_points_are_added_up_by_hand(scorer: Scorer, rows: np.ndarray, target: np.ndarray) -> None:
    exported = scorecard(scorer.artefacts, rows, target)
    lines = list(csv.DictReader(io.StringIO(exported.files[points.file].decode())))
    names = scorer.artefacts.preprocessor.feature_names
    best = {
        name: max(round(float(line["exact_points"])) for line in lines if line["variable"] == name)
        for name in names
        if any(line["variable"] == name for line in lines)
    }
    for line in lines:
        assert int(line["points"]) == round(float(line["exact_points"]))
        assert int(line["points_lost"]) == best[line["variable"]] - int(line["points"])
        reason = concept(sides(line["variable"]).concept).against_fr if line["points_lost"] != "0" else ""
        assert line["reason_fr"] == reason
    # A client of whom nothing is known has the bin `missing` of each number, and `not known` of each category.
    nothing = scorer.artefacts.preprocessor.transform(
        pl.DataFrame({"AMT_CREDIT": [None]}, schema={"AMT_CREDIT": pl.Float64})
    )
    score = 0.0
    for name in best:
        own = [line for line in lines if line["variable"] == name]
        unknown = next((line for line in own if line["code"] == "not known"), None)
        is_number = all(line["code"] in ("", "missing") for line in own)
        line = own[0] if is_number else unknown or next(line for line in own if line["code"] == "other")
        score += float(line["exact_points"])
    # 600 points are 30 good clients to one default, 20 more twice as many.
    odds = 30 * 2 ** ((score - 600) / 20)
    assert exported.ours(nothing)[0] == pytest.approx(1 / (1 + odds))
    assert points.points_of(1 / 31) == pytest.approx(600)
    assert points.points_of(1 / 61) == pytest.approx(620)
    assert math.isclose(points.factor * math.log(2), 20)


def test_a_scorecard_of_too_few_defaults_is_refused(scorer: Scorer, rows: np.ndarray) -> None:
    target = np.zeros(len(rows), dtype=np.int8)
    target[:99] = 1
    with pytest.raises(NotExportable, match="100 clients of each outcome"):
        scorecard(scorer.artefacts, rows, target)
