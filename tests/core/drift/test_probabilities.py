"""Rows that are scored by several threads get what they get together, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data import demo
from core.drift import probabilities as scored

if TYPE_CHECKING:
    from core.scoring import Scorer


@pytest.mark.parametrize("rows", [0, 1, 50, 300])
def test_pieces_on_several_threads_are_the_whole(scorer: Scorer, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored, "_rows_at_once", 50)
    applications = demo.draw_applications(300, 3, "test").head(rows)
    expected = scorer.artefacts.booster.predict(scorer.artefacts.preprocessor.transform(applications)) if rows else []
    np.testing.assert_array_equal(scored.probabilities(scorer, applications), expected)
