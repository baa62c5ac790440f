"""The sentences of the Documentation page: what its figures say, from the same dataclasses."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from core.catalogue.ages import age_band
from dash_app.i18n import _
from dash_app.views.documentation.evaluation.figures import code_name, commonest
from dash_app.views.documentation.values import (
    decimals,
    dimension_name,
    gender,
    min_ratio,
    rate,
    segment_name,
    share,
)
from dash_app.views.drift.values import value
from dash_app.words import points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.contract.glossary import CategoryDistribution, NumberDistribution
    from core.contract.model import ModelEvaluation, SegmentAnswer
    from dash_app.service.documentation import ModelFacts, Shape

# Below four fifths a difference of approval rates is commonly looked into.
_four_fifths = 0.8


def cost_curve(report: ModelEvaluation) -> str:
    """What the cost curve shows."""
    metrics = report.evaluation
    return _(
        "From left to right the cost falls from {refuse} (everybody refused), is {cost} at the threshold of "
        "{threshold}, and rises again towards {accept} (everybody accepted).",
        refuse=decimals(metrics.cost_refuse_all, 2),
        cost=decimals(metrics.business_cost, 2),
        threshold=rate(metrics.threshold),
        accept=decimals(metrics.cost_accept_all, 2),
    )


def reliability(report: ModelEvaluation) -> str:
    """How far predictions are from what happened."""
    worst = max(report.reliability, key=lambda pair: abs(pair[0] - pair[1]))
    return _(
        "In each of {bins} groups of applications of like risk, the default rate that was predicted is close to the "
        "one that was observed: {gap} apart on average; the most where {predicted} were predicted and {observed} "
        "observed.",
        bins=len(report.reliability),
        gap=points(report.evaluation.calibration_error),
        predicted=rate(worst[0]),
        observed=rate(worst[1]),
    )


def fairness(dimension: str, segments: Sequence[SegmentAnswer]) -> str:
    """Who is accepted most and least, and whether that difference is one to look into."""
    ordered = sorted(segments, key=lambda segment: segment.approval_rate)
    least, most, ratio = ordered[0], ordered[-1], min_ratio(segments)
    sentence = _(
        "{most}: {most_rate} accepted; {least}: {least_rate}. Ratio of the two: {ratio}.",
        most=segment_name(most),
        most_rate=rate(most.approval_rate),
        least=segment_name(least),
        least_rate=rate(least.approval_rate),
        ratio=decimals(ratio, 2),
    )
    if ratio < _four_fifths:
        sentence += " " + _(
            "A ratio below 0.80 is commonly looked into: this difference follows the default rates, but has to be "
            "justified."
        )
    else:
        sentence += " " + _("Only a ratio below 0.80 is commonly looked into.")
    if dimension == gender:
        sentence += " " + _("Gender is no feature of the model: what differs is what women and men earn and ask for.")
    if dimension == age_band:
        sentence += " " + _("Age is a feature of the model.")
    return sentence


def honesty(dimension: str, segments: Sequence[SegmentAnswer]) -> str:
    """Which segment is judged furthest from what happened."""
    worst = max(segments, key=lambda segment: abs(segment.mean_probability - segment.default_rate))
    return _(
        "{dimension}: the furthest apart is {segment}, with {predicted} predicted and {observed} observed.",
        dimension=dimension_name(dimension),
        segment=segment_name(worst),
        predicted=rate(worst.mean_probability),
        observed=rate(worst.default_rate),
    )


def approvals(dimension: str, segments: Sequence[SegmentAnswer]) -> str:
    """The approval rate of each segment."""
    rates = ", ".join(f"{segment_name(segment)} {rate(segment.approval_rate)}" for segment in segments)
    return _("Share accepted by {dimension}: {rates}.", dimension=dimension_name(dimension), rates=rates)


def shape(name: str, of: Shape) -> str:
    """How a term is spread."""
    return _spread(name, of) if not hasattr(of, "codes") else _codes(name, of)  # type: ignore[arg-type]


def trade(facts: ModelFacts, report: ModelEvaluation) -> list[str]:
    """The threshold in plain words, a paragraph each."""
    metrics = report.evaluation
    refused = 1 - metrics.approval_rate
    return [
        _(
            "Of 100 applications, {defaults} have payment difficulties on the first instalments (a default, for "
            "short). Nobody knows beforehand which, but the model knows how likely it is for each. Two mistakes are "
            "possible: to accept somebody who will have them, and to refuse somebody who would have paid on time.",
            defaults=decimals(metrics.default_rate * 100, 0),
        ),
        _(
            "They do not cost the same. Here an accepted default counts {fn}, a refused good client {fp}: the bank "
            "loses capital in the first case, a margin in the second. So it is cheaper to refuse from a risk on that "
            "is far below one in two.",
            fn=decimals(facts.model.cost_fn, 0),
            fp=decimals(facts.model.cost_fp, 0),
        ),
        _(
            "The threshold is the risk at which the two mistakes weigh the same: {threshold}. It is read from what "
            "became of all applications near it, not from the lowest point of the curve, which is partly chance. There "
            "{refused} of applications are refused; of those who would default, {recall} are among the refused, and of "
            "the refused, {precision} would have defaulted.",
            threshold=rate(metrics.threshold),
            refused=share(refused),
            recall=share(metrics.recall),
            precision=share(metrics.precision),
        ),
        _(
            "With probabilities that can be taken at their word, this can be worked out by hand: refuse where risk × "
            "{fn} is more than (1 − risk) × {fp}, which is from {rule} on. That {rows} applications lead to nearly the "
            "same is a good sign.",
            fn=decimals(facts.model.cost_fn, 0),
            fp=decimals(facts.model.cost_fp, 0),
            rule=rate(facts.model.cost_fp / (facts.model.cost_fn + facts.model.cost_fp)),
            rows=decimals(metrics.n_rows, 0),
        ),
    ]


def _spread(name: str, of: NumberDistribution) -> str:
    if not of.quantiles:
        return _("Too few values are known to show them.")
    sentence = _(
        "Half of the applications lie between {low} and {high}, the middle one is {median}.",
        low=value(name, of.quantiles[25]),
        high=value(name, of.quantiles[75]),
        median=value(name, of.quantiles[50]),
    )
    known = [
        (rate_of, low, high)
        for rate_of, (low, high), rows in zip(of.default_rate, pairwise(of.edges), of.counts, strict=True)
        if rate_of is not None and rows >= max(sum(of.counts) // 100, 1)
    ]
    if len(known) > 1:
        worst, best = max(known), min(known)
        sentence += " " + _(
            "Defaults go from {least} (between {least_low} and {least_high}) to {most} (between {most_low} and "
            "{most_high}).",
            least=rate(best[0]),
            least_low=value(name, best[1]),
            least_high=value(name, best[2]),
            most=rate(worst[0]),
            most_low=value(name, worst[1]),
            most_high=value(name, worst[2]),
        )
    return sentence


def _codes(name: str, of: CategoryDistribution) -> str:
    parts = [f"{code_name(name, code)} {share(part)}" for code, part, _rate in commonest(of)[:3]]
    return _("Most frequent: {parts}.", parts=", ".join(parts))
