"""The sentences of the Drift page: what was found and what it means, in plain words, for eyes and for ears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.drift.measures.thresholds import measures
from core.drift.report.labels import alert_sentence, bin_label, segment_label
from core.drift.report.score_section import psi_beside_chance
from core.text.formats import format_number
from dash_app.i18n import _, language, plural
from dash_app.views.drift.figures import quantile
from dash_app.views.drift.values import label, number, rate, said, share, side, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.drift import DriftLine
    from core.drift.results.columns import BinShift, ColumnDrift, Statistic
    from core.drift.results.drift_report import Alert, DriftReport
    from core.drift.results.scores import ScoreDrift, SegmentDrift
    from core.drift.verdict import Verdict

_parts_named = 3


def sides(report: DriftReport) -> str:
    """Which applications are compared with which, and how many there are."""
    lang = language()
    current, reference = (
        f"{side(one)} ({format_number(one.rows, lang)})" for one in (report.current, report.reference)
    )
    return said("sides", current=current, reference=reference)


def headline(verdict: Verdict, report: DriftReport) -> str:
    """What was found, in one sentence."""
    if verdict == "stable":
        if report.score_not_comparable is not None:
            return _("No column drifts; the scores cannot be compared.")
        return _("No column drifts, and neither does the score.")
    count = len(report.drifted)
    sentence = plural(
        "{count} of {total} columns drifts ({share}).",
        "{count} of {total} columns drift ({share}).",
        count,
        total=len(report.columns),
        share=share(report.drifted_share),
    )
    if not count:
        return _("The columns hold still, but the score moves.")
    if report.drifted_importance is None:
        return sentence
    weight = _("The model leans on them for {share} of what it decides by.", share=share(report.drifted_importance))
    return f"{sentence} {weight}"


def meaning(verdict: Verdict) -> str:
    """What follows from a verdict."""
    return {
        "stable": _("The applicants look like those of the reference: what was measured on it should still hold."),
        "watch": _(
            "Some figures have moved, but no alert rule is broken: the decisions can stand. Look at what moved, and "
            "compare again in a while."
        ),
        "alert": _(
            "These applicants differ from the reference where it matters. Find out why (a new kind of client, a fault "
            "in a source?) before relying on the scores; retraining or another threshold may be needed."
        ),
    }[verdict]


def rule(alert: Alert) -> str:
    """A rule that is broken, with what was found and the limit."""
    return alert_sentence(alert, language())


def score(of: ScoreDrift) -> str:
    """What became of the score."""
    return said(
        "score_sentence",
        psi=psi_beside_chance(of.column, language()),
        level=said(of.column.level),
        threshold=rate(of.threshold),
        before=rate(of.reference_refused),
        after=rate(of.current_refused),
    )


def segments(segment_drifts: Sequence[SegmentDrift]) -> str:
    """Which slices moved: those whose own score drifts, then the one that grew or shrank most."""
    moved = sorted(
        (segment for segment in segment_drifts if segment.level != "stable"), key=lambda segment: -(segment.psi or 0.0)
    )
    size = max(segment_drifts, key=lambda segment: abs(segment.current_share - segment.reference_share))
    grown = _(
        "The share that changes most: {segment}, {before} → {after} of the applications.",
        segment=segment_label(size, language()),
        before=rate(size.reference_share),
        after=rate(size.current_share),
    )
    if not moved:
        return " ".join([_("Within no segment are clients scored otherwise than before."), grown])
    names = ", ".join(
        f"{segment_label(segment, language())} ({said('psi')} {number(segment.psi)})"
        for segment in moved[:_parts_named]
    )
    return " ".join([_("Scored otherwise than before: {segments}.", segments=names), grown])


def column(of: ColumnDrift) -> str:
    """What became of a column: how far, by what, and which part of it moved."""
    if not of.drifted:
        head = _("This column holds still.")
    else:
        by = ", ".join(f"{said(reason)} {size(of, reason)}" for reason in of.reasons)
        head = _("Drift: {level}, by {measures}.", level=said(of.level), measures=by)
    parts = of.moved(_parts_named)
    if not parts:
        return head
    return f"{head} {said('moved', parts=', '.join(_moved(of.name, part) for part in parts))}"


def size(of: ColumnDrift, statistic: Statistic) -> str:
    """A statistic of a column, as it is compared with its limits."""
    if statistic == "missing":
        return said("from_to", before=rate(of.missing.reference), after=rate(of.missing.current))
    return number(measures[statistic].of(of))


def distribution(of: ColumnDrift) -> str:
    """What the figure of a column shows, for a reader who does not see it."""
    drawn = said("chart_histogram" if of.numbers and of.numbers.histogram else "chart_bars", label=label(of.name))
    parts = of.moved(_parts_named)
    return f"{drawn} {said('moved', parts=', '.join(_moved(of.name, part) for part in parts))}" if parts else drawn


def quantiles(of: ColumnDrift) -> str:
    """What the boxes of a column show."""
    shifts = of.numbers.quantiles if of.numbers else ()
    told = "; ".join(
        _(
            "{quantile}: {before} → {after}",
            quantile=quantile(shift.share),
            before=value(of.name, shift.reference),
            after=value(of.name, shift.current),
        )
        for shift in shifts
    )
    return f"{said('chart_quantiles', label=label(of.name))} {told}."


def history(lines: Sequence[DriftLine]) -> str:
    """What became of the share of columns that drift, from one report to the next."""
    counts = {level: sum(line.verdict == level for line in lines) for level in ("alert", "watch", "stable")}
    return _(
        "Share of columns that drift in the last {total} reports: {alerts} with an alert, {watched} to watch, {calm} "
        "stable. Oldest {first}, newest {last}.",
        total=len(lines),
        alerts=counts["alert"],
        watched=counts["watch"],
        calm=counts["stable"],
        first=share(lines[-1].drifted_share),
        last=share(lines[0].drifted_share),
    )


def correction(columns: int, significance: float) -> str:
    """Why p-values are corrected, in plain words."""
    return _(
        "With {columns} columns, some would look different by chance alone. A difference therefore counts only where "
        "it is large enough (the limits) and where chance hardly explains it: the p-values are corrected for the "
        "number of tests (Benjamini-Hochberg), so that on average at most {share} of those that are named "
        "are named wrongly.",
        columns=columns,
        share=rate(significance),
    )


def _moved(name: str, bin_: BinShift) -> str:
    return f"{bin_label(name, bin_, language())} ({rate(bin_.reference)} → {rate(bin_.current)})"
