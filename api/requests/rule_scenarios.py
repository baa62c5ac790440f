"""Scenarios of rules in a body, and the population that they are tried on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from api import jobs
from api.http.json_body import invalid
from api.http.messages import message
from api.http.problems import InvalidRequest
from api.services import services
from core import catalogue
from core.application import FieldError, expected
from core.jobs import files
from core.scenarios import populations
from core.scenarios.populations import Population
from core.scenarios.rules import (
    Rule,
    Scenario,
    UnusableRule,
    bounds,
    check_rule,
    is_whole,
    longest_name,
    max_rules,
    max_scenarios,
    operations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.catalogue import Language

portfolio: Final = "portfolio"
_job: Final = re.compile("[0-9a-f]{32}")


def population_of(name: object, lang: Language) -> Population:
    """The clients on hand, or the rows of a job of the caller's.

    Raises:
        InvalidRequest: it is neither.
        core.portfolio.clients.PortfolioMissing: there are no clients on hand.
        core.jobs.store.UnknownJob, core.jobs.store.JobUnfinished: there is no such job, or it is not done.
    """
    if name == portfolio:
        return populations.of_portfolio(services().portfolio.get())
    if not isinstance(name, str) or not _job.fullmatch(name):
        raise no_population(lang)
    job, folder = jobs.done(name)
    return Population(job.file_name, files.result(folder))


def no_population(lang: Language) -> InvalidRequest:
    """Nothing can be tried on what was asked for."""
    return invalid("population", "unusable", message("expected_population", lang), lang)


def scenarios_of(body: Mapping[str, object], lang: Language) -> list[Scenario]:
    """The scenarios of a body. Raises `InvalidRequest` with everything that is wrong with them."""
    items = body.get("scenarios", [])
    expectation = message("expected_rule_scenarios", lang, maximum=str(max_scenarios))
    if not isinstance(items, list):
        raise invalid("scenarios", "not_a_list", expectation, lang)
    if len(items) > max_scenarios:
        raise invalid("scenarios", "wrong_length", expectation, lang)
    errors: list[FieldError] = []
    scenarios = [_scenario(item, f"scenarios[{place}]", lang, errors) for place, item in enumerate(items)]
    if errors:
        raise InvalidRequest("invalid_body", *errors)
    return scenarios


def _scenario(item: object, place: str, lang: Language, errors: list[FieldError]) -> Scenario:
    parts = item if isinstance(item, dict) else {}
    name, rules = parts.get("name"), parts.get("rules")
    if not isinstance(name, str) or not 1 <= len(name) <= longest_name:
        expectation = message("expected_text_between", lang, minimum="1", maximum=str(longest_name))
        errors.append(FieldError(f"{place}.name", message("unusable", lang), expectation))
    if not isinstance(rules, list) or not 1 <= len(rules) <= max_rules:
        expectation = message("expected_rules", lang, maximum=str(max_rules))
        errors.append(FieldError(f"{place}.rules", message("unusable", lang), expectation))
        rules = []
    read = (_rule(rule_item, f"{place}.rules[{number}]", lang, errors) for number, rule_item in enumerate(rules))
    return Scenario(str(name), tuple(rule for rule in read if rule is not None))


def _rule(item: object, place: str, lang: Language, errors: list[FieldError]) -> Rule | None:
    parts = item if isinstance(item, dict) else {}
    operation = parts.get("operation")
    if operation not in operations:
        expectation = message("expected_choice", lang, choices=", ".join(operations))
        errors.append(FieldError(f"{place}.operation", message("not_a_choice", lang), expectation))
        return None
    rule = Rule(str(parts.get("column")), operation, parts.get("value"))
    try:
        check_rule(rule)
    except UnusableRule as error:
        sentence = message("missing" if error.part not in parts else "unusable", lang)
        errors.append(FieldError(f"{place}.{error.part}", sentence, _expected(rule, error, lang)))
        return None
    return rule


def _expected(rule: Rule, error: UnusableRule, lang: Language) -> str:
    if error.part == "column":
        return message("expected_rule_column", lang)
    if error.part == "operation":
        return message("expected_choice", lang, choices="set, missing")
    if rule.operation == "missing":
        return message("expected_no_value", lang)
    column = catalogue.column(rule.column)
    low, high = bounds(column, rule.operation)
    if column.type not in ("integer", "real") or low is None or high is None:
        return expected(column, lang)
    # Other than in an application, a whole number may have a cap that is none, and cannot be set to its sentinel.
    kind = "whole" if is_whole(column, rule.operation) else "number"
    return message(f"expected_{kind}_between", lang, minimum=f"{low:.0f}", maximum=f"{high:.0f}")
