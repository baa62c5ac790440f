"""Answers of the contract for tests, of which only some fields matter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from dash_app.service import ServiceHealth

_Answer = TypeVar("_Answer", bound=BaseModel)


def partly(kind: type[_Answer], **values: Any) -> _Answer:
    """An answer with these fields and no others; nothing is checked."""
    return kind.model_construct(**values)


def changed(answer: _Answer, **values: Any) -> _Answer:
    """The same answer with other values; nothing is checked."""
    return answer.model_copy(update=values)


def health(**values: Any) -> ServiceHealth:
    """How an API is that is well, but for these fields."""
    return ServiceHealth.model_validate(
        {
            "status": "healthy",
            "model_loaded": True,
            "version": "1.0.0",
            "model_version": "1.2.3",
            "portfolio_loaded": False,
            "portfolio": None,
            "model_stand_in": None,
            "detail": None,
            "role": "admin",
            "worker": {"alive": True, "seen": datetime.now(UTC)},
            **values,
        }
    )
