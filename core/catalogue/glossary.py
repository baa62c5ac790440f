"""The glossary: every raw column of every table and every feature, found by any word of its name, label or help."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalogue import Code, Entry, Language
    from core.model.artefacts import ModelInfo

# What features that are computed are listed under, in place of the table that they are computed from.
features_table: Final = "features"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary.

    Attributes:
        table: catalogue name of the table, or `features` for what is computed.
        entry: its place in the catalogue; of a feature, `help` is the formula in words.
        codes: the values of a category, in the order of the catalogue; empty for others.
        importance: share of the gain of all splits of the model, 0 to 1; None where the model does not see it.
        rank: place among the features of the model by importance, 1 for the first; None where it does not see it.
    """

    table: str
    entry: Entry
    codes: tuple[Code, ...]
    importance: float | None
    rank: int | None


def tables() -> tuple[str, ...]:
    """What terms can be narrowed down to: `features`, then the tables."""
    return (features_table, *catalogue.tables())


def terms(model: ModelInfo | None) -> tuple[Term, ...]:
    """Every term: what the model leans on first, by importance, then the rest by table.

    Args:
        model: whose importances are shown; None where there is no model.
    """
    weights = dict(zip(model.feature_names, model.importances, strict=True)) if model else {}
    places = {name: place for place, (name, _) in enumerate(sorted(weights.items(), key=lambda item: -item[1]), 1)}
    glossary = [_term(table, entry, weights, places) for table, entry in _entries()]
    return tuple(sorted(glossary, key=lambda glossary_term: (glossary_term.rank is None, glossary_term.rank or 0)))


def term(table: str, name: str, model: ModelInfo | None) -> Term:
    """One term. Raises `catalogue.UnknownEntry`."""
    for glossary_term in terms(model):
        if (glossary_term.table, glossary_term.entry.name) == (table, name):
            return glossary_term
    raise catalogue.UnknownEntry(name)


def search(glossary: tuple[Term, ...], words: str, lang: Language, table: str | None = None) -> tuple[Term, ...]:
    """The terms that hold every word, whatever its case and accents, in their order.

    Args:
        glossary: terms to search.
        words: separated by spaces; all terms where there are none.
        lang: the language of labels and helps that are searched, beside the names.
        table: one of `tables()`; all where None.
    """
    wanted_words = plain(words).split()
    return tuple(
        glossary_term
        for glossary_term in glossary
        if table in (None, glossary_term.table)
        and all(word in _text(glossary_term.entry, lang) for word in wanted_words)
    )


def _term(table: str, entry: Entry, weights: Mapping[str, float], places: Mapping[str, int]) -> Term:
    # A raw column of another table can share its name with a feature of the model; it is not that feature.
    own = table in (features_table, "application")
    return Term(
        table=table,
        entry=entry,
        codes=entry.codes if isinstance(entry, Column) else (),
        importance=weights.get(entry.name) if own else None,
        rank=places.get(entry.name) if own else None,
    )


@cache
def _entries() -> tuple[tuple[str, Entry], ...]:
    features = [(features_table, feature) for feature in catalogue.features()]
    return (*features, *((table, column) for table in catalogue.tables() for column in catalogue.columns(table)))


@cache
def _text(entry: Entry, lang: Language) -> str:
    return plain(f"{entry.name} {entry.label(lang)} {entry.help(lang)}")


def plain(text: str) -> str:
    """Lower case without accents: how words are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
