"""The upper part of a report: the verdict, the score, its performance, the segments, and the notes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import chances
from core.drift.report.labels import bin_label, segment_label
from core.drift.report.score_section import (
    auc_within,
    few_outcomes,
    honesty,
    not_comparable,
    psi_beside_chance,
    rate_within,
)
from core.reference.reference_profile import probability_name
from core.text.formats import format_date
from dash_app.components.marks import icon, notice
from dash_app.i18n import _, language
from dash_app.views.comparison.table import plain
from dash_app.views.drift import figures, text
from dash_app.views.drift.parts import bar, level_mark, panel
from dash_app.views.drift.values import (
    change,
    marks,
    measured,
    number,
    p_value,
    rate,
    rows,
    said,
    share,
    value,
    verdict_name,
)

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.drift import DriftAnswer
    from core.drift.measures.measure import Level
    from core.drift.results.drift_report import DriftReport
    from core.drift.results.scores import PerformanceDrift, ScorePerformance, SegmentDrift
    from core.drift.verdict import Verdict
    from dash_app.shell.theme import Theme

_icons: Final[dict[Verdict, str]] = {
    "stable": "check-circle-fill",
    "watch": "exclamation-triangle-fill",
    "alert": "x-octagon-fill",
}


def verdict(kept: DriftAnswer) -> Component:
    """What the report comes to, before everything else."""
    report = kept.report
    made = " ".join(
        [
            said("made", day=format_date(report.made_at, language())),
            *([said("scored_by", model=report.model)] if report.model else []),
            *([said("synthetic")] if report.reference.synthetic or report.current.synthetic else []),
        ]
    )
    rules = html.Ul([html.Li([level_mark(alert.level), html.Span(text.rule(alert))]) for alert in report.alerts])
    return html.Section(
        [
            html.Div(
                [
                    icon(_icons[kept.verdict]),
                    html.Div(
                        [
                            html.H2(verdict_name(kept.verdict)),
                            html.P(text.headline(kept.verdict, report), className="drift-headline"),
                            html.P(text.meaning(kept.verdict)),
                        ]
                    ),
                ],
                className="drift-verdict-head",
            ),
            *(
                [html.Div([html.H3(_("Rules that are broken")), rules], className="drift-rules")]
                if report.alerts
                else []
            ),
            html.Dl([_fact(*fact) for fact in _facts(report)], className="drift-facts"),
            html.P([html.Strong(text.sides(report)), html.Br(), made], className="drift-sides"),
        ],
        className=f"card drift-verdict is-{kept.verdict}",
    )


def score(report: DriftReport, theme: Theme) -> list[Component]:
    """The probability of default on both sides."""
    apart = report.score_not_comparable
    if apart is not None:
        head, columns = not_comparable(apart, language())
        return [notice(head, columns, tone="plain")]
    of = report.score
    if of is None:
        return [notice(_("No model scored these applications: only columns were compared."), tone="plain")]
    said_of_it = text.score(of)
    body: list[Component] = [html.P([level_mark(of.column.level), " ", said_of_it], className="panel-said")]
    numbers = of.column.numbers
    if numbers is None or numbers.histogram is None:
        return body
    table = plain(
        said("quantiles_caption", label=said("score_heading")),
        (said("quantile"), said("reference"), said("current")),
        [
            *[
                (
                    figures.quantile(quantile.share),
                    value(probability_name, quantile.reference),
                    value(probability_name, quantile.current),
                )
                for quantile in numbers.quantiles
            ],
            (said("mean"), rate(numbers.reference_mean), rate(numbers.current_mean)),
            (
                said("refused"),
                rate_within(of.reference_refused, report.reference.rows, language()),
                rate_within(of.current_refused, report.current.rows, language()),
            ),
        ],
    )
    drawn = figures.overlaid(probability_name, numbers.histogram, theme, 280)
    alternative = f"{said('chart_histogram', label=said('score_heading'))} {said_of_it}"
    behind = plain(
        said("bins_caption", label=said("score_heading")),
        (said("bin"), said("reference"), said("current"), said("adds")),
        [
            (bin_label(probability_name, bin_, language()), rate(bin_.reference), rate(bin_.current), number(bin_.psi))
            for bin_ in of.column.bins
        ],
    )
    return [*body, *panel(alternative, _sides(), drawn, behind), table]


def performance(report: DriftReport, theme: Theme) -> list[Component]:
    """How good the score is on both sides, where the outcome is known."""
    of = report.performance
    if report.score_not_comparable is not None:
        return [notice(not_comparable(report.score_not_comparable, language())[0], tone="plain")]
    if of is None:
        return [
            notice(
                _("Whether the scores were right cannot be said."),
                _("One of the two sets has no outcomes (TARGET). Compare a file that has them."),
                tone="plain",
            )
        ]
    body: list[Component] = [
        html.P(_changes(of), className="panel-said"),
        *([html.P(said("performance_stored"), className="muted small")] if of.reference.stored else []),
        *([html.P(said("performance_rows"), className="muted small")] if not of.reference.stored else []),
    ]
    if not of.current.reliability:
        return [*body, _performance_table(of)]
    drawn = figures.calibration(of.reference, of.current, theme)
    table = plain(
        _("Calibration"),
        (_("Applications"), _("predicted"), _("observed")),
        [
            (f"{name} · {rows(bin_.rows)}", rate(bin_.predicted), rate(bin_.observed))
            for name, side in ((said("reference"), of.reference), (said("current"), of.current))
            for bin_ in side.reliability
        ],
    )
    keys = [
        *([("reference-point", said("reference"))] if of.reference.reliability else []),
        ("current-point", said("current")),
        ("diagonal", _("honest probabilities")),
    ]
    return [*body, *panel(f"{said('chart_calibration')} {_changes(of)}", keys, drawn, table), _performance_table(of)]


def segments(segment_drifts: tuple[SegmentDrift, ...]) -> list[Component]:
    """The score within each segment, and how the segments have grown."""
    if not segment_drifts:
        return [notice(_("The reference is a profile without rows: segments cannot be compared."), tone="plain")]
    largest = max(max(segment.reference_share, segment.current_share) for segment in segment_drifts)
    table = plain(
        said("segments_caption"),
        (
            said("segment"),
            _("Applications before"),
            _("Applications now"),
            said("mean_probability"),
            said("psi_within"),
            said("level"),
        ),
        [
            (
                segment_label(segment, language()),
                bar(segment.reference_share / largest, rate(segment.reference_share)),
                bar(segment.current_share / largest, rate(segment.current_share)),
                said("from_to", before=rate(segment.reference_mean), after=rate(segment.current_mean)),
                number(segment.psi) if segment.psi is not None else said("too_few"),
                level_mark(segment.level),
            )
            for segment in segment_drifts
        ],
    )
    return [
        html.P(text.segments(segment_drifts), className="panel-said"),
        html.P(said("segments_caption") + ".", className="muted small drift-aside"),
        table,
    ]


def notes(report: DriftReport) -> list[Component]:
    """How it was compared, with which limits, and what was left out."""
    sentences = [
        said("method_bins"),
        text.correction(len(report.columns), report.thresholds.significance),
        said("method_tests"),
        said("method_alerts", share=share(report.thresholds.alert_significance)),
        said("method_time"),
        *([said("method_profile")] if report.reference.detail == "profile" else []),
        *([said("not_compared_text", names=", ".join(report.not_compared))] if report.not_compared else []),
    ]
    for name, side in ((said("reference"), report.reference), (said("current"), report.current)):
        sentences += [
            said("unreadable", side=name, column=column, count=rows(count)) for column, count in side.unreadable.items()
        ]
        sentences += [said("broken", side=name, count=rows(side.broken))] if side.broken else []
    limits = report.thresholds
    table: list[tuple[str, str, str]] = []
    for field in fields(limits):
        limit = getattr(limits, field.name)
        if isinstance(limit, Limits):
            table.append((said(field.name), measured(field.name, limit.moderate), measured(field.name, limit.major)))
    table += [(said(name), number(getattr(limits, name)), "–") for name in chances]
    heads = (said("statistic"), f"{marks['moderate']} {said('moderate')}", f"{marks['major']} {said('major')}")
    return [*(html.P(sentence) for sentence in sentences), plain(said("thresholds_caption"), heads, table)]


def _facts(report: DriftReport) -> list[tuple[str, Any, Level]]:
    limits = report.thresholds
    facts: list[tuple[str, Any, Level]] = [
        (
            said("columns_drifted"),
            bar(report.drifted_share, share(report.drifted_share), limits.drifted_share.level(report.drifted_share)),
            limits.drifted_share.level(report.drifted_share),
        )
    ]
    weight = report.drifted_importance
    if weight is not None:
        level = limits.drifted_importance.level(weight)
        facts.append((said("importance_drifted"), bar(weight, share(weight), level), level))
    if report.score is not None:
        psi = psi_beside_chance(report.score.column, language())
        facts.append((said("score_psi"), psi, report.score.column.level))
        refused = said("from_to", before=rate(report.score.reference_refused), after=rate(report.score.current_refused))
        facts.append((said("refused"), refused, "stable"))
    if report.performance is not None:
        auc = said(
            "from_to",
            before=auc_within(report.performance.reference, language()),
            after=auc_within(report.performance.current, language()),
        )
        facts.append((_("AUC"), auc, report.performance.auc_level))
    return facts


def _fact(name: str, of: Any, level: Level) -> Component:
    return html.Div([html.Dt(name), html.Dd([of, level_mark(level)] if level != "stable" else of)])


def _sides() -> list[tuple[str, str]]:
    return [("bar", said("reference")), ("current", said("current"))]


def _changes(of: PerformanceDrift) -> str:
    if few := few_outcomes(of, language()):
        return few
    if of.auc_change is None:
        return ""
    auc = said("change_p", change=change(of.auc_change), p=p_value(of.auc_p_value))
    if of.auc_level != "stable":
        return auc + " " + _("The score ranks clients less well than before.")
    if of.calibration_level != "stable":
        return auc + " " + _("The probabilities are less honest than before.")
    return auc + " " + _("Neither the ranking nor the honesty of the probabilities has worsened.")


def _performance_table(of: PerformanceDrift) -> Component:
    def line(name: str, attribute: str, written: Any) -> tuple[str, str, str]:
        return (said(name), *(written(getattr(side, attribute)) for side in _both(of)))

    return plain(
        said("performance_caption"),
        (said("figure"), said("reference"), said("current")),
        [
            line("known_outcomes", "rows", rows),
            (
                said("default_rate"),
                *(rate_within(side.default_rate, side.rows, language()) for side in _both(of)),
            ),
            line("mean_probability", "mean_probability", rate),
            (said("auc"), *(auc_within(side, language()) for side in _both(of))),
            line("brier", "brier", number),
            line("log_loss", "log_loss", number),
            line("calibration_error", "calibration_error", number),
            line("calibration_error_by_chance", "calibration_error_by_chance", number),
            (said("honesty"), *(honesty(side, language()) for side in _both(of))),
            line("cost", "cost", number),
        ],
    )


def _both(of: PerformanceDrift) -> tuple[ScorePerformance, ScorePerformance]:
    return of.reference, of.current
