"""Exports in single precision: what rounding turns is listed, and nothing else may differ."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from core.catalogue import Language
from core.model.export import exporting
from core.model.export.forest import Forest, Split, Tree
from core.model.export.proof.certificate import Certificate, ComparedRow, ComparedSet, RowSet, compared
from core.model.export.proof.certificate_page import page
from core.model.prediction.trees import zero_threshold


def test_a_threshold_in_single_precision_parts_rounded_values_as_the_exact_one() -> None:
    thresholds = [0.1, 1 / 3, 16777217.0, -0.1, 1e300, math.inf, zero_threshold, 3.5]
    splits = tuple(Split(0, threshold, None, False, -1, -2) for threshold in thresholds)
    forest = Forest(("a",), (Tree(splits, (0.0, 1.0)),), 1.0).in_single_precision()
    for threshold, split in zip(thresholds, forest.trees[0].splits, strict=True):
        assert np.float64(np.float32(split.threshold)) == split.threshold
        near = np.float32(split.threshold)
        with np.errstate(over="ignore"):
            values = (np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf)))
        for value in values:
            assert (float(value) <= split.threshold) == (float(value) <= threshold)


def test_in_single_precision_what_rounding_turns_is_listed_and_all_else_refused() -> None:
    """A value just above a split is on it once it is rounded: another decision, and no fault of the export."""

    def model(matrix: np.ndarray) -> np.ndarray:
        return np.where(matrix[:, 0] <= float(np.float32(0.1)), 0.2, 0.4)

    values = np.array([[float(np.nextafter(np.float32(0.1), np.float32(1)))], [float(np.float32(0.1)) + 1e-12], [0.0]])
    rows = RowSet("edges", values, ["above", "moved", "below"])

    def single(matrix: np.ndarray) -> np.ndarray:
        return model(matrix.astype(np.float32)) + 3e-6

    found = compared(rows, model, single, 0.3, "single")
    assert (found.moved, [row.row for row in found.differing]) == (1, ["moved"])
    assert found.differing[0].distance == pytest.approx(0.1)
    assert found.largest_difference == pytest.approx(0.2, abs=1e-5)
    assert found.largest_unexplained == pytest.approx(3e-6)
    near = compared(rows, model, single, 0.2 + 2e-6, "single")
    assert ([row.row for row in near.differing], [row.row for row in near.could_differ]) == (["below"], ["moved"])
    named = {"name": "m", "version": "1"}
    made = Certificate("onnx-single", "cc", named, 0.3, "single", "2026-11-28", (found, near), {"model.onnx": "00"})
    assert made.holds
    for lang in ("fr", "en"):
        assert "| moved |" in page(made, lang)
    off = compared(rows, model, lambda matrix: single(matrix) + 1e-4, 0.3, "single")
    assert not dataclasses.replace(made, sets=(off,)).holds


@pytest.mark.parametrize(("differing", "holds"), [(200, True), (201, False)])
def test_of_all_clients_one_in_a_hundred_may_be_decided_otherwise(differing: int, holds: bool) -> None:
    """Of both sets of clients together; rows made up at the thresholds are not counted."""
    clients = ComparedSet("portfolio", 1_500, 0.3, 1e-7, differing, 0.0, (differs,) * 150, ())
    others = ComparedSet("tables", 18_500, 0.3, 1e-7, differing, 0.0, (differs,) * (differing - 150), ())
    edges = ComparedSet("edges", 900, 0.3, 1e-7, 900, 0.0, (differs,) * 900, ())
    made = certified(clients, others, edges)
    assert made.share_differing == differing / 20_000
    assert made.holds is holds
    assert json.loads(made.to_json())["certified"] is holds
    assert certified(edges).holds
    said = "1.005% of clients are decided otherwise, where 1% is allowed. Nothing was written"
    assert (said in exporting._failure(made)) is not holds


@pytest.mark.parametrize(("lang", "said"), [("en", "the first 200 of 201"), ("fr", "les 200 premières sur 201")])
def test_a_page_says_which_rows_it_leaves_out(lang: Language, said: str) -> None:
    whole, cut = (ComparedSet("edges", 900, 0.3, 1e-7, 0, 0.0, (differs,) * count, ()) for count in (200, 201))
    for found, listed in ((whole, 200), (cut, 200)):
        text = page(certified(found), lang)
        assert text.count("| a row |") == listed
        assert (said in text) is (found is cut)
        assert len(json.loads(certified(found).to_json())["sets"][0]["differing"]) == len(found.differing)


differs = ComparedRow("a row", 0.3, 0.4, 0.1)


def certified(*sets: ComparedSet) -> Certificate:
    named = {"name": "m", "version": "1"}
    return Certificate("onnx-single", "cc", named, 0.3, "single", "2026-11-28", sets, {"model.onnx": "00"})
