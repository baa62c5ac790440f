"""Jobs: files that are scored in the background, their results, and the worker that scores them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core.contract.answer import Answer
from core.contract.field_warnings import ReadingKind
from core.contract.prediction import Portfolio, Prediction
from core.contract.record.officer_decisions import CurrentDecisionField, FinalDecisionField
from core.jobs.job import Status, bins
from core.jobs.running import heartbeat
from core.portfolio.provenance import HistoryChoice
from core.text.names import max_listed_columns

if TYPE_CHECKING:
    from pathlib import Path


class WorkerState(Answer):
    """Whether a worker is there to score files."""

    alive: bool = Field(description="Whether one was seen in the last seconds.")
    seen: datetime | None = Field(description="When one was last there; null: never.")

    @classmethod
    def of(cls, jobs_dir: Path) -> WorkerState:
        """The worker that was last seen in the folder of the jobs; a folder that cannot be read has seen none."""
        beat = heartbeat.last_beat(jobs_dir)
        return cls(alive=beat is not None and beat.is_fresh, seen=beat.seen if beat else None)


class JobHistory(Answer):
    """Whose history the rows of a file are scored with."""

    choice: HistoryChoice | None = Field(description="What was asked for; null: as the clients on hand are.")
    portfolio: Portfolio | None = Field(
        description="The clients on hand whose history rows get; null where they get none."
    )
    rows: int = Field(description="Rows that this is about: those scored so far, or in a preview those sound.")
    joined: int = Field(description="Of these, rows that got the history of a client on hand.")
    sent: int = Field(description="Of these, rows that brought a history of their own, and kept it.")
    text: str = Field(description="The same as a sentence.")


class JobProgress(Answer):
    """How far a job is."""

    share: float = Field(ge=0, le=1, description="Of the file that was read.")
    rows_read: int
    rows_scored: int
    rows_rejected: int
    rows_mended: int = Field(default=0, description="Scored rows that were set aside first, and sent again.")
    rows_unrecorded: int = Field(description="Scored rows that the record could not keep, where it need not.")
    rows_per_second: float | None = Field(description="null too while the job runs and no worker is there.")
    seconds_left: float | None = Field(description="null too while no worker is there: it cannot be told.")


class JobLine(Answer):
    """A job in a list."""

    id: str
    status: Status
    file_name: str
    kind: Literal["csv", "csv.gz", "parquet"]
    bytes: int
    owner: str = Field(description="Name of the key with which it was sent.")
    person: str | None = Field(description="Who sent it; null where nobody was signed in.")
    created: datetime
    started: datetime | None
    finished: datetime | None
    threshold: float | None = Field(description="In use, or asked for; null before the first attempt: the model's own.")
    model_version: str | None
    attempts: int
    progress: JobProgress
    accepted: int
    refused: int
    referred: int = Field(
        default=0, description="Scored rows that are for a person to look at, as `referral` of `/predict` says."
    )
    close_calls: int = Field(default=0, description="Of these, rows that fold models decide differently.")
    nothing_scored: bool = Field(
        default=False, description="Whether it is done, and every row was set aside: nothing was decided."
    )
    error: str | None = Field(description="Why it failed, as a sentence.")
    error_code: str | None = Field(description="The same for a program.")


class ColumnAlias(Answer):
    """A column that goes by another name in the file."""

    given: str
    name: str


class JobConversion(Answer):
    """What a file was before it became CSV."""

    kind: str = Field(description="`XLSX`, `SPSS` and others.")
    sheet: str | None = Field(description="Of a workbook: the sheet that was read.")
    other_sheets: int = Field(default=0, description="How many others have such a table, which was not read.")


class JobColumns(Answer):
    """What the file turned out to be."""

    separator: str | None
    encoding: str | None
    decimal: str | None
    rows: int | None = Field(description="How many the file says it has; null for text.")
    known: list[str]
    aliases: list[ColumnAlias]
    unknown: list[str] = Field(description="Columns that are not used, at most 200 of them.")
    unknown_omitted: int = Field(description="How many more there are.")
    missing: list[str]
    similar: list[ColumnAlias] = Field(
        default_factory=list,
        description="Unknown columns that are one slip away from one that is missing, and probably mean it. Not used.",
    )


class JobRejection(Answer):
    """Why values were set aside."""

    column: str = Field(description="Empty where whole rows are meant.")
    code: str
    problem: str
    expected: str
    count: int


class JobCaveat(Answer):
    """In how many rows something is to be known of a column."""

    column: str
    label: str
    rows: int
    text: str = Field(description="The warning that `/predict` gives of such a value, with the name of the column.")


class JobReading(Answer):
    """In how many rows a value of a column could mean something else than what it was read as."""

    column: str
    label: str
    code: ReadingKind
    rows: int
    text: str = Field(description="How it was read, with the name of the column.")


class JobCaveats(Answer):
    """What is to be known of rows beside the decisions on them: counts, never values."""

    rows: int = Field(description="How many rows were looked at: those that can be scored.")
    unfamiliar_rows: int = Field(description="Rows with a value outside of what the model saw in training.")
    unfamiliar: list[JobCaveat] = Field(
        description=f"Of which columns, the most frequent first; {max_listed_columns} at most."
    )
    lacking_rows: int = Field(description="Rows that lack a column that no application should be decided without.")
    missing_essentials: list[JobCaveat] = Field(description="Which columns they lack, the most frequent first.")
    repeated_rows: int = Field(
        default=0,
        description="Rows with the number of an earlier row: in a preview among those looked at, else of the whole "
        "file once it is done.",
    )
    readings: list[JobReading] = Field(
        default_factory=list,
        description="Values that could mean something else than they were read as, by column, the most rows first.",
    )


class JobAbsent(Answer):
    """What of the model rests on columns of the application that a file lacks."""

    share: float = Field(ge=0, le=1, description="Of the model's gain, without that of the history of clients.")
    columns: list[str] = Field(
        description=f"The columns that the file lacks, those that carry the most first; {max_listed_columns} at most."
    )
    must_confirm: bool = Field(description="Whether that is so much that `/jobs/{id}/start` needs `confirm=true`.")
    text: str = Field(description="The same as a sentence.")


class JobPerformance(Answer):
    """What the decisions were worth, on clients whose outcome the file knows."""

    clients: int
    default_rate: float
    auc: float
    cost: float = Field(description="Of the wrong decisions, for each client.")
    false_negatives: int = Field(description="Defaults that were accepted.")
    false_positives: int = Field(description="Good clients that were refused.")


class JobAnswer(JobLine):
    """A job with all that is known of it."""

    acceptance_rate: float | None
    histogram: list[int] = Field(
        description=f"Scored rows by probability of default: {bins} bins of equal width from 0 to 1."
    )
    columns: JobColumns | None
    converted: JobConversion | None = Field(
        default=None, description="What the file was that is read as CSV; null where it is read as it was sent."
    )
    history: JobHistory
    rejections: list[JobRejection] = Field(description="Why rows were set aside, the most frequent reason first.")
    rejected_listed: int = Field(description="Lines of `/jobs/{id}/rejected`, which ends at a limit.")
    caveats: JobCaveats = Field(description="What is to be known of the rows that were scored so far.")
    absent: JobAbsent | None = Field(
        default=None, description="What carries decisions and is missing; null where file or model are not known."
    )
    performance: JobPerformance | None
    worker: WorkerState


class JoinedRows(Answer):
    """What became of rows that were mended and sent again."""

    joined: int = Field(description="Rows that were scored, and are in the result now.")
    still_set_aside: int = Field(description="Rows that came and stay set aside; `rejections` says why.")
    already_scored: int = Field(description="Rows that are not set aside: what the result says of them stands.")
    unknown: int = Field(description="Rows whose `row` is no number, or came twice.")
    rejections: list[JobRejection]
    job: JobAnswer


class JobList(Answer):
    """A page of the caller's jobs, the newest first."""

    jobs: list[JobLine]
    total: int
    limit: int
    offset: int
    worker: WorkerState


class ValueProblem(Answer):
    """Why values of a column would be set aside, with their rows."""

    code: str
    problem: str
    count: int


class JobPreviewColumn(Answer):
    """A column that is used."""

    name: str
    given: str = Field(description="How the file calls it.")
    label: str
    missing: float = Field(ge=0, le=1, description="Share of the rows that were read.")
    expected: str
    problems: list[ValueProblem]


class JobPreview(Answer):
    """What the first rows of a file look like."""

    verdict: Literal["ready", "partly", "unusable"] = Field(description="Whether all, some or none can be scored.")
    rows: int = Field(description="How many were read.")
    sound: int
    broken: int = Field(description="Lines that are no row: longer or shorter than the header.")
    unused: int = Field(description="Rows of which nothing can be used; they are set aside.")
    columns: JobColumns
    history: JobHistory
    caveats: JobCaveats = Field(description="What is to be known of the rows that can be scored.")
    absent: JobAbsent | None = Field(
        default=None, description="What carries decisions and is missing; null where there is no model."
    )
    details: list[JobPreviewColumn] = Field(description="Of the columns that are used, in the order of the file.")


class ResultColumn(Answer):
    """A column of a result."""

    name: str
    label: str
    type: Literal["number", "text"]


class ResultRows(Answer):
    """A page of the rows of a result."""

    rows: list[dict[str, float | int | str | None]] = Field(
        description="By column. `decision` is the model's; `final_decision`, `officer` and `decided_at` are of the "
        "last decision of an officer, and null where there is none. These three can be neither sorted nor filtered by."
    )
    decisions_known: bool = Field(description="Whether the record of officers' decisions could be read.")
    columns: list[ResultColumn]
    total: int = Field(description="How many rows meet the filter.")
    limit: int
    offset: int

    @property
    def labels(self) -> dict[str, str]:
        """How a reader calls the columns."""
        return {column.name: column.label for column in self.columns}


class ResultRowAnswer(Answer):
    """A row of a result, whole."""

    row: int
    client_id: int | None
    features: dict[str, float | int | str | None] = Field(description="As the file gave it, without what is missing.")
    prediction: Prediction
    final_decision: FinalDecisionField
    current_decision: CurrentDecisionField
