"""Rejections: the rows of a file that were set aside, and why, for a program or for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.application import expected
from core.explain.information import expected_usable
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from core.catalogue import Language

# What a reader gets.
heading: Final = ("row", "SK_ID_CURR", "column", "problem", "expected")
Rejection = tuple[int, int | None, str, str, str]


def lines(rejections: pl.DataFrame, lang: Language) -> Iterator[tuple[int, int | None, str, str, str]]:
    """Each rejection as a reader gets it: row, client, column, what is wrong, what was expected."""
    for row, client, column, problem, detail in rejections.iter_rows():
        yield (row, client, column, problem_sentence(problem, detail, lang), expected_sentence(column, lang, problem))


def problem_sentence(problem: str, detail: str, lang: Language) -> str:
    """What is wrong with a value or a row."""
    return message(problem, lang, why=detail)


def expected_sentence(column: str, lang: Language, problem: str = "") -> str:
    """What a valid value of a column is; of a row, where no column is named, by what is wrong with it."""
    if problem == "nothing_usable":
        return expected_usable(lang)
    if not column:
        return message("expected_row", lang)
    try:
        return expected(catalogue.column(column), lang)
    except catalogue.UnknownEntry:
        return message("expected_number", lang)
