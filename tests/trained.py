"""A small model with its report: trained once for all files of tests that only read one, which takes 13 s of a core."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.data import demo
from core.model.evidence.report import Report, make_report
from core.model.training.fitting import Training, train
from tests.shared import made_once

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    import pytest

row_count: Final = 1800
_file: Final = "trained.pickle"


@dataclass(frozen=True)
class Trained:
    """A training on rows that were drawn, with what is told of it; no test changes any of them."""

    applications: pl.DataFrame
    training: Training
    report: Report


def trained_once(factory: pytest.TempPathFactory) -> Trained:
    """The training of this run: made by the process that asks first, read by the others."""

    def make(folder: Path) -> None:
        applications = demo.draw_applications(row_count, 21, "train")
        training = train(applications, trained_on="demo", cost_fn=10, cost_fp=1, folds=2, seed=1)
        report = make_report(training, applications, folds=2, seed=1)
        (folder / _file).write_bytes(pickle.dumps(Trained(applications, training, report)))

    content = (made_once(factory, "trained", make) / _file).read_bytes()
    trained: Trained = pickle.loads(content)  # noqa: S301 - made by this run
    return trained
