"""The filters of the list: what they ask for, what an address keeps of them, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.portfolio.client_search import ClientFilter
from dash_app import addresses
from dash_app.service import ServiceUnavailable
from dash_app.views.scoring.client_list.filters import cleared, controls, listing, names, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dash_app.service import LocalScoring


@pytest.mark.usefixtures("french")
class TestListing:
    def test_nothing_is_everybody_by_number(self) -> None:
        for nothing in ({}, dict.fromkeys(names), cleared()):
            found = listing(nothing)
            assert found.wanted == ClientFilter()
            assert (found.by, found.order) == ("client_id", "asc")
            assert found.given == {}

    def test_each_filter_asks_for_its_part(self, local: LocalScoring) -> None:
        found = listing(
            {
                "search": "9 0",
                "decision": "REFUSÉ",
                "risk_category": "Élevé",
                "contract_type": "Cash loans",
                "income_type": "Working",
                "age_min": "25",
                "credit_min": "100 000,4",
                "sort": "credit-desc",
            }
        )
        assert found.wanted == ClientFilter(
            prefix="90",
            current_decision="REFUSÉ",
            risk_category="Élevé",
            contract_type="Cash loans",
            income_type="Working",
            age_min=25,
            credit_min=100_000.4,
        )
        assert (found.by, found.order, found.wrong) == ("credit", "desc", ())
        # The record of officers' decisions is the API's: without it, nobody knows which decision counts.
        with pytest.raises(ServiceUnavailable, match="no_record"):
            local.clients(found.wanted)
        wanted = replace(found.wanted, current_decision=None, decision="REFUSÉ")
        page = local.clients(wanted, 50, 0, found.by, found.order)
        assert page.total > 0
        assert {client.risk_category for client in page.clients} == {"Élevé"}
        assert [client.credit for client in page.clients] == sorted(
            (client.credit for client in page.clients), reverse=True
        )

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("search", "abc", "Un numéro de client"),
            ("age_min", "vieux", "Saisissez un nombre."),
            ("age_max", "500", "Saisissez un nombre."),
            ("income_min", "-3", "Saisissez un nombre."),
            ("credit_max", "inf", "Saisissez un nombre."),
        ],
    )
    def test_what_cannot_be_read_is_told_and_asks_for_nothing(self, name: str, text: str, said: str) -> None:
        found = listing({name: text})
        assert found.wanted == ClientFilter()
        assert found.given == {}
        assert told(found.wrong).startswith(said)

    @pytest.mark.parametrize(
        "name", ["decision", "decided_by", "risk_category", "contract_type", "income_type", "sort"]
    )
    def test_a_choice_that_nobody_offers_asks_for_nothing(self, name: str) -> None:
        assert listing({name: "<script>"}).wanted == ClientFilter()
        assert listing({name: "<script>"}).given == {}

    @pytest.mark.parametrize("given", [{}, {"decision": "REFUSÉ", "age_min": "30"}])
    def test_there_is_a_control_for_every_filter(self, given: dict[str, str]) -> None:
        found = {each.id["name"]: each.value for each in controls(given)._traverse() if of_a_filter(each)}
        assert set(found) == set(names) - {"search"}
        assert found == {name: text for name, text in cleared().items() if name != "search"} | given


def of_a_filter(component: Any) -> bool:
    return isinstance(getattr(component, "id", None), dict)


@given(values=st.dictionaries(st.sampled_from(names), st.text(max_size=8) | st.integers(0, 10**6).map(str)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_address_leads_back_to_the_same_list(
    speaking: Callable[[str], AbstractContextManager[None]], lang: str, values: dict[str, str]
) -> None:
    with speaking(lang):
        found = listing(values)
        query = {name: text[0] for name, text in parse_qs(urlsplit(addresses.of_list(found.given)).query).items()}
        again = listing(query)
    assert (again.given, again.by, again.order) == (found.given, found.by, found.order)
    assert again.wrong == ()
