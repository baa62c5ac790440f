"""Every sentence that a client may be shown, with the longest values that it can have: 25 words are enough for each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import numpy as np
import pytest
from babel.messages.extract import extract_from_dir

import dash_app
from core import catalogue
from core.catalogue.concepts import concepts
from core.comparison.choice import groups
from core.comparison.peers import PeerGroup, criteria, described
from core.decision import Contribution, Decision, PlaceAmong, accepted, refused
from core.explain import reason_codes
from core.explain.referral import certainty_sentence, referral_sentences
from core.features import feature_names
from core.recourse import sentences as of_recourse
from core.recourse.plans import Change, Move, Option
from core.text.formats import (
    format_amount,
    format_date,
    format_days,
    format_points,
    format_probability,
    format_share,
)
from core.text.messages import message
from dash_app.errors import why_unavailable
from dash_app.i18n import languages, translations
from dash_app.service import ServiceUnavailable
from dash_app.service.errors import Fault
from dash_app.views.comparison.figures.distribution import between
from dash_app.views.comparison.text import criterion
from dash_app.views.comparison.values import of_group, written
from dash_app.views.scoring.result import information
from dash_app.words import verdict
from tests.dash_app.scoring.test_sentences import most_words, sentences, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from core.catalogue import Entry, Language
    from core.catalogue.concepts import Side
    from core.decision import Value

# The screens that an adviser turns to a client: the client's page, the letter, the comparison. What only an adviser
# meets (lists, files of applications) is left out.
screens: Final = re.compile(
    r"views/(scoring/(result|form/(controls|fields|form_state|linking|notes)|text|history|final_decision|layout)"
    r"|report|comparison)\b|components/decisions|words|errors|pages/(scoring|report|comparison)"
)
most: Final = 99_999_900.0
in_both: Final = pytest.mark.parametrize("lang", languages)
sides: Final[tuple[Side, ...]] = ("for", "against")
_late: Final = (
    "{late} of {count} instalments was late, by {days} at most.",
    "{late} of {count} instalments were late, by {days} at most.",
)


def too_long(texts: Iterable[str]) -> dict[str, int]:
    """The sentences among the texts that have too many words, with how many; that there are sentences is asserted."""
    said = {sentence for text in texts for sentence in sentences(text)}
    assert said - {""}
    return {sentence: words(sentence) for sentence in said if words(sentence) > most_words}


@in_both
def test_of_reasons(lang: Language) -> None:
    places = (None, PlaceAmong(0.99, 0), PlaceAmong(0, 0.99), PlaceAmong(0.3, 0.3))
    assert (
        too_long(
            reason_codes.sentence(Contribution(name, value, 1.0, place), side, lang)
            for name in feature_names()
            for value, side, place in product(values(catalogue.entry(name)), sides, places)
        )
        == {}
    )
    assert too_long(each.neutral(side, lang) for each in concepts().values() for side in sides) == {}
    longest = sorted((each.label(lang) for each in concepts().values()), key=words)[-3:]
    assert too_long([message("not_known_to_us_and_more", lang, names=", ".join(longest), count="12")]) == {}


def values(entry: Entry) -> tuple[Value, ...]:
    """Each code of an entry, or numbers of every kind of it: none, few, many, before and after the application."""
    codes = tuple(code.code for code in getattr(entry, "codes", ()))
    sentinel = getattr(entry, "sentinel", None)
    return (*(codes or (0.0, 1.0, 0.456, most, -25_000.0)), *(() if sentinel is None else (sentinel,)))


@in_both
def test_of_recourse(lang: Language) -> None:
    granted, narrowly, denied = (Decision(None, risk, 0.0891) for risk in (0.0512, 0.0889, 0.2012))
    single = [(move,) for move in moves()]
    pairs = [(first, second) for first, second in product(moves(), moves()) if first.action != second.action]
    assert (
        too_long(
            of_recourse.option_text(Option(done, decision), lang)
            for done in (*single, *pairs)
            for decision in (granted, narrowly, denied)
        )
        == {}
    )
    assert too_long(of_recourse.margin_text(Option(done, denied), lang) for done in single) == {}
    keys = ("accepted", "never_refused", "no_margin", "found", "nothing", "not_reached", "different", "no_difference")
    parts = {"probability": format_probability(0.0895, lang, 0.0891), "threshold": format_probability(0.0891, lang)}
    assert too_long(message(f"recourse_{key}", lang, **parts) for key in keys) == {}


def moves() -> Iterator[Move]:
    """Every action, each with all the amounts that may follow."""
    main = {
        "credit": "AMT_CREDIT",
        "duration": "AMT_ANNUITY",
        "down_payment": "AMT_CREDIT",
        "goods_price": "AMT_GOODS_PRICE",
    }
    for action, column in main.items():
        followed = [name for name in ("AMT_CREDIT", "AMT_ANNUITY") if name != column]
        changes = tuple(Change(name, most, most / 3) for name in (column, *followed))
        for direction in ("less", "more"):
            yield Move(action, direction, changes, 0.1, at_limit=False)  # type: ignore[arg-type]
    yield Move("income", "more", (Change("AMT_INCOME_TOTAL", most / 3, most),), 0.1, at_limit=False)
    yield Move("external_score", "more", (Change("EXT_SOURCE_1", None, 0.55),), 0.1, at_limit=False)
    yield Move("external_score", "more", (Change("EXT_SOURCE_1", 0.11, 0.55),), 0.1, at_limit=False)
    documents = tuple(Change(f"FLAG_DOCUMENT_{number}", 0, 1) for number in (10, 11))
    yield Move("documents", "more", documents, 0.1, at_limit=False)


@in_both
def test_of_warnings_and_of_what_a_person_decides(lang: Language) -> None:
    essentials = tuple(column.name for column in catalogue.essential_columns())
    unsure = Decision(None, 0.2, 0.1, essentials, information=0.1, agreement=0.8)
    # What is missing the screen says in a sentence of its own.
    reasons = [text for code, text in referral_sentences(unsure, lang) if code != "missing_essentials"]
    said = [certainty_sentence(unsure, lang) or "", *reasons]
    assert too_long(said) == {}
    label = max((column.label(lang) for column in catalogue.columns()), key=words)
    codes = ("unknown_field", "recomputed", "sign_turned", "outside_training", "missing_essential")
    assert too_long(message("of_field", lang, field=label, message=message(code, lang)) for code in codes) == {}


@in_both
def test_of_peers(lang: Language) -> None:
    members = np.ones(12_345, dtype=bool)
    by_criteria = [PeerGroup(members, "criteria", criteria[:place], criteria[place:], ()) for place in range(7)]
    groups = [PeerGroup(members, "nearest", (), (), ()), *by_criteria]
    assert too_long(described(group, lang) for group in groups) == {}


@in_both
def test_of_the_screens(speaking: Callable[[str], AbstractContextManager[None]], lang: Language) -> None:
    with speaking(lang):
        parts = longest_parts(lang)
        texts = list(filled(lang, parts))
    assert len(texts) > 400
    assert too_long(texts) == {}


def filled(lang: Language, parts: dict[str, str]) -> Iterator[str]:
    """Every msgid of the screens in a language; an unknown part is an error."""
    folder = str(Path(dash_app.__file__).parent)
    found = extract_from_dir(
        folder, method_map=[("**.py", "python")], keywords={"_": None, "mark": None, "plural": (1, 2)}
    )
    known = translations(lang)
    for path, _line, msgid, _comments, _context in found:
        if not screens.match(path):
            continue
        if isinstance(msgid, str):
            forms = {known.gettext(msgid)}
        else:
            one, many = msgid
            forms = {known.ngettext(one, many, count) for count in (1, 2)}
        yield from (text.format(**parts) for text in forms)


def longest_parts(lang: Language) -> dict[str, str]:
    """By its name the longest text of each part of a sentence on the screens."""

    def longest(texts: Iterable[str]) -> str:
        return max(texts, key=words)

    label = longest(entry.label(lang) for entry in (*catalogue.columns(), *catalogue.features()))
    code = longest(each.label(lang) for column in catalogue.columns() for each in column.codes)
    amount, share, number = format_amount(most, lang), format_share(0.999, lang), "99\u00a0999"
    length, points = format_days(-20_000, lang), format_points(0.123, lang)
    why = longest(why_unavailable(ServiceUnavailable(fault)) for fault in get_args(Fault))
    alike: dict[str, Sequence[str]] = {
        amount: ("amount", "annuity", "price", "limit", "low", "high"),
        share: (
            "share",
            "risk",
            "before",
            "threshold",
            "probability",
            "observed",
            "predicted",
            "usual",
            "rate",
            "most",
            "start",
        ),
        number: ("count", "active", "late", "number", "pages", "row", "client", "code", "reference"),
        points: ("points", "size", "more", "less"),
        length: ("days", "period", "duration"),
        label: ("name", "label", "field", "title", "x", "y", "raises", "lowers"),
        code: ("value",),
        longest(of_group(group) for group in groups): ("clients",),
        longest(verdict(each).lower() for each in (accepted, refused)): ("verdict", "decision"),
    }
    return {part: text for text, names in alike.items() for part in names} | {
        "counted": translations(lang).ngettext(*_late, 2).format(late=number, count=number, days=length),
        "differences": ", ".join(_differing(lang)),
        "own": amount,
        "criteria": ", ".join(criterion(name).lower() for name in criteria),
        "expected": message("expected_number_between", lang, minimum=amount, maximum=amount),
        "message": message("not_a_choice", lang),
        "date": format_date(datetime(2026, 11, 30, tzinfo=UTC), lang),
        "names": information.names([column.name for column in catalogue.essential_columns()]),
        "officer": "Jean-Baptiste de La Fontaine",
        "place": "",
        "range": between("AMT_CREDIT", most / 2, most),
        "values": f"{written('OCCUPATION_TYPE', 'High skill tech staff')} · {amount}",
        "version": "1.0.0+202611292030",
        "why": why,
    }


def _differing(lang: Language) -> list[str]:
    """Two differences of a near client, as many as are said, each with the longest values."""
    code = max((each.label(lang) for each in catalogue.column("NAME_INCOME_TYPE").codes), key=words)
    length = format_days(-20_000, lang)
    pair = translations(lang).gettext("{name} {value} (here {own})")
    return [
        pair.format(name=catalogue.column(name).label(lang), value=value, own=value)
        for name, value in (("NAME_INCOME_TYPE", code), ("DAYS_EMPLOYED", length))
    ]
