"""The report of a client: what it says of a decision, in both languages and without jargon."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from dash import html

from core.contract.record.officer_decisions import FinalDecisionAnswer
from dash_app.components.markup import markup
from dash_app.views.report.decided import Standing
from dash_app.views.report.letter import letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from core.catalogue import Language
    from dash_app.service import LocalScoring

moment = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
titles = {
    "fr": ("Votre demande de crédit", "Ce qui joue en votre faveur", "RGPD, article 22"),
    "en": ("Your credit application", "What speaks for you", "GDPR, article 22"),
}
jargon = ("log-odds", "SHAP", "EXT_SOURCE", "AMT_", "feature")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("accepted", [True, False])
def test_a_letter_says_the_decision_why_and_what_can_be_asked_for(
    local: LocalScoring,
    speaking: Callable[[str], AbstractContextManager[None]],
    lang: Language,
    accepted: bool,
) -> None:
    by_risk = sorted(local.clients(limit=400).clients, key=lambda each: each.probability)
    client = by_risk[0] if accepted else by_risk[-1]
    features = local.client(client.client_id).features
    with speaking(lang):
        parts = letter(
            client.client_id, features, local.assess(features, lang), local.assess(features, lang).recourse, moment
        )
        shown = str(html.Article(parts))
    for each in titles[lang]:
        assert each in shown
    assert {"fr": "23 novembre 2026", "en": "November 23, 2026"}[lang] in shown
    verdict = {("fr", True): "Accepté", ("fr", False): "Refusé", ("en", True): "Accepted", ("en", False): "Refused"}
    assert verdict[lang, accepted] in shown
    would_help = {"fr": "Ce qui changerait la décision", "en": "What would change the decision"}[lang]
    assert (would_help in shown) is not accepted
    assert not [each for each in jargon if each in shown]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_letter_says_what_was_missing(
    local: LocalScoring, speaking: Callable[[str], AbstractContextManager[None]], lang: Language
) -> None:
    number = local.clients(limit=1).clients[0].client_id
    whole = local.client(number).features
    without = {
        name: value for name, value in whole.items() if name not in ("AMT_INCOME_TOTAL", "DAYS_BIRTH", "EXT_SOURCE_2")
    }
    shown = []
    for features in (whole, without):
        with speaking(lang):
            found = local.assess(features, lang)
            shown.append(markup(letter(number, features, found, local.assess(features, lang).recourse, moment)))
    said = {
        "fr": "sans\xa0: revenu, âge, scores d’organismes extérieurs.",
        "en": "without: income, age, scores of outside agencies.",
    }[lang]
    assert said not in shown[0]
    assert said in shown[1]
    informed = {"fr": "était connu de vous", "en": "was known of you"}[lang]
    assert all(informed in each for each in shown)


final = FinalDecisionAnswer(
    id="01a209e4-84f7-7ece-837d-6755618a5c9c",
    time=datetime(2026, 11, 20, 14, 0, tzinfo=UTC),
    decision="ACCEPTÉ",
    kind="override",
    officer="Ada Lovelace",
    prediction_id="01a209e4-8353-7d50-846d-3f12c06d7bbf",
    model_decision="REFUSÉ",
)


@pytest.mark.parametrize("lang", ["fr", "en"])
class TestWhoDecided:
    @pytest.fixture
    def written(
        self, local: LocalScoring, speaking: Callable[[str], AbstractContextManager[None]], lang: Language
    ) -> Callable[[Standing], str]:
        """The letter to the client with the highest risk, whom the model refuses."""
        client = max(local.clients(limit=400).clients, key=lambda each: each.probability).client_id
        features = local.client(client).features

        def write(standing: Standing) -> str:
            with speaking(lang):
                found, ways = local.assess(features, lang), local.assess(features, lang).recourse
                return markup(letter(client, features, found, ways, moment, standing))

        return write

    def test_the_officer_counts_by_name_and_date(self, written: Callable[[Standing], str], lang: Language) -> None:
        shown = written(Standing(final))
        head = shown[: shown.index("letter-decided")]
        accepted, refused = {"fr": ("Accepté", "Refusé"), "en": ("Accepted", "Refused")}[lang]
        assert accepted in head
        assert refused not in shown
        # What the model proposed is told, in lower case, and no way to what was granted anyway.
        assert refused.lower() in shown
        assert {
            "fr": "Décidé par Ada Lovelace le 20 novembre 2026.",
            "en": "Decided by Ada Lovelace on November 20, 2026.",
        }[lang] in shown
        assert {"fr": "Ce qui changerait la décision", "en": "What would change the decision"}[lang] not in shown

    def test_the_proposal_is_what_the_officer_saw(self, written: Callable[[Standing], str], lang: Language) -> None:
        # The model refuses today what it accepted when the officer confirmed it.
        shown = written(Standing(final.model_copy(update={"kind": "confirm", "model_decision": "ACCEPTÉ"})))
        accepted, refused = {"fr": (": accepté.", ": refusé."), "en": (": accepted.", ": refused.")}[lang]
        assert accepted in shown
        assert refused not in shown

    def test_without_one_it_is_a_proposal(self, written: Callable[[Standing], str], lang: Language) -> None:
        proposal, unknown = {
            "fr": ("Aucune décision finale", "ne remettez pas cette lettre"),
            "en": ("No final decision", "do not hand this letter out"),
        }[lang]
        assert proposal in written(Standing())
        assert unknown in written(Standing(is_known=False))
        assert proposal not in written(Standing(is_known=False))
        assert proposal not in written(Standing(final))


def test_without_a_client_it_says_so(speaking: Callable[[str], AbstractContextManager[None]]) -> None:
    # A page can be imported once there is an application.
    from dash_app.pages import report

    with speaking("en"):
        assert "No client is chosen." in str(report._write({"client": None, "application": None}))
        assert "There is no client with this number." in str(report._write({"client": 1, "application": None}))
        assert "/?client=9000002" in str(report.layout(client="9 000 002"))
