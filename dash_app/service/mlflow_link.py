"""The link to MLflow: to our experiment once its number is known, and to the front page until then."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from runtime.http_client import Adapter, HttpClient, HttpError
from runtime.services import experiment_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.settings import Settings

_log = logging.getLogger(__name__)

# With the check that comes before, less than between two checks: MLflow has just answered that one.
_patience: Final = 1.0
# How long what MLflow said holds: an experiment is made by the first training, and seldom another after that.
_seconds_between_questions: Final = 60.0
_max_bytes: Final = 100_000


class MlflowLink:
    """Where a browser is sent to see the trainings.

    No page waits for MLflow: whoever checks how it is calls `look_up`, and `url` says what is known by then.
    """

    def __init__(
        self,
        front_page: str | None,
        base_url: str | None,
        adapter: Adapter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Asks nothing yet.

        Args:
            front_page: where a browser finds MLflow, without a slash at the end; None: there is no link.
            base_url: where this process finds the MLflow that is asked for the experiment; None: `front_page` is the
                link as it is.
            adapter: takes the place of the network.
            clock: in seconds.
        """
        self._front_page = front_page
        self._http = None if base_url is None else HttpClient(base_url, timeout=_patience, adapter=adapter)
        self._clock = clock
        self._asked: float | None = None
        self._experiment: str | None = None

    @classmethod
    def of(cls, settings: Settings, adapter: Adapter | None = None) -> MlflowLink:
        """The link that the settings name: a place within MLflow that an operator set is left as it is."""
        front_page = settings.mlflow_link
        is_whole = front_page is None or "#" in front_page or "?" in front_page
        return cls(front_page, None if is_whole else settings.mlflow_url.rstrip("/"), adapter)

    @property
    def url(self) -> str | None:
        """Our experiment, where its number is known, else the front page; None where there is no link."""
        if self._front_page is None or self._experiment is None:
            return self._front_page
        return f"{self._front_page}/#/experiments/{quote(self._experiment, safe='')}/runs"

    def look_up(self) -> None:
        """Asks MLflow for the number of the experiment, at most once a minute; what was known stays where it fails."""
        now = self._clock()
        if self._http is None or (self._asked is not None and now - self._asked < _seconds_between_questions):
            return
        self._asked = now
        try:
            self._experiment = _experiment_id(self._http)
        except HttpError as error:
            _log.warning("MLflow does not say which experiment is ours: %s", error)


def _experiment_id(http: HttpClient) -> str | None:
    """The number of our experiment; None where there is none, or it was deleted. Raises `HttpError`."""
    path = "/api/2.0/mlflow/experiments/get-by-name"
    with http.open("GET", path, params={"experiment_name": experiment_name}) as answer:
        if not answer.succeeded:
            return None
        found: Any = answer.json(_max_bytes)
    experiment = found.get("experiment") if isinstance(found, dict) else None
    if not isinstance(experiment, dict) or not isinstance(experiment.get("experiment_id"), str):
        raise HttpError("invalid", "an answer that names no experiment")
    return experiment["experiment_id"] if experiment.get("lifecycle_stage") == "active" else None
