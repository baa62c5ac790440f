"""The risk by amount: as the model says of each amount alone, and the turns of the decision in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from core.application import parse_application
from core.recourse.linked import follow_credit
from dash_app.components.markup import markup
from dash_app.service import LocalScoring, RiskByAmount, RiskPoint, ScoringService, ServiceUnavailable
from dash_app.shell.theme import themes
from dash_app.views.scoring.form.form_state import example
from dash_app.views.scoring.result import amount_curve

if TYPE_CHECKING:
    from core.scoring import Scorer

low, today, high = (
    RiskPoint(100_000, 0.05, "ACCEPTÉ"),
    RiskPoint(300_000, 0.08, "ACCEPTÉ"),
    RiskPoint(400_000, 0.12, "REFUSÉ"),
)
found = RiskByAmount(0.1, today, (low, today, high))


def test_each_point_is_the_decision_on_that_amount(over_http: ScoringService, scorer: Scorer) -> None:
    curve = over_http.risk_by_amount(example, "en")
    assert curve is not None
    amounts = [point.amount for point in curve.points]
    assert amounts == sorted(amounts)
    assert (amounts[0], amounts[-1]) == pytest.approx((90_000, 1_350_000))
    assert curve.today in curve.points
    assert curve.today.probability == pytest.approx(scorer.decide(parse_application(example)).probability)
    for point in (curve.points[0], curve.points[-1]):
        values = {**example, "AMT_CREDIT": point.amount, **follow_credit(example, point.amount)}
        decision = scorer.decide(parse_application(values))
        assert point.probability == pytest.approx(decision.probability)
        assert point.decision == decision.decision


def test_a_client_is_asked_about_with_what_is_stored(
    over_http: ScoringService, local: LocalScoring, known_client: int
) -> None:
    features = local.client(known_client).features
    curve = over_http.risk_by_amount(features, "en", client_id=known_client)
    assert curve is not None
    on_file = local.assess(features, "en", client_id=known_client)
    assert (curve.today.probability, curve.threshold) == pytest.approx((on_file.probability, on_file.threshold))


def test_without_an_amount_or_the_api_there_is_none(over_http: ScoringService, local: LocalScoring) -> None:
    assert over_http.risk_by_amount({"AMT_INCOME_TOTAL": 1.0}, "en") is None
    with pytest.raises(ServiceUnavailable):
        local.risk_by_amount(example, "en")


@pytest.mark.usefixtures("english")
class TestWords:
    def test_where_the_decision_turns(self) -> None:
        assert amount_curve.said(found)[1:] == ("Between €300,000 and €400,000, the decision turns to: Refused.",)

    def test_where_it_does_not(self) -> None:
        same = RiskByAmount(0.1, today, (low, today))
        assert amount_curve.said(same)[1:] == (
            "At all 2 amounts tried, from €100,000 to €300,000, the decision is: Accepted.",
        )

    def test_the_figure_has_the_threshold_and_the_point_and_says_so(self) -> None:
        drawn = amount_curve.figure(found, themes["dark"])
        assert [shape.y0 for shape in drawn.layout.shapes] == [0.1]
        assert (drawn.data[1].x, drawn.data[1].y) == ((300_000,), (0.08,))
        # The curve ends above the threshold, whose words stand below it.
        assert drawn.layout.annotations[0].yanchor == "top"
        table = markup(amount_curve.panel(RiskByAmount.read(asdict(found)), themes["light"]).children[-1])
        assert table.count("<tr>") == 4
        assert "12.0%" in table
