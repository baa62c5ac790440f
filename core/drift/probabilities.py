"""The probability of each row of a large set, scored some thousand rows at a time by several threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from core.scoring import Scorer

# Of which the features are held at once by each thread: 7 MB, where those of 300,000 rows take 400.
_rows_at_once: Final = 5_000
# NumPy lets go of the interpreter in most of what a prediction is.
_max_threads: Final = 4


def probabilities(scorer: Scorer, rows: pl.DataFrame) -> NDArray[np.float64]:
    """What `scorer.probabilities` says of the rows, to the last bit: float64 (n_rows,).

    Args:
        scorer: the model.
        rows: as `core.scoring.Scorer.probabilities` takes them.
    """
    first, *others = list(rows.iter_slices(_rows_at_once)) or [rows]
    # Alone: what the predictor keeps is made once.
    pieces = [scorer.probabilities(first)]
    if others:
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _max_threads, len(others))) as threads:
            pieces += threads.map(scorer.probabilities, others)
    return np.concatenate(pieces)
