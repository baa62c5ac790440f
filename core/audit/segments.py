"""The segments of an applicant as the record repeats them beside a decision or an outcome, which outlive the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.catalogue.ages import age_band_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.decision import Value


@dataclass(frozen=True, slots=True)
class Segments:
    """What an applicant is compared by, as in `core.model.evidence.segments`; None where it was not given.

    Attributes:
        gender: as declared. It decides nothing, and is kept so that it can be seen whether people treat it alike.
    """

    contract_type: str | None
    income_type: str | None
    age_band: str | None
    gender: str | None


def segments_of(inputs: Mapping[str, Value]) -> Segments:
    """The segments of an applicant.

    Args:
        inputs: what the model was given, by name.

    >>> segments_of({"DAYS_BIRTH": -14610, "CODE_GENDER": "F"})
    Segments(contract_type=None, income_type=None, age_band='40-49', gender='F')
    """
    days = inputs.get("DAYS_BIRTH")
    return Segments(
        contract_type=_text(inputs.get("NAME_CONTRACT_TYPE")),
        income_type=_text(inputs.get("NAME_INCOME_TYPE")),
        age_band=age_band_of(pl.Series([days], dtype=pl.Float64))[0] if isinstance(days, int | float) else None,
        gender=_text(inputs.get("CODE_GENDER")),
    )


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None
