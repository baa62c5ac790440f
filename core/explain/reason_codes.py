"""Reason codes: a contribution in plain words, with its value and where the client stands among all."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue import Column
from core.decision import PlaceAmong
from core.features.encoding import not_employed_values
from core.settings import settings
from core.text.formats import format_share, format_value
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.catalogue import Entry, Language
    from core.catalogue.concepts import Side
    from core.decision import Contribution, Value

# Where fewer clients than this are below and above a value, it is called average: nobody hears "more than 52 % of
# clients".
_middle: Final = 0.6
# A reason is chosen for its side: more clients are below it, or above.
_half: Final = 0.5
# Units of which a negative number lies before the application.
_before: Final = ("days", "months")
# Of values in words; a value that was said lately is often asked for again.
_max_kept: Final = 4096


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution as a client can read it.

    Attributes:
        label: short name of the feature.
        value_text: its value with unit.
        text: a sentence with the value and, for amounts, the place among all clients.
        group: key of the family of features it belongs to.
    """

    label: str
    value_text: str
    text: str
    group: str


def reason(contribution: Contribution, lang: Language) -> Reason:
    """The contribution in words of `lang`. Raises `catalogue.UnknownEntry` for a feature it does not know."""
    return _reason(contribution.feature, contribution.value, contribution.place, lang, settings().currency)


@lru_cache(_max_kept, typed=True)
def _reason(feature: str, value: Value, place: PlaceAmong | None, lang: Language, _currency: str) -> Reason:
    """The words of a value, whatever it contributes: whoever changes one value of a client hears the others again."""
    entry = catalogue.entry(feature)
    value_text = format_value(entry, value, lang)
    text = _text(entry, value, place, value_text, lang)
    return Reason(label=entry.label(lang), value_text=value_text, text=text, group=entry.group)


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """What the features of one group contribute together.

    Attributes:
        group: its key.
        label: its name.
        contribution: in log-odds; positive where the group raises the risk.
        share: how much of all that moves the risk is due to it, 0 to 1: the sizes of all groups together are 1.
    """

    group: str
    label: str
    contribution: float
    share: float


def group_totals(contributions: Iterable[Contribution], lang: Language) -> tuple[GroupTotal, ...]:
    """The contributions summed up by group, the strongest first. Raises `catalogue.UnknownEntry`."""
    totals: defaultdict[str, float] = defaultdict(float)
    groups = _groups()
    try:
        for feature, _, share, _ in contributions:
            totals[groups[feature]] += share
    except KeyError as error:
        raise catalogue.UnknownEntry(*error.args) from None
    size = sum(abs(total) for total in totals.values())
    strongest = sorted(totals.items(), key=lambda item: abs(item[1]), reverse=True)
    return tuple(
        GroupTotal(group, catalogue.group_label(group, lang), total, abs(total) / size if size else 0.0)
        for group, total in strongest
    )


@cache
def _groups() -> dict[str, str]:
    """The group of each entry of the catalogue."""
    return {entry.name: entry.group for entry in (*catalogue.columns(), *catalogue.features())}


def sentence(contribution: Contribution, side: Side, lang: Language) -> str:
    """What is said of a value as a reason for or against the client. Raises `catalogue.UnknownEntry`."""
    return _sentence(contribution.feature, contribution.value, contribution.place, side, lang, settings().currency)


@lru_cache(_max_kept, typed=True)
def _sentence(feature: str, value: Value, place: PlaceAmong | None, side: Side, lang: Language, _currency: str) -> str:
    entry = catalogue.entry(feature)
    return _text(entry, value, place, format_value(entry, value, lang), lang, side)


def _text(
    entry: Entry,
    value: Value,
    place: PlaceAmong | None,
    value_text: str,
    lang: Language,
    side: Side | None = None,
) -> str:
    stated = value is not None and not _is_sentinel(value, entry)
    known = _sentences(lang).get(entry.name, {}) if stated else {}
    among = _among(value, place, entry)
    if side in known and among is not None:
        shares = {"below": _percents(among.below, lang), "above": _percents(among.above, lang)}
        return f"{known[side].format(value=value_text, **shares)}."
    for case in _cases(value):
        if case in known:
            # It says all that there is to say: a place among the others would only blur it.
            return f"{known[case].format(value=value_text)}."
    colon = "\u00a0: " if lang == "fr" else ": "
    within = _within(value_text) if isinstance(value, str) or not stated else value_text
    text = known[""].format(value=within) if "" in known else f"{entry.label(lang)}{colon}{within}"
    compared = "" if among is None else _place(among, entry, lang, _middle if side is None else _half)
    return f"{text}, {compared}." if compared else f"{text}."


def _cases(value: Value) -> tuple[str, ...]:
    """What `when` of a sentence may say of a value, the closest first."""
    if isinstance(value, str):
        return (value,)
    if value is None:
        return ()
    return (f"{value:g}", ">0" if value > 0 else "<0" if value < 0 else "0")


def _within(words: str) -> str:
    """The name of a code as it stands within a sentence; abbreviations keep their capitals."""
    return words[0].lower() + words[1:] if words[1:2].islower() else words


def _among(value: Value, place: PlaceAmong | None, entry: Entry) -> PlaceAmong | None:
    """Where a value stands as it is read: as a length of time where it is a day before the application."""
    if place is None or (isinstance(entry, Column) and entry.type in ("flag", "category")):
        return None
    if entry.unit not in _before or not isinstance(value, int | float):
        return place
    # The longer ago, the lower the number; of the day of the application nobody has more.
    ago = value < 0 or (value == 0 and not place.above)
    return PlaceAmong(place.above, place.below) if ago else place


def _place(among: PlaceAmong, entry: Entry, lang: Language, least: float) -> str:
    """More or less than for how many clients; `least` is the share from which that is worth saying."""
    if entry.unit == "index" and not (isinstance(entry, Column) and entry.type == "real"):
        # A step of a scale of few is no more or less than others have.
        return ""
    whom = "_employed" if entry.name in not_employed_values else ""
    for key, share in (("more_than", among.below), ("less_than", among.above)):
        if share >= least:
            return message(f"{key}{whom}", lang, share=_percents(min(share, 0.99), lang))
    return message("in_the_middle", lang) if least > _half and entry.unit != "count" else ""


@cache
def _percents(share: float, lang: Language) -> str:
    # Kept: a place is one of 101.
    return format_share(share, lang)


def _is_sentinel(value: Value, entry: Entry) -> bool:
    return isinstance(entry, Column) and entry.sentinel is not None and value == entry.sentinel


@cache
def _sentences(lang: Language) -> dict[str, dict[str, str]]:
    """The sentences of each feature by when they hold: for a value (`0`, `Y`), a sign (`>0`), or always (empty)."""
    sentences: dict[str, dict[str, str]] = {}
    with files("core.catalogue").joinpath("sentences.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            sentences.setdefault(row["name"], {})[row["when"]] = row[lang]
    return sentences
