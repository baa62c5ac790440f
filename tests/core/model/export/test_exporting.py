"""Exports: proved on every kind of split, refused where the proof fails, with formulas that make the same matrix."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from jsonschema import Draft202012Validator

from commands.__main__ import main
from commands.command_line import export_formats, single_formats
from core import catalogue
from core.application import InvalidApplication, parse_application
from core.data import demo
from core.features import feature_names, history_names
from core.model import booster as lightgbm
from core.model.artefacts import Artefacts
from core.model.export import c_source, formats, formulas, onnx_graph, schema, treelite_model
from core.model.export.exporting import export
from core.model.export.forest import Forest, NotExportable
from core.model.export.formats import ExportFormat
from core.model.export.pmml import document
from core.model.export.proof import certificate
from core.model.export.proof.certificate import Certificate, RowSet, compared
from core.model.export.proof.certificate_page import page
from core.model.export.proof.edge_rows import edge_rows
from core.model.export.proof.remade import matrix_of
from core.model.export.proof.stated_decisions import with_decisions
from core.model.prediction.trees import zero_threshold
from core.model.recalibration.adjustment import fit, segmentations
from core.model.recalibration.trees import recalibrated
from core.model.training.fitting import train
from core.portfolio.clients import Portfolio, clients_file
from core.settings import settings
from tests.core.model.export.grown_models import grown, trained

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler on this machine"
)
needs_evaluator = pytest.mark.skipif(
    not (shutil.which("java") and find_spec("pypmml")), reason="Java or pypmml is not on this machine"
)
needs = {"c": needs_compiler, "pmml": needs_evaluator}
every_format = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs.get(name, ())) for name in formats.formats]
)


@pytest.mark.filterwarnings("ignore")  # LightGBM's own, of categories and constants
@pytest.mark.parametrize("kind", trained)
def test_each_kind_of_split_is_exported_as_it_is(kind: str, tmp_path: Path) -> None:
    booster, matrix = grown(*trained[kind])
    forest = Forest.of(booster)
    rows = np.concatenate([matrix, edge_rows(forest, matrix).matrix])
    expected = np.asarray(certificate.of_booster(booster)(rows))
    (tmp_path / onnx_graph.graph_file).write_bytes(onnx_graph.graph(forest, 0.3, kind))
    (tmp_path / treelite_model.checkpoint_file).write_bytes(treelite_model.checkpoint(forest))
    exported = [onnx_graph.scoring(tmp_path, 0.3), treelite_model.scoring(tmp_path)]
    if any(map(shutil.which, ("cc", "gcc", "clang"))):
        (tmp_path / c_source.source_file).write_text(c_source.source(forest, 0.3, f"{kind} */ #error"))
        exported.append(c_source.scoring(tmp_path, 0.3))
    for scoring in exported:
        np.testing.assert_allclose(np.asarray(scoring(rows)), expected, rtol=0, atol=1e-14)


def test_thresholds_around_zero_are_those_of_what_lightgbm_takes_for_zero() -> None:
    forest = Forest.of(grown(*trained["around zero"])[0])
    assert forest.thresholds()
    assert all(threshold >= zero_threshold or threshold < -zero_threshold for _, threshold in forest.thresholds())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "averages"),
        ({"linear_tree": True}, "linear_tree"),
        ({"zero_as_missing": True}, "zero_as_missing"),
        ({"objective": "regression"}, "two outcomes"),
    ],
)
def test_what_these_trees_cannot_say_is_refused(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotExportable, match=reason):
        Forest.of(grown({"missing": 0.2}, parameters)[0])


@pytest.fixture(scope="module")
def model() -> Artefacts:
    """As `train` makes one: withheld values, categories, monotone constraints, trees that correct omissions."""
    applications = demo.draw_applications(600, 5, "train")
    return train(applications, trained_on="demo", cost_fn=10, cost_fp=1, folds=2, seed=1).artefacts


@pytest.fixture(scope="module")
def clients(model: Artefacts, portfolio: Portfolio) -> RowSet:
    stored = pl.read_parquet(portfolio.folder / clients_file)
    return RowSet("portfolio", model.preprocessor.transform(stored), [str(number) for number in stored["SK_ID_CURR"]])


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@every_format
def test_a_trained_model_is_certified(name: str, model: Artefacts, clients: RowSet, tmp_path: Path) -> None:
    if name == "pmml":
        # Java warms up for as long as all the trees and clients take elsewhere.
        clients = RowSet(clients.name, clients.matrix[:60], clients.labels[:60])
        first = model.booster.model_to_string(num_iteration=8)
        model = dataclasses.replace(model, booster=lightgbm.Booster(model_str=first))
    made = export(name, model, [clients], tmp_path, "2026-11-28T12:00:00+00:00")
    assert made.holds
    assert made.largest_unexplained < (1e-14 if formats.formats[name].precision == "double" else 1e-6)
    assert [one.name for one in made.sets] == ["portfolio", "edges"]
    assert made.sets[1].rows > 6 * len(Forest.of(model.booster).thresholds())
    stored = json.loads((tmp_path / certificate.file).read_text())
    assert (stored["certified"], stored["decisions_differing"], stored["rows"]) == (
        True,
        len(made.differing),
        made.rows,
    )
    assert stored["tolerance"] == (1e-6 if stored["precision"] == "double" else 1e-5)
    assert stored["files"].keys() == {formats.formats[name].file, formulas.file, schema.file}
    assert written(tmp_path).keys() == stored["files"].keys() | {
        certificate.file,
        "certificate.fr.md",
        "certificate.en.md",
    }


def test_a_recalibrated_model_is_certified(model: Artefacts, clients: RowSet, tmp_path: Path) -> None:
    """Its offsets are trees with a split beyond all values, and with sets of codes."""
    log_odds = np.asarray(model.booster.predict(clients.matrix, raw_score=True))
    noisy = log_odds + np.random.default_rng(2).normal(size=len(log_odds))
    target = (noisy > np.median(noisy)).astype(np.int8)
    adjustment = fit(log_odds, target, segmentations(clients.matrix, model.preprocessor.feature_names))
    adjusted = dataclasses.replace(model, booster=recalibrated(model.booster, adjustment))
    assert Forest.of(adjusted.booster).trees[-1].splits
    for name in ("treelite", "onnx", *(["c"] if any(map(shutil.which, ("cc", "gcc", "clang"))) else [])):
        made = export(name, adjusted, [clients], tmp_path, "2026-11-28T12:00:00+00:00")
        assert made.holds
        assert made.largest_difference < 1e-14


def test_an_export_takes_the_place_of_another(model: Artefacts, clients: RowSet, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for name in ("treelite", "onnx"):
        export(name, model, [clients], tmp_path, "2026-11-28T12:00:00+00:00")
    assert {"notes.txt", "model.onnx"} < written(tmp_path).keys()
    assert "model.treelite" not in written(tmp_path)


def _rounded(forest: Forest) -> Forest:
    """As a converter leaves it that keeps thresholds in single precision."""

    def single(number: float) -> float:
        return float(np.float32(number))

    return _changed(forest, lambda split: dataclasses.replace(split, threshold=single(split.threshold)))


def _without_missing(forest: Forest) -> Forest:
    """As one leaves it that sends every missing value to the right."""
    return _changed(forest, lambda split: dataclasses.replace(split, missing_left=False))


def _changed(forest: Forest, change) -> Forest:
    trees = [dataclasses.replace(tree, splits=tuple(map(change, tree.splits))) for tree in forest.trees]
    return dataclasses.replace(forest, trees=tuple(trees))


@pytest.mark.parametrize("fault", [_rounded, _without_missing])
def test_an_export_that_decides_otherwise_is_not_written(
    fault, model: Artefacts, clients: RowSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / certificate.file).write_text("the one before")
    before = written(tmp_path)
    honest = formats.formats["treelite"]
    wrong = ExportFormat(
        honest.file,
        lambda artefacts: treelite_model.checkpoint(fault(Forest.of(artefacts.booster))),
        honest.scoring,
        honest.runtime,
    )
    monkeypatch.setitem(formats.formats, "treelite", wrong)
    with pytest.raises(NotExportable, match=r"treelite: \d+ of .* decisions differ.*Nothing was written"):
        export("treelite", model, [clients], tmp_path, "2026-11-28T12:00:00+00:00")
    assert written(tmp_path) == before


def test_rows_that_differ_or_could_are_listed_with_their_distance() -> None:
    ours = np.array([0.10, 0.20, 0.30, 0.299])
    exported = np.array([0.10, 0.20, 0.29, 0.299])
    rows = RowSet("portfolio", np.arange(4.0)[:, None], ["first", "second", "third", "fourth"])

    def of(probabilities: np.ndarray):
        return lambda matrix: probabilities[matrix[:, 0].astype(int)]

    found = compared(rows, of(ours), of(exported), 0.295)
    assert found.largest_difference == pytest.approx(0.01)
    assert [(row.row, row.ours, row.exported) for row in found.differing] == [("third", 0.30, 0.29)]
    assert found.differing[0].distance == pytest.approx(0.005)
    assert [row.row for row in found.could_differ] == ["fourth"]
    broken = compared(rows, of(ours), of(np.full(4, np.nan)), 0.295)
    assert broken.largest_difference == math.inf
    named = {"name": "m", "version": "1"}
    made = Certificate("c", "cc", named, 0.295, "double", "2026-11-28", (found,), {"model.c": "00"})
    assert not made.holds
    for lang in ("fr", "en"):
        text = page(made, lang)
        assert "| third |" in text
        assert "| fourth |" in text
        assert "5.0e-03" in text


@pytest.mark.parametrize("broken", [1, 10])
def test_no_number_in_a_small_batch_alone_is_found(broken: int) -> None:
    matrix = np.random.default_rng(0).random((300, 3))
    rows = RowSet("edges", matrix, [str(place) for place in range(300)])

    def ours(rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows.mean(axis=1))

    def exported(rows: np.ndarray) -> np.ndarray:
        return np.full(broken, np.nan) if len(rows) == broken else ours(rows)

    found = compared(rows, ours, exported, 0.5)
    assert found.largest_by_batch == math.inf
    made = Certificate("c", "cc", {"name": "m", "version": "1"}, 0.5, "double", "2026-11-28", (found,), {})
    assert not made.holds


written_with = {
    "onnx": onnx_graph.graph,
    "c": lambda *given: c_source.source(*given).encode(),
    "pmml": document.document,
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs.get(name, ())) for name in written_with])
def test_what_a_file_decides_is_held_against_its_probability(name: str, tmp_path: Path) -> None:
    booster, matrix = grown(*trained["missing"])
    forest, chosen, rows = Forest.of(booster), formats.formats[name], matrix[:200]
    expected = certificate.of_booster(booster)(rows)
    threshold = float(np.median(expected))
    (tmp_path / chosen.file).write_bytes(written_with[name](forest, threshold, "title"))
    scored = chosen.scoring(tmp_path, threshold)(rows)
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-14)
    # The file refuses who has the very threshold; by the next number above it nobody would be.
    reached = float(scored[np.abs(scored - threshold).argmin()])
    (tmp_path / chosen.file).write_bytes(written_with[name](forest, reached, "title"))
    with pytest.raises(NotExportable, match=f"`refused` .* in {(scored == reached).sum()} of 200 rows"):
        chosen.scoring(tmp_path, math.nextafter(reached, 1))(rows)


def test_a_decision_that_is_none_is_no_decision() -> None:
    known, unknown = np.array([0.2, 0.3]), np.array([np.nan, 0.3])
    assert with_decisions(known, [0, 1], 0.3) is known
    assert with_decisions(unknown, [-1, True], 0.3) is unknown
    with pytest.raises(NotExportable, match="1 of 2 rows"):
        with_decisions(known, [0, -1], 0.3)


@needs_compiler
def test_the_c_file_refuses_fast_math(model: Artefacts, tmp_path: Path) -> None:
    """Under it `x != x` is false, and a missing value would be compared."""
    (tmp_path / "model.c").write_bytes(formats.formats["c"].content(model))
    command = [shutil.which("cc") or "gcc", "-std=c99", "-ffast-math", "-c", "model.c", "-o", "model.o"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "ffast-math" in run.stderr


def test_every_name_is_a_format() -> None:
    assert {*export_formats, *(f"{name}-single" for name in single_formats)} == {*formats.formats, "scorecard"}


def _sum(*terms: float) -> float:
    return float(np.sum(terms))


def _mean_known(*terms: float) -> float:
    known = [term for term in terms if not math.isnan(term)]
    return float(np.mean(known)) if known else math.nan


def test_the_formulas_make_the_matrix(portfolio: Portfolio, model: Artefacts) -> None:
    """Read by the words of the table alone, in plain arithmetic, on clients and on what is odd about an application."""
    stored = pl.read_parquet(portfolio.folder / clients_file).head(60)
    odd = stored.head(4).with_columns(
        DAYS_EMPLOYED=pl.Series([365243, 365243, None, 0], dtype=pl.Int32),
        OCCUPATION_TYPE=pl.Series([None, "Drivers", "no such code", None]),
        AMT_INCOME_TOTAL=pl.Series([0.0, None, 1e-300, 1e8]),
        EXT_SOURCE_2=pl.Series([None, None, 0.5, 0.0]),
        EXT_SOURCE_1=pl.Series([None, None, 0.5, None]),
        EXT_SOURCE_3=pl.Series([None, 0.25, None, None]),
        FLAG_DOCUMENT_3=pl.Series([1, None, 0, 1], dtype=pl.Int8),
    )
    rows = pl.concat([stored, odd], how="vertical_relaxed")
    lines = list(csv.DictReader(io.StringIO(formulas.table())))
    assert [line["feature"] for line in lines] == list(feature_names())
    assert {line["feature"] for line in lines if line["kind"] == "history"} == set(history_names())
    expected = model.preprocessor.transform(rows)
    np.testing.assert_allclose(matrix_of(formulas.table(), rows), expected, rtol=1e-14)
    functions = {
        "when": lambda condition, value, otherwise: value if condition else otherwise,
        "is_finite": np.isfinite,
        "is_known": lambda value: float(not math.isnan(value)),
        "sum": _sum,
        "mean_known": _mean_known,
        "missing": math.nan,
        "__builtins__": {},
    }
    made = np.full(expected.shape, np.nan)
    with np.errstate(all="ignore"):
        for place, row in enumerate(rows.iter_rows(named=True)):
            numbers = {name: _number(value) for name, value in row.items()}
            made[place] = [_by_the_table(line, row, functions | numbers) for line in lines]
    np.testing.assert_allclose(made, expected, rtol=1e-15)


def _number(value: object) -> np.float64:
    return np.float64(value) if isinstance(value, int | float) else np.float64(math.nan)


def _by_the_table(line: dict[str, str], row: dict[str, object], known: dict[str, object]) -> float:
    if line["kind"] == "code":
        codes = dict(part.rsplit("=", 1) for part in line["codes"].split("; "))
        nobody = codes.get("(missing, DAYS_EMPLOYED=365243)", codes["(other or missing)"])
        missing = nobody if row["DAYS_EMPLOYED"] == 365243 else codes["(other or missing)"]
        return float(codes.get(str(row[line["feature"]]), missing))
    formula = line["formula"] or line["feature"]
    return float(eval(formula.replace("if(", "when("), known))  # noqa: S307


@pytest.mark.parametrize(
    ("features", "valid"),
    [
        ({}, True),
        ({"AMT_CREDIT": 450000, "NAME_CONTRACT_TYPE": "Cash loans", "EXT_SOURCE_2": None}, True),
        ({"DAYS_EMPLOYED": 365243}, True),
        ({"DAYS_EMPLOYED": -29220}, True),
        ({"DAYS_EMPLOYED": 400000}, False),
        ({"NAME_CONTRACT_TYPE": "Mortgage"}, False),
        ({"EXT_SOURCE_2": 1.5}, False),
        ({"CNT_CHILDREN": 1.5}, False),
        ({"BUREAU_LOANS": 3.0}, True),
        ({"BUREAU_LOANS": "many"}, False),
    ],
)
def test_the_schema_takes_what_is_taken(features: dict[str, Any], valid: bool) -> None:
    described = schema.application_schema()
    Draft202012Validator.check_schema(described)
    assert Draft202012Validator(described).is_valid(features) is valid
    if valid:
        parse_application(features)
    else:
        with pytest.raises(InvalidApplication):
            parse_application(features)


def test_the_schema_has_every_column() -> None:
    known = {column.name for column in catalogue.columns()} | set(history_names())
    assert schema.application_schema()["properties"].keys() == known


def test_the_command_writes_the_model_in_use(
    tmp_path: Path, portfolio: Portfolio, models_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(models_dir))
    monkeypatch.setenv("DATA_DIR", str(portfolio.folder.parent))
    monkeypatch.setenv("EXPORTS_DIR", str(tmp_path / "kept"))
    settings.cache_clear()
    try:
        assert main(["export", "--format", "onnx", "--precision", "single"]) == 0
        assert "decisions differ" in capsys.readouterr().out
        stored = json.loads((tmp_path / "kept" / "onnx-single" / certificate.file).read_text())
        assert stored["certified"]
        assert [one["name"] for one in stored["sets"]] == ["portfolio", "applications", "edges"]
        assert main(["export", "--format", "c", "--precision", "single"]) == 1
        assert "onnx or treelite" in capsys.readouterr().err
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        assert main(["export", "--format", "pmml", str(tmp_path / "other")]) == 1
        assert "Java runtime" in capsys.readouterr().err
        assert not list((tmp_path / "other").iterdir())
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        settings.cache_clear()
        assert main(["export", "--format", "onnx", str(tmp_path / "other")]) == 1
        assert "run.py data portfolio" in capsys.readouterr().err
    finally:
        settings.cache_clear()


def test_real_rows_are_decided_alike(real_sample: Path, scorer, tmp_path: Path) -> None:
    from core.portfolio.drawn_clients import read_clients

    rows = scorer.artefacts.preprocessor.transform(read_clients(real_sample).head(2000))
    real = RowSet("tables", rows, [f"row {place}" for place in range(len(rows))])
    exported = formats.formats["treelite"]
    (tmp_path / exported.file).write_bytes(exported.content(scorer.artefacts))
    found = compared(
        real,
        certificate.of_booster(scorer.artefacts.booster),
        exported.scoring(tmp_path, scorer.model.optimal_threshold),
        scorer.model.optimal_threshold,
    )
    assert found.rows == 2000
    assert not found.differing
    assert found.largest_difference < 1e-12
