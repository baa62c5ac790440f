"""The measures of drift: one declaration of each is what verdict, report, API and dashboard read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from api.schemas.drift import DriftRequest
from core.drift.measures.thresholds import chances, measures, written
from core.drift.report.page import page
from core.drift.results.drift_report import DriftReport, InvalidReport
from core.drift.verdict import measured_level
from core.text.drift import word

if TYPE_CHECKING:
    from core.catalogue import Language


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_measure_has_words_and_stands_in_the_report(alarming: DriftReport, lang: Language) -> None:
    content = page(alarming, lang)
    for name in measures:
        assert f">{word(name, lang)}</th>".encode() in content
        assert word(f"{name}_help", lang)


def test_measures_are_thresholds_and_reasons_of_the_api() -> None:
    limits = DriftRequest.model_json_schema()["properties"]["thresholds"]["properties"]
    assert set(measures) | set(chances) < set(limits)
    schema = json.dumps(TypeAdapter(DriftReport).json_schema())
    assert json.dumps(list(measures)) in schema


def test_a_measure_counts_by_its_own_limit_and_test(alarming: DriftReport) -> None:
    drifting = [column for column in alarming.columns if column.reasons]
    assert {name for column in drifting for name in column.reasons} == set(measures) - {"missing"}
    for name in measures:
        nothing = alarming.thresholds.with_limits({name: "1e9"})
        never = replace(alarming.thresholds, significance=0.0)
        for column in drifting:
            reached = measured_level(column, name, alarming.thresholds)
            assert (reached != "stable") == (name in column.reasons)
            assert measured_level(column, name, nothing) == "stable"
            test = column.test(measures[name].test)
            assert test is None or not test.corrected or measured_level(column, name, never) == "stable"


def test_a_measure_of_one_kind_says_nothing_of_the_other(alarming: DriftReport) -> None:
    for column in alarming.columns:
        for name, measure in measures.items():
            assert column.kind in measure.kinds or measure.of(column) is None, name


def test_a_reason_that_is_no_measure_is_refused(alarming: DriftReport) -> None:
    document = json.loads(alarming.to_json())
    document["columns"][0]["reasons"] = ["shoe_size"]
    with pytest.raises(InvalidReport, match=r"columns\.0\.reasons\.0: .*psi"):
        DriftReport.from_json(json.dumps(document))


def test_what_has_limits_says_how_it_is_written() -> None:
    assert [written(name) for name in ("psi", "missing", "drifted_share", "major_columns")] == [
        "statistic", "share", "share", "count",
    ]  # fmt: skip
