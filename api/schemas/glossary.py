"""Schemas of the glossary."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.base import LanguageQuery
from core.catalogue import glossary

# As the catalogue lists them; a type checker cannot follow.
Table: Any = Literal[glossary.tables()]


class GlossaryQuery(LanguageQuery):
    """Parameters of a search in the glossary."""

    search: str = Field(
        default="", max_length=100, description="Words of the name, label or help; all have to be there."
    )
    table: Table | None = Field(default=None, description="A table, or `features` for what is computed.")
    limit: int = Field(default=50, ge=1, le=500, description="How many terms to give at most.")
    offset: int = Field(default=0, ge=0, le=10_000, description="How many terms to pass over.")


class TermPath(BaseModel):
    """The term that an address names."""

    table: str = Field(max_length=40, description="A table, or `features`.")
    name: str = Field(max_length=60, description="Name of the column or feature.")
