"""The job, as it is kept on disk: its status, its sender, its file, its counts, its checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Final, Literal

from pydantic import TypeAdapter

from core.access.person import Owner, Person, Sender
from core.batch.caveats import Caveats
from core.batch.challenges import ChallengeState
from core.catalogue import Language
from core.model.evidence.performance import RealisedPerformance
from core.portfolio.provenance import HistoryChoice
from core.tables.batches import Place
from core.tables.foreign.kinds import Converted
from core.tables.reading import Kind
from core.text.messages import message

Status = Literal["held", "queued", "running", "done", "failed", "cancelled"]

ended: Final[tuple[Status, ...]] = ("done", "failed", "cancelled")
max_attempts: Final = 3
bins: Final = 100


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: the key of a sentence in `core.text.messages`, and what is filled into it."""

    key: str
    parts: dict[str, str]

    def sentence(self, lang: Language) -> str:
        """The reason, for a reader."""
        return message(self.key, lang, **self.parts)


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """How many values of a column (rows, where none is named) were set aside for a problem of `core.text.messages`."""

    column: str
    problem: str
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What has become of the rows so far.

    Attributes:
        read: rows read: `scored` + `rejected`.
        histogram: scored rows by probability, in `bins` bins of equal width from 0 to 1.
        reasons: why rows were set aside, the most frequent first.
        listed: lines in the list of rows set aside, which ends at a limit.
        unrecorded: scored rows whose decision the audit could not keep, where it need not.
        joined: scored rows that got the stored history of a client on hand; `sent` brought one of their own.
        referred: scored rows that are for a person to look at; `close_calls` of them as fold models disagree.
        mended: scored rows that were set aside first, and sent again.
        challenged: scored rows of which a challenger was to be asked, by what became of that.
        caveats: what is to be known of the scored rows.
    """

    read: int = 0
    scored: int = 0
    rejected: int = 0
    accepted: int = 0
    refused: int = 0
    histogram: tuple[int, ...] = (0,) * bins
    reasons: tuple[RejectionReason, ...] = ()
    listed: int = 0
    unrecorded: int = 0
    joined: int = 0
    sent: int = 0
    referred: int = 0
    close_calls: int = 0
    mended: int = 0
    challenged: dict[ChallengeState, int] = field(default_factory=dict)
    caveats: Caveats = field(default_factory=Caveats)


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What the file turned out to be.

    Attributes:
        separator, encoding, decimal: of CSV; None for Parquet.
        known: columns that are used; `aliases` of them go by another name in the file.
        unknown: columns that are not used.
        missing: application columns that the file lacks.
        rows: how many it has, where that is known beforehand.
        similar: of `unknown` columns that are one slip away from one of `missing`, and that one's name.
    """

    separator: str | None
    encoding: str | None
    decimal: str | None
    known: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    rows: int | None
    similar: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A file to score, and how far that is.

    Attributes:
        id: 32 hexadecimal digits.
        status: `held` waits for its sender, who wants to see first what the file is; `queued` for a worker.
        created, started, finished: UTC; `started` is the first attempt.
        file_name: as the caller named it, for display alone.
        bytes: of the file as it was sent.
        owner: the name of the key with which it was sent.
        person: who sent it, where the caller asserted one.
        wanted_threshold: the threshold that was asked for; None: the model's own.
        wanted_history: whether rows are to get the history of clients on hand; None: as
            `core.portfolio.provenance.joins` says.
        threshold, model_version: in use; None before the first attempt.
        portfolio: the stored clients whose history rows get, as `core.portfolio.provenance.Provenance` is written; None
            where they get none.
        attempts: how often it was begun, or gone on with.
        stalled: how many of these there were since it last got on.
        stalled_at: rows that it had read when it was last begun.
        share: of the file that has been read, 0 to 1.
        rows_per_second, seconds_left: while it runs, once they can be told.
        rows: how many the file has, about; None where they were not counted.
        counted: whether all of it was, so that `rows` is what its lines say.
        facts: None before the file was opened.
        converted: what the file was before it became CSV; None where it is as it was sent.
        performance: where the file knows outcomes, once it is done.
    """

    id: str
    status: Status
    created: datetime
    file_name: str
    kind: Kind
    bytes: int
    owner: str
    person: Person | None = None
    wanted_threshold: float | None = None
    wanted_history: HistoryChoice | None = None
    started: datetime | None = None
    finished: datetime | None = None
    threshold: float | None = None
    model_version: str | None = None
    portfolio: str | None = None
    attempts: int = 0
    stalled: int = 0
    stalled_at: int = 0
    share: float = 0.0
    rows_per_second: float | None = None
    seconds_left: float | None = None
    tally: Tally = Tally()
    rows: int | None = None
    counted: bool = False
    facts: FileSummary | None = None
    converted: Converted | None = None
    performance: RealisedPerformance | None = None
    error: JobError | None = None

    @property
    def belongs_to(self) -> Owner:
        """Whose it is."""
        return Sender(self.owner, self.person).owner

    @property
    def scored_nothing(self) -> bool:
        """Whether it is done, and has decided on no row."""
        return self.status == "done" and not self.tally.scored

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.status in ended


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a job can be gone on with.

    Attributes:
        place: in the file; all before it is in the parts.
        parts: how many there are.
        rejected_bytes: how long the list of rows set aside is.
        threshold, model_version, portfolio: what the parts were decided with.
    """

    place: Place
    parts: int
    rejected_bytes: int
    tally: Tally
    threshold: float
    model_version: str
    portfolio: str | None = None


@cache
def job_json() -> TypeAdapter[Job]:
    """How a job is written and read; made once it is needed, as whoever only shows answers imports this, too."""
    return TypeAdapter(Job)


@cache
def checkpoint_json() -> TypeAdapter[Checkpoint]:
    """How a checkpoint is written and read."""
    return TypeAdapter(Checkpoint)
