"""The comparison of scenarios as files: CSV and Excel, numbers as plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from core.exports import csv_text, workbook
from dash_app.i18n import _, language
from dash_app.views.comparison.export import download
from dash_app.views.scenarios import definitions, rule_words, stored_run, text
from dash_app.views.scenarios.text import accepted_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.contract.scenarios import ScenariosAnswer, ThresholdOutcome
    from core.exports.workbook import Cell
    from core.scenarios.rules import Rule
    from dash_app.service.answers import Sourced
    from dash_app.views.scenarios.definitions import SavedScenario

_widest: Final = 60


def asked(kind: Literal["csv", "xlsx"], data: Mapping[str, Any], scenarios: Iterable[SavedScenario]) -> dict[str, Any]:
    """The comparison that the browser holds, for `dcc.Download`.

    Args:
        scenarios: those that are kept, for what each changes.
    """
    run, rules = stored_run.read(data), {scenario.key: scenario.rules for scenario in scenarios}
    changes = [rules.get(key, ()) for key in data["keys"]]
    content = xlsx_file(run, changes) if kind == "xlsx" else csv_file(run.answer, changes)
    return download(content, _named(kind))


def definitions_file(scenarios: Iterable[SavedScenario]) -> dict[str, Any]:
    """The scenarios themselves as JSON, for `dcc.Download`."""
    return download(definitions.to_file(scenarios).encode(), _named("json"))


def csv_file(answer: ScenariosAnswer, changes: Sequence[Sequence[Rule]]) -> bytes:
    """The comparison as CSV, as the spreadsheets of its reader open it."""
    return csv_text.csv_file(rows(answer, changes), csv_text.convention_of(language()))


def xlsx_file(run: Sourced[ScenariosAnswer], changes: Sequence[Sequence[Rule]]) -> bytes:
    """The comparison as an Excel workbook: one sheet with it, one that says on whom it was tried."""
    about = (_("Simulated on"), text.population(run.answer.population, run.source))
    return workbook.xlsx_file(workbook.Sheet(_("Scenarios"), rows(run.answer, changes), _widest), about)


def rows(answer: ScenariosAnswer, changes: Sequence[Sequence[Rule]]) -> list[list[Cell]]:
    """A header, things as they are, then a row for each scenario; shares and risks from 0 to 1, costs for one.

    Args:
        changes: the rules of each scenario, in the order of the answer.
    """
    header: list[Cell] = [
        _("Scenario"),
        _("What it changes"),
        _("Threshold"),
        _("Applications"),
        _("Applications accepted"),
        _("Acceptance rate"),
        _("Mean risk"),
        _("Expected defaults"),
        _("Expected cost of an application"),
        _("Become refused"),
        _("Become accepted"),
        _("Applications changed"),
    ]
    unchanged: list[Cell] = [_("No change"), "", *_numbers(answer.outcome, answer.population.mean_probability), 0, 0, 0]
    lines: list[list[Cell]] = [
        [
            scenario.name,
            rule_words.sentences(rules),
            *_numbers(scenario.outcome, scenario.mean_probability),
            scenario.flows.become_refused,
            scenario.flows.become_accepted,
            scenario.touched,
        ]
        for scenario, rules in zip(answer.scenarios, changes, strict=True)
    ]
    return [header, unchanged, *lines]


def _named(kind: str) -> str:
    return _("scenarios") + f".{kind}"


def _numbers(of: ThresholdOutcome, mean: float) -> list[Cell]:
    return [
        of.threshold,
        of.accepted + of.refused,
        of.accepted,
        accepted_share(of),
        mean,
        of.expected_defaults,
        of.cost,
    ]
