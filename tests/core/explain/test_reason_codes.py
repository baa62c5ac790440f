"""Reasons are sentences a client understands, in both languages, for every feature of the model."""

import pytest

from core import catalogue
from core.catalogue import Language
from core.decision import Contribution, PlaceAmong, Value
from core.explain.reason_codes import group_totals, reason
from core.features import feature_names
from core.settings import settings


def said(name: str, value: Value, below: float | None = None, lang: Language = "fr", above: float | None = None) -> str:
    """The sentence of a value; where `above` is not given, nobody has the same."""
    place = None if below is None else PlaceAmong(below, round(1 - below, 2) if above is None else above)
    text = reason(Contribution(name, value, 0.4, place), lang).text
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_amounts_come_with_their_place_among_all_clients() -> None:
    assert said("ANNUITY_INCOME_RATIO", 0.32, 0.85) == (
        "Chaque mensualité prend 32 % de votre revenu de la même période, soit plus que chez 85 % des clients."
    )
    assert said("ANNUITY_INCOME_RATIO", 0.32, 0.85, "en") == (
        "Each instalment takes 32% of your income of the same period, which is more than for 85% of clients."
    )
    assert said("EXT_SOURCE_2", 0.1, 0.0) == (
        "Un organisme de score extérieur vous donne 0,10 sur 1, soit moins que chez 99 % des clients."
    )
    assert said("AMT_CREDIT", 5e5, 0.5).endswith(", ce qui est dans la moyenne.")


def test_days_before_the_application_are_compared_as_durations() -> None:
    # The older client has the lower number of days.
    assert said("DAYS_BIRTH", -20000, 0.1, "en") == "You are 54 years old, which is more than for 90% of clients."


def test_who_has_the_same_counts_neither_as_more_nor_as_less() -> None:
    # A third have the same: "less than for 69 %" would be false of the 38 % who have more.
    assert said("CREDIT_GOODS_RATIO", 1.2, 0.31, "en", above=0.38).endswith(", which is about average.")
    assert said("AMT_CREDIT", 5e5, 0.69, "en", above=0.0).endswith("more than for 69% of clients.")


def test_who_has_no_job_is_not_among_those_compared_with() -> None:
    assert said("DAYS_EMPLOYED", -3000, 0.25, "en").endswith("more than for 75% of the clients who have a job.")


def test_what_was_done_on_the_day_is_less_long_ago_than_for_others() -> None:
    today = said("DAYS_ID_PUBLISH", 0, 0.98, "en", above=0.0)
    assert today.endswith("0 days ago, which is less than for 98% of clients.")


def test_categories_and_flags_have_no_place() -> None:
    assert said("FLAG_OWN_CAR", "Y", 0.9, "en") == "You own a car."
    assert said("FLAG_OWN_CAR", "N", 0.9) == "Vous ne possédez pas de voiture."
    assert said("NAME_EDUCATION_TYPE", "Higher education", 0.9) == "Votre niveau d’études : études supérieures."
    assert "%" not in said("FLAG_EMAIL", 1, 0.9)


def test_nothing_and_all_are_said_in_words() -> None:
    assert said("INSTALMENT_LATE_SHARE", 0.0, 0.1) == "Aucune de vos échéances n’a été payée en retard."
    assert said("PREVIOUS_REFUSED_SHARE", 1.0, 0.98, "en") == "All your previous applications were refused."
    assert said("INSTALMENT_LATE_SHARE", 0.4, 0.98).endswith(
        "40 % de vos échéances, soit plus que chez 98 % des clients."
    )


def test_the_sign_of_what_may_go_either_way_is_said() -> None:
    early, late = (said("BUREAU_CLOSED_EARLY", days, 0.9, "en") for days in (30.0, -30.0))
    assert "30 days before they were due" in early
    assert "30 days after they were due" in late
    assert "more often" in said("INSTALMENT_LATE_TREND", 0.1, 0.9, "en")
    assert "less often" in said("INSTALMENT_LATE_TREND", -0.1, 0.1, "en")


def test_missing_and_not_applicable_are_said_so() -> None:
    assert said("EXT_SOURCE_1", None).endswith(": non renseigné.")
    assert said("DAYS_EMPLOYED", 365243).endswith(": sans objet.")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", feature_names())
def test_every_feature_of_the_model_can_be_said(name: str, lang: Language) -> None:
    entry = catalogue.entry(name)
    known = entry.codes[0].code if isinstance(entry, catalogue.Column) and entry.codes else 0.5
    for value in (known, None):
        made = reason(Contribution(name, value, 0.1, PlaceAmong(0.3, 0.6)), lang)
        assert made.label == entry.label(lang) != name
        assert made.text.endswith(".")
        assert name not in made.text
        assert "{" not in made.text


def test_contributions_that_are_all_zero_have_no_share() -> None:
    nothing = [Contribution("AMT_CREDIT", 1.0, 0.0), Contribution("EXT_SOURCE_1", None, 0.0)]
    assert [(total.group, total.share) for total in group_totals(nothing, "en")] == [("credit", 0.0), ("external", 0.0)]


@pytest.mark.parametrize("name", feature_names())
def test_minus_zero_is_said_as_zero(name: str) -> None:
    # Kept words of the one are found for the other: among clients of whom nothing was said before, -0 comes first, and
    # an integer is kept apart.
    assert said(name, -0.0, 0.3141, "en") == said(name, 0, 0.3141, "en")


def test_words_are_kept_by_all_that_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, so that each could be answered with the words of the one before."""
    words = "You ask for a credit of €500,000"
    assert said("AMT_CREDIT", 5e5, 0.9, "en") == f"{words}, which is more than for 90% of clients."
    assert said("AMT_CREDIT", 5e5, 0.1, "en") == f"{words}, which is less than for 90% of clients."
    assert said("AMT_CREDIT", 5e5, None, "en") == f"{words}."
    assert "500 000 €" in said("AMT_CREDIT", 5e5, None, "fr")
    assert said("AMT_CREDIT", 6e5, None, "en") == "You ask for a credit of €600,000."
    assert "credit of" not in said("AMT_GOODS_PRICE", 6e5, None, "en")
    with monkeypatch.context() as changed:
        changed.setenv("CURRENCY", "USD")
        settings.cache_clear()
        assert "$500,000" in said("AMT_CREDIT", 5e5, None, "en")
    settings.cache_clear()
