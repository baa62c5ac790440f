"""The jobs service: files that are sent, looked at, scored, and their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.contract.jobs import JobAnswer, JobList, JobPreview, JoinedRows, ResultRowAnswer, ResultRows
from dash_app.service.client import read
from runtime.http_client import Sized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.catalogue import Language
    from core.contract.jobs import JobLine
    from core.exports.csv_text import Convention
    from core.jobs.answers.results import Columns
    from core.portfolio.provenance import HistoryChoice
    from dash_app.service.client import ApiClient

Format = Literal["csv", "xlsx", "parquet"]
# The rows set aside: why, or as they were sent.
SetAside = Literal["reasons", "rows"]

# A workbook of a hundred thousand rows takes a while to write.
_patience: Final = 50.0
sending_patience: Final = 330.0
"""Seconds for what the API makes of a file once it has come: a conversion may take
`core.tables.foreign.conversion.max_seconds` until it is refused, and whoever gives up before sees no reason."""


@dataclass(frozen=True, slots=True)
class FileQuery:
    """What of a result is wanted as a file, and how CSV is written."""

    content: Format | SetAside
    columns: Columns = "main"
    convention: Convention = "plain"


@dataclass(frozen=True, slots=True)
class ResultRowQuery:
    """Which rows of a result: `filters` as the API's `filter` has it."""

    offset: int = 0
    limit: int = 100
    sort: str = ""
    descending: bool = False
    filters: str = ""


class JobService:
    """Everything that the page can ask. Each call may raise `ServiceUnavailable` and, of an id, `NotFound`."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def imports(self, limit: int) -> list[JobLine]:
        """This caller's files, the newest first."""
        return self.imports_page(limit).jobs

    def imports_page(self, limit: int, offset: int = 0) -> JobList:
        """A page of them, with how many there are in all."""
        return self._api.read(JobList, "/jobs", limit=limit, offset=offset)

    def find(self, job_id: str, lang: Language) -> JobAnswer:
        """How far a file is."""
        return self._api.read(JobAnswer, f"/jobs/{job_id}", lang=lang)

    def preview(self, job_id: str, lang: Language, history: HistoryChoice | None = None) -> JobPreview:
        """What a file that is held looks like, and to whom a choice of history would do what. Raises `Refused`."""
        return self._api.read(JobPreview, f"/jobs/{job_id}/preview", **_params(lang, history))

    def start(
        self, job_id: str, lang: Language, history: HistoryChoice | None = None, *, confirmed: bool = False
    ) -> JobAnswer:
        """Has a file scored that is held, its rows joined with stored history as chosen.

        Args:
            confirmed: whether somebody has said yes to what the file lacks. Raises `Refused` where that is needed.
        """
        params = _params(lang, history) | ({"confirm": "true"} if confirmed else {})
        return read(JobAnswer, self._api.ask("POST", f"/jobs/{job_id}/start", params=params))

    def remove(self, job_id: str, lang: Language) -> None:
        """Cancels what has not ended, removes what has."""
        self._api.ask("DELETE", f"/jobs/{job_id}", params={"lang": lang})

    def send(self, content: Iterable[bytes], name: str, size: int | None, lang: Language) -> JobAnswer:
        """Sends a file, to be held. Raises `Refused`, `Rejected`."""
        headers = {"Content-Type": "application/octet-stream"}
        params = {"filename": name[-255:], "hold": "true", "lang": lang}
        body = content if size is None else Sized(content, size)
        answer = self._api.ask(
            "POST", "/jobs", params=params, lang=lang, content=body, headers=headers, timeout=sending_patience
        )
        return read(JobAnswer, answer)

    def join(self, job_id: str, content: Iterable[bytes], size: int | None, lang: Language) -> JoinedRows:
        """Sends mended rows, to be joined to their job. Raises `Refused`, `Rejected`."""
        headers = {"Content-Type": "application/octet-stream"}
        body = content if size is None else Sized(content, size)
        answer = self._api.ask(
            "POST",
            f"/jobs/{job_id}/rows",
            params={"lang": lang},
            lang=lang,
            content=body,
            headers=headers,
            timeout=sending_patience,
        )
        return read(JoinedRows, answer)

    def rows(self, job_id: str, query: ResultRowQuery, lang: Language) -> ResultRows:
        """Rows of a result. Raises `Refused`, `Rejected`."""
        asked: dict[str, str | int] = {"offset": query.offset, "limit": query.limit, "lang": lang}
        if query.sort:
            asked |= {"sort": query.sort, "order": "desc" if query.descending else "asc"}
        if query.filters:
            asked["filter"] = query.filters
        return self._api.read(ResultRows, f"/jobs/{job_id}/rows", **asked)

    def row(self, job_id: str, row: int) -> ResultRowAnswer:
        """A row of a result."""
        return self._api.read(ResultRowAnswer, f"/jobs/{job_id}/rows/{row}")

    def file(self, job_id: str, query: FileQuery, lang: Language) -> tuple[str, Iterator[bytes]]:
        """A result, or the rows set aside, as it comes: its type and its parts. Raises `Refused`, `Rejected`."""
        params: dict[str, str] = {"lang": lang, "convention": query.convention}
        if query.content in ("reasons", "rows"):
            return self._api.stream(f"/jobs/{job_id}/rejected", _patience, **params, content=query.content)
        params |= {"format": query.content, "columns": query.columns}
        return self._api.stream(f"/jobs/{job_id}/result", _patience, **params)


def _params(lang: Language, history: HistoryChoice | None) -> dict[str, str | float]:
    return {"lang": lang, **({"history": history} if history else {})}
