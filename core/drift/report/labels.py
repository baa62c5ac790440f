"""Labels of columns, bins and segments in a drift report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.ages import age_band
from core.drift.measures.thresholds import written
from core.drift.results.drift_report import live_name, model_name, portfolio_name, test_name
from core.reference.reference_profile import probability_name
from core.text.drift import word
from core.text.formats import format_number, format_probability, format_share, format_statistic, format_value
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Language
    from core.drift.results.columns import BinShift
    from core.drift.results.drift_report import Alert
    from core.drift.results.scores import SegmentDrift

_max_named: Final = 12
_writers: Final = {"statistic": format_statistic, "share": format_share, "count": format_number}


def column_label(name: str, lang: Language) -> str:
    """The name of a column or feature; of one that the catalogue does not know, the name it came with."""
    if name == probability_name:
        return word("score_heading", lang)
    try:
        return catalogue.entry(name).label(lang)
    except catalogue.UnknownEntry:
        return name


def side_label(name: str, lang: Language) -> str:
    """What a side is called: those that every installation has in words, files by their name."""
    known, _, period = name.partition(" ")
    if known == live_name and period:
        return word("side_live", lang, period=period)
    return word(f"side_{name}", lang) if name in (portfolio_name, test_name, model_name) else name


def value_label(name: str, value: float, lang: Language) -> str:
    """A number of a column, with its unit."""
    if name == probability_name:
        return format_probability(value, lang)
    try:
        return format_value(catalogue.entry(name), value, lang)
    except catalogue.UnknownEntry:
        return format_number(value, lang)


def bin_label(name: str, bin_: BinShift, lang: Language) -> str:
    """What a bin of a column holds."""
    if bin_.kind == "missing":
        return message("not_stated", lang)
    if bin_.kind == "unseen":
        return word("unseen", lang)
    if bin_.kind == "code":
        return _code_label(name, bin_.code or "", lang)
    if bin_.kind == "special":
        return value_label(name, bin_.high or 0.0, lang)
    low, high = (None if bound is None else value_label(name, bound, lang) for bound in (bin_.low, bin_.high))
    if high is None:
        return word("above", lang, low=low or "…")
    return word("up_to", lang, high=high) if low is None else word("between", lang, low=low, high=high)


def segment_label(segment: SegmentDrift, lang: Language) -> str:
    """The dimension and the part of it: `Âge 30–39`."""
    if segment.dimension == age_band:
        return f"{word('age_band', lang)} {segment.value.replace('-', '–').replace('>=', '≥')}"
    return f"{column_label(segment.dimension, lang)} – {_code_label(segment.dimension, segment.value, lang)}"


def measured(name: str, value: float, lang: Language) -> str:
    """The value of a measure or rule, as it is compared with its limits."""
    return _writers[written(name)](value, lang)


def alert_sentence(alert: Alert, lang: Language) -> str:
    """A rule that is broken: what was found, the limit, and the columns concerned."""
    sentence = word(
        "alert_sentence",
        lang,
        rule=word(alert.rule, lang),
        value=measured(alert.rule, alert.value, lang),
        limit=measured(alert.rule, alert.limit, lang),
    )
    if not alert.columns:
        return sentence
    return sentence + word("in_columns", lang, columns=named(alert.columns, lang))


def named(columns: Sequence[str], lang: Language) -> str:
    """The first of some columns by their labels, and how many more there are."""
    labels = [column_label(name, lang) for name in columns[:_max_named]]
    if len(columns) > len(labels):
        labels.append(word("and_more", lang, count=str(len(columns) - len(labels))))
    return ", ".join(labels)


def _code_label(name: str, code: str, lang: Language) -> str:
    entry = catalogue.entry(name)
    if isinstance(entry, catalogue.Column) and entry.type == "flag" and code in ("0", "1"):
        return format_value(entry, int(code), lang)
    return format_value(entry, code, lang)
