"""The model as PMML 4.4: a chain of the sum of its trees and of a logit, in double precision, written node by node.

A node has two children: first the one where a missing value does not go, with its condition, then the other one, which
takes all that is left. With the strategy `none` a condition on a missing value is false, and so none needs a default.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from core.model.export.forest import Forest, Split, Tree

document_file: Final = "model.pmml"
namespace: Final = "http://www.dmg.org/PMML-4_4"
probability: Final = "probability"
"""The output that is the probability of default."""
refused: Final = "refused"
"""The output that is true where the application is refused."""

_version: Final = "4.4"
_target: Final = "TARGET"
_log_odds: Final = "log_odds"


def document(forest: Forest, threshold: float, title: str) -> bytes:
    """The PMML document: fields named as the features, missing where not given; out `probability` and `refused`.

    Args:
        threshold: a probability of default from which an application is refused.
        title: says in a line which model it is.
    """
    root = ET.Element("PMML", xmlns=namespace, version=_version)
    _under(_under(root, "Header", description=title), "Application", name="home-credit-workbench")
    _dictionary(root, forest)
    model = _under(
        root, "MiningModel", functionName="classification", modelName="credit_model", algorithmName="LightGBM"
    )
    _schema(model, forest, forest.feature_names, target=True)
    chain = _under(model, "Segmentation", multipleModelMethod="modelChain")
    _sum(_segment(chain, "trees"), forest)
    _logit(_segment(chain, "logit"), forest.slope, threshold)
    ET.indent(root, " ")
    written: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written + b"\n"


def _dictionary(root: Element, forest: Forest) -> None:
    names, codes = forest.feature_names, forest.categories()
    fields = _under(root, "DataDictionary", numberOfFields=str(len(names) + 1))
    for place, name in enumerate(names):
        if place in codes:
            field = _under(fields, "DataField", name=name, optype="categorical", dataType="integer")
            # Listed, since an evaluator may otherwise learn them from what it is asked, by any of its threads.
            _values(field, range(codes[place] + 1))
        else:
            _under(fields, "DataField", name=name, optype="continuous", dataType="double")
    _values(_under(fields, "DataField", name=_target, optype="categorical", dataType="integer"), (0, 1))


def _values(field: Element, codes: Iterable[int]) -> None:
    for code in codes:
        _under(field, "Value", value=str(code))


def _schema(model: Element, forest: Forest, names: Iterable[str], *, target: bool = False) -> None:
    schema = _under(model, "MiningSchema")
    codes = {forest.feature_names[place] for place in forest.categories()}
    for name in names:
        # A code that no split knows goes where a missing one goes; left as it is, it would be no prediction at all.
        treatment = {"invalidValueTreatment": "asMissing"} if name in codes else {}
        _under(schema, "MiningField", {"name": name} | treatment)
    if target:
        _under(schema, "MiningField", name=_target, usageType="target")


def _sum(segment: Element, forest: Forest) -> None:
    model = _under(segment, "MiningModel", functionName="regression")
    _schema(model, forest, forest.feature_names)
    outputs = _under(model, "Output")
    _under(outputs, "OutputField", name=_log_odds, optype="continuous", dataType="double", feature="predictedValue")
    trees = _under(model, "Segmentation", multipleModelMethod="sum")
    for number, tree in enumerate(forest.trees):
        _tree(_segment(trees, str(number)), forest, tree)


def _logit(segment: Element, slope: float, threshold: float) -> None:
    model = _under(segment, "RegressionModel", functionName="classification", normalizationMethod="logit")
    schema = _under(model, "MiningSchema")
    _under(schema, "MiningField", name=_log_odds)
    _under(schema, "MiningField", name=_target, usageType="target")
    outputs = _under(model, "Output")
    number = {"optype": "continuous", "dataType": "double"}
    _under(outputs, "OutputField", number, name=probability, feature="probability", value="1")
    verdict = {"optype": "categorical", "dataType": "boolean"}
    decision = _under(outputs, "OutputField", verdict, name=refused, feature="transformedValue")
    compared = _under(decision, "Apply", function="greaterOrEqual")
    _under(compared, "FieldRef", field=probability)
    _under(compared, "Constant", dataType="double").text = repr(threshold)
    table = _under(model, "RegressionTable", intercept="0.0", targetCategory="1")
    _under(table, "NumericPredictor", name=_log_odds, coefficient=repr(slope))
    _under(model, "RegressionTable", intercept="0.0", targetCategory="0")


def _segment(segmentation: Element, name: str) -> Element:
    segment = _under(segmentation, "Segment", id=name)
    _under(segment, "True")
    return segment


def _tree(segment: Element, forest: Forest, tree: Tree) -> None:
    model = _under(
        segment,
        "TreeModel",
        functionName="regression",
        missingValueStrategy="none",
        noTrueChildStrategy="returnNullPrediction",
        splitCharacteristic="binarySplit",
    )
    # A schema has a field at least, even where a tree is one leaf.
    used = sorted({split.feature for split in tree.splits}) or [0]
    _schema(model, forest, (forest.feature_names[place] for place in used))
    root = _under(model, "Node")
    _under(root, "True")
    nodes = [(root, 0 if tree.splits else -1)]
    while nodes:
        node, place = nodes.pop()
        if place < 0:
            node.set("score", repr(tree.leaves[-1 - place]))
            continue
        split = tree.splits[place]
        first, second = _under(node, "Node"), _under(node, "Node")
        _condition(first, split, forest.feature_names[split.feature])
        _under(second, "True")
        branches = (split.right, split.left) if split.missing_left else (split.left, split.right)
        nodes += zip((first, second), branches, strict=True)


def _condition(node: Element, split: Split, name: str) -> None:
    """What a known value fulfils that goes where a missing one does not."""
    if split.codes is not None:
        # Where a set has no code, nobody is in it.
        if not split.codes:
            _under(node, "False")
            return
        chosen = _under(node, "SimpleSetPredicate", field=name, booleanOperator="isIn")
        _under(chosen, "Array", type="int", n=str(len(split.codes))).text = " ".join(map(str, split.codes))
    elif math.isinf(split.threshold):
        # Beyond all numbers, which PMML has no word for that every reader knows.
        if (split.threshold > 0) != split.missing_left:
            _under(node, "SimplePredicate", field=name, operator="isNotMissing")
        else:
            _under(node, "False")
    else:
        operator = "greaterThan" if split.missing_left else "lessOrEqual"
        _under(node, "SimplePredicate", field=name, operator=operator, value=repr(split.threshold))


def _under(parent: Element, tag: str, attributes: Mapping[str, str] | None = None, **more: str) -> Element:
    return ET.SubElement(parent, tag, dict(attributes or {}) | more)
