"""Warnings on fields of a decision: they stop nothing, and nothing is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.text.messages import message
from core.text.names import capped, max_fields, short

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalogue import Language

WarningCode = Literal[
    "unknown_field", "recomputed", "more_fields", "sign_turned", "outside_training", "missing_essential", "not_recorded"
]
"""The kinds of warnings: the key of their sentence in `core.text.messages`, where they are about a field."""

ReadingKind = Literal["read_as_decimal", "read_as_thousands", "sign_turned", "one_hot_none", "no_client_number"]
"""How a value of a file was read where it could mean something else, or its row: keys of `core.text.messages`."""


@dataclass(frozen=True, slots=True)
class FieldWarning:
    """A warning, made where it arises, for whoever shows it beside its field or writes it in a list.

    Attributes:
        code: its kind.
        field: the column, feature or key that it is about; None where it is about the answer as a whole.
        message: what is to be known, in the reader's language, without the name of the field; never a value.
        text: the same as a line of its own: the name of the field, then the message.
    """

    code: WarningCode
    field: str | None
    message: str
    text: str

    @classmethod
    def of(cls, code: WarningCode, field: str, lang: Language) -> FieldWarning:
        """The warning of that kind about a field, a long name cut."""
        name, words = short(field), message(code, lang)
        return cls(code, name, words, message("of_field", lang, field=name, message=words))


def unused(fields: Iterable[tuple[WarningCode, str]], lang: Language) -> tuple[FieldWarning, ...]:
    """Warnings of fields that were not used, each with why and its name; of many, the first and how many there are."""
    first, more = capped(fields, max_fields)
    named = tuple(FieldWarning.of(code, name, lang) for code, name in first)
    if not more:
        return named
    words = message("more_fields", lang, count=str(more))
    return (*named, FieldWarning("more_fields", None, words, words))


def texts(warnings: Iterable[FieldWarning]) -> list[str]:
    """Warnings as lines of their own."""
    return [warning.text for warning in warnings]
