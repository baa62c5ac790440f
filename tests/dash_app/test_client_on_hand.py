"""What is decided on a client on hand is on record as that client's, and nothing comes in that was not on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from api import create_app as create_api
from core.audit.engine import Database, database_url
from core.audit.entries import PredictionFilter
from core.audit.log import AuditLog
from core.features import history_names
from core.settings import Settings
from dash_app.service import LocalScoring, NotFound, ScoringService
from dash_app.service.away.delivery import SpoolDelivery
from dash_app.service.away.spool import Spool
from dash_app.service.client import ApiClient
from dash_app.views.scoring.form import entries, form_state
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.audit.entries import RecordedPrediction
    from core.decision import Value
    from core.model.source import ModelSource
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@dataclass
class Way:
    """A way to a decision, and the record that it leaves."""

    service: ScoringService
    kind: str
    record: Callable[[], list[RecordedPrediction]]


@pytest.fixture(params=["explain", "local"])
def way(
    request: pytest.FixtureRequest,
    models_dir: Path,
    loaded_model: ModelSource,
    scorer: Scorer,
    portfolio: Portfolio,
    tmp_path: Path,
) -> Way:
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, audit_file=tmp_path / "audit.db")
    api = Wsgi(create_api(settings, scorer, portfolio))
    spool = Spool(tmp_path / "spool", 1000, 10_000_000)
    delivery = SpoolDelivery(spool, ApiClient("http://api", 5, api))

    def record() -> list[RecordedPrediction]:
        """Of what was asked about an application, the oldest first: a client that is read is on record as well."""
        delivery.deliver()
        database = Database.open(database_url(settings))
        try:
            found = AuditLog(database).predictions_with_inputs(PredictionFilter(), 500).predictions
        finally:
            database.close()
        return sorted((row for row in found if row.kind != "client"), key=lambda row: row.id)

    here = LocalScoring(loaded_model, portfolio.folder, spool=spool)
    return Way(ScoringService("http://api", 5, api) if request.param == "explain" else here, request.param, record)


@pytest.fixture
def client_id(portfolio: Portfolio) -> int:
    """A client of whom an old history is stored, and who has a car's age to be emptied."""
    for client in portfolio.search(limit=200).clients:
        features = portfolio.client(client.client_id).features
        if any(features[name] is not None for name in history_names()) and features["OWN_CAR_AGE"] is not None:
            return client.client_id
    raise AssertionError("no such client")


def known(features: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in features.items() if value is not None and name != "SK_ID_CURR"}


def test_a_client_as_stored(way: Way, portfolio: Portfolio, client_id: int) -> None:
    features = way.service.client(client_id).features
    state = form_state.assessed(way.service, features, entries.of(features), asked=False, client_id=client_id)
    (row,) = way.record()
    assert (row.kind, row.client_id, row.history, row.portfolio) == (
        way.kind,
        client_id,
        "portfolio",
        str(portfolio.provenance),
    )
    assert row.application == "on_file"
    assert row.inputs == known(features)
    # The portfolio was scored apart from all services.
    assert row.probability == pytest.approx(portfolio.summary_of(client_id).probability, abs=1e-9)
    assert state.on_file is not None
    assert state.on_file.prediction_id == row.id


def test_changed_and_emptied_values(way: Way, portfolio: Portfolio, client_id: int) -> None:
    features = way.service.client(client_id).features
    emptied = "OWN_CAR_AGE"
    held = entries.of(features) | {emptied: None, "AMT_INCOME_TOTAL": 123456}
    form_state.assessed(way.service, features, held, asked=False, client_id=client_id)
    as_stored, changed = sorted(way.record(), key=lambda row: row.inputs != known(features))
    for row in (as_stored, changed):
        assert (row.kind, row.client_id, row.history, row.portfolio) == (
            way.kind,
            client_id,
            "portfolio",
            str(portfolio.provenance),
        )
    wanted = known(features) | {"AMT_INCOME_TOTAL": 123456.0}
    wanted.pop(emptied, None)
    assert changed.inputs == wanted


def test_a_row_to_which_a_history_was_joined(way: Way, portfolio: Portfolio, client_id: int) -> None:
    """It is no application of the client's, who bears its number, and its history is not its own."""
    features = way.service.client(client_id).features
    form_state.assessed(way.service, features, entries.of(features), asked=False, joined=True)
    (row,) = way.record()
    assert (row.client_id, row.application) == (client_id, "sent")
    assert (row.history, row.portfolio) == ("portfolio", str(portfolio.provenance))
    assert row.inputs == known(features)
    # What is stored may be another by now: it came with the application then.
    name = next(each for each in history_names() if features[each] is not None)
    way.service.assess({**features, name: 0.125}, "fr", joined=True)
    other = next(row for row in way.record() if (row.inputs or {}).get(name) == 0.125)
    assert (other.history, other.portfolio, other.application) == ("sent", None, "sent")


def test_nothing_stored_comes_back_unseen(way: Way, client_id: int) -> None:
    """Not even of columns that the page knows nothing of."""
    sent = {"AMT_CREDIT": 500_000.0, "AMT_INCOME_TOTAL": 180_000.0, "EXT_SOURCE_2": 0.5}
    found = way.service.assess(sent, "en", client_id=client_id)
    (row,) = way.record()
    assert (row.inputs, row.history) == (sent, "none")
    assert found.probability == way.service.assess(sent, "en").probability


def test_ways_are_those_of_the_client(way: Way, client_id: int) -> None:
    features = way.service.client(client_id).features
    assessed = way.service.assess(features, "fr", client_id=client_id)
    found = assessed.recourse
    assert found == way.service.assess(features, "fr").recourse
    assert found.already_accepted is (assessed.decision == "ACCEPTÉ")
    # What could be is no decision: only what was decided is on record.
    assert [row.kind for row in way.record()] == [way.kind] * 2


def test_a_client_that_is_not_there(way: Way) -> None:
    with pytest.raises(NotFound):
        way.service.assess({"AMT_CREDIT": 500_000.0}, "fr", client_id=7)
    with pytest.raises(NotFound):
        way.service.client_file(7, "fr")
    assert way.record() == []
