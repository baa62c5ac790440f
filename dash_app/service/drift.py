"""The drift service: reports that are kept, new ones, files to be compared; and how the model in use has fared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from core.contract import problems
from core.contract.drift import DriftAnswer, DriftReportList
from core.contract.jobs import JobList
from core.contract.record.approvals import ModelApprovals
from core.contract.record.outcomes import OutcomeCoverage
from core.contract.record.performance import PerformanceAnswer
from dash_app.service.answers import Readiness
from dash_app.service.client import health_patience, read
from dash_app.service.jobs import sending_patience

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from core.catalogue import Language
    from core.contract.jobs import JobLine
    from dash_app.service.client import ApiClient

Format = Literal["html", "json"]

# Less than the dashboard's own server waits for an answer: a comparison takes seconds, the first one of a portfolio
# draws its test set.
_patience: Final = 50.0
# Reports do not change; a page asks for the same one with every column that is opened.
_most_held: Final = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared with what.

    Attributes:
        reference, current: `portfolio`, `test`, `live`, or the id of a file or a job; `reference` alone the model's.
        since, until, reference_since, reference_until: of live traffic, UTC.
        thresholds: in place of the usual ones: from where on moderate and from where on major; of a probability,
            one number.
    """

    reference: str
    current: str
    since: datetime | None = None
    until: datetime | None = None
    reference_since: datetime | None = None
    reference_until: datetime | None = None
    thresholds: Mapping[str, tuple[float, float] | float] = field(default_factory=dict)


class DriftService:
    """Everything that the page can ask. Each call may raise `ServiceUnavailable`."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._held: OrderedDict[tuple[str, str], DriftAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def report(self, report_id: str | None) -> DriftAnswer:
        """The report of that id, or the newest. Raises `NotFound`."""
        with self._lock:
            held = self._held.get(self._place(report_id or ""))
        if held is not None:
            return held
        asked = {} if report_id is None else {"report": report_id}
        return self._keep(self._api.get("/data/drift", format="json", **asked))

    def reports(self, limit: int) -> DriftReportList:
        """The newest reports."""
        return self._api.read(DriftReportList, "/data/drift/reports", limit=limit)

    def compare(self, asked: Asked, lang: Language) -> DriftAnswer:
        """A new report. Raises `Refused`, `Rejected`, `NotFound`."""
        moments = {
            name: moment.isoformat()
            for name in ("since", "until", "reference_since", "reference_until")
            if (moment := getattr(asked, name)) is not None
        }
        limits = {
            name: {"moderate": limit[0], "major": limit[1]} if isinstance(limit, tuple) else limit
            for name, limit in asked.thresholds.items()
        }
        body = {"reference": asked.reference, "current": asked.current, "thresholds": limits} | moments
        answer = self._api.ask("POST", "/data/drift", params={}, json=body, lang=lang, timeout=_patience)
        return self._keep(answer)

    def performance(self) -> PerformanceAnswer:
        """How good the decisions were whose outcome is known."""
        return read(PerformanceAnswer, self._api.ask("GET", "/performance", params={}, timeout=_patience))

    def coverage(self) -> OutcomeCoverage:
        """Of the decisions of each month, how many have their outcome."""
        return read(OutcomeCoverage, self._api.ask("GET", "/outcomes/coverage", params={}, timeout=_patience))

    def approvals(self) -> ModelApprovals:
        """Who approved which version, and when the model in use is to be reviewed. Raises `NotFound`."""
        return self._api.read(ModelApprovals, "/model/approvals")

    def readiness(self) -> Readiness:
        """What the API stands on, also where something of it is missing; how it follows the registry."""
        return self._api.read_or(Readiness, "/health/ready", problems.not_ready, health_patience)

    def scored_files(self) -> list[JobLine]:
        """The files of this caller that are scored, newest first."""
        return [job for job in self._api.read(JobList, "/jobs", limit=200).jobs if job.status == "done"]

    def file(self, report_id: str, kind: Format, lang: Language) -> bytes:
        """A report as a file. Raises `NotFound`."""
        return self._api.fetch("/data/drift", report=report_id, format=kind, lang=lang)

    def send(self, content: Iterable[bytes], name: str, lang: Language) -> Mapping[str, Any]:
        """Sends a file to be compared; what the API says of it. Raises `Refused`, `Rejected`."""
        answer: Mapping[str, Any] = self._api.ask(
            "POST",
            "/data/drift/files",
            params={"filename": name[-255:]},
            content=content,
            headers={"Content-Type": "application/octet-stream"},
            lang=lang,
            timeout=sending_patience,
        )
        return answer

    def _place(self, report_id: str) -> tuple[str, str]:
        """Where a report is held: for whom it was asked, as another may not see it."""
        asker = self._api.asker
        return (asker.word if asker else "", report_id)

    def _keep(self, answer: Mapping[str, Any]) -> DriftAnswer:
        kept = read(DriftAnswer, answer)
        with self._lock:
            self._held[self._place(kept.id)] = kept
            while len(self._held) > _most_held:
                self._held.popitem(last=False)
        return kept
