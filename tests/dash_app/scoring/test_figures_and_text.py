"""The gauge and the sentences, from a decision alone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.prediction import ReferralReason, certainty_of
from core.contract.record.officer_decisions import FinalDecisionAnswer
from core.decision import Decision
from dash_app.components.markup import markup
from dash_app.i18n import language
from dash_app.service import Assessment
from dash_app.views.report.decided import Standing, measured
from dash_app.views.scoring import text
from dash_app.views.scoring.result import referral
from dash_app.views.scoring.result.gauge import gauge, gauge_text, scale
from dash_app.views.scoring.result.result_panel import ShownResult, banner
from dash_app.views.scoring.result.waterfall import waterfall
from dash_app.words import client_name, hundredths, out_of_hundred, points
from tests.contracts import partly

accepted = Decision(9000002, 0.066, 0.091)
refused = Decision(9000003, 0.25, 0.091)


def assessment(decision: Decision) -> Assessment:
    known = asdict(decision)
    del known["agreement"]
    certainty = certainty_of(decision, language())
    certainty["referral_reasons"] = [ReferralReason(**reason) for reason in certainty["referral_reasons"]]
    return partly(
        Assessment,
        **known,
        **certainty,
        prediction=decision.prediction,
        decision=decision.decision,
        risk_category=decision.risk_category,
        base_value=-2.0,
        top_features=[],
        groups=[],
        model_version="1",
    )


@pytest.mark.usefixtures("french")
class TestGauge:
    def test_places_are_shares_of_the_half_circle(self) -> None:
        found = scale(refused, accepted)
        assert found.end == pytest.approx(0.3)
        assert found.value == pytest.approx(0.25 / 0.3)
        assert found.threshold == pytest.approx(0.091 / 0.3)
        assert found.before == pytest.approx(0.066 / 0.3)
        assert scale(refused).before is None

    @given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
    def test_every_place_is_on_the_circle(self, now: float, threshold: float, before: float) -> None:
        found = scale(Decision(None, now, threshold), Decision(None, before, threshold))
        assert 0 < found.end <= 1
        for place in (found.value, found.threshold, found.before or 0.0):
            assert 0 <= place <= 1

    def test_it_is_drawn_where_the_scale_says(self) -> None:
        drawn = markup(gauge(refused, accepted))
        assert "--value:0.8333;--threshold:0.3033" in drawn
        assert drawn.count("gauge-mark") == 2
        assert drawn.count('class="gauge-end') == 2, "both ends of the scale are named"
        assert markup(gauge(refused)).count("gauge-mark") == 1
        assert '<strong class="gauge-value">25 sur 100</strong>' in drawn

    def test_its_words_say_what_it_shows(self) -> None:
        said = gauge_text(accepted)
        assert said.startswith("Jauge\u00a0: le risque de défaut est de 7 sur 100 (6,6")
        assert said.endswith("Accepté.")
        assert "à partir de 9,1" in said
        assert "25,0" in gauge_text(accepted, refused)


class TestWords:
    @pytest.mark.parametrize(("probability", "count"), [(0.0, 1), (0.004, 1), (0.066, 7), (0.5, 50), (0.999, 99)])
    def test_frequencies_promise_neither_nothing_nor_certainty(self, probability: float, count: int) -> None:
        assert hundredths(probability) == count

    def test_in_french(self, french: None) -> None:
        assert out_of_hundred(0.066) == "7 sur 100"
        assert out_of_hundred(0.001) == "moins de 1 sur 100"
        assert (points(0.015), points(0.02)) == ("1,5 point", "2 points")
        assert client_name(9000002) == "Client 9\u00a0000\u00a0002"
        assert text.headline(accepted) == (
            "Sur 100 demandes semblables, 7 connaîtraient des difficultés de paiement sur les premières échéances."
        )
        assert text.headline(Decision(None, 0.01, 0.09)) == (
            "Sur 100 demandes semblables, 1 connaîtrait des difficultés de paiement sur les premières échéances."
        )
        assert text.distance(accepted) == "2,5 points sous le seuil"
        assert text.distance(refused) == "15,9 points au-dessus du seuil"
        assert text.comparison(accepted, refused).endswith("La décision deviendrait\u00a0: accepté.")

    def test_in_english(self, english: None) -> None:
        assert out_of_hundred(0.066) == "7 in 100"
        assert (points(0.01), points(0.015)) == ("1 point", "1.5 points")
        assert text.distance(Decision(None, 0.091, 0.091)) == "right at the threshold"
        assert text.comparison(refused, refused) == ("The risk stays the same: 25 in 100. The decision stays: refused.")

    def test_a_near_tie_is_told_from_a_tie(self, english: None) -> None:
        under, over = Decision(None, 0.08934, 0.08941), Decision(None, 0.08941, 0.08934)
        found = assessment(over)
        final = partly(
            FinalDecisionAnswer,
            time=datetime.now(UTC),
            decision="ACCEPTÉ",
            officer="C. Martin",
            model_decision="REFUSÉ",
        )
        surfaces = (
            gauge_text(over),
            markup(banner(ShownResult(found))),
            markup(waterfall(found)),
            markup(measured(over, Standing())),
            markup(measured(over, Standing(final))),
        )
        for surface in surfaces:
            assert "8.94%" in surface
            assert "8.93%" in surface
            assert "8.9%" not in surface
        assert text.announcement(under) == "Accepted. 8.93%, just below the threshold."
        assert text.announcement(over) == "Refused. 8.94%, just above the threshold."
        assert text.comparison(over, under) == (
            "The risk hardly changes: 8.93% before, 8.94% now. The decision would become: refused."
        )

    @pytest.mark.parametrize(("weight", "said"), [(1.0, "effet fort"), (-0.3, "effet moyen"), (0.1, "effet léger")])
    def test_the_strength_of_a_reason_is_said_in_words(self, french: None, weight: float, said: str) -> None:
        assert text.strength(weight, 1.0) == said


class TestWhatIsKnown:
    def test_the_verdict_says_how_much_it_rests_on_and_what_is_missing(self, french: None) -> None:
        decision = Decision(None, 0.066, 0.091, ("AMT_CREDIT", "EXT_SOURCE_2"), 0.37)
        shown = markup(banner(ShownResult(assessment(decision))))
        assert "37\xa0% de ce qui compte pour le modèle" in shown
        assert "Essentiel et absent\xa0: montant du crédit, score externe 2." in shown

    def test_a_close_call_is_referred_to_a_person(self, french: None) -> None:
        close = assessment(Decision(None, 0.09, 0.091, ("AMT_CREDIT",), 0.37, 0.6))
        shown = markup(banner(ShownResult(close)))
        assert "cas limite" in shown
        assert "Cas limite, à faire examiner par une personne." in shown
        assert "60\xa0%" in shown
        assert "37\xa0% de ce qui compte pour le modèle\xa0: dossier mince" in shown
        # Once, on the line of its own.
        assert shown.lower().count("montant du crédit") == 1
        note = referral.letter_note(close)
        assert note is not None
        assert "une personne examine votre demande" in markup(note)

    def test_a_sure_decision_says_so_and_refers_to_nobody(self, english: None) -> None:
        sure = assessment(Decision(None, 0.02, 0.091, (), 0.9, 1.0))
        shown = markup(banner(ShownResult(sure)))
        assert ">sure<" in shown
        assert "person" not in shown
        assert referral.letter_note(sure) is None

    def test_nothing_is_said_where_nothing_is_missing_or_told(self, french: None) -> None:
        shown = markup(banner(ShownResult(assessment(accepted))))
        assert "de ce qui compte pour" not in shown
        assert "verdict-missing" not in shown
