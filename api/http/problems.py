"""Problems: everything that can go wrong with a request, in one JSON shape `{type, status, detail, errors}`."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge, RequestTimeout

from api.access.cors import AnotherSite, UnknownHost
from api.access.limits import TooManyRequests
from api.access.persons import AnotherOfficer, NotDelegated, PersonNeeded
from api.access.roles import Forbidden, Unauthenticated
from api.http.language import language
from api.http.logs import places
from api.http.messages import message
from api.http.middleware import request_id
from api.http.request_body import UploadsBusy
from api.http.responses import json_answer
from api.operations.held import StillCounting
from api.operations.readiness import NotReady, registry_state
from core.access.assertions import InvalidAssertion
from core.application import FieldError, InvalidApplication
from core.audit.decisions import KeyUsedOtherwise, PredictionOfAnotherClient, UnknownPrediction
from core.audit.writing import AuditUnavailable
from core.contract import problems as types
from core.drift.errors import NothingToCompare, TooFewRows, UnknownFile, UnknownReport
from core.explain.information import NothingUsable, example_column, nothing_usable
from core.jobs.answers.results import UnknownRow
from core.jobs.quotas import QuotaExceeded
from core.jobs.store import JobUnfinished, UnknownJob
from core.model.errors import ArtefactError
from core.model.export.stored import NoExport
from core.outcomes.entries import OutcomesRefused
from core.portfolio.clients import PortfolioMissing, UnknownClient
from core.tables.errors import UnusableFile
from core.tables.typed_rows import TableError
from core.text.messages import message as core_message
from core.text.names import capped, max_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Response

    from core.contract.problems import ProblemType
    from core.explain.absent_gain import AbsentGain
    from core.jobs.quotas import Quota

_log = logging.getLogger(__name__)


class InvalidRequest(ValueError):
    """A request that cannot be served as it is.

    Attributes:
        summary: key of the sentence that says what is wrong with it as a whole.
        errors: what is wrong field by field; names and expectations, never the values sent.
    """

    def __init__(self, summary: str, *errors: FieldError) -> None:
        super().__init__(summary)
        self.summary = summary
        self.errors = errors


class UnsupportedBody(ValueError):
    """A body that does not say that it is JSON."""


class AnotherClient(ValueError):
    """An application of one client, sent under the number of another."""


class UnknownTerm(LookupError):
    """The glossary has no such term."""


class UnsupportedFile(ValueError):
    """A body that does not say that it is a file.

    Attributes:
        expected: the media types by which a body says so, and that are named to a caller.
    """

    def __init__(self, expected: Sequence[str]) -> None:
        super().__init__("the body is not declared as a file")
        self.expected = expected


class NoSpace(RuntimeError):
    """The disk is full."""


class FilesUnavailable(RuntimeError):
    """The folder of the files that are compared cannot be used."""


class ReportUnkept(RuntimeError):
    """A drift report was made, and cannot be written."""


class JobsUnavailable(RuntimeError):
    """The folder of the jobs cannot be used."""


class ConfirmationNeeded(RuntimeError):
    """A file lacks so much of what the model rests on that somebody has to say yes first."""

    def __init__(self, absent: AbsentGain) -> None:
        super().__init__("a confirmation is needed")
        self.absent = absent


def register(app: Flask) -> None:
    """Makes the application answer every error as JSON in the caller's language, without values and without traces."""
    app.register_error_handler(InvalidRequest, _invalid_request)
    app.register_error_handler(InvalidApplication, _invalid_application)
    app.register_error_handler(NothingUsable, lambda _: nothing_usable_in(("features",)))
    app.register_error_handler(UnsupportedBody, _unsupported_body)
    app.register_error_handler(ArtefactError, _model_unavailable)
    app.register_error_handler(PortfolioMissing, _portfolio_unavailable)
    app.register_error_handler(AuditUnavailable, _audit_unavailable)
    app.register_error_handler(StillCounting, _still_counting)
    app.register_error_handler(UnknownPrediction, lambda _: _problem(types.unknown_prediction))
    app.register_error_handler(PredictionOfAnotherClient, lambda _: _problem(types.another_prediction))
    app.register_error_handler(OutcomesRefused, _outcomes_refused)
    app.register_error_handler(KeyUsedOtherwise, lambda _: _problem(types.key_used_otherwise))
    app.register_error_handler(UnknownTerm, lambda _: _problem(types.unknown_term))
    app.register_error_handler(UnknownClient, lambda _: _problem(types.unknown_client))
    app.register_error_handler(AnotherClient, lambda _: _problem(types.another_client))
    app.register_error_handler(UnsupportedFile, _unsupported_file)
    app.register_error_handler(NoSpace, lambda _: _problem(types.no_space))
    app.register_error_handler(ReportUnkept, lambda _: _problem(types.report_unkept))
    app.register_error_handler(FilesUnavailable, lambda _: _problem(types.files_unavailable))
    app.register_error_handler(JobsUnavailable, lambda _: _problem(types.jobs_unavailable))
    app.register_error_handler(UnknownJob, lambda _: _problem(types.unknown_job))
    app.register_error_handler(UnknownRow, lambda _: _problem(types.unknown_row))
    app.register_error_handler(JobUnfinished, _no_result)
    app.register_error_handler(ConfirmationNeeded, _confirmation_needed)
    app.register_error_handler(NoExport, lambda _: _problem(types.no_export))
    app.register_error_handler(UnknownReport, lambda _: _problem(types.no_drift_report))
    app.register_error_handler(UnknownFile, lambda _: _problem(types.unknown_file))
    app.register_error_handler(UnusableFile, _unusable_file)
    app.register_error_handler(TableError, lambda _: _problem(types.no_test_set))
    app.register_error_handler(NothingToCompare, lambda _: _problem(types.nothing_to_compare))
    app.register_error_handler(UnknownHost, lambda _: _problem(types.unknown_host))
    app.register_error_handler(AnotherSite, lambda _: _problem(types.another_site))
    app.register_error_handler(TooFewRows, _too_few_rows)
    app.register_error_handler(Unauthenticated, _unauthenticated)
    app.register_error_handler(InvalidAssertion, lambda _: _problem(types.invalid_assertion))
    app.register_error_handler(NotDelegated, lambda _: _problem(types.not_delegated))
    app.register_error_handler(PersonNeeded, lambda _: _problem(types.person_needed))
    app.register_error_handler(AnotherOfficer, lambda _: _problem(types.another_officer))
    app.register_error_handler(Forbidden, lambda error: _problem(types.forbidden, role=error.needed))
    app.register_error_handler(TooManyRequests, _too_many)
    app.register_error_handler(NotReady, _not_ready)
    app.register_error_handler(UploadsBusy, _uploads_busy)
    app.register_error_handler(QuotaExceeded, _over_quota)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(RequestTimeout, lambda _: _problem(types.too_slow))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def nothing_usable_in(places: Iterable[str]) -> Response:
    """The answer to applications of which nothing can be used; `places` are where they are in the body."""
    lang = language()
    errors = [nothing_usable(place, lang) for place in places]
    return _problem(types.nothing_usable, *errors, field=example_column)


def _problem(problem: ProblemType, *errors: FieldError, **parts: str) -> Response:
    """The answer that says a problem, in the words that `api.http.messages` has under its name."""
    detail = message(problem.name.replace("-", "_"), language(), **parts)
    return _answer(problem, detail, errors)


def _to_be_retried(wait: int, problem: ProblemType, **parts: str) -> Response:
    """The same where asking again after so many seconds may be answered otherwise."""
    answer = _problem(problem, **parts)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _answer(problem: ProblemType, detail: str, errors: Sequence[FieldError] = ()) -> Response:
    content = types.content(problem, detail)
    if errors:
        first, more = capped(errors, max_errors)
        content["errors"] = [asdict(error) for error in first]
        if more:
            content["errors_omitted"] = more
    return json_answer(content, problem.status)


def _invalid_request(error: InvalidRequest) -> Response:
    problem = types.types.get(error.summary.replace("_", "-"), types.invalid_request)
    return _answer(problem, message(error.summary, language()), error.errors)


def _invalid_application(error: InvalidApplication) -> Response:
    return _problem(types.invalid_application, *error.errors)


def _unsupported_body(_: UnsupportedBody) -> Response:
    return _problem(types.content_type)


def _unsupported_file(error: UnsupportedFile) -> Response:
    return _problem(types.content_type_file, types=", ".join(error.expected))


def _model_unavailable(error: ArtefactError) -> Response:
    return _problem(types.model_unavailable, reason=str(error))


def _portfolio_unavailable(_: PortfolioMissing) -> Response:
    return _problem(types.portfolio_unavailable)


def _audit_unavailable(error: AuditUnavailable) -> Response:
    _log.error("audit unavailable", extra={"reason": error.reason, "cause": error.cause})
    return _to_be_retried(1, types.audit_unavailable)


def _still_counting(_: StillCounting) -> Response:
    return _to_be_retried(10, types.still_counting)


def _unauthenticated(_: Unauthenticated) -> Response:
    answer = _problem(types.unauthenticated)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _too_many(error: TooManyRequests) -> Response:
    return _to_be_retried(error.seconds, types.too_many_requests, seconds=str(error.seconds))


def _uploads_busy(_: UploadsBusy) -> Response:
    return _to_be_retried(5, types.uploads_busy)


def _over_quota(error: QuotaExceeded) -> Response:
    problem, setting = _quotas[error.quota]
    return _problem(problem, maximum=str(error.maximum), setting=setting)


_quotas: Final[dict[Quota, tuple[ProblemType, str]]] = {
    "jobs": (types.too_many_jobs, "JOBS_MAX_OPEN"),
    "rows": (types.too_many_rows, "JOBS_MAX_ROWS"),
    "bytes": (types.too_many_bytes, "JOBS_MAX_BYTES"),
}


def _too_large(_: RequestEntityTooLarge) -> Response:
    return _problem(types.too_large, maximum=str(g.get("max_bytes", current_app.config["MAX_CONTENT_LENGTH"])))


def _not_ready(error: NotReady) -> Response:
    detail = message("not_ready", language(), missing=", ".join(error.missing))
    content = types.content(types.not_ready, detail)
    return json_answer(content | {"checks": error.checks, "registry": registry_state()}, types.not_ready.status)


def _too_few_rows(error: TooFewRows) -> Response:
    return _problem(types.too_few_rows, minimum=str(error.minimum), side=message(f"drift_{error.side}", language()))


def _outcomes_refused(error: OutcomesRefused) -> Response:
    lang = language()
    errors = [
        FieldError(
            f"outcomes[{position}].{refusal.field}",
            core_message(refusal.reason, lang),
            core_message(f"{refusal.reason}_expected", lang),
        )
        for position, refusal in error.refusals
    ]
    return _problem(types.outcomes_refused, *errors)


def _no_result(error: JobUnfinished) -> Response:
    return _problem(types.no_result, state=message(f"state_{error.status}", language()))


def _confirmation_needed(error: ConfirmationNeeded) -> Response:
    return _problem(types.confirmation_needed, absent=error.absent.sentence(language()))


def _unusable_file(error: UnusableFile) -> Response:
    return _answer(types.unusable_file, error.sentence(language()))


def _http(error: HTTPException) -> Response:
    """What the framework refuses: keeps its status and headers, replaces its words."""
    status = error.code or 500
    if status == 404:
        return _problem(types.no_such_path)
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        answer = _problem(types.no_such_method, allowed=allowed)
        answer.headers["Allow"] = allowed
        return answer
    if status >= 500:
        return _unexpected(error)
    return json_answer(types.content(types.bad_request, message("bad_request", language()), status), status)


def _unexpected(error: Exception) -> Response:
    # The route, not the address: an address can hold the number of a client.
    route = request.url_rule.rule if request.url_rule else "-"
    # Its message may quote what the caller sent: the log gets the type and the place, not the words.
    _log.error(
        "unexpected error",
        extra={
            "error": type(error).__name__,
            "method": request.method,
            "route": route,
            "request_id": request_id(),
            "place": places(error.__traceback__),
        },
    )
    return _problem(types.internal_error, request_id=request_id())
