"""`/outcomes`: handed in once or corrected, all or none, bad fields named; and how many decisions wait for theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest

from api import audit, create_app
from api.http.messages import message as said_of_problems
from api.openapi.examples import features
from api.operations.held import StillCounting
from core.settings import Settings
from core.text.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

unknown = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def bank(
    models_dir: Path, portfolio: Portfolio, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    # However slow the machine is, one decision is not dear to count.
    monkeypatch.setattr("api.operations.held.dear_seconds", float("inf"))
    monkeypatch.setattr("api.operations.performance_gauges._patience_at_first", 60.0)
    settings = Settings(
        models_dir=models_dir,
        data_dir=portfolio.folder.parent,
        database_url=None,
        audit_file=tmp_path / "audit.db",
        rate_limit="off",
    )
    app = create_app(settings, scorer, portfolio)
    yield app.test_client()
    audit.close(app)


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def hand_in(bank: FlaskClient, *outcomes: dict[str, Any], **query: str) -> Any:
    return bank.post("/outcomes", json={"outcomes": list(outcomes)}, query_string=query)


def decide(bank: FlaskClient) -> tuple[str, int]:
    answer = bank.post("/predict", json={"features": features}).get_json()
    return answer["prediction_id"], answer["client_id"]


def test_an_outcome_is_handed_in_once_listed_and_corrected(bank: FlaskClient) -> None:
    key, client_id = decide(bank)
    before = bank.get("/outcomes/coverage").get_json()
    assert (before["decisions"], before["with_outcome"], before["waiting"] + before["refused"]) == (1, 0, 1)
    outcome = {"prediction_id": key, "defaulted": True, "observed": today(), "amount_lost": 1250}
    assert hand_in(bank, outcome | {"officer": "x"}).get_json() == {
        "outcomes": [{"prediction_id": key, "status": "recorded"}],
        "recorded": 1,
        "corrected": 0,
        "known": 0,
        "warnings": [message("of_field", "en", field="outcomes[].officer", message=message("unknown_field", "en"))],
    }
    assert hand_in(bank, outcome).get_json()["known"] == 1
    by_client = {"client_id": client_id, "decided": today(), "defaulted": 0, "observed": today()}
    assert hand_in(bank, by_client).get_json()["outcomes"] == [{"prediction_id": key, "status": "corrected"}]
    listed = bank.get("/outcomes", query_string={"client_id": client_id}).get_json()
    assert [(each["defaulted"], each["amount_lost"]) for each in listed["outcomes"]] == [(False, None), (True, 1250.0)]
    assert listed["outcomes"][0]["corrects"] == listed["outcomes"][1]["id"]
    assert bank.get("/outcomes", query_string={"prediction_id": unknown}).get_json()["total"] == 0
    after = bank.get("/outcomes/coverage").get_json()
    assert (after["decisions"], after["with_outcome"], after["waiting"], after["refused"]) == (1, 1, 0, 0)
    assert [month["month"] for month in after["months"]] == [today()[:7]]
    performance = bank.get("/performance").get_json()
    assert [(group["dimension"], group["rows"]) for group in performance["groups"]][:2] == [("all", 1), ("month", 1)]
    assert performance["groups"][0]["auc"] is None
    assert performance["override_checks"] is None
    decision = {"prediction_id": decide(bank)[0], "decision": "REFUSÉ", "reason": "Un motif", "officer": "C. Martin"}
    assert bank.post("/decisions", json=decision).status_code == 201
    bank.application.extensions["performance"].performance.outdate()
    performance = bank.get("/performance").get_json()
    assert [(group["dimension"], group["value"]) for group in performance["overrides"]][:2] == [
        ("all", ""),
        ("month", today()[:7]),
    ]
    assert performance["override_checks"]["officers_with_few"] == 1
    metrics = bank.get("/metrics").text
    assert 'scoring_outcomes{state="known"} 1.0' in metrics
    assert 'scoring_performance{figure="default_rate"} 0.0' in metrics
    assert 'scoring_overrides{figure="decisions"} 1.0' in metrics
    assert 'scoring_overrides{figure="paid_rate"}' not in metrics
    assert 'scoring_override_alarms{kind="agrees_with_everything"} 0.0' in metrics


def test_what_cannot_be_read_is_named_by_its_place_and_nothing_is_recorded(bank: FlaskClient) -> None:
    key, _ = decide(bank)
    sound = {"prediction_id": key, "defaulted": True, "observed": today()}
    bad = [
        (sound | {"observed": "28/11/2026"}, "observed"),
        (sound | {"observed": "2026-02-30"}, "observed"),
        (sound | {"defaulted": "perhaps"}, "defaulted"),
        (sound | {"amount_lost": -1}, "amount_lost"),
        ({"defaulted": True, "observed": today()}, "prediction_id"),
        ({"client_id": 1, "defaulted": True, "observed": today()}, "decided"),
        (sound | {"prediction_id": "x"}, "prediction_id"),
    ]
    for lang in ("fr", "en"):
        answer = hand_in(bank, sound, *(outcome for outcome, _ in bad), lang=lang)
        assert answer.status_code == 400
        errors = answer.get_json()["errors"]
        assert [error["field"] for error in errors] == [f"outcomes[{n}].{name}" for n, (_, name) in enumerate(bad, 1)]
        assert all(error["message"] and error["expected"] for error in errors)
        assert "perhaps" not in answer.text
    answer = bank.post("/outcomes", json={"outcomes": [sound, "x"]})
    assert [error["field"] for error in answer.get_json()["errors"]] == ["outcomes[1]"]
    assert hand_in(bank).status_code == 400
    assert bank.post("/outcomes", json={"outcomes": [sound] * 1001}).get_json()["errors"][0]["field"] == "outcomes"
    assert bank.get("/outcomes").get_json()["total"] == 0


def test_what_contradicts_the_record_is_a_problem_that_names_it(bank: FlaskClient) -> None:
    key, _ = decide(bank)
    sound = {"prediction_id": key, "defaulted": True, "observed": today()}
    answer = hand_in(bank, sound, sound | {"prediction_id": unknown}, sound | {"observed": "2020-01-01"}, lang="fr")
    assert answer.status_code == 409
    content = answer.get_json()
    assert content["type"] == "/problems/outcomes-refused"
    assert [(error["field"], error["message"]) for error in content["errors"]] == [
        ("outcomes[1].prediction_id", message("outcome_of_no_decision", "fr")),
        ("outcomes[2].observed", message("outcome_before_decision", "fr")),
    ]
    assert bank.get("/outcomes").get_json()["total"] == 0


def test_a_scrape_of_a_public_demonstration_does_not_pass_for_the_whole_record(
    models_dir: Path, portfolio: Portfolio, scorer: Scorer, tmp_path: Path
) -> None:
    audit_file = tmp_path / "audit.db"
    folders: dict[str, Any] = {"models_dir": models_dir, "data_dir": portfolio.folder.parent, "audit_file": audit_file}
    app = create_app(Settings(database_url=None, public_demo=True, **folders), scorer, portfolio)
    assert "scoring_outcomes{" not in app.test_client().get("/metrics").text
    audit.close(app)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_while_the_record_is_counted_for_the_first_time_that_is_said(
    bank: FlaskClient, monkeypatch: pytest.MonkeyPatch, language: Literal["fr", "en"]
) -> None:
    def counting(*_given: object) -> None:
        raise StillCounting

    monkeypatch.setattr("api.operations.performance_gauges.performance", counting)
    answer = bank.get("/performance", query_string={"lang": language})
    assert answer.status_code == 503
    assert answer.get_json()["type"].endswith("/problems/still-counting")
    assert answer.get_json()["detail"] == said_of_problems("still_counting", language)
    assert int(answer.headers["Retry-After"]) > 0
