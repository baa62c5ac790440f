"""The score in a drift report: its distribution, by segment, and what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.drift.measures.intervals import share_interval
from core.drift.performance import fewest_outcomes
from core.drift.report.charts import calibration, outlines
from core.drift.report.columns import level_label
from core.drift.report.labels import named, segment_label, value_label
from core.drift.report.templating import Table
from core.reference.reference_profile import probability_name
from core.text.drift import word
from core.text.formats import format_number, format_probability, format_share, format_statistic

if TYPE_CHECKING:
    from markupsafe import Markup

    from core.catalogue import Language
    from core.drift.results.columns import ColumnDrift
    from core.drift.results.drift_report import DriftReport
    from core.drift.results.scores import NotComparable, PerformanceDrift, ScoreDrift, ScorePerformance, SegmentDrift


_min_seen: Final = 0.0005


@dataclass(frozen=True, slots=True)
class ScoreSection:
    """What is said of the score: sentences, and where both sides are comparable their distributions and segments."""

    paragraphs: tuple[str, ...]
    chart: Markup | str = ""
    segments: Table | None = None


@dataclass(frozen=True, slots=True)
class PerformanceSection:
    """What the score was worth: a sentence, the figures of both sides, and predicted against observed rates."""

    paragraph: str
    figures: Table
    chart: Markup | str


def score_section(report: DriftReport, lang: Language) -> ScoreSection | None:
    """The probability of default on both sides; None without a model."""
    if report.score_not_comparable is not None:
        return ScoreSection(not_comparable(report.score_not_comparable, lang))
    score = report.score
    if score is None:
        return None
    sentence = word(
        "score_sentence",
        lang,
        psi=psi_beside_chance(score.column, lang),
        level=word(score.column.level, lang),
        threshold=format_probability(score.threshold, lang),
        before=format_probability(score.reference_refused, lang),
        after=format_probability(score.current_refused, lang),
    )
    return ScoreSection((sentence,), _distribution(score, lang), _segments(score, lang))


def psi_beside_chance(column: ColumnDrift, lang: Language) -> str:
    """The PSI of a column, and what of it chance alone would give where that can be seen."""
    psi, chance = (format_statistic(number, lang) for number in (column.psi, min(column.psi_by_chance, column.psi)))
    if column.psi_by_chance < _min_seen:
        return psi
    return word("psi_beside_chance", lang, psi=psi, chance=chance)


def not_comparable(of: NotComparable, lang: Language) -> tuple[str, str]:
    """Why the score of both sides says nothing, and the columns that are lacking."""
    count = format_number(len(of.columns), lang)
    return (
        word("not_comparable", lang, count=count, share=format_share(of.importance, lang)),
        word("not_comparable_columns", lang, columns=named(of.columns, lang)),
    )


def few_outcomes(drift: PerformanceDrift, lang: Language) -> str | None:
    """What is said of a performance that too few outcomes are known for; None where there are enough."""
    for name, side in (("reference", drift.reference), ("current", drift.current)):
        if side.auc is None and side.defaults is not None:
            return word(
                "few_outcomes",
                lang,
                defaults=format_number(side.defaults, lang),
                repaid=format_number(side.rows - side.defaults, lang),
                side=word(name, lang).lower(),
                fewest=format_number(fewest_outcomes, lang),
            )
    return None


def rate_within(share: float, rows: int, lang: Language) -> str:
    """A share of rows with its interval: `8,0 % (de 6,1 % à 10,4 %)`."""
    value, low, high = (format_probability(number, lang) for number in (share, *share_interval(share, rows)))
    return word("within", lang, value=value, low=low, high=high)


def auc_within(of: ScorePerformance, lang: Language) -> str:
    """An area under the curve with its interval, where one is known."""
    if of.auc is None:
        return word("few_to_tell", lang)
    value = format_statistic(of.auc, lang)
    if of.auc_low is None or of.auc_high is None:
        return value
    low, high = (format_statistic(number, lang) for number in (of.auc_low, of.auc_high))
    return word("within", lang, value=value, low=low, high=high)


def honesty(of: ScorePerformance, lang: Language) -> str:
    """The p-value of the test that the probabilities are honest, or that there are too few to tell."""
    if of.stored:
        return "–"
    return (
        word("few_to_tell", lang) if of.calibration_p_value is None else format_statistic(of.calibration_p_value, lang)
    )


def performance_section(report: DriftReport, lang: Language) -> PerformanceSection | None:
    """How good the score is on both sides; None where no outcome is known."""
    drift = report.performance
    if drift is None:
        return None
    sentences = [word("performance_stored" if drift.reference.stored else "performance_rows", lang)]
    if few := few_outcomes(drift, lang):
        sentences = [few]
    if drift.auc_p_value is not None and drift.auc_change is not None:
        change, p_value = (format_statistic(value, lang) for value in (drift.auc_change, drift.auc_p_value))
        sentences.append(word("change_p", lang, change=change, p=p_value))
    heads = [word(key, lang) for key in ("statistic", "reference", "current")]
    sides = [_figures(side, lang) for side in (drift.reference, drift.current)]
    rows = [[name, sides[0][name], sides[1][name]] for name in sides[0]]
    return PerformanceSection(
        paragraph=" ".join(sentences),
        figures=Table(word("performance_caption", lang), heads, rows),
        chart=_reliability(drift.reference, drift.current, lang),
    )


def _distribution(score: ScoreDrift, lang: Language) -> Markup | str:
    histogram = None if score.column.numbers is None else score.column.numbers.histogram
    if histogram is None:
        return ""
    low, high = (value_label(probability_name, edge, lang) for edge in (histogram.edges[0], histogram.edges[-1]))
    described = word("chart_histogram", lang, label=word("score_heading", lang))
    return outlines(histogram.edges, histogram.reference, histogram.current, described, (low, high))


def _segments(score: ScoreDrift, lang: Language) -> Table | None:
    if not score.segments:
        return None
    heads = [word(key, lang) for key in ("segment", "share", "mean_probability", "psi_within", "level")]
    return Table(word("segments_caption", lang), heads, [_segment(segment, lang) for segment in score.segments])


def _segment(segment: SegmentDrift, lang: Language) -> list[str]:
    def both(before: float | None, after: float | None) -> str:
        shown = ("–" if share is None else format_probability(share, lang) for share in (before, after))
        return word("from_to", lang, **dict(zip(("before", "after"), shown, strict=True)))

    return [
        segment_label(segment, lang),
        both(segment.reference_share, segment.current_share),
        both(segment.reference_mean, segment.current_mean),
        word("too_few", lang) if segment.psi is None else format_statistic(segment.psi, lang),
        "–" if segment.psi is None else level_label(segment.level, lang),
    ]


def _figures(performance: ScorePerformance, lang: Language) -> dict[str, str]:
    def share(value: float | None) -> str:
        return "–" if value is None else format_probability(value, lang)

    def statistic(value: float | None) -> str:
        return "–" if value is None else format_statistic(value, lang)

    return {
        word("known_outcomes", lang): format_number(performance.rows, lang),
        word("default_rate", lang): rate_within(performance.default_rate, performance.rows, lang),
        word("mean_probability", lang): share(performance.mean_probability),
        word("auc", lang): auc_within(performance, lang),
        word("brier", lang): statistic(performance.brier),
        word("log_loss", lang): statistic(performance.log_loss),
        word("calibration_error", lang): statistic(performance.calibration_error),
        word("calibration_error_by_chance", lang): statistic(performance.calibration_error_by_chance),
        word("honesty", lang): honesty(performance, lang),
        word("cost", lang): statistic(performance.cost),
    }


def _reliability(reference: ScorePerformance, current: ScorePerformance, lang: Language) -> Markup | str:
    if not reference.reliability and not current.reliability:
        return ""
    before, after = ([(bin_.predicted, bin_.observed) for bin_ in side.reliability] for side in (reference, current))
    highest = max((max(point) for point in (*before, *after)), default=0.0)
    described = word("chart_calibration", lang)
    return calibration(before, after, described, format_probability(highest, lang))
