"""Tells somebody of an alert: one POST of JSON to the address in the settings, without personal data."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.drift.results import DriftReport

_seconds: Final = 10.0
_most_columns: Final = 20


class AlertNotSent(RuntimeError):
    """The webhook could not be told; the message says why, and does not repeat its address, which may hold a secret."""


def send_alert(url: str, report: DriftReport, key: str) -> None:
    """Posts the alerts of a report.

    Args:
        url: where to; http or https. Redirections are not followed.
        report: with at least one alert.
        key: under which the report is kept.

    Raises:
        AlertNotSent: also where the answer is not a success.
    """
    if not re.match("https?://", url):
        raise AlertNotSent("DRIFT_WEBHOOK_URL: expected an http or https address")
    content = json.dumps(alert_content(report, key), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "home-credit-workbench"}
    try:
        request = urllib.request.Request(url, content, headers, method="POST")  # noqa: S310 - the scheme was looked at
        with _opener().open(request, timeout=_seconds):
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise AlertNotSent(f"the webhook answered {error.code}") from None
    except (OSError, ValueError) as error:
        raise AlertNotSent(f"the webhook cannot be reached ({type(error).__name__})") from None


def alert_content(report: DriftReport, key: str) -> dict[str, object]:
    """What is posted: which rules are broken, by which columns; counts of rows, and no row.

    `text` is what chat services show.
    """
    rules = ", ".join(f"{each.rule} {each.value:.3g} (limit {each.limit:.3g})" for each in report.alerts)
    return {
        "text": f"Drift alert: {report.current.name} against {report.reference.name}: {rules}",
        "report": key,
        "made_at": report.made_at,
        "model": report.model,
        "reference": {"name": report.reference.name, "rows": report.reference.rows},
        "current": {"name": report.current.name, "rows": report.current.rows},
        "alerts": [
            {
                "rule": each.rule,
                "level": each.level,
                "value": each.value,
                "limit": each.limit,
                "columns": list(each.columns[:_most_columns]),
            }
            for each in report.alerts
        ],
    }


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent elsewhere: the address in the settings is the one that was meant."""

    def redirect_request(self, *_: object) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)
