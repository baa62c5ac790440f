"""The webhook gets the alert, and nothing about anybody; what keeps it from being told is said without its address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.drift.results.drift_report import DriftReport
from runtime.webhook import AlertNotSent, send_alert
from tests.adapters import speaking


class Receiver(BaseHTTPRequestHandler):
    received: list[tuple[str, dict[str, object]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.append((self.path, body))
        status = {"/moved": 302, "/broken": 500}.get(self.path.partition("?")[0], 204)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    received: list[tuple[str, dict[str, object]]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Own", (Receiver,), {"received": received}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_alert_arrives(webhook: tuple[str, list[tuple[str, dict[str, object]]]], alarming: DriftReport) -> None:
    url, received = webhook
    send_alert(f"{url}/hook", alarming, "20260101T000000.000Z-x")
    [(path, body)] = received
    assert path == "/hook"
    assert body["report"] == "20260101T000000.000Z-x"
    assert str(body["text"]).startswith("Drift alert: worse against train: score_psi ")
    assert body["current"] == {"name": "worse", "rows": 8000}
    assert [alert["rule"] for alert in body["alerts"]] == [alert.rule for alert in alarming.alerts]  # type: ignore[attr-defined]
    assert "EXT_SOURCE_3" in json.dumps(body)


@pytest.mark.parametrize(("path", "said"), [("/broken", "500"), ("/moved", "302")])
def test_what_the_webhook_answers_is_said(
    webhook: tuple[str, list[tuple[str, dict[str, object]]]], alarming: DriftReport, path: str, said: str
) -> None:
    url, received = webhook
    with pytest.raises(AlertNotSent, match=said) as raised:
        send_alert(f"{url}{path}?token=secret", alarming, "x")
    assert "secret" not in str(raised.value)
    # It is not sent on to another address.
    assert len(received) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "no address", "", "http://", "http://[::1"])
def test_other_addresses_are_refused(alarming: DriftReport, url: str) -> None:
    with pytest.raises(AlertNotSent):
        send_alert(url, alarming, "x")


def test_a_webhook_that_answers_no_http_is_said_to(alarming: DriftReport) -> None:
    with speaking(b"SSH-2.0-OpenSSH_9.6\r\n") as url, pytest.raises(AlertNotSent, match="not HTTP"):
        send_alert(url, alarming, "x")
    with speaking(b"") as url, pytest.raises(AlertNotSent, match="cannot be reached"):
        send_alert(url, alarming, "x")


def test_a_webhook_that_is_away_is_said_to_be(alarming: DriftReport) -> None:
    with pytest.raises(AlertNotSent, match="cannot be reached"):
        send_alert("http://127.0.0.1:1/secret", alarming, "x")
