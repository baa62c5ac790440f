"""The registered model for MLflow's `pyfunc`: raw rows in, columns as they are in the tables; probabilities out.

MLflow finds `_load_pyfunc` by its name, in the copy of `core` that lies beside the model; no code of the model is
pickled. An installation of the workbench never takes this way: it reads the model as data
(docs/decisions/0007-models-are-data.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core import catalogue
from core.application import InvalidApplication, parse_application
from core.features import history_names
from core.scoring import Scorer

if TYPE_CHECKING:
    from core.application import Application


class UnusableRow(ValueError):
    """A row that cannot be scored; the message names its place, the column, and what was expected."""


@dataclass(frozen=True, slots=True)
class RawRowModel:
    """What MLflow calls to predict."""

    scorer: Scorer

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> np.ndarray[Any, np.dtype[np.float64]]:  # noqa: ARG002 (MLflow passes it)
        """The probability of default of each row: float64 (n_rows,).

        Args:
            model_input: pandas frame of any subset of the columns of `columns`; None, NaN and NA are missing.
            params: none are known.

        Raises:
            UnusableRow: where a value is none of its column's, as the API refuses it.
            core.explain.information.NothingUsable: where some row states nothing at all.
        """
        known = model_input.astype(object).where(model_input.notna(), None)
        applications = [_application(place, row) for place, row in enumerate(known.to_dict("records"))]
        decisions = self.scorer.decide_many(applications) if applications else []
        return np.array([decision.probability for decision in decisions], dtype=np.float64)


def columns() -> dict[str, str]:
    """The raw columns and history features that a row may have, with `string` for codes and `double` for numbers."""
    raw = {
        column.name: "string" if column.type == "category" else "double"
        for column in catalogue.columns()
        if column.type != "target"
    }
    return raw | dict.fromkeys(history_names(), "double")


def _application(place: int, row: dict[str, Any]) -> Application:
    try:
        return parse_application({name: value for name, value in row.items() if value is not None})
    except InvalidApplication as error:
        said = "; ".join(f"{bad.field}: {bad.message}, expected {bad.expected}" for bad in error.errors[:3])
        raise UnusableRow(f"row {place}: {said}") from None


def _load_pyfunc(data_path: str) -> RawRowModel:
    return RawRowModel(Scorer.load(Path(data_path)))
