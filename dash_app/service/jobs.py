"""What the Import page asks of the API: files that are sent, looked at, scored, and their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from core.batch.caveats import Caveats, ColumnCount
from dash_app.service.client import understood
from runtime.http_client import Sized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.catalogue import Language
    from core.decision import Value
    from core.jobs.job import Status
    from core.portfolio.provenance import HistoryChoice
    from dash_app.service.client import ApiClient

Format = Literal["csv", "xlsx", "parquet"]

# A workbook of a hundred thousand rows takes a while to write.
_patience: Final = 50.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file turned out to be.

    Attributes:
        separator, encoding, decimal: of text; None for Parquet.
        rows: how many the file says it has; None for text.
        aliases: columns that go by another name in the file, with the name in the catalogue.
        unknown: columns that are not used; of many, the first, and `unknown_omitted` says how many more there are.
    """

    separator: str | None
    encoding: str | None
    decimal: str | None
    rows: int | None
    known: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    unknown_omitted: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why values are set aside, with their rows; `column` is empty where whole rows are meant."""

    column: str
    problem: str
    expected: str
    count: int


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column of a file: its name in the catalogue and in the file, the share of its values that is missing."""

    name: str
    given: str
    label: str
    missing: float
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class HistoryUse:
    """Whose history rows are scored with.

    Attributes:
        joined: of the rows, those that get the history of a client on hand.
        portfolio: the clients on hand whose history rows get, as `core.portfolio.provenance` writes it; None where they
            get none.
        text: the same in the reader's language.
    """

    joined: int
    portfolio: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first `rows` rows of a file look like.

    Attributes:
        sound: rows that can be scored; `broken` are none at all, and of `unused` nothing can be used.
        caveats: what is to be known of the sound ones.
    """

    verdict: Literal["ready", "partly", "unusable"]
    rows: int
    sound: int
    broken: int
    unused: int
    facts: Facts
    columns: tuple[PreviewColumn, ...]
    caveats: Caveats
    history: HistoryUse


@dataclass(frozen=True, slots=True)
class Performance:
    """What the decisions were worth, on clients whose outcome the file knows; `cost` is for each client."""

    clients: int
    default_rate: float
    auc: float
    cost: float
    false_negatives: int
    false_positives: int


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import in a list; `created` is ISO 8601, `share` 0 to 1 of the file."""

    id: str
    status: Status
    file_name: str
    bytes: int
    created: str
    share: float
    rows_scored: int


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was sent, and how far it is.

    Attributes:
        error: why it failed, in the reader's language.
        histogram: scored rows by probability of default, in bins of equal width from 0 to 1.
        caveats: what is to be known of the scored rows.
        worker_alive: whether anybody is there to score.
    """

    line: ImportLine
    attempts: int
    finished: str | None
    threshold: float | None
    model_version: str | None
    error: str | None
    rows_read: int
    rows_rejected: int
    rows_unrecorded: int
    rows_per_second: float | None
    seconds_left: float | None
    accepted: int
    refused: int
    histogram: tuple[int, ...]
    facts: Facts | None
    problems: tuple[Problem, ...]
    caveats: Caveats
    performance: Performance | None
    history: HistoryUse
    worker_alive: bool

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.line.status


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the rows of a result, of `total` that meet the filter; `labels` name its columns.

    `decisions_known` says whether what officers decided could be read.
    """

    rows: tuple[Mapping[str, Value], ...]
    labels: Mapping[str, str]
    total: int
    decisions_known: bool


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of a result as an application, whole, and how its job decided on it.

    Attributes:
        joined: whether its history is that of a client on hand, which was joined to it.
        prediction_id: under which that decision is recorded; None where it is not, or not any more.
    """

    features: Mapping[str, Value]
    probability: float
    threshold: float
    model_version: str
    prediction_id: str | None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a result: `filters` as the API's `filter` has it."""

    offset: int = 0
    limit: int = 100
    sort: str = ""
    descending: bool = False
    filters: str = ""


class JobService(Protocol):
    """Everything that the page can ask. Each call may raise `ServiceUnavailable` and, of an id, `NotFound`."""

    def imports(self, limit: int) -> tuple[ImportLine, ...]:
        """This caller's files, the newest first."""

    def find(self, job_id: str, lang: Language) -> Import:
        """How far a file is."""

    def preview(self, job_id: str, lang: Language, history: HistoryChoice | None = None) -> Preview:
        """What a file that is held looks like, and to whom a choice of history would do what. Raises `Refused`."""

    def start(self, job_id: str, lang: Language, history: HistoryChoice | None = None) -> Import:
        """Has a file scored that is held, its rows joined with stored history as chosen."""

    def remove(self, job_id: str, lang: Language) -> None:
        """Cancels what has not ended, removes what has."""

    def send(self, content: Iterable[bytes], name: str, size: int | None, lang: Language) -> Import:
        """Sends a file, to be held. Raises `Refused`, `Rejected`."""

    def rows(self, job_id: str, query: RowQuery, lang: Language) -> Rows:
        """Rows of a result. Raises `Refused`, `Rejected`."""

    def row(self, job_id: str, row: int) -> ImportedRow:
        """A row of a result."""

    def file(self, job_id: str, kind: Format | Literal["rejected"], lang: Language) -> tuple[str, Iterator[bytes]]:
        """A result, or the rows set aside, as it comes: its type and its parts. Raises `Refused`, `Rejected`."""


class HttpJobs:
    """The jobs of the API."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def imports(self, limit: int) -> tuple[ImportLine, ...]:
        answer = self._api.get("/jobs", limit=limit)
        with understood():
            return tuple(_line(each) for each in answer["jobs"])

    def find(self, job_id: str, lang: Language) -> Import:
        return _import(self._api.get(f"/jobs/{job_id}", lang=lang))

    def preview(self, job_id: str, lang: Language, history: HistoryChoice | None = None) -> Preview:
        answer = self._api.get(f"/jobs/{job_id}/preview", **_params(lang, history))
        with understood():
            return Preview(
                verdict=answer["verdict"],
                rows=answer["rows"],
                sound=answer["sound"],
                broken=answer["broken"],
                unused=answer["unused"],
                facts=_facts(answer["columns"]),
                columns=tuple(_column(each) for each in answer["details"]),
                caveats=_caveats(answer["caveats"]),
                history=_history(answer["history"]),
            )

    def start(self, job_id: str, lang: Language, history: HistoryChoice | None = None) -> Import:
        return _import(self._api.ask("POST", f"/jobs/{job_id}/start", params=_params(lang, history)))

    def remove(self, job_id: str, lang: Language) -> None:
        self._api.ask("DELETE", f"/jobs/{job_id}", params={"lang": lang})

    def send(self, content: Iterable[bytes], name: str, size: int | None, lang: Language) -> Import:
        headers = {"Content-Type": "application/octet-stream"}
        params = {"filename": name[-255:], "hold": "true", "lang": lang}
        body = content if size is None else Sized(content, size)
        answer = self._api.ask(
            "POST", "/jobs", params=params, lang=lang, content=body, headers=headers, timeout=_patience
        )
        return _import(answer)

    def rows(self, job_id: str, query: RowQuery, lang: Language) -> Rows:
        asked: dict[str, str | int] = {"offset": query.offset, "limit": query.limit, "lang": lang}
        if query.sort:
            asked |= {"sort": query.sort, "order": "desc" if query.descending else "asc"}
        if query.filters:
            asked["filter"] = query.filters
        answer = self._api.get(f"/jobs/{job_id}/rows", **asked)
        with understood():
            labels = {each["name"]: each["label"] for each in answer["columns"]}
            return Rows(
                rows=tuple(answer["rows"]),
                labels=labels,
                total=answer["total"],
                decisions_known=answer["decisions_known"],
            )

    def row(self, job_id: str, row: int) -> ImportedRow:
        answer = self._api.get(f"/jobs/{job_id}/rows/{row}")
        with understood():
            decided = answer["prediction"]
            return ImportedRow(
                features=answer["features"],
                probability=decided["probability"],
                threshold=decided["threshold"],
                model_version=decided["model_version"],
                prediction_id=decided["prediction_id"],
                joined=decided["history"] == "portfolio",
            )

    def file(self, job_id: str, kind: Format | Literal["rejected"], lang: Language) -> tuple[str, Iterator[bytes]]:
        if kind == "rejected":
            return self._api.stream(f"/jobs/{job_id}/rejected", _patience, lang=lang)
        return self._api.stream(f"/jobs/{job_id}/result", _patience, lang=lang, format=kind)


def _line(item: Mapping[str, Any]) -> ImportLine:
    return ImportLine(
        id=item["id"],
        status=item["status"],
        file_name=item["file_name"],
        bytes=item["bytes"],
        created=item["created"],
        share=item["progress"]["share"],
        rows_scored=item["progress"]["rows_scored"],
    )


def _import(answer: Mapping[str, Any]) -> Import:
    with understood():
        progress = answer["progress"]
        return Import(
            line=_line(answer),
            attempts=answer["attempts"],
            finished=answer["finished"],
            threshold=answer["threshold"],
            model_version=answer["model_version"],
            error=answer["error"],
            rows_read=progress["rows_read"],
            rows_rejected=progress["rows_rejected"],
            rows_unrecorded=progress["rows_unrecorded"],
            rows_per_second=progress["rows_per_second"],
            seconds_left=progress["seconds_left"],
            accepted=answer["accepted"],
            refused=answer["refused"],
            histogram=tuple(answer["histogram"]),
            facts=_facts(answer["columns"]) if answer["columns"] else None,
            problems=tuple(
                Problem(each["column"], each["problem"], each["expected"], each["count"])
                for each in answer["rejections"]
            ),
            caveats=_caveats(answer["caveats"]),
            performance=Performance(**answer["performance"]) if answer["performance"] else None,
            history=_history(answer["history"]),
            worker_alive=answer["worker"]["alive"],
        )


def _caveats(item: Mapping[str, Any]) -> Caveats:
    return Caveats(
        rows=item["rows"],
        unfamiliar_rows=item["unfamiliar_rows"],
        unfamiliar=tuple(ColumnCount(each["column"], each["rows"]) for each in item["unfamiliar"]),
        lacking_rows=item["lacking_rows"],
        missing_essentials=tuple(ColumnCount(each["column"], each["rows"]) for each in item["missing_essentials"]),
    )


def _params(lang: Language, history: HistoryChoice | None) -> dict[str, str | float]:
    return {"lang": lang, **({"history": history} if history else {})}


def _history(item: Mapping[str, Any]) -> HistoryUse:
    return HistoryUse(joined=item["joined"], portfolio=item["portfolio"], text=item["text"])


def _facts(item: Mapping[str, Any]) -> Facts:
    return Facts(
        separator=item["separator"],
        encoding=item["encoding"],
        decimal=item["decimal"],
        rows=item["rows"],
        known=tuple(item["known"]),
        aliases=tuple((each["given"], each["name"]) for each in item["aliases"]),
        unknown=tuple(item["unknown"]),
        missing=tuple(item["missing"]),
        unknown_omitted=item["unknown_omitted"],
    )


def _column(item: Mapping[str, Any]) -> PreviewColumn:
    problems: Sequence[Mapping[str, Any]] = item["problems"]
    return PreviewColumn(
        name=item["name"],
        given=item["given"],
        label=item["label"],
        missing=item["missing"],
        problems=tuple(Problem(item["name"], each["problem"], item["expected"], each["count"]) for each in problems),
    )
