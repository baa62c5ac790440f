"""Two people at one dashboard, in front of the real API: each has their own imports, and is named in decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from api import create_app as create_api
from core.settings import Settings
from dash_app.access.asker import asker
from dash_app.service import ScoringService
from dash_app.service.client import ApiClient
from dash_app.service.drift import DriftService
from dash_app.service.jobs import JobService
from dash_app.services import DashboardServices
from tests.adapters import Wsgi
from tests.api.signed_in import entry
from tests.dash_app.access.test_login import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer
    from tests.dash_app.access.conftest import Maker
    from tests.dash_app.access.provider import Provider

secret = "for this test alone, and long enough"
line = "SK_ID_CURR,AMT_INCOME_TOTAL,AMT_CREDIT\n900001,202500,406597.5\n"


@pytest.fixture
def people(
    with_login: Maker,
    provider: Provider,
    installed: Callable[..., Settings],
    scorer: Scorer,
    portfolio: Portfolio,
    tmp_path: Path,
) -> dict[str, FlaskClient]:
    """Browsers of Alice and Bob, who have signed in."""
    settings = installed(
        tmp_path,
        api_keys=SecretStr(entry("dashboard", "review")),
        secret_key=SecretStr(secret),
        oidc_issuer=provider.issuer,
    )
    network = Wsgi(create_api(settings, scorer, portfolio))
    app = with_login(spool_dir=tmp_path / "spool")
    api = ApiClient("http://api", 5, network, key="dashboard", asker=asker)
    app.server.extensions[DashboardServices.key] = replace(
        app.server.extensions[DashboardServices.key],
        jobs=JobService(api),
        drift=DriftService(api),
        scoring=ScoringService("http://api", 5, network, key="dashboard", asker=asker),
    )
    found = {}
    for name in ("Alice", "Bob"):
        provider.claims = {"sub": f"u-{name}", "name": name}
        found[name] = app.server.test_client()
        assert sign_in(found[name]).status_code == 302
    return found


def listed(browser: FlaskClient) -> str:
    """What the Import page lists."""
    outputs = {"id": "import-recent", "property": "children"}
    shown = {"id": "import-shown", "property": "data", "value": {"job": None, "page": 1}}
    asked = {
        "output": "import-recent.children",
        "outputs": outputs,
        "inputs": [shown],
        "changedPropIds": ["import-shown.data"],
    }
    answer = browser.post("/_dash-update-component", json=asked)
    assert answer.status_code == 200
    return answer.text


def test_bob_does_not_see_what_alice_imports(people: dict[str, FlaskClient]) -> None:
    sent = people["Alice"].post(
        "/imports", data=line, headers={"X-Workbench": "1", "X-File-Name": "alices-clients.csv"}
    )
    assert sent.status_code == 201, sent.text
    job: str = sent.get_json()["id"]
    assert "alices-clients.csv" in listed(people["Alice"])
    assert "alices-clients.csv" not in listed(people["Bob"])
    # It is not scored yet: 409 for her; for him there is none.
    for name, status in (("Alice", 409), ("Bob", 404)):
        assert people[name].get(f"/imports/{job}/result.csv").status_code == status


def test_bob_does_not_get_the_report_that_was_read_for_alice(people: dict[str, FlaskClient], tmp_path: Path) -> None:
    from dash_app.service import NotFound
    from dash_app.service.drift import Asked
    from dash_app.services import drift

    rows = "AMT_CREDIT\n" + "".join(f"{200_000 + number}\n" for number in range(40))
    sent = people["Alice"].post("/drift/files", data=rows, headers={"X-Workbench": "1", "X-File-Name": "a.csv"})
    file_id = sent.get_json()["id"]
    server: Any = people["Alice"].application
    with people["Alice"].session_transaction() as session:
        of_alice = dict(session)
    with people["Bob"].session_transaction() as session:
        of_bob = dict(session)

    def held_by(who: dict[str, Any], report: str | None) -> str:
        from flask import session

        with server.test_request_context("/"):
            session.update(who)
            service = drift()
            return (service.report(report) if report else service.compare(Asked("portfolio", file_id), "fr")).id

    made = held_by(of_alice, None)
    assert held_by(of_alice, made) == made
    with pytest.raises(NotFound):
        held_by(of_bob, made)


def test_a_copy_of_the_cookie_is_refused_after_signing_out(people: dict[str, FlaskClient], with_login: Maker) -> None:
    alice = people["Alice"]
    kept = alice.get_cookie("session")
    assert kept is not None
    thief = alice.application.test_client()
    thief.set_cookie("session", kept.value)
    assert thief.get("/_dash-layout").status_code == 200
    assert alice.post("/logout").status_code == 303
    assert thief.get("/_dash-layout").status_code == 401
    # Another worker of the same dashboard knows as well, and others are as they were.
    folder = alice.application.extensions["login"].ended._folder
    other = with_login(spool_dir=folder).server.test_client()
    other.set_cookie("session", kept.value)
    assert other.get("/_dash-layout").status_code == 401
    assert people["Bob"].get("/_dash-layout").status_code == 200


def test_a_session_that_cannot_be_ended_or_checked_is_said(people: dict[str, FlaskClient], tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir(exist_ok=True)
    broken = tmp_path / "spool" / "ended-sessions.db"
    broken.write_text("this is no database, and no session is known to have ended" * 100)
    page = {"Accept": "text/html", "Accept-Language": "en"}
    assert people["Bob"].get("/", headers=page).status_code == 503
    left = people["Alice"].post("/logout", headers=page)
    assert left.status_code == 503
    broken.unlink()
    assert people["Alice"].get("/_dash-layout").status_code == 401
