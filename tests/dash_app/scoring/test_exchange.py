"""An application as a JSON file, and what was typed when the language is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import catalogue
from dash_app.components.markup import markup
from dash_app.views.scoring import case, exchange, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from core.decision import Value
    from dash_app.service import LocalScoring

names = [each.name for each in catalogue.main_columns()]


@pytest.mark.usefixtures("english")
class TestFile:
    def test_what_is_written_is_read_again(self) -> None:
        assert exchange.read(exchange.written(case.example)) == exchange.Imported(dict(case.example))

    def test_it_is_what_the_api_takes(self, local: LocalScoring, known_client: int) -> None:
        features = local.client(known_client).features
        sent = json.loads(exchange.written(features))["features"]
        assert local.assess(sent, "en").decision == local.assess(features, "en").decision

    def test_the_columns_may_stand_alone(self) -> None:
        assert exchange.read(json.dumps(case.example)).values == case.example

    def test_bad_fields_are_told_without_their_values_and_the_others_are_taken(self) -> None:
        found = exchange.read(
            json.dumps({"features": dict(case.example) | {"AMT_CREDIT": "plenty", "CNT_CHILDREN": -3}})
        )
        assert {label for label, _expected in found.wrong} == {"Credit amount", "Dependent children"}
        assert set(names) - set(found.values) >= {"AMT_CREDIT", "CNT_CHILDREN"}
        assert found.values["AMT_INCOME_TOTAL"] == 162_000
        shown = markup(exchange.told(found))
        assert "Credit amount: expected" in shown
        assert "plenty" not in shown

    def test_columns_without_a_field_and_unknown_names_are_named(self) -> None:
        given = dict(case.example) | {"REGION_RATING_CLIENT": 2, "SHOE_SIZE": 43}
        found = exchange.read(json.dumps({"features": given}))
        assert found.elsewhere == ("REGION_RATING_CLIENT",)
        assert found.unknown == ("SHOE_SIZE",)
        shown = markup(exchange.told(found))
        assert "not taken over: REGION_RATING_CLIENT." in shown
        assert "Not known: SHOE_SIZE." in shown

    def test_many_names_are_counted(self) -> None:
        found = exchange.read(json.dumps({"features": dict(case.example) | {f"X{each}": 1 for each in range(9)}}))
        assert "X5 and 3 more" in markup(exchange.told(found))

    @pytest.mark.parametrize(
        "text", ["", "{", "[1, 2]", '"x"', "{}", '{"features": []}', '{"features": {}}', "[" * 9999]
    )
    def test_what_is_no_application_is_refused_with_a_reason(self, text: str) -> None:
        with pytest.raises(exchange.NotAnApplication):
            exchange.read(text)

    @given(
        st.dictionaries(
            st.sampled_from(names) | st.text(max_size=9),
            st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists, max_leaves=3),
            min_size=1,
        )
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_file_fills_the_form_or_is_told(self, content: dict[str, object]) -> None:
        try:
            found = exchange.read(json.dumps({"features": content}))
        except exchange.NotAnApplication:
            return
        assert len(case.texts(found.values)) == len(names)
        markup(exchange.told(found))


class TestDraft:
    def test_what_was_typed_is_said_in_the_other_language(
        self, speaking: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        texts = {"AMT_CREDIT": "1 234 567,5", "EXT_SOURCE_1": "0,555", "AMT_ANNUITY": "beaucoup", "FLAG_OWN_CAR": "Y"}
        with speaking("en"):
            shown = dict(zip(names, exchange.drafted({"lang": "fr", "texts": texts}, case.texts({})), strict=True))
        assert shown["AMT_CREDIT"] == "1,234,567.5"
        assert shown["EXT_SOURCE_1"] == "0.555"
        assert shown["AMT_ANNUITY"] == "beaucoup"
        assert shown["FLAG_OWN_CAR"] == "Y"
        assert shown["AMT_INCOME_TOTAL"] == ""

    def test_what_was_not_typed_stays_as_it_is_on_file(self, english: None) -> None:
        on_file = case.texts(case.example)
        shown = exchange.drafted({"lang": "fr", "texts": {"AMT_CREDIT": "1,5"}}, on_file)
        assert [name for name, one, other in zip(names, on_file, shown, strict=True) if one != other] == ["AMT_CREDIT"]

    @pytest.mark.parametrize("draft", [{}, {"texts": None}, {"lang": "xx", "texts": {"AMT_CREDIT": 5}}])
    def test_what_a_browser_has_not_kept_changes_nothing(self, english: None, draft: Mapping[str, object]) -> None:
        assert exchange.drafted(draft, case.texts(case.example)) == case.texts(case.example)

    @given(data=st.data())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_there_and_back_is_the_same_value(
        self, speaking: Callable[[str], AbstractContextManager[None]], data: st.DataObject
    ) -> None:
        column = catalogue.column("AMT_CREDIT")
        raw: Value = data.draw(st.floats(1000, 4_000_000).map(lambda each: round(each, 2)))
        with speaking("fr"):
            french = fields.shown(column, raw)
        with speaking("en"):
            english = fields.carried(column, french, "fr")
            assert fields.read(column, english) == raw
        with speaking("fr"):
            assert fields.carried(column, english, "en") == french
