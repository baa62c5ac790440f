"""The part of the report that is about the score: its distribution, by segment, and what it was worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.drift.charts import calibration, outlines
from core.drift.labels import segment_label, value_label
from core.drift.markup import Markup, element, table, together
from core.drift.report_columns import level_label
from core.drift.words import word
from core.formats import format_number, format_probability, format_statistic
from core.reference import probability_name

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.drift.results import DriftReport, Performance, ScoreDrift, SegmentDrift


def score_section(report: DriftReport, lang: Language) -> Markup:
    """The probability of default on both sides; nothing without a model."""
    score = report.score
    if score is None:
        return Markup("")
    sentence = word(
        "score_sentence",
        lang,
        psi=format_statistic(score.column.psi, lang),
        level=word(score.column.level, lang),
        threshold=format_probability(score.threshold, lang),
        before=format_probability(score.reference_refused, lang),
        after=format_probability(score.current_refused, lang),
    )
    heading = element("h2", word("score_heading", lang))
    return element("section", together(heading, element("p", sentence), _drawn(score, lang), _segments(score, lang)))


def performance_section(report: DriftReport, lang: Language) -> Markup:
    """How good the score is on both sides; nothing where no outcome is known."""
    drift = report.performance
    if drift is None:
        return Markup("")
    said = [word("performance_stored" if drift.reference.stored else "performance_rows", lang)]
    if drift.auc_p_value is not None:
        change, p_value = (format_statistic(each, lang) for each in (drift.auc_change, drift.auc_p_value))
        said.append(word("change_p", lang, change=change, p=p_value))
    heads = [word(each, lang) for each in ("statistic", "reference", "current")]
    sides = [_figures(each, lang) for each in (drift.reference, drift.current)]
    rows = [[name, sides[0][name], sides[1][name]] for name in sides[0]]
    return element(
        "section",
        together(
            element("h2", word("performance_heading", lang)),
            element("p", " ".join(said)),
            table(word("performance_caption", lang), heads, rows),
            _reliability(drift.reference, drift.current, lang),
        ),
    )


def _drawn(score: ScoreDrift, lang: Language) -> Markup:
    histogram = None if score.column.numbers is None else score.column.numbers.histogram
    if histogram is None:
        return Markup("")
    low, high = (value_label(probability_name, each, lang) for each in (histogram.edges[0], histogram.edges[-1]))
    described = word("chart_histogram", lang, label=word("score_heading", lang))
    return Markup(outlines(histogram.edges, histogram.reference, histogram.current, described, (low, high)))


def _segments(score: ScoreDrift, lang: Language) -> Markup:
    if not score.segments:
        return Markup("")
    heads = [word(each, lang) for each in ("segment", "share", "mean_probability", "psi_within", "level")]
    return table(word("segments_caption", lang), heads, [_segment(each, lang) for each in score.segments])


def _segment(each: SegmentDrift, lang: Language) -> list[str]:
    def both(before: float | None, after: float | None) -> str:
        shown = ("–" if share is None else format_probability(share, lang) for share in (before, after))
        return word("from_to", lang, **dict(zip(("before", "after"), shown, strict=True)))

    return [
        segment_label(each, lang),
        both(each.reference_share, each.current_share),
        both(each.reference_mean, each.current_mean),
        word("too_few", lang) if each.psi is None else format_statistic(each.psi, lang),
        "–" if each.psi is None else level_label(each.level, lang),
    ]


def _figures(each: Performance, lang: Language) -> dict[str, str]:
    def share(value: float | None) -> str:
        return "–" if value is None else format_probability(value, lang)

    def statistic(value: float | None) -> str:
        return "–" if value is None else format_statistic(value, lang)

    auc = statistic(each.auc) if each.auc_error is None else f"{statistic(each.auc)} ± {statistic(each.auc_error)}"
    return {
        word("known_outcomes", lang): format_number(each.rows, lang),
        word("default_rate", lang): share(each.default_rate),
        word("mean_probability", lang): share(each.mean_probability),
        word("auc", lang): auc,
        word("brier", lang): statistic(each.brier),
        word("log_loss", lang): statistic(each.log_loss),
        word("calibration_error", lang): statistic(each.calibration_error),
        word("cost", lang): statistic(each.cost),
    }


def _reliability(reference: Performance, current: Performance, lang: Language) -> Markup:
    before, after = ([(bin_.predicted, bin_.observed) for bin_ in each.reliability] for each in (reference, current))
    highest = max((max(each) for each in (*before, *after)), default=0.0)
    described = word("chart_calibration", lang)
    return Markup(calibration(before, after, described, format_probability(highest, lang)))
