"""While the API is away, a number is shown as a client only where this dashboard is known to have the same clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api import create_app as create_api
from core.comparison.choice import Choice
from core.settings import Settings
from dash_app.service import FailoverScoring, LocalScoring, NotFound, ScoringService, ServiceUnavailable
from dash_app.service.away.contact import LastContact
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.model.source import ModelSource
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

    Pair = Callable[[Portfolio], "Meeting"]


class Meeting:
    """An API that can be away before a dashboard that has clients of its own."""

    def __init__(self, api: Wsgi, model: ModelSource, own: Portfolio) -> None:
        self.api, contact = api, LastContact()
        self.service = FailoverScoring(
            ScoringService("http://api", 5, adapter=self, contact=contact),  # type: ignore[arg-type]
            LocalScoring(model, own.folder, contact),
        )
        self.away = False

    def send(self, *arguments: object, **named: object) -> object:
        if self.away:
            from requests import ConnectionError as NoConnection

            raise NoConnection
        return self.api.send(*arguments, **named)  # type: ignore[arg-type]

    def close(self) -> None:
        self.api.close()


@pytest.fixture
def meet(models_dir: Path, loaded_model: ModelSource, portfolio: Portfolio, scorer: Scorer) -> Pair:
    api = create_api(Settings(models_dir=models_dir, data_dir=portfolio.folder.parent), scorer, portfolio)
    return lambda own: Meeting(Wsgi(api), loaded_model, own)


@pytest.fixture
def number(portfolio: Portfolio) -> int:
    return portfolio.search(limit=1).clients[0].client_id


def test_the_same_clients_are_shown_on(meet: Pair, portfolio: Portfolio, number: int) -> None:
    met = meet(portfolio)
    before = met.service.client(number)
    met.away = True
    assert met.service.client(number) == before
    assert met.service.clients().total == portfolio.index.height
    with pytest.raises(NotFound):
        met.service.client(7)


@pytest.mark.parametrize("contact", [lambda service: service.health(), lambda service: service.clients()])
def test_other_clients_are_not_shown(
    meet: Pair, imported_portfolio: Portfolio, number: int, contact: Callable[[FailoverScoring], object]
) -> None:
    met = meet(imported_portfolio)
    contact(met.service)
    met.away = True
    own = imported_portfolio.search(limit=1).clients[0].client_id
    for ask in (
        lambda: met.service.client(own),
        lambda: met.service.client(number),
        met.service.clients,
        lambda: met.service.history(own, "fr"),
        lambda: met.service.compare(own, Choice(), "fr"),
        met.service.dataset,
    ):
        with pytest.raises(ServiceUnavailable) as refused:
            ask()
        assert refused.value.fault == "other_portfolio"


def test_nobody_is_shown_before_the_api_was_ever_met(meet: Pair, portfolio: Portfolio, number: int) -> None:
    met = meet(portfolio)
    met.away = True
    with pytest.raises(ServiceUnavailable, match="other_portfolio"):
        met.service.client(number)


def test_what_is_typed_or_open_is_scored_all_the_same(
    meet: Pair, imported_portfolio: Portfolio, portfolio: Portfolio, number: int
) -> None:
    met = meet(imported_portfolio)
    opened = met.service.client(number).features
    before = met.service.assess(opened, "fr")
    met.away = True
    after = met.service.assess(opened, "fr")
    assert (before.source, after.source) == ("api", "local")
    assert after.probability == pytest.approx(before.probability, abs=1e-12)
    assert met.service.assess({"AMT_CREDIT": 400_000.0}, "fr").source == "local"


def test_an_exchanged_portfolio_is_noticed(portfolio: Portfolio, imported_portfolio: Portfolio) -> None:
    first, second = str(portfolio.provenance), str(imported_portfolio.provenance)
    clock = [0.0]
    contact = LastContact(lambda: clock[0])
    due = [contact.is_due]
    contact.hear(first)
    due.append(contact.is_due)
    clock[0] += 61
    due.append(contact.is_due)
    assert due == [True, False, True]
    assert contact.has_same(first)
    contact.hear(second)
    assert (contact.has_same(first), contact.has_same(second)) == (False, True)
    contact.hear(None)
    assert not contact.has_same(second)


def test_the_last_contact_outlives_the_process(portfolio: Portfolio, tmp_path: Path) -> None:
    kept, same = tmp_path / "spool" / "last", str(portfolio.provenance)
    assert not LastContact(kept=kept).has_same(same)
    LastContact(kept=kept).hear(same)
    later = LastContact(kept=kept)
    assert later.has_same(same)
    # The API is asked all the same once it is there, and what it says goes before.
    assert later.is_due
    later.hear(None)
    assert not later.has_same(same)
    assert not LastContact(kept=kept).has_same(same)


def test_a_folder_that_cannot_be_written_ends_nothing(portfolio: Portfolio, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    contact = LastContact(kept=tmp_path / "spool" / "last")
    contact.hear(str(portfolio.provenance))
    assert contact.has_same(str(portfolio.provenance))
