"""The kinds of problems with which the API answers, by a `type` that programs can rely on (RFC 9457).

`detail` is a sentence in the reader's language, which may change; `type` says the same to a program, and stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

prefix: Final = "/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem.

    Attributes:
        name: stable; `uri` is made of it.
        status: of HTTP.
        meaning: what it says to a program, in a sentence.
    """

    name: str
    status: int
    meaning: str

    @property
    def uri(self) -> str:
        """The `type` of an answer: a reference relative to the API, where it is described."""
        return f"{prefix}{self.name}"


invalid_application: Final = ProblemType(
    "invalid-application", 400, "Fields of an application cannot be used; `errors` names each."
)
nothing_usable: Final = ProblemType(
    "nothing-usable", 400, "Nothing of an application can be used; `errors` names what could be."
)
invalid_body: Final = ProblemType("invalid-body", 400, "The body cannot be used; `errors` says where and why.")
invalid_parameters: Final = ProblemType(
    "invalid-parameters", 400, "Parameters of the address cannot be used; `errors` names each."
)
invalid_request: Final = ProblemType("invalid-request", 400, "The request cannot be used for another reason.")
bad_request: Final = ProblemType("bad-request", 400, "What was sent is no request that can be read, of any 4xx status.")
unauthenticated: Final = ProblemType("unauthenticated", 401, "The key is missing or unknown.")
invalid_assertion: Final = ProblemType(
    "invalid-assertion", 401, "The assertion of who is signed in is not valid here, or not any more."
)
not_delegated: Final = ProblemType(
    "not-delegated", 403, "The key asks for itself alone, and may not assert who is signed in."
)
person_needed: Final = ProblemType(
    "person-needed", 403, "Decisions from the dashboard are those of a person, whom an assertion names."
)
another_officer: Final = ProblemType(
    "another-officer", 403, "The decision is in the name of somebody else than the person or the key that sends it."
)
forbidden: Final = ProblemType("forbidden", 403, "The key is known, and its role does not allow it.")
another_site: Final = ProblemType("another-site", 403, "A page of another site has a browser ask for a change.")
no_such_path: Final = ProblemType("no-such-path", 404, "There is nothing at this address.")
unknown_client: Final = ProblemType("unknown-client", 404, "No client of the portfolio has this number.")
unknown_prediction: Final = ProblemType("unknown-prediction", 404, "No such prediction is on record.")
unknown_term: Final = ProblemType("unknown-term", 404, "The glossary has no such term.")
unknown_job: Final = ProblemType("unknown-job", 404, "There is no such file in the background, or not of this caller.")
unknown_row: Final = ProblemType("unknown-row", 404, "The result has no such row.")
unknown_file: Final = ProblemType("unknown-file", 404, "There is no such file to be compared, or not any more.")
no_export: Final = ProblemType(
    "no-export", 404, "The model in use was not exported in this format, or its export is not certified."
)
no_drift_report: Final = ProblemType("no-drift-report", 404, "There is no such drift report, or none at all.")
no_such_method: Final = ProblemType("no-such-method", 405, "The address does not take this method; see `Allow`.")
too_slow: Final = ProblemType("too-slow", 408, "The body takes too long to come.")
another_client: Final = ProblemType("another-client", 409, "The application is not of the client in the address.")
another_prediction: Final = ProblemType("another-prediction", 409, "The prediction is not of the client that is named.")
key_used_otherwise: Final = ProblemType(
    "key-used-otherwise", 409, "The `Idempotency-Key` was sent before, with another decision."
)
outcomes_refused: Final = ProblemType(
    "outcomes-refused", 409, "Outcomes contradict what is on record, or name no decision of it; `errors` names each."
)
confirmation_needed: Final = ProblemType(
    "confirmation-needed",
    409,
    "A file lacks columns that carry much of the model; `confirm=true` scores it all the same.",
)
no_result: Final = ProblemType("no-result", 409, "The file is not scored yet, or not at all.")
unusable_file: Final = ProblemType("unusable-file", 409, "What was sent is not a file of applications.")
no_test_set: Final = ProblemType("no-test-set", 409, "No usable test set goes with the portfolio.")
nothing_to_compare: Final = ProblemType("nothing-to-compare", 409, "One of two sets is empty, or they share no column.")
too_large: Final = ProblemType("too-large", 413, "The body is larger than is allowed.")
too_many_bytes: Final = ProblemType(
    "too-many-bytes", 413, "Files and results of the caller take as much room as is allowed, or would with this one."
)
content_type: Final = ProblemType("content-type", 415, "The body is not declared as JSON.")
content_type_file: Final = ProblemType("content-type-file", 415, "The body is not declared as a file.")
unknown_host: Final = ProblemType(
    "unknown-host", 421, "The service does not answer under the name in `Host`: its setting `ALLOWED_HOSTS` lists them."
)
too_few_rows: Final = ProblemType(
    "too-few-rows", 422, "One of two sets to be compared has so few rows that a report would tell of single ones."
)
too_many_requests: Final = ProblemType(
    "too-many-requests", 429, "The caller asks more often than is allowed; `Retry-After` says when to come back."
)
too_many_jobs: Final = ProblemType(
    "too-many-jobs", 429, "As many files of the caller wait or are scored as is allowed: one has to end first."
)
too_many_rows: Final = ProblemType(
    "too-many-rows", 429, "More rows of the caller would wait to be scored than is allowed: others have to be first."
)
internal_error: Final = ProblemType("internal-error", 500, "An error of the API, in its log under the request id.")
model_unavailable: Final = ProblemType("model-unavailable", 503, "The model is missing or cannot be used.")
portfolio_unavailable: Final = ProblemType("portfolio-unavailable", 503, "There is no list of clients.")
audit_unavailable: Final = ProblemType(
    "audit-unavailable", 503, "The record cannot be written or read, and nothing is answered without it."
)
still_counting: Final = ProblemType(
    "still-counting", 503, "The record is being counted, which goes on; `Retry-After` says when to come back."
)
report_unkept: Final = ProblemType("report-unkept", 503, "A drift report was made, and cannot be kept.")
files_unavailable: Final = ProblemType("files-unavailable", 503, "Files to be compared cannot be kept.")
jobs_unavailable: Final = ProblemType("jobs-unavailable", 503, "Files cannot be scored in the background.")
uploads_busy: Final = ProblemType(
    "uploads-busy", 503, "Too many large bodies are on their way; `Retry-After` says when to come back."
)
not_ready: Final = ProblemType("not-ready", 503, "Something that the API stands on is missing.")
no_space: Final = ProblemType("no-space", 507, "The disk is full.")

types: Final[dict[str, ProblemType]] = {
    problem_type.name: problem_type for problem_type in list(vars().values()) if isinstance(problem_type, ProblemType)
}
"""All of them by their names."""


def content(problem: ProblemType, detail: str, status: int | None = None) -> dict[str, object]:
    """The body of an answer that says a problem.

    Args:
        detail: what it says to people.
        status: of HTTP, where it is not the one of the type.
    """
    status = status or problem.status
    body: dict[str, object] = {"type": problem.uri, "status": status, "detail": detail}
    # Clients of the earlier system look for it in every answer to a bad request.
    return body | {"errors": []} if status == 400 else body


def named(uri: object) -> ProblemType | None:
    """The type that an answer gives; None where it gives none that is known."""
    known = isinstance(uri, str) and uri.startswith(prefix)
    return types.get(str(uri).removeprefix(prefix)) if known else None
