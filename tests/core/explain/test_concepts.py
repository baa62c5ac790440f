"""Reasons by concept: exact sums, one sentence each, and never a value on the side to which it does not belong."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import catalogue
from core.catalogue import concepts
from core.decision import Contribution, PlaceAmong, Value
from core.explain.concepts import ConceptTotal, concept_totals, least_weight, most_reasons, not_known
from core.explain.reason_codes import group_totals
from core.features import feature_names

if TYPE_CHECKING:
    from core.catalogue import Language

languages: Final[tuple[Language, ...]] = ("fr", "en")
late: Final = "INSTALMENT_LATE_SHARE"


def rows(name: str) -> list[dict[str, str]]:
    with files("core.catalogue").joinpath(name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def of(name: str, value: Value, contribution: float, below: float = 0.0, above: float = 0.0) -> Contribution:
    place = None if isinstance(value, str) or value is None else PlaceAmong(below, above)
    return Contribution(name, value, contribution, place)


def only(*contributions: Contribution) -> ConceptTotal:
    (total,) = concept_totals(contributions, "en")
    return total


class TestCatalogue:
    def test_every_feature_of_the_model_belongs_to_exactly_one_concept(self) -> None:
        named = Counter(row["name"] for row in rows("sides.csv"))
        assert set(named.values()) == {1}
        assert not set(feature_names()) - set(named)
        assert {concepts.sides(name).concept for name in feature_names()} == set(concepts.concepts())
        assert len(concepts.concepts()) in range(30, 40)

    @pytest.mark.parametrize("name", feature_names())
    def test_the_side_of_a_feature_is_that_of_its_constraint(self, name: str) -> None:
        entry, sides = catalogue.entry(name), concepts.sides(name)
        assert sides.polarity in (-1, 0, 1)
        if entry.direction:
            assert sides.polarity == entry.direction
        codes = {code.code for code in entry.codes} if isinstance(entry, catalogue.Column) else set()
        assert sides.good | sides.bad <= codes
        assert not sides.good & sides.bad
        # A category has codes, a number a polarity.
        assert not (codes and sides.polarity)

    def test_every_concept_is_said_in_both_languages(self) -> None:
        for concept in concepts.concepts().values():
            for lang in languages:
                texts = [concept.label(lang), concept.neutral("for", lang), concept.neutral("against", lang)]
                assert all(text and text == text.strip() and not text.endswith(".") for text in texts)
                assert len(set(texts)) == 3
                assert lang == "en" or not any("'" in text for text in texts)

    def test_no_client_hears_of_an_annuity_or_a_numbered_score(self) -> None:
        for row in rows("sentences.csv"):
            assert not re.search(r"annuit|external score", row["en"], re.IGNORECASE), row
            assert not re.search(r"annuité|score externe", row["fr"], re.IGNORECASE), row
            # What is after a colon or a percentage in French keeps its space.
            assert not re.search(r"(?<![\u00a0\u202f])[:;?!»%]", row["fr"]), row

    def test_sentences_name_features_and_values_that_there_are(self) -> None:
        for row in rows("sentences.csv"):
            entry = catalogue.entry(row["name"])
            if isinstance(entry, catalogue.Column) and entry.type == "category":
                assert row["when"] in {"", "for", "against", *(code.code for code in entry.codes)}, row
            for lang in languages:
                assert set(re.findall(r"{(\w+)}", row[lang])) <= {"value", "below", "above"}


class TestSides:
    def test_a_late_payment_never_speaks_for_a_client_and_none_never_against(self) -> None:
        # The model may make of it what it likes.
        for_them = only(of(late, 0.024, -0.4, below=0.69, above=0.3))
        assert (for_them.side, for_them.feature) == ("for", None)
        against = only(of("INSTALMENT_DAYS_LATE_MAX", 0.0, 0.4, above=0.7))
        assert (against.side, against.feature) == ("against", None)
        assert against.text == "On the whole, your punctuality at the bank is against you."
        assert only(of(late, 0.0, -0.4, above=0.7)).text == "None of your instalments was paid late."
        assert only(of(late, 0.4, 0.4, below=0.98)).feature == late

    def test_the_next_member_stands_in_for_one_on_its_contrary_side(self) -> None:
        total = only(of(late, 0.024, -0.4, below=0.6), of("POS_LATE_SHARE", 0.0, -0.1, above=0.7))
        assert total.contribution == pytest.approx(-0.5)
        assert total.feature == "POS_LATE_SHARE"
        # Not one that weighs the other way.
        assert only(of(late, 0.02, -0.4, below=0.6), of("POS_LATE_SHARE", 0.0, 0.1, above=0.7)).feature is None

    def test_a_pensioner_is_one_though_the_weight_stands_at_the_job_that_is_none(self) -> None:
        no_phone, pensioner = of("FLAG_EMP_PHONE", 0, -0.3), of("NAME_INCOME_TYPE", "Pensioner", 0.1)
        assert only(no_phone, pensioner).text == "Your situation: pensioner."
        assert only(no_phone, of("NAME_INCOME_TYPE", "Working", 0.1)).feature is None

    @pytest.mark.parametrize(
        ("name", "value", "place", "side"),
        [
            ("AMT_INCOME_TOTAL", 9e4, (0.2, 0.7), "against"),
            ("AMT_INCOME_TOTAL", 2e5, (0.7, 0.2), "for"),
            ("DAYS_BIRTH", -20_000, (0.1, 0.9), "for"),
            ("NAME_EDUCATION_TYPE", "Higher education", None, "for"),
            ("NAME_INCOME_TYPE", "Unemployed", None, "against"),
            ("INSTALMENT_PAID_SHARE", 1.0, (0.1, 0.1), "for"),
            ("INSTALMENT_PAID_SHARE", 0.99, (0.6, 0.1), "against"),
            ("FLAG_PHONE", 1, (0.7, 0.0), "for"),
        ],
    )
    def test_a_value_is_said_on_its_own_side_alone(
        self, name: str, value: Value, place: tuple[float, float] | None, side: str
    ) -> None:
        for weight, where in ((-0.3, "for"), (0.3, "against")):
            total = only(of(name, value, weight, *(place or ())))
            assert total.side == where
            assert (total.feature == name) == (where == side)
            assert total.text

    def test_what_as_many_have_less_of_as_more_says_nothing(self) -> None:
        assert only(of("AMT_INCOME_TOTAL", 1.5e5, 0.3, 0.4, 0.4)).feature is None

    def test_paying_less_early_than_others_is_said_as_it_is(self) -> None:
        total = only(of("INSTALMENT_DAYS_EARLY_MEAN", 5.0, 0.5, below=0.2, above=0.8))
        assert (
            total.text
            == "You pay your instalments 5 days early on average: 80% of clients pay theirs earlier than you."
        )


class TestNotKnown:
    def test_what_is_missing_is_no_reason(self) -> None:
        missing = of("EXT_SOURCE_1", None, 0.3), of("EXT_SOURCE_2", None, 0.2)
        total = only(*missing)
        assert (total.known, total.text) == (False, None)
        assert not_known([total], "en") == "Not known to us: scores of outside agencies."
        french = not_known(concept_totals(missing, "fr"), "fr")
        assert french == "Non connu de nous\u00a0: scores d’organismes extérieurs."

    def test_of_many_the_first_are_named_and_the_others_counted(self) -> None:
        names = list({concepts.sides(name).concept: name for name in feature_names()}.values())
        for count in (4, 6):
            missing = [of(name, None, 0.5 - place / 100) for place, name in enumerate(names[:count])]
            said = not_known(concept_totals(missing, "en"), "en")
            assert said is not None
            assert said.count(",") == (3 if count == 4 else 2)
            assert said.endswith(" and 3 more.") == (count == 6)

    def test_what_is_known_but_speaks_the_other_way_is_no_reason_either(self) -> None:
        total = only(of("EXT_SOURCE_1", None, 0.3), of("EXT_SOURCE_2", 0.9, -0.1, below=0.99))
        assert (total.side, total.known, total.text) == ("against", False, None)

    def test_codes_that_say_nothing_are_missing(self) -> None:
        assert not only(of("ORGANIZATION_TYPE", "XNA", 0.3)).known
        assert not only(of("DAYS_EMPLOYED", 365243, 0.3)).known

    def test_nothing_is_named_where_all_is_known_or_weighs_nothing(self) -> None:
        assert not_known([only(of(late, 0.0, -0.4)), only(of("EXT_SOURCE_1", None, 0.001))], "en") is None


weights: Final = st.floats(-2, 2, allow_nan=False)


@given(st.dictionaries(st.sampled_from(feature_names()), st.tuples(weights, st.booleans(), weights), min_size=1))
def test_any_contributions_are_summed_up_exactly_and_each_concept_is_said_once(
    drawn: dict[str, tuple[float, bool, float]],
) -> None:
    given_contributions = [
        of(name, _value(name, value) if known else None, weight, abs(value) / 2, 1 - abs(value) / 2)
        for name, (weight, known, value) in drawn.items()
    ]
    totals = concept_totals(given_contributions, "fr")
    assert len({total.concept for total in totals}) == len(totals)
    for total in totals:
        own = [part for part in given_contributions if concepts.sides(part.feature).concept == total.concept]
        assert total.contribution == pytest.approx(math.fsum(part.contribution for part in own), abs=1e-12)
        if total.text is not None:
            assert abs(total.contribution) >= least_weight
            assert total.known
            assert any(part.value is not None for part in own)
    assert max(Counter(total.side for total in totals if total.text).values(), default=0) <= most_reasons
    sizes = [abs(total.contribution) for total in totals]
    assert sizes == sorted(sizes, reverse=True)


def _value(name: str, number: float) -> Value:
    entry = catalogue.entry(name)
    if isinstance(entry, catalogue.Column) and entry.codes:
        return entry.codes[int(abs(number) * 100) % len(entry.codes)].code
    return float(number)


def test_a_feature_that_nobody_knows_is_refused_by_its_name() -> None:
    unknown = [of("AMT_CREDIT", 1.0, 0.2), of("NO_SUCH_FEATURE", 1.0, 0.1)]
    for summed_up in (concept_totals, group_totals):
        with pytest.raises(catalogue.UnknownEntry, match="NO_SUCH_FEATURE"):
            summed_up(unknown, "en")
