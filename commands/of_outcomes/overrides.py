"""The overrides in words of the `performance` command: what officers decide otherwise than the model, and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import catalogue
from core.catalogue.concepts import concepts
from core.contract.record.overrides import fewest_decisions
from runtime.console import counted

if TYPE_CHECKING:
    from core.contract.record.overrides import OverrideAlarm, OverrideChecks, OverrideDimension, OverrideGroup, Verdict
    from core.contract.record.performance import PerformanceAnswer

_verdicts: Final[dict[Verdict, str]] = {
    "right": "accepting them was cheaper than refusing",
    "wrong": "refusing them would have been cheaper",
    "open": "outcomes do not tell yet whether that was right",
}
_dimensions: Final[dict[OverrideDimension, str]] = {
    "contract_type": "type of credit",
    "income_type": "type of income",
    "age_band": "age",
    "gender": "gender",
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
        few = counted(checks.officers_with_few, "officer")
        lines.append(("Overrides others", f"too few of {few} with fewer than {fewest_decisions} each"))
    return [*lines, ("Accepted against", accepted(answer.overrides[0], checks))]


def name(group: OverrideGroup) -> str:
    """What a group is called; nothing for all."""
    if group.dimension == "model_reason":
        known = concepts().get(group.value)
        return f"model: {known.label('en') if known else group.value}"
    return _segment(group.dimension, group.value)


def figures(group: OverrideGroup) -> str:
    """How many decisions, how many against the model, and, of those whom officers accepted so, how many defaulted."""
    if group.dimension == "reason":
        return f"{counted(group.overrides, 'decision')} of officers against the model"
    against = f"{group.overrides:,} of {counted(group.decisions, 'decision')} of officers"
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
        return f"No officer has decided otherwise than the model in {counted(found.decisions, 'decision')}."
    if found.kind == "agrees_with_everything":
        return (
            f"{found.value} confirmed each of {counted(found.decisions, 'decision')}, where {found.expected:.1f} were "
            f"to be expected against the model (p = {found.p_value:.1g}): perhaps it alone decides."
        )
    others = "" if found.others_rate is None else f"{found.others_rate:.1%}"
    return (
        f"Of {_of_alarm(found)}, {found.rate:.1%} of {found.decisions:,} "
        f"{_overruled[found.model_decision or 'REFUSÉ']}, of the others {others} of {found.others_decisions:,} "
        f"(p = {found.p_value:.1g}): see why."
    )


def _segment(dimension: str, value: str) -> str:
    if dimension == "gender":
        codes = catalogue.column("CODE_GENDER").codes
        return next((code.label("en") for code in codes if code.code == value), value)
    return value


def _of_alarm(found: OverrideAlarm) -> str:
    return f"{_dimensions[found.dimension]} {_segment(found.dimension, found.value)}"
