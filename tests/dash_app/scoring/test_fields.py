"""What a field shows of a value, and which value it makes of what is typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import catalogue
from dash_app.views.scoring.form import entries, fields, form_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from core.catalogue import Column

numbers = [each for each in catalogue.main_columns() if each.type != "category"]


def column(name: str) -> Column:
    return catalogue.column(name)


@pytest.mark.usefixtures("french")
class TestInFrench:
    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("AMT_CREDIT", 406597.5, "406\u202f597,5"),
            ("DAYS_BIRTH", -16000, "43"),
            ("DAYS_EMPLOYED", -600, "1,6"),
            ("DAYS_EMPLOYED", 365243, ""),
            ("EXT_SOURCE_2", 0.26293, "0,26"),
            ("CNT_CHILDREN", 2, "2"),
            ("OWN_CAR_AGE", None, ""),
            ("NAME_CONTRACT_TYPE", "Cash loans", "Cash loans"),
        ],
    )
    def test_a_value_is_shown_as_people_write_it(self, name: str, value: float, text: str) -> None:
        assert fields.shown(column(name), value) == text

    @pytest.mark.parametrize(
        ("name", "typed", "value"),
        [
            ("AMT_CREDIT", "406 597,50 €", 406597.5),
            ("AMT_CREDIT", "406597.5", 406597.5),
            ("DAYS_BIRTH", "43", -15706),
            ("DAYS_EMPLOYED", "2,5", -914),
            ("DAYS_EMPLOYED", "", 365243),
            ("OWN_CAR_AGE", " ", None),
            ("NAME_CONTRACT_TYPE", "Revolving loans", "Revolving loans"),
        ],
    )
    def test_what_is_typed_becomes_the_raw_value(self, name: str, typed: str, value: object) -> None:
        assert fields.read(column(name), typed) == value

    @pytest.mark.parametrize(
        ("name", "typed", "told"),
        [
            ("AMT_CREDIT", "beaucoup", "Saisissez un nombre."),
            ("AMT_CREDIT", "inf", "Saisissez un nombre."),
            ("AMT_CREDIT", "-5", "Entre "),
            ("AMT_CREDIT", "", "Ce champ est nécessaire."),
            ("DAYS_BIRTH", "3", "Entre 17\u00a0ans et "),
            ("CNT_CHILDREN", "1,5", "Saisissez un nombre entier."),
            ("EXT_SOURCE_1", "1,2", "Entre 0,00 et 1,00."),
            ("NAME_CONTRACT_TYPE", "Mortgage", "Choisissez dans la liste."),
        ],
    )
    def test_what_cannot_be_used_says_what_was_expected(self, name: str, typed: str, told: str) -> None:
        with pytest.raises(fields.Unreadable) as unreadable:
            fields.read(column(name), typed)
        assert str(unreadable.value).startswith(told)
        assert not typed or typed not in str(unreadable.value)

    def test_bounds_of_ages_are_told_in_years(self) -> None:
        with pytest.raises(fields.Unreadable, match=r"^Entre \d\d\sans et \d+\sans\.$"):
            fields.read(column("DAYS_BIRTH"), "3")

    def test_the_bounds_themselves_are_accepted(self) -> None:
        for number in numbers:
            for bound in (number.minimum, number.maximum):
                if bound is not None and bound != number.sentinel and not (number.unit == "days" and bound >= 0):
                    value = fields.read(number, fields.shown(number, bound))
                    assert value is not None
                    assert number.minimum is None or float(value) >= number.minimum
                    assert number.maximum is None or float(value) <= number.maximum


@pytest.mark.usefixtures("english")
def test_in_english_a_comma_groups_and_a_point_divides() -> None:
    assert fields.shown(column("AMT_CREDIT"), 406597.5) == "406,597.5"
    assert fields.read(column("AMT_CREDIT"), "406,597.50") == 406597.5


@pytest.mark.parametrize("lang", ["fr", "en"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_shown_can_be_typed_again(
    speaking: Callable[[str], AbstractContextManager[None]], lang: str, data: st.DataObject
) -> None:
    each = data.draw(st.sampled_from(numbers))
    low = each.minimum if each.minimum is not None else 0
    high = each.maximum if each.maximum not in (None, each.sentinel) else low + 1000
    raw = data.draw(st.floats(low, high) if each.type == "real" else st.integers(int(low), int(high)))
    with speaking(lang):
        shown = fields.shown(each, raw)
        again = fields.read(each, shown)
        assert isinstance(again, int | float)
        assert fields.shown(each, again) == shown


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=20), position=st.integers(0, len(catalogue.main_columns()) - 1))
def test_anything_typed_is_read_or_refused(french: None, typed: str, position: int) -> None:
    each = catalogue.main_columns()[position]
    try:
        value = fields.read(each, typed)
    except fields.Unreadable:
        return
    assert value is None or isinstance(value, int | float | str)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["typed", "reason"]), inner),
    max_leaves=3,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=json_values, position=st.integers(0, len(catalogue.main_columns()) - 1))
def test_anything_that_a_form_may_hold_is_accepted_or_refused(french: None, entry: object, position: int) -> None:
    each = catalogue.main_columns()[position]
    try:
        value = fields.accepted(each, entry)
    except fields.Unreadable:
        return
    assert value is None or isinstance(value, int | float | str)
    if value is not None and value != each.sentinel and each.type != "category":
        assert each.minimum is None or float(value) >= each.minimum
        assert each.maximum is None or float(value) <= each.maximum


@pytest.mark.parametrize(
    ("name", "entry", "told"),
    [
        ("AMT_CREDIT", {"typed": "beaucoup"}, "Saisissez un nombre."),
        ("AMT_CREDIT", -5, "Entre "),
        ("AMT_CREDIT", None, "Ce champ est nécessaire."),
        ("AMT_CREDIT", 10**400, "Saisissez un nombre."),
        ("AMT_CREDIT", True, "Saisissez un nombre."),
        ("DAYS_BIRTH", {"typed": "43,5", "reason": "whole"}, "Saisissez un nombre entier."),
        ("DAYS_EMPLOYED", 1826, "Entre "),
        ("CNT_CHILDREN", 1.5, "Saisissez un nombre entier."),
        ("NAME_CONTRACT_TYPE", "Mortgage", "Choisissez dans la liste."),
        ("NAME_CONTRACT_TYPE", ["Cash loans"], "Choisissez dans la liste."),
    ],
)
def test_an_entry_that_cannot_be_used_says_what_was_expected(french: None, name: str, entry: object, told: str) -> None:
    with pytest.raises(fields.Unreadable) as unreadable:
        fields.accepted(column(name), entry)
    assert str(unreadable.value).startswith(told)


class TestForm:
    known: ClassVar = dict(form_state.example)

    def test_an_untouched_form_changes_nothing_not_even_a_digit(self, french: None) -> None:
        known = self.known | {"AMT_CREDIT": 123456.789, "EXT_SOURCE_2": 0.123456789, "DAYS_BIRTH": -13501}
        form = form_state.read_form(entries.of(known), known)
        assert form.changed == ()
        assert {name: form.values[name] for name in known} == known

    def test_only_what_was_changed_counts_as_changed(self, french: None) -> None:
        form = form_state.read_form(entries.of(self.known) | {"AMT_CREDIT": 300_000}, self.known)
        assert [each.name for each in form.changed] == ["AMT_CREDIT"]
        assert form.values["AMT_CREDIT"] == 300_000

    def test_an_empty_form_lacks_what_is_needed_and_errs_in_nothing(self, french: None) -> None:
        form = form_state.read_form({}, {})
        assert not form.errors
        assert set(form.unfilled) == {each.name for each in catalogue.main_columns() if fields.is_needed(each)}

    def test_the_example_is_complete(self, french: None) -> None:
        form = form_state.read_form(entries.of(form_state.example), {})
        assert not form.errors
        assert not form.unfilled

    def test_entries_are_known_again_after_a_browser_had_them(self) -> None:
        # It makes no difference between 450000.0 and 450000.
        held = entries.of(self.known)
        assert isinstance(held["AMT_CREDIT"], float)
        again = held | {"AMT_CREDIT": 450_000}
        assert entries.digest(again) == entries.digest(dict(reversed(held.items())))
        assert entries.digest(held | {"AMT_CREDIT": 450_000.5}) != entries.digest(held)
        assert entries.digest(held | {"AMT_CREDIT": None}) != entries.digest(held)

    def test_what_does_not_apply_is_an_empty_field(self) -> None:
        assert entries.of(self.known | {"DAYS_EMPLOYED": 365243})["DAYS_EMPLOYED"] is None
        assert form_state.read_form({"DAYS_EMPLOYED": None}, {}).values["DAYS_EMPLOYED"] == 365243


class TestDraft:
    def test_what_was_typed_is_said_in_the_language_of_the_page(
        self, speaking: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        draft = {
            "AMT_CREDIT": 1234567.5,
            "EXT_SOURCE_1": 0.555,
            "AMT_ANNUITY": {"typed": "beaucoup"},
            "FLAG_OWN_CAR": "Y",
            "DAYS_BIRTH": -15706,
        }
        for lang, amount, score in (("en", "1,234,567.5", "0.555"), ("fr", "1\u202f234\u202f567,5", "0,555")):
            with speaking(lang):
                filled = entries.opening({}, draft)
            assert {name: filled.values[name] for name in draft} == draft
            assert filled.texts["AMT_CREDIT"] == amount
            assert filled.texts["EXT_SOURCE_1"] == score
            assert filled.texts["AMT_ANNUITY"] == "beaucoup"
            assert filled.texts["FLAG_OWN_CAR"] == "Y"
            assert filled.texts["DAYS_BIRTH"] == "43"
            assert filled.texts["AMT_INCOME_TOTAL"] == ""

    def test_what_was_not_typed_stays_as_it_is_on_file(self, english: None) -> None:
        filled = entries.opening(form_state.example, {"AMT_CREDIT": 1.5, "AMT_ANNUITY": None})
        # A field that was emptied stays empty.
        assert filled.file == entries.filling(form_state.example)
        assert filled.values == entries.of(form_state.example) | {"AMT_CREDIT": 1.5, "AMT_ANNUITY": None}
        assert filled.texts["AMT_ANNUITY"] == ""

    @pytest.mark.parametrize(
        "draft",
        [
            {},
            {"SHOE_SIZE": 43},
            {"AMT_CREDIT": True},
            {"AMT_CREDIT": [5]},
            {"AMT_CREDIT": math.nan},
            {"AMT_CREDIT": {"typed": 5}},
        ],
    )
    def test_what_a_browser_has_not_kept_changes_nothing(self, english: None, draft: Mapping[str, object]) -> None:
        assert entries.opening(form_state.example, draft).values == entries.of(form_state.example)

    @given(number=st.integers(0, 10**15 - 1).map(lambda digits: digits / 10**8))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_number_is_the_same_in_both_languages(
        self, speaking: Callable[[str], AbstractContextManager[None]], number: float
    ) -> None:
        for lang in ("fr", "en"):
            with speaking(lang):
                assert fields.number(fields.typed(number)) == number
