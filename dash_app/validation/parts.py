"""The parts of the validation: each asks the services for what it needs, and gives its sections and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Final

from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, ServiceUnavailable
from dash_app.services import documentation, drift, scoring
from dash_app.views.model import approvals, checks, coverage, description, health, ids, performance
from dash_app.views.model import drift as of_drift
from dash_app.views.model.parts import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dash.development.base_component import Component

    from core.contract.model import ModelEvaluation
    from dash_app.shell.theme import Theme
    from dash_app.views.model.checks import ModelCheck


@dataclass(frozen=True, slots=True)
class ValidationPart:
    """What is asked for at once.

    Attributes:
        sections: what each of its sections shows, in the order of `sections_of`.
        checks: what was looked at.
        version: of the model in use, where this part is the one that tells it.
    """

    sections: tuple[list[Component], ...]
    checks: Sequence[ModelCheck] = ()
    version: str | None = None


sections_of: Final = {
    "description": (ids.description,),
    "approvals": (ids.approvals,),
    "health": (ids.health,),
    "coverage": (ids.coverage,),
    "performance": (ids.performance, ids.challenger, ids.officers),
    "drift": (ids.drift,),
}
"""The sections that each part fills."""


def part(name: str, theme: Theme) -> ValidationPart:
    """A part of `sections_of`, or in words why it cannot be read. Raises `KeyError` for another name."""
    return _parts[name](theme)


def _told(name: str) -> Callable[[Callable[[Theme], ValidationPart]], Callable[[Theme], ValidationPart]]:
    """Has a part say what it cannot read."""

    def within(load: Callable[[Theme], ValidationPart]) -> Callable[[Theme], ValidationPart]:
        @wraps(load)
        def loaded(theme: Theme) -> ValidationPart:
            try:
                return load(theme)
            except ServiceUnavailable as error:
                why = why_unavailable(error)
            except NotFound:
                why = _("this version of the API does not have it")
            return ValidationPart(tuple(unreadable(why) for _section in sections_of[name]), checks.unread(name, why))

        return loaded

    return within


@_told("description")
def _description(_theme: Theme) -> ValidationPart:
    facts = documentation().facts(language())
    report = documentation().report(facts.model.version)
    return ValidationPart((description.section(facts, report),), version=facts.model.version)


@_told("approvals")
def _approvals(_theme: Theme) -> ValidationPart:
    answer = drift().approvals()
    return ValidationPart((approvals.section(answer),), checks.of_approvals(answer))


@_told("health")
def _health(_theme: Theme) -> ValidationPart:
    ready, state = drift().readiness(), scoring().health()
    return ValidationPart((health.section(ready, state),), checks.of_health(ready))


@_told("coverage")
def _coverage(theme: Theme) -> ValidationPart:
    answer = drift().coverage()
    return ValidationPart((coverage.section(answer, theme),), checks.of_coverage(answer, datetime.now(UTC).date()))


@_told("performance")
def _performance(theme: Theme) -> ValidationPart:
    answer = drift().performance()
    sections = (
        performance.section(answer, theme),
        performance.challenger(answer.challenger),
        performance.officers(answer.overrides),
    )
    return ValidationPart(sections, checks.of_performance(answer, _at_training(answer.model_version)))


@_told("drift")
def _drift(_theme: Theme) -> ValidationPart:
    reports = drift().reports(of_drift.max_listed)
    return ValidationPart((of_drift.section(reports),), checks.of_drift(reports))


def _at_training(version: str | None) -> ModelEvaluation | None:
    """What was measured at training of a version; None where that cannot be read, which the check then says."""
    try:
        return documentation().report(version)
    except (ServiceUnavailable, NotFound):
        return None


_parts: Final = {
    "description": _description,
    "approvals": _approvals,
    "health": _health,
    "coverage": _coverage,
    "performance": _performance,
    "drift": _drift,
}
