"""The overrides in words of the `performance` command: what officers decide otherwise than the model, and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.concepts import concepts

if TYPE_CHECKING:
    from core.contract.record.overrides import OverrideAlarm, OverrideChecks, OverrideGroup, Verdict
    from core.contract.record.performance import PerformanceAnswer

_verdicts: Final[dict[Verdict, str]] = {
    "right": "accepting them was cheaper than refusing",
    "wrong": "refusing them would have been cheaper",
    "open": "outcomes do not tell yet whether that was right",
}
_overruled: Final = {
    "ACCEPTÉ": "whom the model accepts are refused",
    "REFUSÉ": "whom the model refuses are accepted",
}


def override_lines(answer: PerformanceAnswer) -> list[tuple[str, str]]:
    """A line for each group, and one on those whom officers accepted against the model."""
    lines = [(f"Overrides {name(group)}".strip(), figures(group)) for group in answer.overrides]
    checks = answer.override_checks
    if checks is None:
        return lines
    if checks.officers_with_few:
        lines.append(("Overrides others", f"too few of {checks.officers_with_few:,} officers with fewer than 20 each"))
    return [*lines, ("Accepted against", accepted(answer.overrides[0], checks))]


def name(group: OverrideGroup) -> str:
    """What a group is called; nothing for all."""
    if group.dimension == "model_reason":
        known = concepts().get(group.value)
        return f"model: {known.label('en') if known else group.value}"
    if group.dimension == "gender":
        codes = catalogue.column("CODE_GENDER").codes
        return next((code.label("en") for code in codes if code.code == group.value), group.value)
    return group.value


def figures(group: OverrideGroup) -> str:
    """How many decisions, how many against the model, and, of those whom officers accepted so, how many defaulted."""
    against = f"{group.overrides:,} of {group.decisions:,} decisions of officers"
    if group.dimension == "reason":
        return f"{against} against the model"
    rate = "too few" if group.few else f"{group.rate:.1%} [{group.rate_low:.1%}, {group.rate_high:.1%}]"
    right = f"; {group.accepted_defaults:,} of {group.accepted_known:,} defaulted whom the model would have refused"
    return f"{against}, {rate}" + right * bool(group.accepted_known)


def accepted(whole: OverrideGroup, checks: OverrideChecks) -> str:
    """Whether it was right to accept those whom the model refused; of those refused against it, nobody will know."""
    unknown = f"of {whole.refused:,} refused against the model nobody will know"
    verdict = checks.verdict(whole)
    if verdict is None:
        return f"{whole.accepted:,}, too few with an outcome to say whether that was right; {unknown}"
    rate = f"{whole.paid_rate:.1%} [{whole.paid_rate_low:.1%}, {whole.paid_rate_high:.1%}]"
    return (
        f"{whole.accepted:,}; of {whole.paid_known:,} from months that are known, {rate} paid, "
        f"{checks.break_even_paid:.1%} is even: {_verdicts[verdict]}; {unknown}"
    )


def alarm(found: OverrideAlarm) -> str:
    """An alarm as a sentence."""
    if found.kind == "nobody_overrules":
        return f"No officer has decided otherwise than the model in {found.decisions:,} decisions."
    if found.kind == "agrees_with_everything":
        return (
            f"{found.value} confirmed each of {found.decisions:,} decisions, where {found.expected:.1f} overrides were "
            f"to be expected (p = {found.p_value:.1g}): perhaps the model alone decides."
        )
    others = "" if found.others_rate is None else f"{found.others_rate:.1%}"
    return (
        f"Of {found.dimension} {found.value}, {found.rate:.1%} of {found.decisions:,} "
        f"{_overruled[found.model_decision or 'REFUSÉ']}, of the others {others} of {found.others_decisions:,} "
        f"(p = {found.p_value:.1g}): see why."
    )
