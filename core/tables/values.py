"""The spellings of values: numbers, flags, codes and marks of a missing value, as files and programs write them.

One table for `score`, jobs, drift, `data import` and `/predict`, so that a value means the same wherever it is read.
What can be read in two ways is not guessed: it is refused, or read as the rest of its file is and reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from core.catalogue.spelling import spellings
from core.tables.cells.number_text import NumberFormat, point_decimals, read_number, without_text_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.catalogue import Column
    from core.tables.cells.number_text import Mark, NumberRead

# Columns that the earlier system's clients send as 0 and 1, with the codes that mean these.
legacy_flags: Final = ("FLAG_OWN_CAR", "FLAG_OWN_REALTY")
# Of CODE_GENDER_M; `f` is female there, and no short form of false.
_gender_words: Final = frozenset(
    {"0", "1", "0.0", "1.0", "true", "false", "vrai", "faux", "yes", "no", "y", "n", "oui", "non"}
)


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """The values of a column as numbers.

    Attributes:
        numbers: Float64; null where a value is missing or no number.
        problems: of each value, the key of the sentence that says why it is no number, else null; None: all are sound.
        readings: of each value, a `core.contract.field_warnings.ReadingKind` where it could mean something else; None:
            none could.
    """

    numbers: pl.Series
    problems: pl.Series | None = None
    readings: pl.Series | None = None


def read_numbers(
    values: pl.Series, unit: str = "", *, flag: bool = False, written: NumberFormat = point_decimals
) -> ReadNumbers:
    """Reads the numbers of a column.

    Args:
        values: text, or of a type of their own.
        unit: as in the catalogue: `currency` may have its sign, shares may be percentages.
        flag: whether yes and no, true and false are 1 and 0.
        written: how they are written, where they are text.
    """
    if values.dtype == pl.Boolean and not flag:
        values = values.cast(pl.String)
    if values.dtype != pl.String:
        return ReadNumbers(values.cast(pl.Float64, strict=False).fill_nan(None))
    text = values.str.strip_chars()
    numbers = pl.DataFrame({"text": text}).select(plain_number(pl.col("text"), written.decimal))["text"]
    rest = numbers.is_null() & text.is_not_null()
    if written.proof_of(written.decimal) != "column":
        rest |= text.str.contains(rf"^[+-]?[1-9]\d{{0,2}}\{written.decimal}\d{{3}}$").fill_null(value=False)
    if not rest.any():
        return ReadNumbers(numbers.fill_nan(None))
    # Marks of missing values and other spellings are few, however many rows have them.
    others = text.filter(rest)
    read = {cell: _read(cell, unit, flag, written) for cell in others.unique()}
    places, length = rest.arg_true(), len(text)
    numbers = numbers.scatter(places, _mapped(others, read, 0, pl.Float64()))
    problems = _scattered(places, _mapped(others, read, 1, pl.String()), length)
    readings = _scattered(places, _mapped(others, read, 2, pl.String()), length)
    return ReadNumbers(numbers.fill_nan(None), problems, readings)


def plain_number(text: pl.Expr, decimal: Mark) -> pl.Expr:
    """Text as the numbers that it is as it stands, with that decimal mark and no blanks around it; null elsewhere."""
    if decimal == ",":
        # With a point in it, it is none.
        text = pl.when(~text.str.contains(".", literal=True)).then(text.str.replace(",", ".", literal=True))
    return text.cast(pl.Float64, strict=False)


def read_codes(values: pl.Series, column: Column) -> tuple[pl.Series, pl.Series | None]:
    """Reads the codes of a category.

    Args:
        values: text, or of a type of their own.
        column: the category, of the catalogue.

    Returns:
        The codes, null where a value is missing, and what is no code as it is, without the blanks around it; and of
        each value that is none, the key of the sentence that says so (None: all are codes).
    """
    known = [code.code for code in column.codes]
    if _all_among(values, known):
        return values, None
    text = values.cast(pl.String).str.strip_chars()
    rest = ~text.is_in(known) & text.is_not_null()
    if not rest.any():
        return text, None
    others = text.filter(rest)
    read = {cell: _read_code(cell, column) for cell in others.unique()}
    places = rest.arg_true()
    problems = _scattered(places, _mapped(others, read, 1, pl.String()), len(text))
    return text.scatter(places, _mapped(others, read, 0, pl.String())), problems


def _all_among(values: pl.Series, known: Sequence[str]) -> bool:
    """Whether there is nothing but these texts in a column, and nulls: its values are looked at once, not each."""
    if values.dtype != pl.String:
        return False
    distinct = values.unique()
    return len(distinct) <= len(known) + 1 and set(distinct.drop_nulls()) <= set(known)


def is_spelling(text: str, column: Column) -> bool:
    """Whether a text is one of the codes of a category, or a yes or no of a flag, in any spelling."""
    word = without_text_sign(text.strip())
    if column.type in ("flag", "target"):
        return word.casefold() in yes_or_no()
    code, problem = _read_code(word, column)
    return column.type == "category" and problem is None and code is not None


def read_json(value: object, column: Column | None) -> object:
    """A value of JSON as the catalogue has it, or as it is where it is none of the spellings that programs use.

    `NaN` and the marks of a missing value are null; `true`, `false` and their words are the values of a flag. A number
    in quotes stays a text.

    Args:
        value: as JSON gives it, and no value of the column.
        column: of the application; None for a history feature.
    """
    if (isinstance(value, float) and math.isnan(value)) or (isinstance(value, str) and value in json_marks()):
        return None
    if column is None or not isinstance(value, bool | str):
        return value
    if isinstance(value, str) and (value not in json_words() or column.name == "CODE_GENDER"):
        return value
    word = str(value).casefold()
    if column.type in ("flag", "target"):
        return yes_or_no()[word]
    code = _code_of_word(word, column.name)
    return value if code is None else code


@cache
def json_marks() -> tuple[str, ...]:
    """The texts that are read as a missing value in JSON."""
    return (*_cases(missing_marks()), "NaN", "-NaN", "NaT")


@cache
def json_words() -> tuple[str, ...]:
    """The texts that are read as yes or no in JSON, where a column is a flag."""
    return _cases(yes_or_no())


def _cases(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({case for word in words for case in (word, word.upper(), word.title())}))


def is_missing(values: pl.Series, codes: Iterable[str] = ()) -> pl.Series:
    """Of each value, whether it is missing: null, not a number, or one of the marks that is no code of the column."""
    if values.dtype != pl.String:
        return values.is_null() | (values.is_nan() if values.dtype.is_float() else False)
    # As `without_text_sign` does, of what is no number.
    text = values.str.strip_chars().str.replace(r'^="([^"]*)"$', "${1}").str.strip_chars()
    marked = text.str.to_lowercase().is_in(list(missing_marks())) & ~text.is_in(list(codes))
    return marked.fill_null(value=True)


@cache
def missing_marks() -> frozenset[str]:
    """What files write where a value is missing, in small letters."""
    return frozenset(spellings()["missing"])


@cache
def yes_or_no() -> Mapping[str, int]:
    """What files write for 1 and 0 in a flag, in small letters."""
    return dict.fromkeys(spellings()["no"], 0) | dict.fromkeys(spellings()["yes"], 1)


def _read(text: str, unit: str, flag: bool, written: NumberFormat) -> NumberRead:  # noqa: FBT001
    word = without_text_sign(text).casefold()
    if flag and word in yes_or_no():
        return float(yes_or_no()[word]), None, None
    if word in missing_marks():
        return None, None, None
    return read_number(text, unit, written)


def _read_code(text: str, column: Column) -> tuple[str | None, str | None]:
    kept = without_text_sign(text)
    if any(kept == choice.code for choice in column.codes):
        return kept, None
    word = " ".join(kept.casefold().split())
    code = _code_of_word(word, column.name) or _code_in_other_case(word, column)
    if code is not None:
        return code, None
    return (None, None) if word in missing_marks() else (text, "not_a_choice")


def _code_in_other_case(word: str, column: Column) -> str | None:
    """The code that a word is but for capitals and blanks, or what people call it; None where there is none."""
    if column.name == "CODE_GENDER" and (code := _genders().get(word)) is not None:
        return code
    meant = [choice.code for choice in column.codes if " ".join(choice.code.casefold().split()) == word]
    return meant[0] if len(meant) == 1 else None


@cache
def _genders() -> Mapping[str, str]:
    return dict.fromkeys(spellings()["male"], "M") | dict.fromkeys(spellings()["female"], "F")


def _code_of_word(word: str, name: str) -> str | None:
    """The code of a column by what files of the earlier system and spreadsheets write for it; None for most."""
    if name in legacy_flags and word in yes_or_no():
        return "NY"[yes_or_no()[word]]
    if name == "CODE_GENDER" and word in _gender_words:
        return "FM"[yes_or_no()[word]]
    return None


def _mapped(values: pl.Series, read: Mapping[str, tuple[object, ...]], part: int, kind: pl.DataType) -> pl.Series:
    """Of each value, one part of what it was read as."""
    return values.replace_strict(
        pl.Series(list(read), dtype=pl.String),
        pl.Series([outcome[part] for outcome in read.values()], dtype=kind, strict=False),
        return_dtype=kind,
    )


def _scattered(places: pl.Series, values: pl.Series, length: int) -> pl.Series | None:
    """Values at their places in a column of nulls; None where there is nothing but nulls."""
    if values.null_count() == len(values):
        return None
    return pl.Series([None], dtype=values.dtype).new_from_index(0, length).scatter(places, values)
