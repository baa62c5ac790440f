"""What a page of a client costs: calls to the API, and records of what was shown as a decision."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api import create_app as create_api
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.decision import refused
from core.settings import Settings
from dash_app import create_app
from dash_app.service import ScoringService
from dash_app.views.scoring import ids, layout
from dash_app.views.scoring.form import entries
from tests.adapters import Wsgi, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import requests

    from core.audit.entries import RecordedPrediction
    from core.catalogue import Language
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from dash_app.service.answers import ClientOnFile


class Counting(Wsgi):
    """The API in this process, with what it was asked for."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *rest: object, **named: object) -> requests.Response:
        self.asked.append(f"{request.method} {path_of(request)}")
        return super().send(request, *rest, **named)


class Page:
    """The page of a browser: what its components hold, and the callbacks that follow from it."""

    def __init__(self, settings: Settings, api: Counting, client_id: int) -> None:
        self.api, self._settings = api, settings
        self._server = create_app(settings, ScoringService("http://api", 5, api)).server.test_client()
        self._callbacks = self._server.get("/_dash-dependencies").get_json()
        subject = {"mode": "client", "client": client_id, "job": None, "row": None}
        self.holds: dict[str, Any] = {f"{ids.subject}.data": subject, f"{ids.workspace}.hidden": False}

    def fires(self, output: str, triggered: str) -> Mapping[str, Any] | None:
        """What the callback of an output answers; None where it prevents an update. The page holds it from then on."""
        callback = next(each for each in self._callbacks if output in each["output"] and self._listens(each, triggered))
        outputs = [self._named(*each.rsplit(".", 1)) for each in callback["output"].strip(".").split("...")]
        answer = self._server.post(
            "/_dash-update-component",
            json={
                "output": callback["output"],
                "outputs": outputs if callback["output"].startswith("..") else outputs[0],
                "inputs": [self._given(each) for each in callback["inputs"]],
                "state": [self._given(each) for each in callback.get("state", [])],
                "changedPropIds": [triggered],
            },
        )
        assert answer.status_code in (200, 204), answer.text
        if answer.status_code == 204:
            return None
        said: dict[str, dict[str, Any]] = answer.get_json()["response"]
        for name, properties in said.items():
            for key, value in properties.items():
                self.holds[f"{name}.{key}"] = value
        if ids.filling in said:
            # As `assets/js/form.js` does.
            self.holds[f"{ids.form}.data"] = self.holds[f"{ids.filling}.data"]["values"]
        found = said.get(ids.found_on_file, {}).get("data")
        if found and found["subject"] == self.holds[f"{ids.subject}.data"]:
            # As `assets/js/answers.js` does.
            self.holds[f"{ids.on_file}.data"] = found["on_file"]
        return said

    def records(self) -> list[RecordedPrediction]:
        with closing(Database.open(database_url(self._settings))) as database:
            return list(AuditLog(database).predictions(PredictionFilter(), 500).predictions)

    @staticmethod
    def _listens(callback: Mapping[str, Any], triggered: str) -> bool:
        name = triggered.rsplit(".", 1)[0]
        return any(name == each["id"] for each in callback["inputs"]) and not callback.get("clientside_function")

    @staticmethod
    def _named(name: str, key: str) -> dict[str, Any]:
        return {"id": name, "property": key.partition("@")[0]}

    def _given(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return self._named(item["id"], item["property"]) | {"value": self.holds.get(f"{item['id']}.{item['property']}")}


@pytest.fixture(scope="module")
def client_id(portfolio: Portfolio) -> int:
    """Who is refused: there is more to say."""
    return next(client.client_id for client in portfolio.search(limit=400).clients if client.decision == refused)


@pytest.fixture
def page(
    installed: Callable[..., Settings], scorer: Scorer, portfolio: Portfolio, tmp_path: Path, client_id: int
) -> Page:
    nowhere = "http://127.0.0.1:9"
    settings = installed(
        tmp_path,
        spool_dir=tmp_path / "spool",
        api_url=nowhere,
        mlflow_url=nowhere,
        rate_limit="off",
    )
    return Page(settings, Counting(create_api(settings, scorer, portfolio)), client_id)


def opens(page: Page) -> None:
    """What the browser asks for as the page opens, in its order."""
    page.fires("shell-states.children", "shell-tick.n_intervals")
    page.fires("shell-model.children", "shell-source.data")
    page.fires(ids.opened, f"{ids.subject}.data")
    # A browser does not even ask: the answer to these values came with them.
    assert page.fires(f"{ids.answer}.data", f"{ids.question}.data") is None
    decided = page.holds[f"{ids.on_file}.data"]["prediction_id"]
    page.holds[f"{ids.application}.data"] = {
        "client": page.holds[f"{ids.subject}.data"]["client"],
        "prediction_id": decided,
    }
    assert page.fires(ids.report_place, f"{ids.application}.data") is None


def test_a_view_of_a_client_is_four_calls_and_one_record(page: Page, portfolio: Portfolio, client_id: int) -> None:
    opens(page)
    assert page.api.asked == [
        "GET /health",
        "GET /model/info",
        "GET /data/describe",
        f"GET /clients/{client_id}",
    ]
    (row,) = page.records()
    assert (row.client_id, row.application) == (client_id, "on_file")
    # It is what an officer would decide on, and all is there.
    assert page.holds[f"{ids.on_file}.data"]["prediction_id"] == row.id
    answer = page.holds[f"{ids.opened}.data"]
    assert answer["of"] == page.holds[f"{ids.form}.data"] == entries.of(portfolio.client(client_id).features)
    assert {ids.banner, ids.reasons, ids.waterfall, ids.ways} <= {
        name for name, text in answer["places"].items() if text
    }
    assert answer["tries"]
    assert page.holds[f"{ids.past_text}.data"][ids.past]

    # What does not change is held in the process.
    page.api.asked.clear()
    opens(page)
    assert page.api.asked == ["GET /health", f"GET /clients/{client_id}"]


def test_of_an_unreadable_record_nobody_says_that_no_officer_decided(
    page: Page, client_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ScoringService.client_file

    def without_record(service: ScoringService, client: int, lang: Language) -> ClientOnFile:
        return replace(found(service, client, lang), decisions=None)

    opens(page)
    none = str(page.holds[f"{ids.officer_trail}.children"])
    assert "Aucun conseiller" in none
    monkeypatch.setattr(ScoringService, "client_file", without_record)
    opens(page)
    trail = str(page.holds[f"{ids.officer_trail}.children"])
    assert "Aucun conseiller" not in trail
    assert "ne peuvent pas être lues" in trail
    assert "ne peuvent pas être lues" in str(page.holds[f"{ids.final_stamp}.children"])


def test_a_new_application_has_a_record_that_says_it_is_empty(page: Page) -> None:
    page.holds[f"{ids.subject}.data"] = {"mode": "new", "client": None, "job": None, "row": None}
    page.fires(ids.opened, f"{ids.subject}.data")
    assert "Aucun conseiller" in str(page.holds[f"{ids.officer_trail}.children"])
    page.fires(ids.report_place, f"{ids.application}.data")
    assert "Aucun conseiller" in str(page.holds[f"{ids.officer_trail}.children"])


def test_each_link_within_the_page_has_its_place_before_there_is_an_answer(english: None) -> None:
    page = str(layout.frame(layout.Subject("client", client=1), given={}, number=1))
    links = set(re.findall(r"href='#(scoring-section-[a-z-]+)'", page))
    assert len(links) == 6
    assert links == set(re.findall(r"id='(scoring-section-[a-z-]+)'", page))


def test_a_change_is_one_call_and_one_record_and_taking_it_back_none(page: Page) -> None:
    opens(page)
    page.api.asked.clear()
    form = f"{ids.form}.data"
    before = page.holds[form]
    page.holds[form] = before | {"AMT_INCOME_TOTAL": 54321}
    assert page.fires(f"{ids.answer}.data", f"{ids.question}.data") is not None
    assert page.api.asked == ["POST /predict/explain"]
    answer = page.holds[f"{ids.answer}.data"]
    assert (answer["state"], answer["is_on_file"]) == ("decided", False)
    assert answer["places"][ids.changes]
    assert answer["places"][ids.ways]
    assert [row.kind for row in page.records()] == ["explain", "client"]

    page.holds[form] = before
    assert page.fires(f"{ids.answer}.data", f"{ids.question}.data") is None
    assert page.api.asked == ["POST /predict/explain"]


@pytest.mark.parametrize(
    ("output", "triggered"),
    [(f"{ids.answer}.data", f"{ids.question}.data"), (f"{ids.linked_note}.children", f"{ids.linked_amount}.data")],
)
def test_a_late_answer_leaves_the_decision_of_the_client_opened_meanwhile(
    page: Page, output: str, triggered: str
) -> None:
    opens(page)
    held = page.holds[f"{ids.form}.data"]
    page.holds[f"{ids.form}.data"] = held | {"AMT_INCOME_TOTAL": 54321}
    page.holds[f"{ids.linked_amount}.data"] = {"values": held, "credit": 123456, "held": held | {"AMT_CREDIT": 123456}}
    said = page.fires(output, triggered)
    assert said is not None
    # An officer would decide under the prediction of another client, beside which changes would be measured too.
    assert ids.on_file not in said


def test_an_application_is_exported_as_the_form_has_it(page: Page, portfolio: Portfolio, client_id: int) -> None:
    opens(page)
    form = f"{ids.form}.data"
    page.holds[form] = page.holds[form] | {"AMT_INCOME_TOTAL": 54321, "AMT_ANNUITY": {"typed": "much"}}
    page.api.asked.clear()
    page.fires(f"{ids.download}.data", f"{ids.export}.n_clicks")
    known = {name: value for name, value in portfolio.client(client_id).features.items() if value is not None}
    # What is no number is left as it is on file.
    written = json.loads(page.holds[f"{ids.download}.data"]["content"])["features"]
    assert written == known | {"AMT_INCOME_TOTAL": 54321}
