"""What would change a decision, and what a client did before: what the cards say and what the charts hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import dash
import pytest

from core.contract.clients.history import (
    CardMonthAnswer,
    EarlierApplicationAnswer,
    HistoryAnswer,
    OtherLoanAnswer,
    PaymentMonthAnswer,
)
from core.contract.recourse_found import MoveAnswer, OptionAnswer, RecourseFound
from core.settings import root
from core.text.formats import format_amount
from dash_app.components.markup import markup
from dash_app.views.scoring import history, history_charts
from dash_app.views.scoring.form import entries, form_state
from dash_app.views.scoring.result import credit, options
from tests.contracts import changed, partly

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dash.development.base_component import Component

    from core.catalogue import Language


def option(text: str, changes: dict[str, float | int | str | None], probability: float, decision: str) -> OptionAnswer:
    one = partly(MoveAnswer)
    return partly(OptionAnswer, text=text, changes=changes, probability=probability, decision=decision, moves=[one])


def answer(text: str, *, accepted: bool = False, **options: object) -> RecourseFound:
    none: dict[str, object] = {"options": [], "insufficient": [], "nearest": None, "margins": [], "different": []}
    return partly(RecourseFound, text=text, already_accepted=accepted, **(none | options))


less = option("Borrow less.", {"AMT_CREDIT": 200_000.0, "AMT_ANNUITY": 10_000.0}, 0.07, "ACCEPTÉ")
paper = option("Provide a document.", {"FLAG_DOCUMENT_8": 1}, 0.08, "ACCEPTÉ")
still = option("Borrow far less.", {"AMT_CREDIT": 50_000.0}, 0.12, "REFUSÉ")
months = [
    PaymentMonthAnswer(
        month=month,
        due=100.0,
        paid=100.0,
        instalments=3,
        late=1 if month == -2 else 0,
        days_late=9 if month == -2 else 0,
    )
    for month in range(-40, 0)
]
cards = [
    CardMonthAnswer(month=month, balance=balance, limit=limit, days_late=0)
    for month, balance, limit in ((-3, 50.0, 0.0), (-2, 120.0, 100.0), (-1, 25.0, 100.0))
]
nothing = HistoryAnswer(client_id=1, applications=[], loans=[], payments=[], cards=[])
past = changed(nothing, payments=months, cards=cards)


@pytest.fixture(params=["fr", "en"])
def lang(request: pytest.FixtureRequest, speaking: Callable[[str], AbstractContextManager[None]]) -> object:
    with speaking(request.param):
        yield request.param


def test_ways_are_listed_and_only_those_with_fields_can_be_tried(lang: str) -> None:
    found = answer("One of these.", options=[less, paper], insufficient=[still])
    shown = str(options.panel(found))
    assert less.text in shown
    assert paper.text in shown
    assert still.text in shown
    buttons = [each for each in options.panel(found)._traverse() if type(each).__name__ == "Button"]
    assert [button.hidden for button in buttons] == [False, True]
    assert options.tries(found) == [less.changes, paper.changes]


def test_where_nothing_suffices_the_nearest_is_shown(lang: str) -> None:
    found = answer("Nothing suffices.", insufficient=[still], nearest=still)
    assert options.tries(found) == [still.changes]
    assert "Nothing suffices." in str(options.panel(found))


def test_what_would_have_to_be_different_is_shown_before_the_nearest(lang: str) -> None:
    income = option("Have a higher income.", {"AMT_INCOME_TOTAL": 90_000.0}, 0.07, "ACCEPTÉ")
    found = answer("Only if:", insufficient=[still], nearest=still, different=[income])
    shown = str(options.panel(found))
    assert shown.index(income.text) < shown.index(still.text)
    assert options.tries(found) == [income.changes, still.changes]


def test_an_accepted_application_shows_its_room(lang: str) -> None:
    found = answer("There is room.", accepted=True, margins=[less])
    assert options.tries(found) == [less.changes]
    title = {"fr": "Marge avant un refus", "en": "Room before a refusal"}[lang]
    assert title in str(options.panel(found))


def test_a_try_changes_its_fields_and_no_other(lang: str) -> None:
    filled = entries.changing(less.changes | paper.changes)
    # What has no field is left out, and the file stays what it is.
    assert filled.values == less.changes
    assert filled.file is None
    assert {name: "".join(filter(str.isdigit, text)) for name, text in filled.texts.items()} == {
        "AMT_CREDIT": "200000",
        "AMT_ANNUITY": "10000",
    }
    held = entries.of(form_state.example)
    form = form_state.read_form(held | dict(filled.values), form_state.example)
    assert [column.name for column in form.changed] == ["AMT_CREDIT", "AMT_ANNUITY"]
    assert form.values["AMT_CREDIT"] == 200_000


def drawn(chart: Component, tag: str, name: str | None) -> list[dict[str, str]]:
    """The attributes of what a chart draws under a name of the style sheet."""
    text = markup(chart)
    found = [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) for each in re.findall(rf"<{tag} ([^>]*)>", text)]
    return [each for each in found if each.get("class") == name]


def share(text: str) -> float:
    return float(text.removesuffix("%")) / 100


def test_payments_are_counted_in_time_and_late(lang: str) -> None:
    chart = history_charts.payments_chart(past.payments, "Said")
    in_time, late = drawn(chart, "rect", "past-in-time"), drawn(chart, "rect", "past-hatched")
    assert len(in_time) == 36
    # Of a scale that has a twentieth more than the most of a month.
    counted = [[round(share(each["height"]) * 3 * 1.05, 2) for each in bars] for bars in (in_time, late)]
    assert sum(counted[0]) + sum(counted[1]) == 36 * 3
    assert counted[1] == [1]
    # On top of those in time, of the same month.
    place = counted[0].index(2)
    assert late[0]["x"] == in_time[place]["x"]
    assert share(late[0]["y"]) + share(late[0]["height"]) == pytest.approx(share(in_time[place]["y"]), abs=1e-4)
    # From the left to the right, and a line for each whole number.
    at = [share(each["x"]) for each in in_time]
    assert at == sorted(at)
    assert 0 < at[0] < at[-1] + share(in_time[-1]["width"]) < 1
    assert len(drawn(chart, "line", "past-line")) == 4
    assert 'aria-label="Said"' in markup(chart)
    # The style sheet knows the pattern by its id, and has a colour where that is not found.
    assert drawn(chart, "pattern", None)[0]["id"] == "past-hatch"
    assert 'fill: url("#past-hatch") var(--against);' in (root / "assets/css/05-scoring.css").read_text()
    # What the chart shows and what its caption counts are the same months; what was before is said apart.
    said = history.payments_text(past.payments)
    of_chart, _before = said.split({"fr": "Auparavant", "en": "Before that"}[lang])
    assert str(36 * 3) in of_chart
    assert "9" in of_chart
    assert "9" not in history.payments_text(past.payments[:20])


def test_years_stand_below_their_months_up_to_today(lang: str) -> None:
    text = markup(history_charts.payments_chart(past.payments, "Said")).replace("\xa0", " ")
    places = {word: float(at) for at, word in re.findall(r'style="left:([\d.]+)%">([^<]+)</span>', text)}
    assert [word.replace("’", "'") for word in places] == {
        "fr": ["il y a 3 ans", "il y a 2 ans", "il y a 1 an", "aujourd'hui"],
        "en": ["3 years ago", "2 years ago", "1 year ago", "today"],
    }[lang]
    first, *_others, today = places.values()
    # 36 months lie between; one month before them and half a month after today are left free.
    assert (today - first) / 100 == pytest.approx(36 / 37.5, abs=1e-3)
    assert first / 100 == pytest.approx(1 / 37.5, abs=1e-3)


def test_payments_long_ago_are_said_to_be_so_and_the_key_is_of_what_the_chart_has(lang: str) -> None:
    key = {"fr": "Hachuré", "en": "Hatched"}[lang]
    assert key in str(history.section(past))
    early = changed(past.payments[0], month=-41, late=1, days_late=4)
    ago = changed(past, payments=[early], cards=[])
    said = str(history.section(ago))
    assert {"fr": "aucune échéance", "en": "no instalment"}[lang] in said
    assert {"fr": "1 échéance sur 3 payée", "en": "1 of 3 instalments was late"}[lang] in said
    on_time = [changed(month, late=0) for month in past.payments if month.month >= -36]
    both = changed(past, payments=[early, *on_time], cards=[])
    assert key not in str(history.section(both))


def test_cards_are_shares_of_their_limit(lang: str) -> None:
    chart = history_charts.cards_chart(past.cards, "Said")
    (line,) = drawn(chart, "path", "past-used")
    points = [tuple(map(float, point.split())) for point in line["d"].removeprefix("M").split("L")]
    # The highest is the end of the scale; a month without a limit is left out.
    assert [round(1.2 * (1 - down / 100), 3) for _across, down in points] == [1.2, 0.25]
    (limit,) = drawn(chart, "line", "past-limit")
    assert share(limit["y1"]) == pytest.approx(1 - 1 / 1.2, abs=1e-4)
    (area,) = drawn(chart, "path", "past-area")
    assert area["d"].startswith(line["d"])
    assert "25" in history.cards_text(past.cards)
    assert history.cards_text(past.cards[:1])
    # A single month is seen as well.
    (alone,) = drawn(history_charts.cards_chart(past.cards[-1:], "Said"), "path", "past-used past-alone")
    at, again = alone["d"].removeprefix("M").split("L")
    assert at == again
    # Nobody has used less than nothing of a limit.
    owed = changed(past.cards[-1], balance=-5.0)
    (line,) = drawn(history_charts.cards_chart([*past.cards, owed], "Said"), "path", "past-used")
    assert line["d"].endswith(" 100.00")
    none = {"fr": "0\N{NO-BREAK SPACE}% d’un plafond", "en": "0% of a limit"}[lang]
    assert history.cards_text([*past.cards, owed]).startswith(none)


def test_of_a_history_long_ago_the_charts_are_empty(lang: str) -> None:
    early = changed(past.payments[0], month=-41, instalments=0)
    assert not drawn(history_charts.payments_chart([early], "Said"), "rect", "past-in-time")
    chart = history_charts.cards_chart([changed(past.cards[-1], month=-41)], "Said")
    assert [path["d"] for path in drawn(chart, "path", "past-used")] == [""]


def test_of_a_history_long_ago_no_empty_chart_is_shown(lang: str) -> None:
    recent, early = changed(past.payments[0], month=-36), changed(past.payments[0], month=-37)
    cards = [changed(past.cards[-1], month=-41)]
    parts = markup(history.section(changed(past, payments=[early], cards=cards)))
    assert history.payments_text([early]).replace("\xa0", "&nbsp;") in parts.replace("\xa0", "&nbsp;")
    assert "past-part" in parts
    assert "past-chart" not in parts
    assert "past-table" not in parts
    assert markup(history.section(changed(past, payments=[recent], cards=cards))).count("past-chart") == 1


def test_all_of_a_long_history_is_there_and_what_is_owed_is_summed(lang: Language) -> None:
    running = [
        partly(
            OtherLoanAnswer,
            days_before=400 + number,
            type_label="Plastic card",
            status="Active",
            status_label="Open",
            amount=2000.0,
            debt=debt,
            overdue=0.0,
            days_overdue=0,
            days_to_end=None,
        )
        for number, debt in enumerate([100.0] * 25 + [None])
    ]
    shown = markup(history.section(changed(past, loans=running, payments=[], cards=[])))
    assert shown.count("Plastic card") == 26
    assert format_amount(2500, lang) in shown, "owed in all, where it is known"
    assert {"fr": "20 de plus", "en": "20 more"}[lang] in shown


def test_the_credit_is_told_in_a_lenders_figures(lang: str) -> None:
    asked = {
        "AMT_CREDIT": 120_000.0,
        "AMT_ANNUITY": 10_000.0,
        "AMT_GOODS_PRICE": 100_000.0,
        "AMT_INCOME_TOTAL": 20_000.0,
    }
    shown = markup(credit.panel(asked)).replace("\xa0", " ").replace("&#x27;", "'")
    for said in ("120", {"fr": "12 mois", "en": "12 months"}[lang], {"fr": "50 %", "en": "50%"}[lang]):
        assert said in shown
    assert "is-above" in shown
    assert "credit_min=96000" in shown, "accepted clients who asked for about as much are a click away"
    assert "is-above" not in markup(credit.panel(asked | {"AMT_INCOME_TOTAL": 40_000.0}))
    # A third, or what rounds to 33 %, is not above the 33 % beside which it is shown; 34 % is.
    for income, is_above in ((30_000.0, False), (29_900.0, False), (29_700.0, True)):
        assert ("is-above" in markup(credit.panel(asked | {"AMT_INCOME_TOTAL": income}))) == is_above
    at_once = markup(credit.panel(asked | {"AMT_CREDIT": 4_000.0})).replace("\xa0", " ")
    assert {"fr": "1 mois", "en": "1 month"}[lang] in at_once
    unknown = markup(credit.panel({"AMT_CREDIT": 120_000.0, "NAME_CONTRACT_TYPE": "Revolving loans"}))
    assert {"fr": "non connu", "en": "not known"}[lang] in unknown
    assert {"fr": "Durée", "en": "Duration"}[lang] not in unknown


def test_the_history_is_a_card_with_what_there_is(lang: str) -> None:
    empty = str(history.section(nothing))
    assert {"fr": "Aucun crédit antérieur", "en": "Nothing is known"}[lang] in empty
    application = partly(
        EarlierApplicationAnswer,
        days_before=100,
        contract_label="Cash loan",
        status="Refused",
        status_label="Turned down",
        asked=5000.0,
        granted=5000.0,
    )
    loan = partly(
        OtherLoanAnswer,
        days_before=400,
        type_label="Plastic card",
        status="Active",
        status_label="Open",
        amount=2000.0,
        debt=150.0,
        overdue=0.0,
        days_overdue=0,
        days_to_end=None,
    )
    shown = str(history.section(changed(past, applications=[application], loans=[loan])))
    for each in ("Turned down", "Plastic card", {"fr": "3 mois", "en": "3 months"}[lang]):
        assert each in shown.replace("\\xa0", " ")
    assert shown.count("past-plot") == 2


@pytest.mark.parametrize(("client", "said"), [("abc", True), ("100 002", False), ("", False)])
def test_an_address_that_names_no_client_is_answered_in_words(lang: str, client: str, said: bool) -> None:
    page = str(dash.page_registry["dash_app.pages.scoring"]["layout"](client=client))
    title = {"fr": "L’adresse ne désigne aucun client.", "en": "The address names no client."}[lang]
    assert (title in page) == said
    assert "abc" not in page
