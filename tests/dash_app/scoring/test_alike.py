"""The accepted clients most like the one on the page: the same from both services, in words, linked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.contract.clients.nearest import NearestAccepted, NearestClient, NearestValue, NearestVariable
from dash_app.components.markup import markup
from dash_app.service import LocalScoring, Rejected, ScoringService
from dash_app.views.scoring.form import entries
from dash_app.views.scoring.form.form_state import example
from dash_app.views.scoring.result import alike

if TYPE_CHECKING:
    from dash import Dash

names = {"AMT_INCOME_TOTAL": "Income", "DAYS_BIRTH": "Age", "NAME_CONTRACT_TYPE": "Type of credit"}
own = {"AMT_INCOME_TOTAL": "€135,000", "DAYS_BIRTH": "34 years", "NAME_CONTRACT_TYPE": "not stated"}


def near(number: int, income: str, apart: float, *differences: str) -> NearestClient:
    texts = own | {"AMT_INCOME_TOTAL": income, "DAYS_BIRTH": "52 years"}
    values = [NearestValue(name=name, value_text=text, apart=apart) for name, text in texts.items()]
    return NearestClient(
        client_id=number, probability=0.0461, distance=apart, values=values, differences=list(differences)
    )


def found(*clients: NearestClient, accepted: int = 7141) -> NearestAccepted:
    variables = [
        NearestVariable(name=name, label=label, value_text=own[name], is_compared=name != "NAME_CONTRACT_TYPE")
        for name, label in names.items()
    ]
    return NearestAccepted(
        client_id=1, threshold=0.09, accepted=accepted, variables=variables, clients=list(clients), warnings=[]
    )


def test_both_services_find_the_same_and_never_the_client(
    over_http: ScoringService, local: LocalScoring, known_client: int
) -> None:
    for features, client in ((local.client(known_client).features, known_client), (example, None)):
        answer = over_http.nearest_accepted(features, "fr", client_id=client)
        assert answer == local.nearest_accepted(features, "fr", client_id=client)
        assert len(answer.clients) == 5
        assert known_client not in [each.client_id for each in answer.clients] or client is None
    for service in (over_http, local):
        with pytest.raises(Rejected):
            service.nearest_accepted({"AMT_CREDIT": -1.0}, "en")


@pytest.mark.usefixtures("english", "dashboard")
class TestPanel:
    def test_says_what_differs_most_and_links_to_the_client(self) -> None:
        only = found(near(9000017, "€250,000", 0.3, "AMT_INCOME_TOTAL", "DAYS_BIRTH"), accepted=1)
        shown = markup([alike.said(only), alike.panel(only)])
        assert "Differs most: income €250,000 (here €135,000), age 52 years (here 34 years)." in shown
        assert 'href="/?client=9000017"' in shown
        assert "<strong>€250,000</strong>" in shown
        assert "4.6%" in shown
        assert "Only 1 other client is accepted by the model, below a risk of 9.0%." in shown
        assert "Not compared (not given, or not applicable): type of credit." in shown

    def test_says_where_nothing_differs_much(self) -> None:
        five = found(*(near(number, "€135,000", 0.02) for number in range(9000001, 9000006)))
        assert markup(alike.panel(five)).count("Close in everything that is compared.") == 5
        assert "The nearest of 7,141 clients whom the model accepts" in markup(alike.said(five))

    def test_says_why_there_is_nobody(self) -> None:
        assert "No other client on hand is accepted." in markup(alike.said(found(accepted=0)))
        assert "Too little is known of this application" in markup(alike.said(found()))
        assert alike.panel(found()) is None


def test_the_page_asks_at_the_press_of_a_button(dashboard: Dash, local: LocalScoring, known_client: int) -> None:
    held = entries.of(local.client(known_client).features)
    subject = {"mode": "client", "client": known_client, "job": None, "row": None}
    body = {
        "output": "scoring-alike-data.data",
        "outputs": {"id": "scoring-alike-data", "property": "data"},
        "inputs": [{"id": "scoring-alike-ask", "property": "n_clicks", "value": 1}],
        "state": [
            {"id": "scoring-form", "property": "data", "value": held},
            {"id": "scoring-subject", "property": "data", "value": subject},
        ],
        "changedPropIds": ["scoring-alike-ask.n_clicks"],
    }
    client = dashboard.server.test_client()
    answer = client.post("/_dash-update-component", json=body, headers={"Cookie": "lang=en"})
    found = answer.get_json()["response"]["scoring-alike-data"]["data"]
    assert json.dumps(found["panel"]).count("?client=") == 5
    # By which the browser knows whether the form still says the same (tests/e2e/test_scoring.py).
    assert found["of"] == held
