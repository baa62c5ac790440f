"""The drift report as one page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

from core.drift.measures.thresholds import Limits, chances
from core.drift.report.columns import column_details, column_rows, column_table_heads, level_label
from core.drift.report.labels import column_label, side_label
from core.drift.report.markup import Markup, element, folded, listed, table, text, together
from core.drift.report.score_section import performance_section, rate_within, score_section
from core.drift.results import DriftReport
from core.text.drift import word
from core.text.formats import format_date, format_number, format_probability, format_share, format_statistic

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.drift.results import Alert, Side

_most_columns_named: Final = 12
_shares: Final = ("drifted_share", "drifted_importance", "missing")


def page(report: DriftReport, lang: Language) -> bytes:
    """The report for a reader of `lang`, as UTF-8 HTML."""
    sides = word(
        "sides", lang, current=side_label(report.current.name, lang), reference=side_label(report.reference.name, lang)
    )
    title = f"{word('title', lang)} – {sides}"
    content = together(
        _heading(report, lang, sides),
        _verdict(report, lang),
        _summary(report, lang),
        _drifted(report, lang),
        score_section(report, lang),
        performance_section(report, lang),
        _details(report, lang),
        _everything(report, lang),
        _notes(report, lang),
        _method(report, lang),
    )
    filled = _template().substitute(lang=lang, title=text(title), content=content)
    return filled.encode()


@cache
def _template() -> Template:
    return Template(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))


def _heading(report: DriftReport, lang: Language, sides: str) -> Markup:
    said = [word("made", lang, day=format_date(report.made_at, lang))]
    if report.model is not None:
        said.append(word("scored_by", lang, model=report.model))
    if report.reference.synthetic or report.current.synthetic:
        said.append(word("synthetic", lang))
    return together(element("h1", word("title", lang)), element("p", sides), element("p", " ".join(said)))


def _verdict(report: DriftReport, lang: Language) -> Markup:
    if not report.alerts:
        sure = together(element("strong", f"✓ {word('no_alert', lang)}"), element("p", word("no_alert_text", lang)))
        return element("section", sure, class_="verdict")
    broken = listed([_alert_sentence(each, lang) for each in report.alerts])
    return element("section", together(element("strong", f"⚠ {word('alert', lang)}"), broken), class_="verdict alert")


def _alert_sentence(alert: Alert, lang: Language) -> str:
    said = word(
        "alert_sentence",
        lang,
        rule=word(alert.rule, lang),
        value=_figure(alert.rule, alert.value, lang),
        limit=_figure(alert.rule, alert.limit, lang),
    )
    if not alert.columns:
        return said
    named = [column_label(each, lang) for each in alert.columns[:_most_columns_named]]
    if len(alert.columns) > len(named):
        named.append(word("and_more", lang, count=str(len(alert.columns) - len(named))))
    return said + word("in_columns", lang, columns=", ".join(named))


def _figure(name: str, value: float, lang: Language) -> str:
    if name == "major_columns":
        return format_number(value, lang)
    return format_share(value, lang) if name in _shares else format_statistic(value, lang)


def _summary(report: DriftReport, lang: Language) -> Markup:
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
            means = (format_probability(each, lang) for each in (numbers.reference_mean, numbers.current_mean))
            rows.append((word("mean_probability", lang), *means))
        refused = (
            (report.score.reference_refused, report.reference.rows),
            (report.score.current_refused, report.current.rows),
        )
        rows.append((word("refused", lang), *(rate_within(share, count, lang) for share, count in refused)))
    heads = [word(each, lang) for each in ("figure", "reference", "current")]
    return element(
        "section",
        together(element("h2", word("summary", lang)), table(word("summary_caption", lang), heads, rows)),
    )


def _drifted(report: DriftReport, lang: Language) -> Markup:
    heading = element("h2", word("drifted_heading", lang))
    if not report.drifted:
        return element("section", together(heading, element("p", word("none_drifted", lang))))
    rows = column_rows(report.drifted, lang)
    return element("section", together(heading, table(word("drifted_caption", lang), column_table_heads(lang), rows)))


def _details(report: DriftReport, lang: Language) -> Markup:
    if not report.drifted:
        return Markup("")
    parts = [column_details(each, lang) for each in report.drifted]
    return element("section", together(element("h2", word("details_heading", lang)), *parts))


def _everything(report: DriftReport, lang: Language) -> Markup:
    rows = column_rows(report.columns, lang)
    whole = table(word("all_caption", lang), column_table_heads(lang), rows)
    heading = element("h2", word("all_heading", lang))
    return element("section", together(heading, folded(word("all_caption", lang), whole)))


def _notes(report: DriftReport, lang: Language) -> Markup:
    sides = (("reference", report.reference), ("current", report.current))
    said = [each for name, side in sides for each in _reading_notes(word(name, lang), side, lang)]
    if report.not_compared:
        said.append(word("not_compared_text", lang, names=", ".join(report.not_compared)))
    if not said:
        return Markup("")
    return element("section", together(element("h2", word("not_compared", lang)), listed(said)))


def _reading_notes(name: str, side: Side, lang: Language) -> list[str]:
    said = [
        word("unreadable", lang, side=name, column=column, count=format_number(count, lang))
        for column, count in side.unreadable.items()
    ]
    if side.broken:
        said.append(word("broken", lang, side=name, count=format_number(side.broken, lang)))
    return said


def _method(report: DriftReport, lang: Language) -> Markup:
    said = [word(each, lang) for each in ("method_bins", "method_tests")]
    said.append(word("method_alerts", lang, share=format_share(report.thresholds.alert_significance, lang)))
    said.append(word("method_time", lang))
    if report.reference.detail == "profile":
        said.append(word("method_profile", lang))
    limits = report.thresholds
    rows: list[tuple[str, ...]] = []
    for each in fields(limits):
        value = getattr(limits, each.name)
        if isinstance(value, Limits):
            figures = tuple(_figure(each.name, bound, lang) for bound in (value.moderate, value.major))
            rows.append((word(each.name, lang), *figures))
    rows += [(word(name, lang), format_statistic(getattr(limits, name), lang), "") for name in chances]
    heads = [word("statistic", lang), level_label("moderate", lang), level_label("major", lang)]
    return element(
        "section",
        together(
            element("h2", word("method", lang)),
            *(element("p", each) for each in said),
            table(word("thresholds_caption", lang), heads, rows),
        ),
    )
