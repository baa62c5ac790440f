"""What the page gets of the API, and what it is told where it gets nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests

from core.contract import problems
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.service.client import ApiClient
from dash_app.service.drift import Asked, DriftService
from tests.adapters import Answering, body_of, parameters_of, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.contract.drift import DriftAnswer


def answering(answer: Callable[[requests.PreparedRequest], requests.Response]) -> DriftService:
    return DriftService(ApiClient("http://api", 1, adapter=Answering(answer)))


def test_a_report_is_found_again(drift_service: DriftService, watched: DriftAnswer, alarming: DriftAnswer) -> None:
    assert (watched.verdict, alarming.verdict) == ("watch", "alert")
    assert drift_service.report(watched.id).report == watched.report
    listed = drift_service.reports(50)
    by_id = {report.id: report for report in listed.reports}
    assert by_id[alarming.id].verdict == "alert"
    assert by_id[alarming.id].alerts == list(alarming.report.alerts)
    assert by_id[watched.id].drifted == [each.name for each in watched.report.drifted]
    assert listed.total >= len(listed.reports) >= 2
    assert listed.webhook is False
    assert drift_service.scored_files() == []


def test_the_newest_is_asked_for_each_time_and_others_are_held(alarming: DriftAnswer) -> None:
    asked: list[str] = []

    def answer(request: requests.PreparedRequest) -> requests.Response:
        asked.append(parameters_of(request).get("report", ""))
        return reply(200, content=alarming.model_dump_json().encode())

    service = answering(answer)
    for report_id in (None, None, alarming.id, alarming.id):
        assert service.report(report_id).report == alarming.report
    assert asked == ["", ""]


def test_a_report_is_given_as_files(drift_service: DriftService, watched: DriftAnswer) -> None:
    assert '<html lang="en">' in drift_service.file(watched.id, "html", "en").decode()
    assert '<html lang="fr">' in drift_service.file(watched.id, "html", "fr").decode()
    assert watched.id.encode() in drift_service.file(watched.id, "json", "fr")


def test_what_cannot_be_had_is_said(drift_service: DriftService) -> None:
    with pytest.raises(NotFound):
        drift_service.report("20200101T000000.000Z-none")
    with pytest.raises(NotFound):
        drift_service.file("20200101T000000.000Z-none", "html", "fr")
    with pytest.raises(NotFound):
        drift_service.compare(Asked("portfolio", "file-" + "0" * 32), "fr")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(Refused, match="Il n’y a rien à comparer"):
        drift_service.compare(Asked("portfolio", "live", long_ago, long_ago), "fr")
    with pytest.raises(Refused, match="colonne"):
        drift_service.send([b"a;b\n1;2\n"], "other.csv", "fr")
    with pytest.raises(Rejected):
        drift_service.compare(Asked("portfolio", "test", thresholds={"psi": (-1.0, 2.0)}), "fr")


def test_periods_and_thresholds_are_sent_as_they_were_asked_for() -> None:
    sent: list[Any] = []

    def answer(request: requests.PreparedRequest) -> requests.Response:
        sent.append(json.loads(body_of(request)))
        return reply(409, json=problems.content(problems.nothing_to_compare, "no"))

    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    wanted = Asked("live", "live", days[1], days[2], days[0], days[1], {"psi": (0.1, 0.2), "significance": 0.01})
    with pytest.raises(Refused):
        answering(answer).compare(wanted, "fr")
    assert sent == [
        {
            "reference": "live",
            "current": "live",
            "thresholds": {"psi": {"moderate": 0.1, "major": 0.2}, "significance": 0.01},
            "since": "2026-11-02T00:00:00+00:00",
            "until": "2026-11-03T00:00:00+00:00",
            "reference_since": "2026-11-01T00:00:00+00:00",
            "reference_until": "2026-11-02T00:00:00+00:00",
        }
    ]


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": "x", "verdict": "alert", "report": {}}', b"<html>"])
def test_an_answer_of_another_shape_is_none(body: bytes) -> None:
    service = answering(lambda _: reply(200, content=body))
    with pytest.raises(ServiceUnavailable):
        service.report(None)
    with pytest.raises(ServiceUnavailable):
        service.reports(5)
