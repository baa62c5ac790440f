"""Files of the Simulation page: comparisons as CSV and Excel, scenarios as JSON there and back, and bad ones."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scenarios.rules import Scenario
from dash_app.service.answers import Sourced
from dash_app.views.scenarios import changes, definitions, export, stored_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from core.contract.scenarios import ScenariosAnswer

rules = [each.rules for each in definitions.ready()]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes, place: int) -> list[list[str]]:
    """The cells of a sheet of a workbook (from 1), as text."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared, sheet = (
            ET.fromstring(book.read(f"xl/{each}.xml"))  # noqa: S314 - of our own making
            for each in ("sharedStrings", f"worksheets/sheet{place}")
        )
    texts = ["".join(each.itertext()) for each in shared.iter(f"{space}si")]

    def said(cell: ET.Element) -> str:
        value = cell.findtext(f"{space}v") or ""
        return texts[int(value)] if cell.get("t") == "s" else value

    return [[said(cell) for cell in row] for row in sheet.iter(f"{space}row")]


def file_of(*scenarios: object, **others: object) -> bytes:
    content = {"format": "home-credit-scenarios", "version": 1, "scenarios": list(scenarios)}
    return json.dumps(content | others).encode()


def scenario(name: object = "Mine", *given_rules: object) -> dict[str, object]:
    return {"name": name, "rules": list(given_rules) or [{"column": "AMT_CREDIT", "operation": "multiply", "value": 2}]}


def words(component: Any) -> str:
    return "" if component is None else json.dumps(component.to_plotly_json(), default=lambda one: one.to_plotly_json())


@pytest.mark.usefixtures("english")
class TestComparison:
    def test_csv_has_the_numbers_of_the_trial(self, trial: ScenariosAnswer) -> None:
        header, unchanged, *found = read(export.csv_file(trial, rules))
        assert unchanged[0] == "No change"
        assert [each[0] for each in found] == [each.name for each in trial.scenarios]
        place = {name: header.index(name) for name in header}
        assert found[0][place["What it changes"]] == "Income: −10%"
        for row, each in zip(found, trial.scenarios, strict=True):
            assert float(row[place["Expected cost of an application"]]) == each.outcome.cost
            assert int(row[place["Accepted"]]) == each.outcome.accepted
            assert int(row[place["Become refused"]]) == each.flows.become_refused
            assert float(row[place["Mean risk"]]) == each.mean_probability

    def test_excel_has_the_same_and_says_on_whom(self, trial: ScenariosAnswer) -> None:
        book = export.xlsx_file(Sourced(trial), rules)
        written, spoken = sheet_of(book, 1), read(export.csv_file(trial, rules))
        assert written[0] == spoken[0]
        for row, other in zip(written[1:], spoken[1:], strict=True):
            # A cell without anything in it is not written.
            names, numbers = [each for each in other[:2] if each], [float(each) for each in other[2:]]
            assert row[: len(names)] == names
            assert [float(each) for each in row[len(names) :]] == pytest.approx(numbers)
        assert sheet_of(book, 2)[0] == ["400 clients on hand."]

    def test_names_are_no_formulas_in_either(self, trial: ScenariosAnswer) -> None:
        evil = trial.model_copy(update={"scenarios": [trial.scenarios[0].model_copy(update={"name": "=1+1"})]})
        assert read(export.csv_file(evil, rules[:1]))[2][0] == "'=1+1"
        assert sheet_of(export.xlsx_file(Sourced(evil), rules[:1]), 1)[2][0] == "'=1+1"

    def test_two_of_the_same_name_keep_their_own_rules(self, trial: ScenariosAnswer) -> None:
        one, other = definitions.ready()[:2]
        twins = (replace(one, name="Twin", ready=False), replace(other, name="Twin", ready=False))
        two = trial.model_copy(update={"scenarios": trial.scenarios[:2]})
        held = stored_run.held(Sourced(two), [twin.key for twin in twins])
        sent = export.asked("csv", held, twins)
        assert sent["filename"] == "scenarios.csv"
        found = read(base64.b64decode(sent["content"]))
        assert [each[1] for each in found[2:]] == ["Income: −10%", "Instalment: +8%"]

    def test_the_browser_gives_back_what_it_held(self, trial: ScenariosAnswer) -> None:
        run = Sourced(trial, "local")
        assert stored_run.read(json.loads(json.dumps(stored_run.held(run, ["a", "b", "c", "d"])))) == run


def test_a_french_csv_has_semicolons_and_decimal_commas(
    trial: ScenariosAnswer, speaking: Callable[[str], AbstractContextManager[None]]
) -> None:
    with speaking("fr"):
        content = export.csv_file(trial, rules)
    _header, _unchanged, *found = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    for row, each in zip(found, trial.scenarios, strict=True):
        assert "." not in "".join(row[2:])
        assert [float(cell.replace(",", ".")) for cell in row[6:9]] == [
            each.mean_probability,
            each.outcome.expected_defaults,
            each.outcome.cost,
        ]


class TestScenarios:
    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_there_and_back(self, speaking: Callable[[str], AbstractContextManager[None]], lang: str) -> None:
        with speaking(lang):
            sent = base64.b64decode(export.definitions_file(definitions.ready())["content"])
            assert definitions.from_file(sent) == tuple(each.scenario for each in definitions.ready())

    def test_years_that_were_kept_with_parts_of_days_are_kept_on(self) -> None:
        ((rule,), _others) = (
            each.rules
            for each in definitions.from_file(
                file_of(scenario("x", {"column": "DAYS_BIRTH", "operation": "add", "value": -365.25}), scenario("y"))
            )
        )
        assert rule.value == -365

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "not JSON"),
            (b"\xff\xfe{", "not JSON"),
            (b"[" * 100_000, "not JSON"),
            (b" " * 200_001, "too large"),
            (b"[]", "no scenarios"),
            (b'{"scenarios": []}', "no scenarios"),
            (file_of(), "no scenarios"),
            (file_of(scenario(), format="other"), "no scenarios"),
            (file_of("x"), "Scenario 1: a name"),
            (file_of(scenario(), scenario("x" * 81)), "Scenario 2: a name"),
            (file_of({"name": "x", "rules": []}), "1 to 12 rules"),
            (file_of(scenario("x", {"column": "SK_ID_CURR", "operation": "set", "value": 1})), "rule 1 cannot"),
            (file_of(scenario("x", {"column": "AMT_CREDIT", "operation": "eval", "value": 1})), "rule 1 cannot"),
            (file_of(scenario("x", {"column": "AMT_CREDIT", "operation": "add", "value": "1"})), "rule 1 cannot"),
            (file_of(scenario("x", {"column": ["AMT_CREDIT"], "operation": "missing"})), "rule 1 cannot"),
            (file_of(scenario("x", {"colonne": "AMT_CREDIT"})), "rule 1 cannot"),
            (file_of(scenario("x", 3)), "rule 1 cannot"),
            (file_of(scenario("x", {"column": "CNT_CHILDREN", "operation": "set", "value": 0.9})), "rule 1 cannot"),
        ],
    )
    @pytest.mark.usefixtures("english")
    def test_a_file_that_is_no_good_is_refused_with_the_reason(self, content: bytes, why: str) -> None:
        with pytest.raises(definitions.UnusableScenarios, match=why):
            definitions.from_file(content)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(
                        ["scenarios", "name", "rules", "column", "operation", "value", "key", "chosen", "version"]
                    ),
                    inner,
                )
            ),
            max_leaves=12,
        )
    )
    def test_whatever_the_browser_kept_the_page_opens(self, data: Any) -> None:
        kept = {"version": 1, "scenarios": data} if isinstance(data, list) else data
        assert all(len(each.rules) >= 1 for each in definitions.restored(kept))


@pytest.mark.usefixtures("english")
class TestChanges:
    def test_a_file_joins_the_list_under_free_names(self) -> None:
        text = file_of(scenario("Income −10%"), scenario("Mine")).decode()
        found, note = changes.imported(definitions.ready(), {"text": text, "time": 1})
        assert [each.title for each in found[4:]] == ["Income −10% (2)", "Mine"]
        assert "Scenarios imported: 2." in words(note)

    def test_a_bad_file_changes_nothing_and_says_why(self) -> None:
        found, note = changes.imported(definitions.ready(), {"text": "{", "time": 1})
        assert found == definitions.ready()
        assert "The file is not JSON." in words(note)

    def test_what_there_is_no_room_for_is_said(self) -> None:
        text = file_of(*[scenario(f"S{place}") for place in range(28)]).decode()
        found, note = changes.imported(definitions.ready(), {"text": text, "time": 1})
        assert len(found) == definitions.max_kept
        assert "The file has 2 more" in words(note)
        own = {"key": None, "new_key": "own-1", "name": "One more", "rules": [asdict(rules[0][0])]}
        same, note = changes.saved(found, own)
        assert same == found
        assert "remove one first" in words(note)

    def test_of_ten_that_are_ticked_two_are_left_out_by_name(self) -> None:
        found = definitions.added(definitions.ready(), [Scenario(f"S{place}", rules[0]) for place in range(6)], "k")
        found, _note = changes.ticked(found, {each.key: True for each in found})
        assert len(definitions.compared(found)) == 8
        assert "Left out: S4, S5." in words(changes.limit(found))
        assert changes.limit(definitions.ready()) == "4 compared, of 8 at most at a time."

    def test_one_is_removed_and_brought_back(self) -> None:
        left, note = changes.removed(definitions.ready(), "ready-rates")
        assert [each.key for each in left] == ["ready-income", "ready-cap", "ready-blind"]
        assert "Removed: Rates up" in words(note)
        back, _note = changes.brought_back(left)
        assert {each.key for each in back} == {each.key for each in definitions.ready()}
        same, note = changes.brought_back(back)
        assert same == back
        assert note is not None

    def test_a_change_takes_no_name_of_another(self) -> None:
        own = {"key": "ready-cap", "name": "Income −10%", "rules": [asdict(rules[0][0])]}
        found, _note = changes.saved(definitions.ready(), own)
        assert found[2].title == "Income −10% (2)"
        assert definitions.restored(json.loads(json.dumps(definitions.stored(found)))) == found
