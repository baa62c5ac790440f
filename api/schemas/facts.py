"""Schemas of a client's facts, labelled for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from core import catalogue
from core.contract.answer import Answer
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalogue import Entry, Language
    from core.decision import Value


class Fact(Answer):
    """One value of the client, as a reader sees it."""

    name: str
    label: str
    value: float | int | str | None
    value_text: str
    group: str = Field(description="Key of the family it is read with.")
    group_label: str


def facts(entries: tuple[Entry, ...], values: Mapping[str, Value], lang: Language) -> list[Fact]:
    """The values of these columns or features in words of `lang`, in their order."""
    return [
        Fact(
            name=entry.name,
            label=entry.label(lang),
            value=values.get(entry.name),
            value_text=format_value(entry, values.get(entry.name), lang),
            group=entry.group,
            group_label=catalogue.group_label(entry.group, lang),
        )
        for entry in entries
    ]
