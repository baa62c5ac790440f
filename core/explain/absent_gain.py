"""Absent gain: how much of the model rests on columns of the application that a file lacks, and which these are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue
from core.explain.information import known
from core.features import application_features, build, history_names, input_schema, raw_features
from core.text.formats import format_share
from core.text.messages import message
from core.text.names import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.catalogue import Language
    from core.decision import Value

max_unasked_share: Final = 1 / 3
"""Above this share of the model's gain, nothing is decided on a file that waits before somebody says yes."""

_max_columns: Final = 8


@dataclass(frozen=True, slots=True)
class AbsentGain:
    """What of the model rests on columns that are not there.

    Attributes:
        share: of the model's gain, 0 to 1. The history of clients is left out: it is joined, or is not, by choice.
        columns: the absent columns, those that carry the most first.
    """

    share: float
    columns: tuple[str, ...]

    @property
    def asks(self) -> bool:
        """Whether that is so much that somebody has to say yes."""
        return self.share > max_unasked_share

    def sentence(self, lang: Language) -> str:
        """The same, for a reader."""
        share = format_share(self.share, lang)
        return message("absent_gain", lang, share=share, columns=listed(self.columns, _max_columns))


def absent_gain(present: Iterable[str], importances: Sequence[float]) -> AbsentGain:
    """What of a model rests on columns that a file lacks.

    Args:
        present: names in the catalogue of what the file has.
        importances: the gain of each feature, in the order of `core.features.feature_names` and any unit.
    """
    gains = np.asarray(importances, dtype=np.float64)
    total = gains.sum()
    lost = np.where(_lacking(frozenset(present)), gains, 0.0)
    if not total or not lost.any():
        return AbsentGain(0.0, ())
    carried: Counter[str] = Counter()
    for (name, needed), gain in zip(_needs(), lost.tolist(), strict=False):
        absent = needed - set(present) or {name}
        for column in absent:
            carried[column] += gain / len(absent)
    # Of equal ones in the order of the catalogue, as a set has none.
    order = {column.name: place for place, column in enumerate(catalogue.columns())}
    columns = sorted(
        (name for name, gain in carried.items() if gain > 0), key=lambda name: (-carried[name], order[name])
    )
    return AbsentGain(float(lost.sum() / total), tuple(columns))


def _needs() -> list[tuple[str, set[str]]]:
    """The features of the application in their order, with the columns that each is computed from."""
    derived = application_features()
    return [(name, {name}) for name in raw_features()] + [
        (name, set(expression.meta.root_names())) for name, expression in derived.items()
    ]


@lru_cache(maxsize=64)
def _lacking(present: frozenset[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which features no row can have that gives all of those columns and no others; never those of the history."""
    schema = {name: kind for name, kind in input_schema().items() if name in present}
    row = pl.DataFrame({name: [_any_value(name)] for name in schema}, schema=schema)
    if not schema:
        row = pl.DataFrame({"SK_ID_CURR": [1]}, schema={"SK_ID_CURR": input_schema()["SK_ID_CURR"]})
    lacking: np.ndarray[tuple[int], np.dtype[np.bool_]] = ~known(build(row).to_numpy())[0]
    lacking[len(lacking) - len(history_names()) :] = False
    return lacking


def _any_value(name: str) -> Value:
    """A value that a column may have, and that no ratio divides by in vain."""
    codes = next((column.codes for column in catalogue.columns() if column.name == name), ())
    return codes[0].code if codes else 1
