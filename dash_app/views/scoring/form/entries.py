"""Entries of the form: a raw value for each field, in no language; text is made of them for the fields alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from core import catalogue
from dash_app.views.scoring.form import fields

if TYPE_CHECKING:
    from core.decision import Value

# By column: its raw value, None where the field is empty, or `{"typed": …}` with what is no number, still to be
# corrected.
Entries: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into the fields; `assets/js/form.js` takes it over, and reads there what is typed afterwards.

    Attributes:
        values: the entries that change.
        texts: what their fields show, in the reader's language.
        file: the same of what is on file, from which a draft differs; None where that stays as it is.
        asked: the entries that these follow: where the fields have others by now, it comes too late; None otherwise.
    """

    values: Entries
    texts: Mapping[str, str]
    file: Filling | None = None
    asked: Entries | None = None


def of(values: Mapping[str, Value]) -> dict[str, Value]:
    """The entries of an application: every field has one, None where nothing is known or the column does not apply."""
    return {
        column.name: None if values.get(column.name) == column.sentinel else values.get(column.name)
        for column in catalogue.main_columns()
    }


def filling(values: Mapping[str, Value]) -> Filling:
    """All fields filled from an application."""
    held = of(values)
    return Filling(held, _shown(held))


def opening(known: Mapping[str, Value], draft: Mapping[str, Any]) -> Filling:
    """All fields filled from what is on file, with a draft put over it.

    Args:
        known: the application on file; empty for a new one.
        draft: the entries that this browser has kept; what is none is left out.
    """
    file = filling(known)
    columns = {column.name: column for column in catalogue.main_columns()}
    kept = {name: entry for name, entry in draft.items() if name in columns and _is_entry(entry)}
    # What was typed is shown with all of its decimals.
    texts = {name: fields.written(columns[name], entry) for name, entry in kept.items()}
    return Filling({**file.values, **kept}, {**file.texts, **texts}, file)


def changing(changes: Mapping[str, Value]) -> Filling:
    """The fields of these columns filled, the others as they are; what has no field is left out."""
    held = {name: entry for name, entry in of(changes).items() if name in changes}
    return Filling(held, _shown(held))


def following(changes: Mapping[str, Value], asked: Entries | None = None) -> Filling:
    """The fields that follow others, with all of their decimals; `asked` as of `Filling`."""
    texts = {name: fields.written(catalogue.column(name), value) for name, value in changes.items()}
    return Filling(changes, texts, asked=asked)


def digest(entries: Entries) -> str:
    """A digest by which a page knows entries again, and nobody what they are."""
    # A browser makes no difference between 1 and 1.0.
    texts = [
        f"{name}={float(entry) if fields.is_number(entry) else repr(entry)}" for name, entry in sorted(entries.items())
    ]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _shown(entries: Mapping[str, Value]) -> dict[str, str]:
    return {name: fields.shown(catalogue.column(name), entry) for name, entry in entries.items()}


def _is_entry(entry: object) -> bool:
    if isinstance(entry, dict):
        return isinstance(entry.get("typed"), str)
    return entry is None or isinstance(entry, str) or fields.is_number(entry)
