"""The sentences of the Scoring page, from a decision and its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash_app.i18n import _, plural
from dash_app.words import hundredths, out_of_hundred, points, risk, verdict

if TYPE_CHECKING:
    from dash_app.service import Assessment
    from dash_app.words import ModelDecision


def headline(decision: ModelDecision) -> str:
    """The risk as frequencies, which people understand better than percentages."""
    if decision.probability < 0.005:
        return _("Of 100 similar applications, fewer than 1 would have payment difficulties on the first instalments.")
    return plural(
        "Of 100 similar applications, {count} would have payment difficulties on the first instalments.",
        "Of 100 similar applications, {count} would have payment difficulties on the first instalments.",
        hundredths(decision.probability),
    )


def distance(decision: ModelDecision) -> str:
    """How far the probability is from the threshold."""
    gap = decision.probability - decision.threshold
    if gap == 0:
        return _("right at the threshold")
    if abs(gap) < 0.0005:
        return _("just below the threshold") if gap < 0 else _("just above the threshold")
    if gap < 0:
        return _("{points} below the threshold", points=points(gap))
    return _("{points} above the threshold", points=points(gap))


def origin(assessment: Assessment) -> str:
    """Who computed the decision, with which model."""
    if assessment.source == "api":
        return _("Computed by the API, model {version}", version=assessment.model_version)
    return _("Computed by the local model {version}", version=assessment.model_version)


def comparison(now: ModelDecision, before: ModelDecision) -> str:
    """What a simulated change does to the decision."""
    change = now.probability - before.probability
    if abs(change) < 0.0005 and now.decision != before.decision:
        effect = _(
            "The risk hardly changes: {before} before, {risk} now.", before=risk(before, now), risk=risk(now, before)
        )
    elif abs(change) < 0.0005:
        effect = _("The risk stays the same: {risk}.", risk=out_of_hundred(now.probability))
    elif change < 0:
        effect = _("The risk falls by {points}.", points=points(change))
    else:
        effect = _("The risk rises by {points}.", points=points(change))
    words = verdict(now.decision).lower()
    if now.decision != before.decision:
        return f"{effect} " + _("The decision would become: {verdict}.", verdict=words)
    return f"{effect} " + _("The decision stays: {verdict}.", verdict=words)


def announcement(now: ModelDecision) -> str:
    """The decision in one line, for a live region."""
    return f"{verdict(now.decision)}. {risk(now)}, {distance(now)}."


def strength(contribution: float, strongest: float) -> str:
    """How much a reason weighs against the strongest one; both in log-odds."""
    share = abs(contribution) / strongest if strongest else 0.0
    if share >= 0.6:
        return _("strong effect")
    if share >= 0.25:
        return _("medium effect")
    return _("slight effect")


def direction(contribution: float) -> str:
    """Which way a variable goes, whatever the reason it belongs to."""
    return _("raises the risk") if contribution > 0 else _("lowers the risk")


def slight_parts() -> str:
    """In place of the variables of a reason where none of them is among the strongest."""
    return _("Many variables, each with a slight effect.")


def no_reason(assessment: Assessment) -> str:
    """In place of the reasons of one side."""
    if assessment.not_known:
        return _("Nothing that is known weighs here: more has to be known.")
    return _("Nothing that weighs.")


def compared_with() -> str:
    """What the reasons compare with, and how clients are counted in their sentences."""
    return _(
        "Compared with the average of all clients the model learned from, not with accepted applications. Percentages"
        " of clients count those of whom the value is known; who has the same value is counted on neither side."
    )
