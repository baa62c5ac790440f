"""The checks of the model in use: what was looked at, what was found, and where it is shown in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.outcomes.watched import due_outcomes, is_missing, is_off, settled_calibration
from core.text.formats import format_date, format_number, format_probability
from dash_app import addresses
from dash_app.i18n import _, language, plural
from dash_app.views.documentation.values import decimals, interval
from dash_app.views.drift.parts import month
from dash_app.views.drift.values import verdict_name
from dash_app.views.model import ids

if TYPE_CHECKING:
    from datetime import date

    from core.contract.drift import DriftReportList
    from core.contract.model import ModelEvaluation
    from core.contract.record.approvals import ModelApprovals
    from core.contract.record.challenger import ChallengerComparison
    from core.contract.record.outcomes import OutcomeCoverage
    from core.contract.record.performance import PerformanceAnswer
    from core.drift.verdict import Verdict
    from dash_app.service import Readiness

Level = Literal["attention", "watch", "unknown", "fine"]
levels: Final[tuple[Level, ...]] = ("attention", "watch", "unknown", "fine")
"""What comes first is told first."""

_of_verdict: Final[dict[Verdict, Level]] = {"alert": "attention", "watch": "watch", "stable": "fine"}


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Something that was looked at.

    Attributes:
        name: what it is called.
        found: in a sentence.
        address: where it is shown in full: a path of ours, or `#` and a section of the page.
        unread: the part that cannot be read, in place of whose checks this one stands; empty where it was read.
    """

    name: str
    level: Level
    found: str
    address: str
    unread: str = ""


def of_approvals(answer: ModelApprovals) -> list[ModelCheck]:
    """Whether the model in use was approved, and whether its review is overdue."""
    here, review = f"#{ids.approvals}", answer.next_review
    approved = next((approval for approval in answer.approvals if approval.in_use), None)
    if approved is not None:
        day = format_date(approved.time.isoformat(), language())
        approval = ModelCheck(_("Approval"), "fine", _("The model in use was approved on {day}.", day=day), here)
    elif answer.approvals:
        found = _("Other versions were approved, the one in use was not.")
        approval = ModelCheck(_("Approval"), "attention", found, here)
    else:
        approval = ModelCheck(_("Approval"), "watch", _("Nobody has approved the model in use."), here)
    due = format_date(review.due.isoformat(), language())
    if review.overdue:
        return [approval, ModelCheck(_("Next review"), "attention", _("Overdue since {day}.", day=due), here)]
    return [approval, ModelCheck(_("Next review"), "fine", _("Due on {day}.", day=due), here)]


def of_health(ready: Readiness) -> list[ModelCheck]:
    """Whether the API has what it stands on, and whether the model that was asked for decides."""
    here = f"#{ids.health}"
    missing = [name for name, passed in ready.checks.items() if not passed]
    if missing:
        names = ", ".join(part_name(name) for name in missing)
        found = ModelCheck(_("Service"), "attention", _("Not there: {parts}.", parts=names), here)
    elif ready.registry is not None and ready.registry.stand_in is not None:
        stands_in = _("Another model stands in for the one asked of the registry.")
        found = ModelCheck(_("Service"), "attention", stands_in, here)
    else:
        found = ModelCheck(_("Service"), "fine", _("Everything that it stands on is there."), here)
    return [found]


def of_coverage(answer: OutcomeCoverage, today: date) -> list[ModelCheck]:
    """Whether outcomes come in."""
    name, here = _("Coverage of outcomes"), f"#{ids.coverage}"
    if not answer.decisions:
        return [ModelCheck(name, "unknown", _("Nothing has been decided yet."), here)]
    if not answer.with_outcome:
        return [ModelCheck(name, "unknown", _("No outcome is known yet."), here)]
    due = due_outcomes(answer, today)
    if is_missing(due):
        found = _(
            "Of the decisions of a year ago and earlier, {waiting} of {due} outcomes have not come.",
            waiting=_count(due["waiting"]),
            due=_count(due["waiting"] + due["known"]),
        )
        return [ModelCheck(name, "attention", found, here)]
    counts = {"known": _count(answer.with_outcome), "every": _count(answer.with_outcome + answer.waiting)}
    words = (
        _(
            "{known} of {every} outcomes are known; of those due, a year after the decision, {waiting} of {due} have "
            "not come.",
            waiting=_count(due["waiting"]),
            due=_count(due["waiting"] + due["known"]),
            **counts,
        )
        if due["waiting"]
        else _("{known} of {every} outcomes are known; none of the others is due, a year after the decision.", **counts)
    )
    return [ModelCheck(name, "fine", words, here)]


def of_performance(answer: PerformanceAnswer, trained: ModelEvaluation | None) -> list[ModelCheck]:
    """Whether probabilities were honest and ranked as well as at training; what the challenger and officers say.

    Args:
        trained: what was measured at training; None where it cannot be read.
    """
    return [
        _calibration(answer),
        _ranking(answer, trained),
        *([_challenger(answer.challenger, answer.model_version)] if answer.challenger is not None else []),
        *([_officers(answer)] if answer.overrides else []),
    ]


def of_drift(reports: DriftReportList) -> list[ModelCheck]:
    """What the newest report says."""
    if not reports.reports:
        return [ModelCheck(_("Drift"), "unknown", _("Nothing has been compared yet."), addresses.drift)]
    newest = reports.reports[0]
    found = _(
        "{verdict}: {drifted} of {columns} columns drift, report of {day}.",
        verdict=verdict_name(newest.verdict),
        drifted=_count(len(newest.drifted)),
        columns=_count(newest.columns),
        day=format_date(newest.made_at, language()),
    )
    return [ModelCheck(_("Drift"), _of_verdict[newest.verdict], found, addresses.of_drift(newest.id))]


def unread(part: str, why: str) -> list[ModelCheck]:
    """In place of the checks of a part that cannot be read."""
    names = {
        "description": _("Model in use"),
        "approvals": _("Approvals and next review"),
        "health": _("Service"),
        "coverage": _("Coverage of outcomes"),
        "performance": _("Back-testing"),
        "drift": _("Drift"),
    }
    return [ModelCheck(names[part], "unknown", _("Cannot be read: {why}.", why=why), f"#model-{part}", part)]


def part_name(name: str) -> str:
    """What the API stands on, in words; a part that came later, as it calls itself."""
    return {
        "model": _("model"),
        "portfolio": _("client portfolio"),
        "audit": _("record"),
        "challenger": _("challenger"),
    }.get(name, name)


def _calibration(answer: PerformanceAnswer) -> ModelCheck:
    name, there, settled = _("Calibration"), addresses.of_outcomes(), settled_calibration(answer)
    why = _why_unknown(answer)
    if why is None and answer.settled is None:
        why = _("Too early: of each month in which it decided, more than a tenth waits for its outcome.")
    if why is not None or not settled:
        return ModelCheck(name, "unknown", why or _("Too few outcomes are known."), there)
    rates = _(
        "{observed} [{low} – {high}] defaulted with the model in use, {predicted} were predicted; months that are too "
        "early left out.",
        observed=_rate(settled["settled_default_rate"]),
        low=_rate(settled["settled_default_rate_low"]),
        high=_rate(settled["settled_default_rate_high"]),
        predicted=_rate(settled["settled_mean_probability"]),
    )
    if is_off(settled):
        return ModelCheck(
            name, "attention", _("More than a tenth away from what was predicted: {rates}", rates=rates), there
        )
    return ModelCheck(name, "fine", rates, there)


def _ranking(answer: PerformanceAnswer, trained: ModelEvaluation | None) -> ModelCheck:
    """Held against what the probabilities of the same decisions promise: the AUC of the training is of all applicants,
    and those who were refused have no outcome.
    """
    name, there, known = _("AUC"), addresses.of_outcomes(), answer.of_model
    if known is None or known.auc is None or known.auc_low is None or known.auc_high is None:
        return ModelCheck(name, "unknown", _why_unknown(answer) or _("Too few outcomes are known."), there)
    seen = f"{decimals(known.auc, 3)} [{decimals(known.auc_low, 3)} – {decimals(known.auc_high, 3)}]"
    if known.auc_promised is None:
        return ModelCheck(
            name, "unknown", _("{seen} with the model in use; what to expect cannot be said.", seen=seen), there
        )
    said = _(
        "{seen} with the model in use; the probabilities of the same decisions promise {promised}.",
        seen=seen,
        promised=decimals(known.auc_promised, 3),
    )
    then = [] if trained is None else [_("At training, of all applicants: {auc}.", auc=interval(trained.auc, 3))]
    if known.auc_high < known.auc_promised:
        lower = _("It ranks worse than it promises.")
        return ModelCheck(name, "attention", " ".join([lower, said, *then]), there)
    return ModelCheck(name, "fine", " ".join([said, *then]), there)


def _why_unknown(answer: PerformanceAnswer) -> str | None:
    """Why nothing can be said of the model in use, whatever is known of others; None where outcomes of it are known."""
    if answer.whole is None:
        return _("Too few outcomes are known.")
    if answer.model_version is None:
        return _("Cannot be read: {why}.", why=_("this version of the API does not have it"))
    if answer.of_model is None:
        return _("No outcome of the model in use is known: those on record are of other versions.")
    return None


def _challenger(compared: ChallengerComparison, in_use: str | None) -> ModelCheck:
    name, there = _("Challenger"), addresses.of_outcomes()
    if not compared.ended and in_use not in (compared.champion_version, None):
        former = _(
            "It was last asked beside version {champion}, which is no longer in use.",
            champion=compared.champion_version,
        )
        return ModelCheck(name, "fine", former, there)
    if compared.ended:
        past = _("What is known of it is of the past: it is not asked beside the model in use.")
        return ModelCheck(name, "fine", past, there)
    known = compared.outcomes
    if not compared.tells_apart or known is None or known.auc_difference is None:
        return ModelCheck(name, "fine", _("The outcomes known so far do not tell it from the model in use."), there)
    found = (
        _("Ready for a decision: it ranks better than the model in use.")
        if known.auc_difference > 0
        else _("Ready for a decision: it ranks worse than the model in use.")
    )
    return ModelCheck(name, "attention", found, there)


def _officers(answer: PerformanceAnswer) -> ModelCheck:
    name, there, groups = _("Officers and the model"), addresses.of_outcomes(), answer.overrides
    alarms = answer.override_checks.alarms if answer.override_checks else []
    # The alarms are of the last year, whereas the section counts all decisions on record.
    since = answer.override_checks.since if answer.override_checks else None
    when = _("until now") if since is None else _("since {month}", month=month(since))
    nobody = next((alarm for alarm in alarms if alarm.kind == "nobody_overrules"), None)
    if nobody is not None:
        decided = _count(nobody.decisions)
        found = _(
            "No officer has decided otherwise than the model {when}, on {count} decisions.", when=when, count=decided
        )
        return ModelCheck(name, "watch", found, there)
    agreeing = sum(group.agrees_with_everything for group in groups)
    if agreeing:
        found = plural(
            "{count} officer has confirmed everything {when}: perhaps the model alone decides there.",
            "{count} officers have confirmed everything {when}: perhaps the model alone decides there.",
            agreeing,
            when=when,
        )
        return ModelCheck(name, "watch", found, there)
    if alarms:
        found = _("What officers have decided {when} is hardly chance: see where.", when=when)
        return ModelCheck(name, "watch", found, there)
    found = _("{rate} decided otherwise than the model, of all decisions on record.", rate=_rate(groups[0].rate))
    return ModelCheck(name, "fine", found, there)


def _rate(value: float) -> str:
    return format_probability(value, language())


def _count(value: int) -> str:
    return format_number(value, language())
