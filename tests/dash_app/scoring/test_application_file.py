"""An application as a JSON file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import catalogue
from dash_app.components.markup import markup
from dash_app.views.scoring.form import application_file, entries, form_state

if TYPE_CHECKING:
    from dash_app.service import LocalScoring

names = [column.name for column in catalogue.main_columns()]


@pytest.mark.usefixtures("english")
class TestFile:
    def test_what_is_written_is_read_again(self) -> None:
        assert application_file.read(application_file.written(form_state.example)) == application_file.Imported(
            dict(form_state.example)
        )

    def test_it_is_what_the_api_takes(self, local: LocalScoring, known_client: int) -> None:
        features = local.client(known_client).features
        sent = json.loads(application_file.written(features))["features"]
        assert local.assess(sent, "en").probability == local.assess(features, "en").probability

    def test_the_columns_may_stand_alone(self) -> None:
        assert application_file.read(json.dumps(form_state.example)).values == form_state.example

    def test_bad_fields_are_told_without_their_values_and_the_others_are_taken(self) -> None:
        found = application_file.read(
            json.dumps({"features": dict(form_state.example) | {"AMT_CREDIT": "plenty", "CNT_CHILDREN": -3}})
        )
        assert {label for label, _expected in found.wrong} == {"Credit amount", "Dependent children"}
        assert set(names) - set(found.values) >= {"AMT_CREDIT", "CNT_CHILDREN"}
        assert found.values["AMT_INCOME_TOTAL"] == 162_000
        shown = markup(application_file.told(found))
        assert "Credit amount: expected" in shown
        assert "plenty" not in shown

    def test_columns_without_a_field_and_unknown_names_are_named(self) -> None:
        given = dict(form_state.example) | {"REGION_RATING_CLIENT": 2, "SHOE_SIZE": 43}
        found = application_file.read(json.dumps({"features": given}))
        assert found.elsewhere == ("REGION_RATING_CLIENT",)
        assert found.unknown == ("SHOE_SIZE",)
        shown = markup(application_file.told(found))
        assert "not taken over: REGION_RATING_CLIENT." in shown
        assert "Not known: SHOE_SIZE." in shown

    def test_many_names_are_counted(self) -> None:
        found = application_file.read(
            json.dumps({"features": dict(form_state.example) | {f"X{each}": 1 for each in range(9)}})
        )
        assert "X5 and 3 more" in markup(application_file.told(found))

    @pytest.mark.parametrize(
        "text", ["", "{", "[1, 2]", '"x"', "{}", '{"features": []}', '{"features": {}}', "[" * 9999]
    )
    def test_what_is_no_application_is_refused_with_a_reason(self, text: str) -> None:
        with pytest.raises(application_file.NotAnApplication):
            application_file.read(text)

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
            found = application_file.read(json.dumps({"features": content}))
        except application_file.NotAnApplication:
            return
        assert list(entries.filling(found.values).texts) == names
        markup(application_file.told(found))
