"""The model for Treelite: its trees handed over split by split, not by its reader of LightGBM."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.model.export.forest import not_installed
from core.model.export.precision import dtypes, rounded

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.model.export.forest import Forest, Tree
    from core.model.export.precision import Precision
    from core.model.export.proof.certificate import Scoring

checkpoint_file: Final = "model.treelite"


def checkpoint(forest: Forest, precision: Precision = "double") -> bytes:
    """The model as Treelite stores it: in (n, n_features), NaN where missing; out the probability of default.

    Args:
        precision: of the rows, the thresholds, the sums and what comes out.

    Raises:
        NotExportable: where the package `treelite` is not installed.
    """
    try:
        from treelite.model_builder import Metadata, ModelBuilder, PostProcessorFunc, TreeAnnotation
    except ImportError:
        raise not_installed("treelite") from None
    forest = forest.in_single_precision() if precision == "single" else forest
    number = np.dtype(dtypes[precision]).name
    builder = ModelBuilder(
        threshold_type=number,
        leaf_output_type=number,
        metadata=Metadata(
            num_feature=len(forest.feature_names),
            task_type="kBinaryClf",
            average_tree_output=False,
            num_target=1,
            num_class=[1],
            leaf_vector_shape=(1, 1),
        ),
        tree_annotation=TreeAnnotation(
            num_tree=len(forest.trees), target_id=[0] * len(forest.trees), class_id=[0] * len(forest.trees)
        ),
        postprocessor=PostProcessorFunc(name="sigmoid", sigmoid_alpha=forest.slope),
        base_scores=[0.0],
    )
    for tree in forest.trees:
        _add(tree, builder)
    return bytes(builder.commit().serialize_bytes())


def scoring(folder: Path, precision: Precision = "double") -> Scoring:
    """Opens the file in a folder with Treelite's own interpreter (GTIL); scores rows (n, n_features): float64 (n,).

    Args:
        precision: that it was written in, to which rows are rounded.

    Raises:
        NotExportable: where Treelite is not installed.
    """
    try:
        import treelite
    except ImportError:
        raise not_installed("treelite") from None
    model = treelite.Model.deserialize_bytes((folder / checkpoint_file).read_bytes())

    def probabilities(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.ascontiguousarray(rounded(matrix, precision), dtype=dtypes[precision])
        predicted = treelite.gtil.predict(model, rows, nthread=1)
        return np.asarray(predicted, dtype=np.float64).reshape(len(rows))

    return probabilities


def runtime() -> str:
    """Treelite and its version."""
    return f"Treelite {version('treelite')} (GTIL)"


def _add(tree: Tree, builder: Any) -> None:
    """Hands over one tree; leaf `k` has the number behind that of the last split and those of the leaves before it."""
    n_splits = len(tree.splits)

    def key(child: int) -> int:
        return child if child >= 0 else n_splits - 1 - child

    builder.start_tree()
    for number, split in enumerate(tree.splits):
        builder.start_node(number)
        children = {"left_child_key": key(split.left), "right_child_key": key(split.right)}
        if split.codes is None:
            builder.numerical_test(
                split.feature, split.threshold, default_left=split.missing_left, opname="<=", **children
            )
        else:
            builder.categorical_test(
                split.feature,
                default_left=split.missing_left,
                category_list=list(split.codes),
                category_list_right_child=False,
                **children,
            )
        builder.end_node()
    for number, leaf in enumerate(tree.leaves):
        builder.start_node(n_splits + number)
        builder.leaf(leaf)
        builder.end_node()
    builder.end_tree()
