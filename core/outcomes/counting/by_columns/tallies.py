"""Cells that are counted piece by piece, with codes in the place of texts until all is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from core.outcomes.counting.by_columns.packing import Packing
from core.outcomes.counting.cells import application_schema, known_schema, segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from core.outcomes.counting.by_columns.readings import AllCodes, Decided

_decision_bits: Final = {"decision": 6, "model_decision": 6}
_known: Final = Packing({"month": 12, "model_version": 16, "is_decided": 1, **_decision_bits, "cell": 14})
_in_segments: Final = Packing({**dict.fromkeys(segments, 12), **_decision_bits, "cell": 14})
_application: Final = Packing({"month": 12, "model_version": 16, "decision": 6, "has_outcome": 1, "cell": 14})
_application_sums: Final = {"packed": pl.Int64(), "rows": pl.Int64(), "probability": pl.Float64()}
_known_sums: Final = {**_application_sums, "defaults": pl.Int64(), "amount_lost": pl.Float64(), "amounts": pl.Int64()}


class CellTally:
    """Counts of decisions whose outcome is known, and of applications; several threads may add to it."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pl.DataFrame]] = {
            "known": [pl.DataFrame(schema=_known_sums)],
            "segments": [pl.DataFrame(schema=_known_sums)],
            "applications": [pl.DataFrame(schema=_application_sums)],
        }

    def add_known(
        self,
        rows: Decided,
        segment_codes: Mapping[str, NDArray[np.int64]],
        measures: Mapping[str, NDArray[Any]],
        sign: int,
    ) -> None:
        """Counts decisions with their outcome.

        Args:
            measures: `defaults`, `amount_lost`, `amounts`: of each row, 0 where there is none.
            sign: 1; -1 takes them off.
        """
        signed = {name: sign * column for name, column in {"probability": rows.probability, **measures}.items()}
        self._add("known", _known.packed(rows.codes), signed, sign)
        self._add("segments", _in_segments.packed({**rows.codes, **segment_codes}), signed, sign)

    def add_applications(self, rows: Decided, has_outcome: int, sign: int) -> None:
        """Counts applications, with an outcome (1) or without (0). A `sign` of -1 takes them off."""
        packed = _application.packed({**rows.codes, "has_outcome": has_outcome})
        self._add("applications", packed, {"probability": sign * rows.probability}, sign)

    def frames(self, codes: AllCodes) -> dict[str, pl.DataFrame]:
        """The frames of `core.outcomes.counting.cells`: `known`, each segment, and `applications`."""
        known = self._summed("known", _known)
        decider = pl.when(pl.col("is_decided") == 1).then(pl.lit("officer")).otherwise(pl.lit("model"))
        frames = {"known": _as_counted(known.with_columns(decided_by=decider), known_schema("known"), codes)}
        in_segments = self._summed("segments", _in_segments)
        for name in segments:
            by = (name, *_decision_bits, "cell")
            of_segment = in_segments.drop(set(segments) - {name}).group_by(by).sum()
            frames[name] = _as_counted(of_segment, known_schema(name), codes)
        applications = self._summed("applications", _application)
        return {**frames, "applications": _as_counted(applications, application_schema, codes)}

    def _add(self, name: str, packed: NDArray[np.int64], measures: Mapping[str, NDArray[Any]], sign: int) -> None:
        rows = pl.DataFrame({"packed": packed, **measures})
        sums = rows.group_by("packed").agg(pl.len().alias("rows").cast(pl.Int64) * sign, pl.col(*measures).sum())
        self._parts[name].append(sums)

    def _summed(self, name: str, packing: Packing) -> pl.DataFrame:
        sums = pl.concat(self._parts[name]).group_by("packed").sum()
        # What was counted and taken off again is no row.
        counted = sums.filter(pl.col("rows") > 0)
        return counted.drop("packed").with_columns(packing.columns(counted["packed"]))


def _as_counted(counts: pl.DataFrame, schema: Mapping[str, Any], codes: AllCodes) -> pl.DataFrame:
    """With texts in the place of codes, without what lies in no month or segment, by cell."""
    names = {**{name: name for name in codes}, "model_decision": "decision"}
    texts = [
        pl.Series(label, codes[name].texts, pl.String).gather(counts[label]).alias(label)
        for label, name in names.items()
        if label in counts.columns
    ]
    labelled = counts.with_columns(texts).select(pl.col(name).cast(kind) for name, kind in schema.items())
    # By all that tells cells apart: sums over them do not hang on the order in which a count has found them.
    return labelled.filter(pl.col(next(iter(schema))).is_not_null()).sort("cell", pl.col(pl.String))
