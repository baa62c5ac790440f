"""The formats that the model is exported to: for each the file, who writes it, and the runtime that reads it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.booster import Booster
from core.model.export import c_source, onnx_graph, treelite_model
from core.model.export.forest import Forest
from core.model.export.pmml import document, evaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from core.model.artefacts import Artefacts
    from core.model.export.precision import Precision
    from core.model.export.proof.certificate import Scoring

text_file: Final = "model.txt"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of the model.

    Attributes:
        file: the name of what is written.
        content: makes it; raises `NotExportable`.
        scoring: opens the file in a folder in the runtime of the format; what it returns gives the probability of
            default of rows (n, n_features): float64 (n,). Where the file gives decisions, they are held against a
            threshold; None leaves them out. Raises `NotExportable`.
        runtime: names that runtime and its version; raises `NotExportable`.
        precision: that it computes in.
    """

    file: str
    content: Callable[[Artefacts], bytes]
    scoring: Callable[[Path, float | None], Scoring]
    runtime: Callable[[], str]
    precision: Precision = "double"


def _forest(artefacts: Artefacts) -> Forest:
    return Forest.of(artefacts.booster)


def _title(artefacts: Artefacts) -> str:
    info = artefacts.info
    return f"{info.model_name} {info.version}: probability of default, trained on {info.trained_on} data"


def _text(artefacts: Artefacts) -> bytes:
    return artefacts.booster.model_to_string(num_iteration=-1).encode()


def _by_lightgbm(folder: Path, _threshold: float | None) -> Scoring:
    booster = Booster(model_file=str(folder / text_file))
    return lambda matrix: np.asarray(booster.predict(matrix, num_threads=1), dtype=np.float64)


def _c(artefacts: Artefacts) -> bytes:
    return c_source.source(_forest(artefacts), artefacts.info.optimal_threshold, _title(artefacts)).encode()


def _onnx_format(precision: Precision) -> ExportFormat:
    def content(artefacts: Artefacts) -> bytes:
        threshold = artefacts.info.optimal_threshold
        return onnx_graph.graph(_forest(artefacts), threshold, _title(artefacts), precision)

    scoring = partial(onnx_graph.scoring, precision=precision)
    return ExportFormat(onnx_graph.graph_file, content, scoring, onnx_graph.runtime, precision)


def _treelite_format(precision: Precision) -> ExportFormat:
    def content(artefacts: Artefacts) -> bytes:
        return treelite_model.checkpoint(_forest(artefacts), precision)

    def scoring(folder: Path, _threshold: float | None) -> Scoring:
        return treelite_model.scoring(folder, precision)

    return ExportFormat(treelite_model.checkpoint_file, content, scoring, treelite_model.runtime, precision)


def _pmml(artefacts: Artefacts) -> bytes:
    return document.document(_forest(artefacts), artefacts.info.optimal_threshold, _title(artefacts))


formats: Final[Mapping[str, ExportFormat]] = {
    "lightgbm-text": ExportFormat(text_file, _text, _by_lightgbm, lambda: f"LightGBM {version('lightgbm')}"),
    "c": ExportFormat(c_source.source_file, _c, c_source.scoring, c_source.compiler),
    "onnx": _onnx_format("double"),
    "onnx-single": _onnx_format("single"),
    "treelite": _treelite_format("double"),
    "treelite-single": _treelite_format("single"),
    "pmml": ExportFormat(document.document_file, _pmml, evaluator.scoring, evaluator.runtime),
}
