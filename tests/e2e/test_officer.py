"""An officer's decision is found wherever a decision is shown; it is recorded once, also where its answer was lost."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.conftest import Served
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dash.testing.browser import Browser

    from core.contract.clients.lists import ClientLine
    from core.portfolio.clients import Portfolio


@pytest.fixture
def reader(dash_br: Browser, dashboard_service: Served) -> Reader:
    return Reader(dash_br, dashboard_service.url, "fr")


@pytest.fixture(scope="module")
def refused(portfolio: Portfolio) -> ClientLine:
    """A client whom no other journey decides on."""
    found = [client for client in portfolio.search(limit=400).clients if client.decision == "REFUSÉ"]
    return sorted(found, key=lambda client: client.probability)[3]


def ask(service: Served, path: str) -> Any:
    with urllib.request.urlopen(f"{service.url}{path}") as answer:  # noqa: S310 (of our own)
        return json.load(answer)


def decide(reader: Reader, decision: str, officer: str, reason: str) -> None:
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    reader.clicks(f"#scoring-officer-decision input[value='{decision}']")
    for field, text in (("name", officer), ("reason", reason)):
        reader.types(f"#scoring-officer-{field}", Keys.CONTROL, "a")
        reader.types(f"#scoring-officer-{field}", text)
    reader.clicks("#scoring-officer-submit")


# What the hand of an adviser does, whatever scripts do; a page that is loaded anew has no count.
count: Final = """
window.presses = {clicks: 0, keys: 0};
document.addEventListener('pointerdown', event => { window.presses.clicks += event.isTrusted ? 1 : 0; }, true);
document.addEventListener('keydown', event => { window.presses.keys += event.isTrusted ? 1 : 0; }, true);
"""
clicks_to_reasons: Final = 2
clicks_to_record: Final = 4


def presses(reader: Reader, kind: str) -> int:
    """How many clicks or keys there were since the count began."""
    return int(reader.driver.execute_script("return window.presses[arguments[0]]", kind))


def decides_in_few_clicks(reader: Reader, number: str) -> None:
    """From the first page to the reasons, and to a decision on record; in a browser that keeps no name yet."""
    officer, reason = "Ada Lovelace", "Justificatifs reçus"
    reader.opens("/")
    reader.one("table.clients tbody tr")
    reader.driver.execute_script(count)
    reader.presses("/")
    reader.presses(number)
    reader.until(lambda: len(reader.all("#shell-finder-options a[role='option']")) == 1)
    reader.clicks("#shell-finder-options a[role='option']")
    reader.until(lambda: reader.all("#scoring-reasons .reason-text"))
    seen = (
        "return [...document.querySelectorAll(arguments[0])].map(e => innerHeight - e.getBoundingClientRect().bottom)"
    )
    strongest = "#scoring-reasons li:first-child .reason-text"
    reader.until(lambda: len(reader.driver.execute_script(seen, strongest)) == 2)
    assert min(reader.driver.execute_script(seen, strongest)) >= 0, "of each side the strongest is in sight"
    assert 1 <= presses(reader, "clicks") <= clicks_to_reasons

    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    reader.clicks("#scoring-officer-decision input[value='ACCEPTÉ']")
    reader.clicks("#scoring-officer-name")
    reader.presses(officer)
    reader.presses(Keys.TAB)
    reader.presses(reason)
    reader.clicks("#scoring-officer-submit")
    reader.sees("#scoring-officer-note", "Enregistré")
    assert presses(reader, "clicks") <= clicks_to_record
    assert presses(reader, "keys") >= len("/" + number + officer + reason), (
        "what is typed counts as keys, not as clicks"
    )


def test_an_override_is_found_wherever_a_decision_is_shown(
    reader: Reader, refused: ClientLine, api_service: Served, tmp_path: Path
) -> None:
    number = str(refused.client_id)
    decides_in_few_clicks(reader, number)
    # The verdict card; what the model says stays beside it.
    reader.sees("#scoring-final-stamp", "Accepté")
    reader.sees("#scoring-final-stamp", "Ada Lovelace")
    reader.sees("#scoring-final-stamp", "refusé")
    reader.sees("#scoring-banner", "Refusé")

    # The list, and the finder.
    reader.goes(f"/?search={number}")
    reader.sees("table.clients tbody tr", "Accepté")
    reader.sees("table.clients .decided-by", "refusé")
    reader.presses("/")
    reader.presses(number)
    reader.until(lambda: len(reader.all("#shell-finder-options a[role='option']")) == 1)
    reader.sees("#shell-finder-options .finder-verdict", "Accepté")

    # Comparison, and its file.
    reader.goes(f"/comparison?client={number}")
    reader.sees("#comparison-decision", "Ada Lovelace")
    reader.sees("#comparison-decision .tag", "Accepté")
    reader.until(lambda: reader.all("#comparison-statistics table"))
    row = exported(reader)[1]
    assert {"Refusé", "Accepté", "Ada Lovelace"} <= set(row)

    # The letter.
    reader.goes(f"/report?client={number}")
    reader.sees(".letter-verdict", "Accepté")
    reader.sees(".letter-decided", "Ada Lovelace")
    assert "Refusé" not in reader.text(".letter-verdict")

    # A correction counts from then on; who corrects reads English.
    reader.turns_to("en")
    reader.sees(".letter-verdict", reader.says("Accepted"))
    reader.goes(f"/?client={number}")
    decide(reader, "REFUSÉ", "Grace Hopper", "Forged pay slips")
    reader.sees("#scoring-officer-note", reader.says("Recorded: {verdict}.", verdict="refused"))
    reader.sees("#scoring-final-stamp", "Grace Hopper")
    reader.sees("#scoring-final-stamp", reader.says("The model says the same."))
    reader.until(lambda: len(reader.all("#scoring-officer-trail li")) == 2)
    reader.goes(f"/report?client={number}")
    reader.sees(".letter-verdict", reader.says("Refused"))
    reader.sees(".letter-decided", "Grace Hopper")
    assert ask(api_service, f"/decisions?client_id={number}")["total"] == 2
    assert reader.complaints() == []


def exported(reader: Reader) -> list[list[str]]:
    """The CSV of the comparison, as the browser of a reader of French is given it."""
    reader.driver.execute_script(
        "window.saved = null;"
        "const make = URL.createObjectURL; URL.createObjectURL = blob => {"
        " blob.text().then(text => { window.saved = text; }); return make.call(URL, blob); };"
    )
    reader.clicks("#comparison-csv")
    reader.until(lambda: reader.driver.execute_script("return window.saved !== null"))
    text = reader.driver.execute_script("return window.saved")
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=";"))


def test_a_new_application_is_decided_finally_and_printed(reader: Reader, api_service: Served) -> None:
    reader.opens("/?new=1")
    reader.clicks("#scoring-submit")
    reader.until(lambda: reader.all(".note-error"))
    assert reader.violations() == []
    reader.clicks("#scoring-example")
    reader.until(lambda: reader.all("#scoring-banner .verdict-word"))
    reader.until(lambda: reader.all("#scoring-report-place a"))
    model = reader.text("#scoring-banner .verdict-word")
    other = "REFUSÉ" if "Accepté" in model else "ACCEPTÉ"
    decide(reader, other, "Ada Lovelace", "Nouvelle demande revue")
    reader.sees("#scoring-final-stamp", "Ada Lovelace")
    reader.clicks("#scoring-report-place a")
    reader.sees(".letter-verdict", other.capitalize())
    reader.sees(".letter-decided", "Ada Lovelace")
    reader.sees(".letter-facts", "450")
    # The address names the record, and nothing of the person.
    assert reader.place.startswith("/report?application=")
    assert "450" not in reader.place.replace(reader.place[20:], "")
    # As it was decided, also once the page is loaded anew, in the other language.
    reader.turns_to("en")
    reader.sees(".letter-verdict", reader.says("Refused" if other == "REFUSÉ" else "Accepted"))
    assert reader.complaints() == []


class Cutting:
    """A way to the API that takes the answer to the first decision away, after the API has recorded it."""

    def __init__(self, target: Served) -> None:
        self.target = target
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(connection,), daemon=True).start()

    def _pass_on(self, connection: socket.socket) -> None:
        upstream = socket.create_connection(("127.0.0.1", self.target.port))
        cutting = threading.Event()

        def back() -> None:
            while data := self._read(upstream):
                if cutting.is_set() and self.cut == 0:
                    self.cut += 1
                    break
                connection.sendall(data)
            for end in (connection, upstream):
                # Closed alone, it would stay open for the thread that reads from it.
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

        threading.Thread(target=back, daemon=True).start()
        while data := self._read(connection):
            if data.startswith(b"POST /decisions"):
                cutting.set()
            upstream.sendall(data)

    @staticmethod
    def _read(end: socket.socket) -> bytes:
        try:
            return end.recv(65536)
        except OSError:
            return b""


@pytest.fixture
def cutting(api_service: Served) -> Iterator[Cutting]:
    found = Cutting(api_service)
    yield found
    found.close()


def test_a_decision_whose_answer_was_lost_is_recorded_once(
    dash_br: Browser,
    serve: Callable[..., Served],
    cutting: Cutting,
    api_service: Served,
    portfolio: Portfolio,
) -> None:
    client = next(each for each in portfolio.search(limit=400, offset=150).clients if each.decision == "ACCEPTÉ")
    dashboard = serve("dashboard", API_URL=cutting.url)
    try:
        reader = Reader(dash_br, dashboard.url, "fr").opens(f"/?client={client.client_id}")
        decide(reader, "REFUSÉ", "Ada Lovelace", "Revenus non justifiés")
        reader.sees("#scoring-officer-note", "On ne sait pas")
        assert cutting.cut == 1
        assert ask(api_service, f"/decisions?client_id={client.client_id}")["total"] == 1
        reader.clicks("#scoring-officer-submit")
        reader.sees("#scoring-officer-note", "Enregistré")
        assert ask(api_service, f"/decisions?client_id={client.client_id}")["total"] == 1
        # The same again is another decision, for its key has done its work.
        decide(reader, "REFUSÉ", "Ada Lovelace", "Revenus non justifiés")
        reader.until(lambda: ask(api_service, f"/decisions?client_id={client.client_id}")["total"] == 2)
    finally:
        dashboard.stop()
