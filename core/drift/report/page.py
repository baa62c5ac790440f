"""The drift report as one page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import chances
from core.drift.report.columns import column_details, column_table, level_label
from core.drift.report.labels import alert_sentence, measured, side_label
from core.drift.report.score_section import performance_section, rate_within, score_section
from core.drift.report.templating import Table, rendered
from core.text.drift import word
from core.text.formats import format_date, format_number, format_probability, format_share, format_statistic

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.drift.measures.thresholds import Thresholds
    from core.drift.results.drift_report import DriftReport, Side


def page(report: DriftReport, lang: Language) -> bytes:
    """The report for a reader of `lang`, as UTF-8 HTML."""
    sides = word(
        "sides", lang, current=side_label(report.current.name, lang), reference=side_label(report.reference.name, lang)
    )
    return rendered(
        "page.html",
        lang=lang,
        word=partial(word, lang=lang),
        sides=sides,
        origin=_origin(report, lang),
        alerts=[alert_sentence(alert, lang) for alert in report.alerts],
        summary=_summary(report, lang),
        drifted=column_table(word("drifted_caption", lang), report.drifted, lang),
        score=score_section(report, lang),
        performance=performance_section(report, lang),
        details=[column_details(column, lang) for column in report.drifted],
        everything=column_table(word("all_caption", lang), report.columns, lang),
        notes=_notes(report, lang),
        method=_method(report, lang),
        thresholds=_thresholds(report.thresholds, lang),
    ).encode()


def _origin(report: DriftReport, lang: Language) -> str:
    sentences = [word("made", lang, day=format_date(report.made_at, lang))]
    if report.model is not None:
        sentences.append(word("scored_by", lang, model=report.model))
    if report.reference.synthetic or report.current.synthetic:
        sentences.append(word("synthetic", lang))
    return " ".join(sentences)


def _summary(report: DriftReport, lang: Language) -> Table:
    drifted = format_number(len(report.drifted), lang)
    share = format_share(report.drifted_share, lang)
    rows: list[tuple[str, ...]] = [
        (word("rows", lang), format_number(report.reference.rows, lang), format_number(report.current.rows, lang)),
        (word("columns_compared", lang), "", format_number(len(report.columns), lang)),
        (word("columns_drifted", lang), "", word("count_and_share", lang, count=drifted, share=share)),
    ]
    if report.drifted_importance is not None:
        rows.append((word("importance_drifted", lang), "", format_share(report.drifted_importance, lang)))
    if report.score is not None:
        numbers = report.score.column.numbers
        if numbers is not None and numbers.reference_mean is not None and numbers.current_mean is not None:
            means = (format_probability(mean, lang) for mean in (numbers.reference_mean, numbers.current_mean))
            rows.append((word("mean_probability", lang), *means))
        refused = (
            (report.score.reference_refused, report.reference.rows),
            (report.score.current_refused, report.current.rows),
        )
        rows.append((word("refused", lang), *(rate_within(share, count, lang) for share, count in refused)))
    heads = [word(key, lang) for key in ("figure", "reference", "current")]
    return Table(word("summary_caption", lang), heads, rows)


def _notes(report: DriftReport, lang: Language) -> list[str]:
    sides = (("reference", report.reference), ("current", report.current))
    notes = [note for name, side in sides for note in _reading_notes(word(name, lang), side, lang)]
    if report.not_compared:
        notes.append(word("not_compared_text", lang, names=", ".join(report.not_compared)))
    return notes


def _reading_notes(name: str, side: Side, lang: Language) -> list[str]:
    notes = [
        word("unreadable", lang, side=name, column=column, count=format_number(count, lang))
        for column, count in side.unreadable.items()
    ]
    if side.broken:
        notes.append(word("broken", lang, side=name, count=format_number(side.broken, lang)))
    return notes


def _method(report: DriftReport, lang: Language) -> list[str]:
    sentences = [word(key, lang) for key in ("method_bins", "method_tests")]
    sentences.append(word("method_alerts", lang, share=format_share(report.thresholds.alert_significance, lang)))
    sentences.append(word("method_time", lang))
    if report.reference.detail == "profile":
        sentences.append(word("method_profile", lang))
    return sentences


def _thresholds(limits: Thresholds, lang: Language) -> Table:
    rows: list[tuple[str, ...]] = []
    for field in fields(limits):
        value = getattr(limits, field.name)
        if isinstance(value, Limits):
            figures = tuple(measured(field.name, bound, lang) for bound in (value.moderate, value.major))
            rows.append((word(field.name, lang), *figures))
    rows += [(word(name, lang), format_statistic(getattr(limits, name), lang), "") for name in chances]
    heads = [word("statistic", lang), level_label("moderate", lang), level_label("major", lang)]
    return Table(word("thresholds_caption", lang), heads, rows)
