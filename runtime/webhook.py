"""The webhook of an alert: one POST of JSON to the address in the settings, without personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.drift.results.drift_report import DriftReport
    from runtime.http_client import Adapter

_seconds: Final = 10.0
_max_columns: Final = 20


class AlertNotSent(RuntimeError):
    """The webhook could not be told; the message says why, and does not repeat its address, which may hold a secret."""


def send_alert(url: str, report: DriftReport, key: str, adapter: Adapter | None = None) -> None:
    """Posts the alerts of a report.

    Args:
        url: where to; http or https. Redirections are not followed.
        report: with at least one alert.
        key: under which the report is kept.
        adapter: takes the place of the network.

    Raises:
        AlertNotSent: also where the answer is not a success.
    """
    post(url, alert_content(report, key), adapter)


def post(url: str, content: Mapping[str, object], adapter: Adapter | None = None) -> None:
    """Posts JSON to the webhook, as `send_alert` does; its `text` is what chat services show. Raises `AlertNotSent`."""
    if not _is_address(url):
        raise AlertNotSent("DRIFT_WEBHOOK_URL: expected an http or https address")
    # Most reports have nobody to tell, and need no client.
    from runtime.http_client import HttpClient, HttpError

    client = HttpClient(timeout=_seconds, proxies=True, adapter=adapter)
    try:
        with client.open("POST", url, json=content) as answer:
            if not answer.succeeded:
                raise AlertNotSent(f"the webhook answered {answer.status}")
    except HttpError as error:
        failure = (
            "returned an answer that is not HTTP" if error.fault == "invalid" else f"cannot be reached ({error.reason})"
        )
        raise AlertNotSent(f"the webhook {failure}") from None


def alert_content(report: DriftReport, key: str) -> dict[str, object]:
    """What is posted: which rules are broken, by which columns; counts of rows, and no row.

    `text` is what chat services show.
    """
    rules = ", ".join(f"{alert.rule} {alert.value:.3g} (limit {alert.limit:.3g})" for alert in report.alerts)
    return {
        "text": f"Drift alert: {report.current.name} against {report.reference.name}: {rules}",
        "report": key,
        "made_at": report.made_at,
        "model": report.model,
        "reference": {"name": report.reference.name, "rows": report.reference.rows},
        "current": {"name": report.current.name, "rows": report.current.rows},
        "alerts": [
            {
                "rule": alert.rule,
                "level": alert.level,
                "value": alert.value,
                "limit": alert.limit,
                "columns": list(alert.columns[:_max_columns]),
            }
            for alert in report.alerts
        ],
    }


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
