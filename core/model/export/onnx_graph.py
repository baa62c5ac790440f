"""The model as an ONNX graph: one `TreeEnsemble` of ai.onnx.ml 5, written node by node.

The operators before version 5 know single precision thresholds or outputs only, and no sets of codes.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.export.forest import NotExportable, Split, not_installed
from core.model.export.precision import dtypes, rounded
from core.model.export.proof.stated_decisions import with_decisions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from core.model.export.forest import Forest
    from core.model.export.precision import Precision
    from core.model.export.proof.certificate import Scoring

graph_file: Final = "model.onnx"
_opset: Final = 21
_opset_ml: Final = 5
_ir_version: Final = 10
_less_or_equal: Final = 0
_member: Final = 6
_sum: Final = 1


def graph(forest: Forest, threshold: float, title: str, precision: Precision = "double") -> bytes:
    """The ONNX model: in `rows` (n, n_features), NaN where missing; out `probability` and `refused` (n,).

    Args:
        threshold: a probability of default from which an application is refused.
        title: says in a line which model it is.
        precision: of the rows, the trees and the probability; the decision is taken in double precision.

    Raises:
        NotExportable: where the package `onnx` is not installed.
    """
    try:
        from onnx import TensorProto, checker, helper
    except ImportError:
        raise not_installed("onnx") from None
    forest = forest.in_single_precision() if precision == "single" else forest
    number = TensorProto.FLOAT if precision == "single" else TensorProto.DOUBLE
    rows = helper.make_tensor_value_info("rows", number, ["n", len(forest.feature_names)])
    outputs = [
        helper.make_tensor_value_info("probability", number, ["n"]),
        helper.make_tensor_value_info("refused", TensorProto.BOOL, ["n"]),
    ]
    constants = [
        helper.make_tensor("slope", number, [], [forest.slope]),
        helper.make_tensor("threshold", TensorProto.DOUBLE, [], [threshold]),
        helper.make_tensor("flat", TensorProto.INT64, [1], [-1]),
    ]
    trees = _attributes(forest, helper.make_tensor, TensorProto, number)
    nodes = [
        helper.make_node("TreeEnsemble", ["rows"], ["sums"], domain="ai.onnx.ml", **trees),
        helper.make_node("Reshape", ["sums", "flat"], ["log_odds"]),
        helper.make_node("Mul", ["log_odds", "slope"], ["sloped"]),
        helper.make_node("Sigmoid", ["sloped"], ["probability"]),
        helper.make_node("Cast", ["probability"], ["compared"], to=TensorProto.DOUBLE),
        helper.make_node("GreaterOrEqual", ["compared", "threshold"], ["refused"]),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "credit_model", [rows], outputs, constants),
        opset_imports=[helper.make_opsetid("", _opset), helper.make_opsetid("ai.onnx.ml", _opset_ml)],
        ir_version=_ir_version,
        producer_name="home-credit-workbench",
        doc_string=title,
    )
    helper.set_model_props(model, {"features": ",".join(forest.feature_names), "threshold": repr(threshold)})
    checker.check_model(model)
    return bytes(model.SerializeToString())


def scoring(folder: Path, threshold: float | None, precision: Precision = "double") -> Scoring:
    """Opens the file in a folder with ONNX Runtime; what it returns scores rows (n, n_features): float64 (n,).

    On one thread: with several, trees or rows are dealt to them by how many rows there are
    (findings/onnx_batch_size.sh).

    Args:
        threshold: that `refused` is held against, on every row; None where nothing is proved.
        precision: that it was written in, to which rows are rounded.

    Raises:
        NotExportable: where ONNX Runtime is not installed, or does not take the file; and on scoring, where `refused`
            is not the probability against the threshold.
    """
    try:
        import onnxruntime
    except ImportError:
        raise not_installed("onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(folder / graph_file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Its exceptions have no class of their own.
        raise NotExportable(f"ONNX Runtime does not take the file ({type(error).__name__})") from error

    def probabilities(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.ascontiguousarray(rounded(matrix, precision), dtype=dtypes[precision])
        found, refused = session.run(["probability", "refused"], {"rows": rows})
        scored = np.asarray(found, dtype=np.float64)
        return scored if threshold is None else with_decisions(scored, refused, threshold)

    return probabilities


def runtime() -> str:
    """ONNX Runtime and its version."""
    return f"ONNX Runtime {version('onnxruntime')}"


def _attributes(forest: Forest, tensor: Callable[..., object], types: Any, number: int) -> dict[str, Any]:
    """The trees as the attributes of the operator: a node is a place in lists of one length, and so is a leaf."""
    roots: list[int] = []
    nodes: list[Split] = []
    leaves: list[float] = []
    for tree in forest.trees:
        roots.append(len(nodes))
        # A tree of one leaf is a split whose branches both lead to it.
        alone = (Split(0, 0.0, None, missing_left=False, left=-1, right=-1),)
        first, first_leaf = len(nodes), len(leaves)
        for split in tree.splits or alone:
            left, right = (child + first if child >= 0 else child - first_leaf for child in (split.left, split.right))
            nodes.append(replace(split, left=left, right=right))
        leaves.extend(tree.leaves)
    modes = [_member if split.codes else _less_or_equal for split in nodes]
    members = [(*map(float, split.codes), np.nan) for split in nodes if split.codes]
    values = [value for codes in members for value in codes]
    attributes: dict[str, Any] = {
        "n_targets": 1,
        "aggregate_function": _sum,
        "tree_roots": roots,
        "nodes_featureids": [split.feature for split in nodes],
        "nodes_modes": tensor("modes", types.UINT8, [len(nodes)], modes),
        "nodes_splits": tensor("splits", number, [len(nodes)], [_compared(split) for split in nodes]),
        "nodes_missing_value_tracks_true": [int(split.missing_left) for split in nodes],
        "nodes_truenodeids": [_place(split.left) for split in nodes],
        "nodes_trueleafs": [int(split.left < 0) for split in nodes],
        "nodes_falsenodeids": [_place(split.right) for split in nodes],
        "nodes_falseleafs": [int(split.right < 0) for split in nodes],
        "leaf_targetids": [0] * len(leaves),
        "leaf_weights": tensor("weights", number, [len(leaves)], leaves),
    }
    if values:
        attributes["membership_values"] = tensor("members", number, [len(values)], values)
    return attributes


def _place(child: int) -> int:
    """The place of a node, or that of a leaf among the leaves."""
    return child if child >= 0 else -1 - child


def _compared(split: Split) -> float:
    """The threshold; that of a set without codes, which nobody is in, is below all values."""
    if split.codes is None:
        return split.threshold
    return 0.0 if split.codes else -np.inf
