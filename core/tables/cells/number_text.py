"""Numbers as text: with thousands apart, signs on either side, brackets, currencies and percent signs around them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from core.catalogue.spelling import spellings

Mark = Literal[".", ","]
Proof = Literal["column", "file", "none"]

# Number, problem, reading.
NumberRead = tuple[float | None, str | None, str | None]

# Units in which a percentage is a hundredth of the number.
_shares: Final = ("share", "score", "ratio", "index")

_plain: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
# What `202.500` is: a number to three decimals, or a whole one with its thousands apart.
_triple: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_grouped: Final = re.compile(
    r"[+-]?(?:\d{1,3}(?P<group>[ \u00a0\u2009\u202f'’.,])\d{3}(?:(?P=group)\d{3})*"
    # Lakh and crore, as in `12,34,567`.
    r"|\d{1,2}(?:,\d{2})+,\d{3})(?:(?P<point>[.,])\d*)?"
)
_minuses: Final = "-−–"
# `50'000.–`, `50.000,-` and `50,000/-` are amounts without cents.
_no_cents: Final = re.compile(r"(?<=\d)(?:[.,](?:--?|[–—])|/-)$")
# A currency before the number or behind it, with the sign of the number on either side. Of limited length: of what may
# be as long as a cell, each place of it would be looked at once more from the next one.
_before: Final = re.compile(r"(?P<sign>[+−–-]?)\s*(?P<currency>[^\d\s+−–(.,'’-]{1,12}\.?)\s*(?=[\d+−–(.,-])")
_behind: Final = re.compile(r"(?<=[\d).,–—-])\s{0,12}(?P<currency>[^\d\s+−–—).,'’/-]{1,12}\.?)$")
# As spreadsheets keep digits a text (`="0012"`, `'0012`).
_kept_as_text: Final = re.compile(r"=\"(?P<text>[^\"]*)\"|'(?P<digits>[+-]?\d[^']*)")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of a column are written.

    Attributes:
        decimal: the decimal mark; the other one may set thousands apart.
        point, comma: what shows which of the two this mark is: a value of the column itself, another column of the
            file, or nothing. Of no weight but for what can be read in two ways, such as `202.500`.
    """

    decimal: Mark = "."
    point: Proof = "column"
    comma: Proof = "none"

    def proof_of(self, mark: str) -> Proof:
        """What shows the part of a mark."""
        return self.point if mark == "." else self.comma


point_decimals: Final = NumberFormat()
"""That of comma-separated files and of text in typed tables."""


def without_text_sign(text: str) -> str:
    """A cell without what a spreadsheet puts around it to keep it a text."""
    kept = _kept_as_text.fullmatch(text) if text[:1] in ("=", "'") else None
    return text if kept is None else (kept["text"] if kept["digits"] is None else kept["digits"]).strip()


def decimal_mark(text: str) -> Mark | None:
    """The decimal mark that a value shows to be one, whatever the rest of the file; None where it shows none."""
    text = text.strip()
    if not _plain.fullmatch(text):
        text = _bare(text, "currency").removesuffix("%").rstrip()
    if _plain.fullmatch(text):
        if _triple.fullmatch(text):
            return None
        return "," if "," in text else "." if "." in text else None
    grouped = _grouped.fullmatch(text)
    if grouped is None:
        return None
    group = grouped["group"] or ","
    if group in (".", ","):
        return "," if group == "." else "."
    return "." if grouped["point"] == "." else "," if grouped["point"] == "," else None


def read_number(text: str, unit: str, written: NumberFormat) -> NumberRead:
    """What a text means as a number.

    Args:
        text: without blanks around it, and no mark of a missing value.
        unit: as in the catalogue: `currency` may have its sign, shares may be percentages.
        written: how the numbers of its column are written.

    Returns:
        The number, None where it is none; the key of the sentence that says why; and a
        `core.contract.field_warnings.ReadingKind` where it could mean something else.
    """
    bare, scale = _bare(without_text_sign(text), unit), 1.0
    if unit in _shares and "%" in (bare[-1:], bare[:1]):
        bare, scale = (bare[:-1] if bare.endswith("%") else bare[1:]).strip(), 0.01
    number, problem, reading = _number(bare, written)
    if number is not None and scale != 1.0:
        # By its digits, so that 12 % is the number that 0.12 is; what is too large for a float has none.
        number = float(f"{number!r}e-2") if math.isfinite(number) and "e" not in repr(number) else number * scale
    return number, problem, reading


def _number(text: str, written: NumberFormat) -> NumberRead:
    if _plain.fullmatch(text):
        mark = "," if "," in text else "." if "." in text else ""
        proof = written.proof_of(mark)
        if mark and _triple.fullmatch(text):
            if proof == "none":
                return None, "ambiguous_number", None
            decimal = mark == written.decimal
            number = float(text.replace(mark, "." if decimal else ""))
            return number, None, None if proof == "column" else "read_as_decimal" if decimal else "read_as_thousands"
        if mark and mark != written.decimal and proof != "none":
            return None, "not_a_number", None
        return float(text.replace(",", ".")), None, None
    grouped = _grouped.fullmatch(text)
    if grouped is None or (grouped["group"] or ",") == grouped["point"]:
        return None, "not_a_number", None
    return float(text.replace(grouped["group"] or ",", "").replace(",", ".")), None, None


def _bare(text: str, unit: str) -> str:
    """A number without brackets around it and with its minus before it, without its currency where it may have one."""
    if unit == "currency":
        text = _without_dash(_without_currency(_without_brackets(text)))
    return _with_sign_before(_without_brackets(text))


def _without_dash(text: str) -> str:
    """An amount without the dash in place of its cents; the mark before that is the decimal one, and no other is."""
    if (match := _no_cents.search(text)) is None:
        return text
    amount, mark = text[: match.start()], match[0][0]
    return f"{amount}{mark}00" if mark in ".," and ("." in amount or "," in amount) else amount


def _without_brackets(text: str) -> str:
    """What accountants write in brackets is negative."""
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else ""
    return f"-{inner}" if inner and not inner.startswith(("(", "+", *_minuses)) else text


def _with_sign_before(text: str) -> str:
    if text[:1] in _minuses and text[1:]:
        return f"-{text[1:].lstrip()}"
    # As older systems write it; `50.-` may as well be an amount without cents.
    if text[-1:] in _minuses and text[:-1] and not text.startswith("+") and text[-2] not in ".,":
        return f"-{text[:-1].rstrip()}"
    return text


def _without_currency(text: str) -> str:
    if (match := _before.match(text)) is not None and _is_currency(match["currency"]):
        return match["sign"] + text[match.end() :]
    if (match := _behind.search(text)) is not None and _is_currency(match["currency"]):
        return text[: match.start()]
    return text


def _is_currency(word: str) -> bool:
    return word.casefold().rstrip(".") in _currencies()


@cache
def _currencies() -> frozenset[str]:
    return frozenset(spellings()["currency"])
