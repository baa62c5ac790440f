"""PMML: in the order of its schema, and read as its specification says, the very sum of the trees."""

from __future__ import annotations

import gc
import logging
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from core.model.export.forest import Forest, NotExportable
from core.model.export.pmml import document as pmml
from core.model.export.pmml import evaluator, gateway
from core.model.export.proof.edge_rows import edge_rows
from tests.core.model.export.grown_models import grown, trained

needs_evaluator = pytest.mark.skipif(
    not (shutil.which("java") and find_spec("pypmml")), reason="Java or pypmml is not on this machine"
)
predicate = "(SimplePredicate|SimpleSetPredicate|True|False) "
# What an element may hold, in which order, by the schema of PMML 4.4 (https://dmg.org/pmml/v4-4-1/pmml-4-4.xsd).
content = {
    "PMML": "Header DataDictionary (TransformationDictionary )?MiningModel ",
    "Header": "Application ",
    "DataDictionary": "(DataField )+",
    "DataField": "(Value )*",
    "MiningModel": "MiningSchema (Output )?Segmentation ",
    "MiningSchema": "(MiningField )+",
    "Output": "(OutputField )+",
    "OutputField": "(Apply )?",
    "Apply": "((FieldRef|Constant) )*",
    "Segmentation": "(Segment )+",
    "Segment": predicate + "(MiningModel|TreeModel|RegressionModel) ",
    "TreeModel": "MiningSchema Node ",
    "Node": predicate + "(Node Node )?",
    "SimpleSetPredicate": "Array ",
    "RegressionModel": "MiningSchema (Output )?(RegressionTable )+",
    "RegressionTable": "(NumericPredictor )*",
}


def read(document: bytes) -> Element:
    return ET.fromstring(re.sub(rb' xmlns="[^"]+"', b"", document))  # noqa: S314 - our own


@pytest.mark.filterwarnings("ignore")  # LightGBM's own, of categories and constants
@pytest.mark.parametrize("kind", trained)
def test_each_kind_of_split_is_written_as_it_is(kind: str) -> None:
    booster, matrix = grown(*trained[kind])
    forest = Forest.of(booster)
    document = pmml.document(forest, 0.3, f"{kind} & <others>")
    assert f'<PMML xmlns="{pmml.namespace}" version="4.4">'.encode() in document
    root = read(document)
    for element in root.iter():
        assert re.fullmatch(content.get(element.tag, ""), "".join(f"{child.tag} " for child in element)), element.tag
    rows = np.concatenate([matrix[::10], edge_rows(forest, matrix).matrix])
    expected = np.asarray(booster.predict(rows, raw_score=True))
    given = [dict(zip(forest.feature_names, row, strict=True)) for row in rows.tolist()]
    assert [log_odds(root, row) for row in given] == expected.tolist()


def test_the_logit_and_the_threshold_are_those_of_the_model() -> None:
    root = read(pmml.document(Forest.of(grown(*trained["another slope"])[0]), 0.3, "title"))
    logit = root.find("MiningModel/Segmentation/Segment[@id='logit']/RegressionModel")
    assert logit is not None
    assert logit.get("normalizationMethod") == "logit"
    tables = {table.get("targetCategory"): table for table in logit.iter("RegressionTable")}
    assert [(one.get("name"), one.get("coefficient")) for one in tables["1"]] == [("log_odds", "2.5")]
    assert {table.get("intercept") for table in tables.values()} == {"0.0"}
    constant = logit.find("Output/OutputField[@name='refused']/Apply[@function='greaterOrEqual']/Constant")
    assert constant is not None
    assert constant.text == "0.3"


@pytest.mark.parametrize(
    ("missing", "said"), [("java", "apt-get install default-jre-headless"), ("pypmml", "pypmml is not installed")]
)
def test_without_its_evaluator_it_is_refused(
    missing: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    if missing != "java":
        (tmp_path / "java").touch(0o755)
        monkeypatch.setitem(sys.modules, missing, None)
    for opening in (lambda: evaluator.scoring(tmp_path, 0.3), evaluator.runtime):
        with pytest.raises(NotExportable, match=said):
            opening()


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 20", "echo not a port", "echo 1; exec sleep 20"])
def test_a_java_that_does_not_start_is_said_in_time(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("py4j")
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    monkeypatch.setattr(gateway, "_seconds_to_start", 0.3)
    begun = time.monotonic()
    with pytest.raises(NotExportable, match="Java does not start"):
        gateway.started(str(java), tmp_path)
    assert time.monotonic() - begun < 10


@needs_evaluator
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_java_that_dies_or_hangs_midway_is_no_proof(
    sent: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Said as such, without a traceback in the log; and what hangs is ended by force."""
    monkeypatch.setattr(evaluator, "_seconds_an_answer", 5)
    monkeypatch.setattr(gateway, "_seconds_to_end", 0.2)
    begun: list[subprocess.Popen[bytes]] = []

    def started(*given: Any) -> Any:
        begun.append((made := gateway.started(*given))[0])
        return made

    monkeypatch.setattr(evaluator, "started", started)
    booster, matrix = grown(*trained["missing"])
    (tmp_path / pmml.document_file).write_bytes(pmml.document(Forest.of(booster), 0.3, "title"))
    scoring = evaluator.scoring(tmp_path, 0.3)
    np.testing.assert_allclose(scoring(matrix[:9]), np.asarray(booster.predict(matrix[:9])), rtol=0, atol=1e-14)
    os.kill(begun[0].pid, sent)
    with pytest.raises(NotExportable, match="PMML4S does not answer"):
        scoring(matrix[:9])
    del scoring
    gc.collect()
    assert begun[0].poll() is not None
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def log_odds(root: Element, row: dict[str, float]) -> float:
    """The sum of the trees for a row, NaN where missing."""
    known = {}
    for field in root.iterfind("DataDictionary/DataField"):
        value = row.get(str(field.get("name")), math.nan)
        listed = {float(one.get("value", "")) for one in field.iterfind("Value")}
        # `invalidValueTreatment` is checked where it stands.
        known[str(field.get("name"))] = value if not listed or value in listed else math.nan
    for mining in root.iter("MiningField"):
        values = root.findall(f"DataDictionary/DataField[@name='{mining.get('name')}']/Value")
        listed_too = values and mining.get("usageType") is None
        assert mining.get("invalidValueTreatment") == ("asMissing" if listed_too else None)
    total = 0.0
    for tree in root.iter("TreeModel"):
        assert tree.get("missingValueStrategy") == "none"
        (node,) = tree.findall("Node")
        while children := node.findall("Node"):
            # The first whose condition is true; that of a missing value is not.
            node = next(child for child in children if fulfilled(child[0], known))
        total += float(node.get("score", ""))
    return total


def fulfilled(condition: Element, row: dict[str, float]) -> bool:
    if condition.tag in ("True", "False"):
        return condition.tag == "True"
    value = row[str(condition.get("field"))]
    if condition.tag == "SimpleSetPredicate":
        (array,) = condition
        codes = [float(code) for code in str(array.text).split()]
        assert (condition.get("booleanOperator"), array.get("n")) == ("isIn", str(len(codes)))
        return value in codes
    operator = condition.get("operator")
    if operator == "isNotMissing":
        return not math.isnan(value)
    threshold = float(condition.get("value", ""))
    assert math.isfinite(threshold)
    return value > threshold if operator == "greaterThan" else (operator == "lessOrEqual" and value <= threshold)
