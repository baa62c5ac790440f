"""The API goes away while the dashboard runs, and comes back: scoring goes on, and the reader is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dash_app.service.away.spool import Spool, Waiting
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.testing.browser import Browser

    from core.portfolio.clients import Portfolio
    from tests.e2e.conftest import Served


@pytest.fixture
def api(serve: Callable[..., Served], tmp_path: Path) -> Served:
    """An API of this test's own, with its own record, which may be ended."""
    return serve("api", AUDIT_FILE=str(tmp_path / "audit.db"))


@pytest.fixture
def reader(dash_br: Browser, serve: Callable[..., Served], api: Served, tmp_path: Path) -> Reader:
    served = serve("dashboard", API_URL=api.url, WEB_CONCURRENCY="2", SPOOL_DIR=str(tmp_path / "spool"))
    return Reader(dash_br, served.url)


def test_scoring_goes_on_without_the_api_and_returns_to_it(
    reader: Reader, api: Served, portfolio: Portfolio, tmp_path: Path
) -> None:
    first, second, third = portfolio.search(limit=3).clients
    reader.opens(f"/?client={first.client_id}")
    reader.sees("#scoring-banner", "Calculé par l’API")
    reader.clicks(".sidebar-fold > summary")
    reader.sees('[data-service="api"]', "en ligne")
    reader.until(lambda: "Le scoring continue" not in reader.one("#shell-standing").text)

    # A service that is there and says nothing takes longest to be found out: how long is in test_states, where no
    # busy machine adds to it.
    api.freeze()
    reader.sees('[data-service="api"]', "hors ligne")
    api.kill()
    reader.sees('[data-service="api"]', "injoignable")
    reader.sees("#shell-standing", "Le scoring continue avec le modèle local.")
    reader.until(lambda: "hors ligne" in reader.one("#shell-announcer").get_attribute("textContent"))
    before = reader.text("#scoring-banner .verdict-headline")
    reader.writes("EXT_SOURCE_2", "0,01")
    reader.sees("#scoring-banner", "Calculé par le modèle local")
    reader.until(lambda: reader.all(".change-list li"))
    assert before

    reader.opens(f"/?client={second.client_id}")
    reader.sees("#scoring-banner", "Calculé par le modèle local")
    reader.until(lambda: len(reader.all(".reason")) >= 4)
    reader.opens("/")
    reader.until(lambda: len(reader.all("table.clients tbody tr")) == 10)

    spool = Spool(tmp_path / "spool", 1000, 1_000_000)
    kept = {decision.key for decision in spool.oldest(100)}
    assert len(kept) >= 2
    reader.sees("#shell-standing", f"{len(kept)} décisions attendent d’être mises au registre.")

    api.start()
    reader.clicks(".sidebar-fold > summary")
    reader.sees('[data-service="api"]', "en ligne")
    reader.until(lambda: "Le scoring continue" not in reader.one("#shell-standing").text)
    reader.until(lambda: "registre" not in reader.one("#shell-standing").text)
    assert spool.waiting() == Waiting(0, 0)
    assert {key for key, kind in on_record(tmp_path / "audit.db") if kind == "local"} == kept
    reader.until(lambda: scored_by_the_api(reader, third.client_id))
    assert reader.complaints() == []


def on_record(audit: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(audit)) as connection:
        return connection.execute("SELECT id, kind FROM predictions").fetchall()


def scored_by_the_api(reader: Reader, client_id: int) -> bool:
    # Each worker finds out for itself, a few seconds apart.
    reader.opens(f"/?client={client_id}")
    reader.until(lambda: reader.all("#scoring-banner .verdict-origin"))
    return "Calculé par l’API" in reader.text("#scoring-banner")


@pytest.fixture(scope="module")
def alone(serve: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A dashboard whose API was never there: no other kept in its folder what it last heard of an API."""
    return serve("dashboard", API_URL="http://127.0.0.1:9", SPOOL_DIR=str(tmp_path_factory.mktemp("spool")))


def test_a_dashboard_whose_api_was_never_there_scores_too(
    dash_br: Browser, alone: Served, portfolio: Portfolio
) -> None:
    reader = Reader(dash_br, alone.url, "en")
    # Nobody can tell whether this number is the same client there.
    client = portfolio.search(limit=1).clients[0]
    reader.opens(f"/?client={client.client_id}")
    reader.sees("#scoring-problem", "clients on hand cannot be shown")
    reader.opens("/?new=1")
    reader.clicks("#scoring-example")
    reader.until(lambda: reader.field("AMT_CREDIT").get_attribute("value"))
    reader.clicks("#scoring-submit")
    reader.sees("#scoring-banner", "Computed by the local model")
    reader.clicks(".sidebar-fold > summary")
    reader.sees('[data-service="api"]', "not seen yet")


def test_without_the_api_the_documentation_is_still_there(dash_br: Browser, alone: Served) -> None:
    reader = Reader(dash_br, alone.url, "fr")
    reader.opens("/documentation/model")
    reader.sees("#documentation-model", "L’API ne répond pas")
    reader.until(lambda: reader.all("#documentation-measures .js-plotly-plot"))
    reader.goes("/documentation/glossary?entry=application.AMT_CREDIT")
    reader.sees("#documentation-term", "La moitié des demandes")
    reader.goes("/documentation/threshold")
    reader.until(lambda: reader.all("#curve .js-plotly-plot"))


def test_without_model_and_api_it_says_so_and_stands(
    dash_br: Browser, serve: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = str(tmp_path_factory.mktemp("empty"))
    served = serve("dashboard", API_URL="http://127.0.0.1:9", MODELS_DIR=empty, DATA_DIR=empty)
    reader = Reader(dash_br, served.url).opens("/")
    reader.sees("#scoring-list", "La liste des clients n’est pas disponible")
    reader.clicks(".sidebar-fold > summary")
    reader.sees("#shell-model", "aucun modèle chargé")
    reader.opens("/?new=1")
    reader.clicks("#scoring-example")
    reader.until(lambda: reader.field("AMT_CREDIT").get_attribute("value"))
    reader.clicks("#scoring-submit")
    reader.sees("#scoring-banner", "Pas de décision pour l’instant")
    assert reader.field("AMT_CREDIT").get_attribute("value"), "nothing that was typed is lost"
    assert reader.violations() == []
