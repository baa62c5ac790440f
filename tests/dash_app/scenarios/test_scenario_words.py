"""The frame, the editor and the sentences of the Simulation page, in both languages."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from dash import no_update
from dash.development.base_component import Component

from core.application import FieldError
from core.contract.scenarios import DecisionFlows
from core.scenarios.rules import Rule, check_rule, max_rules
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.answers import Sourced
from dash_app.service.client import ApiClient
from dash_app.service.failover import Failover
from dash_app.service.scenarios import ScenarioService, portfolio
from dash_app.views.scenarios import definitions, editor, ids, layout, population_picker, results, rule_words, text
from tests.adapters import Answering, reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from core.contract.scenarios import CurveAnswer, ScenariosAnswer
    from dash_app.service.scenarios import LocalScenarios


def words(component: Any) -> str:
    return json.dumps(component, ensure_ascii=False, default=lambda one: one.to_plotly_json())


class TestFrame:
    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_every_control_has_a_place_and_a_name(
        self, speaking: Callable[[str], AbstractContextManager[None]], lang: str
    ) -> None:
        with speaking(lang):
            every: list[Any] = [each for each in layout.frame(None)._traverse() if isinstance(each, Component)]
        known = [each.id for each in every if isinstance(getattr(each, "id", None), str)]
        assert len(known) == len(set(known))
        asked = {
            value for name, value in vars(ids).items() if isinstance(value, str) and value.startswith("scenarios-")
        }
        assert asked <= set(known)
        named = {each.htmlFor for each in every if each._type == "Label"}
        fields = {each.id for each in every if each._type in ("Select", "Input") and hasattr(each, "id")}
        assert fields <= named

    @pytest.mark.usefixtures("french")
    def test_an_import_of_the_address_is_chosen(self) -> None:
        every = layout.frame("abc")._traverse()
        (chosen,) = [each for each in every if getattr(each, "id", None) == ids.population]
        assert chosen.value == "abc"
        assert population_picker.options((), "abc")[-1] == {"value": "abc", "label": "Un import"}


class TestEditor:
    @pytest.mark.usefixtures("french")
    @pytest.mark.parametrize(
        ("fields", "rule", "said"),
        [
            (("AMT_INCOME_TOTAL", "multiply", "-12,5", ""), ("multiply", 0.875), "Revenu : −12,5 %"),
            (("AMT_CREDIT", "at_most", "250 000", ""), ("at_most", 250_000), "Montant du crédit : 250 000 € au plus"),
            (("EXT_SOURCE_2", "missing", "", ""), ("missing", None), "Score externe 2 : manquant"),
            (("FLAG_EMAIL", "set", "", "1"), ("set", 1), "oui"),
            # Older is further back: a floor for years is a ceiling for days.
            (("DAYS_BIRTH", "at_least", "30", ""), ("at_most", -10958), "30"),
            # A year has no whole number of days.
            (("DAYS_BIRTH", "add", "1", ""), ("add", -365), "+1 ans"),
            (("CNT_CHILDREN", "add", "2", ""), ("add", 2), "+2"),
        ],
    )
    def test_what_is_typed_becomes_a_rule_that_is_read_back(
        self, fields: editor.Fields, rule: tuple[str, object], said: str
    ) -> None:
        found = rule_words.typed(*fields)
        check_rule(found)
        assert found.operation == rule[0]
        assert found.value == pytest.approx(rule[1])
        assert said in rule_words.sentence(found).replace("\u00a0", " ").replace("\u202f", " ")

    @pytest.mark.usefixtures("english")
    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ((None, None, None, None), "Choose a column."),
            (("SK_ID_CURR", "set", "1", ""), "Choose what happens to it."),
            (("AMT_CREDIT", "multiply", "much", ""), "Enter a number."),
            (("AMT_CREDIT", "multiply", "-101", ""), "from −100 to 9,900"),
            (("AMT_CREDIT", "add", "1e20", ""), "out of bounds"),
            (("DAYS_BIRTH", "add", "1e20", ""), "out of bounds"),
            (("CNT_CHILDREN", "set", "0.9", ""), "Enter a whole number."),
            (("CNT_CHILDREN", "add", "0.4", ""), "Enter a whole number."),
            (("CNT_CHILDREN", "at_most", "1.5", ""), "Enter a whole number."),
            (("NAME_INCOME_TYPE", "set", "", "Wizard"), "Choose from the list."),
        ],
    )
    def test_what_is_no_rule_is_refused_with_the_reason(self, fields: editor.Fields, why: str) -> None:
        with pytest.raises(rule_words.UnusableInput, match=why):
            rule_words.typed(*fields)
        assert why in words(editor.ruled({"key": None, "rules": []}, fields).problem)

    @pytest.mark.usefixtures("english")
    def test_a_rule_that_was_not_added_is_saved_with_the_name(self) -> None:
        empty: dict[str, Any] = {"key": None, "rules": []}
        income: editor.Fields = ("AMT_INCOME_TOTAL", "multiply", "-50", "")
        assert "name" in words(editor.saved(empty, "  ", income).problem)
        assert "at least one rule" in words(editor.saved(empty, "Crisis", ("", "", "", "")).problem)
        assert "Enter a number" in words(editor.saved(empty, "Crisis", ("AMT_CREDIT", "add", "", "")).problem)
        found = editor.saved(empty, " Crisis ", income)
        assert found.hidden is True
        assert found.saved["name"] == "Crisis"
        assert found.saved["rules"] == [asdict(Rule("AMT_INCOME_TOTAL", "multiply", 0.5))]

    @pytest.mark.usefixtures("english")
    def test_rules_come_and_go_up_to_the_most(self) -> None:
        income: editor.Fields = ("AMT_INCOME_TOTAL", "add", "1", "")
        state = editor.opened()
        for _place in range(max_rules):
            state = editor.ruled(state.draft, income)
        assert len(state.draft["rules"]) == max_rules
        full = editor.ruled(state.draft, income)
        assert full.draft is no_update
        assert "at most 12 rules" in words(full.problem)
        assert len(editor.dropped(state.draft, 0).draft["rules"]) == max_rules - 1
        assert editor.changing(definitions.ready()[0]).name == "Income −10%"


class TestSentences:
    @pytest.mark.parametrize(("lang", "first"), [("fr", "Sans changement"), ("en", "No change")])
    def test_the_table_begins_with_no_change(
        self, speaking: Callable[[str], AbstractContextManager[None]], trial: ScenariosAnswer, lang: str, first: str
    ) -> None:
        with speaking(lang):
            rows = results.table_rows(trial)
            assert [len(row) for row in rows] == [len(results.header())] * (1 + len(trial.scenarios))
        assert rows[0][0] == (first, "")

    @pytest.mark.usefixtures("english")
    def test_only_what_happens_is_said(self, trial: ScenariosAnswer) -> None:
        flows = DecisionFlows(stay_accepted=5, become_refused=1, become_accepted=0, stay_refused=4)
        one = trial.scenarios[0].model_copy(update={"name": "One", "flows": flows, "outcome": trial.outcome})
        said = text.outcome(one, trial.outcome)
        assert said.startswith("One: 1 accepted application becomes refused; the acceptance rate stays at ")
        assert text.flow(one, "decision") == "9 of 10 applications stay where they are. Accepted to Refused: 1."

    @pytest.mark.usefixtures("english")
    def test_who_is_tried_is_said_whole(self, curve: CurveAnswer) -> None:
        (who, known, source) = text.population(curve.population, "local")
        assert who == "400 clients on hand."
        assert "who defaulted" in known
        assert "The API does not answer" in source
        changed = {"name": "a.csv", "total": 90_000, "used": 20_000, "outcomes_known": False}
        (who, part, unknown) = text.population(curve.population.model_copy(update=changed), "api")
        assert who == "90,000 applications of a.csv."
        assert "20,000" in part
        assert "Nobody knows yet" in unknown

    @pytest.mark.usefixtures("english")
    @pytest.mark.parametrize(
        ("error", "why"),
        [
            (ServiceUnavailable("unreachable"), "Try again in a moment."),
            (NotFound("population"), "There is no such import."),
            (Refused("The file was not scored.", 409), "The file was not scored."),
            (Rejected((FieldError("population", "is unknown", "an import"),)), "It is no import that is kept"),
        ],
    )
    def test_why_nothing_can_be_tried(self, error: Exception, why: str) -> None:
        assert why in words(population_picker.problem(error))


def test_without_the_api_the_model_of_the_dashboard_answers_for_clients_and_not_for_files(
    service: LocalScenarios, curve: CurveAnswer
) -> None:
    silent = ScenarioService(ApiClient("http://api", 5, adapter=Answering(lambda _request: reply(502))))
    both = Failover[ScenarioService](silent, service).service
    assert both.curve(portfolio, "en") == Sourced(curve, "local")
    assert (
        both.run(portfolio, [each.scenario for each in definitions.ready()[:1]], 0.5, "en").answer.outcome.threshold
        == 0.5
    )
    with pytest.raises(ServiceUnavailable):
        both.curve("an-import", "en")
