"""Errors of the services: what became of a call that was not answered as it was asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from core.application import FieldError


class ServiceError(Exception):
    """Any answer that is not the one asked for."""


Fault = Literal[
    "unreachable",
    "timeout",
    "http",
    "no_model",
    "no_portfolio",
    "other_portfolio",
    "no_record",
    "record_closed",
    "counting",
    "not_on_record",
    "key_unknown",
    "key_forbidden",
    "host_unknown",
    "model_kept",
    "model_shipped",
    "person_unknown",
    "busy",
    "spool_full",
    "spool_closed",
]
"""What keeps a service from answering: nobody is there; nobody in time; an answer that is none, or an error of its
own; no model; no list of clients; clients who may be others than those of the API; what is to be kept can be kept by
the API alone, which is away; the record of the API takes nothing, or is being counted; what is to be decided on is not
on record; the key of the dashboard is not known, or does not allow it; the API does not answer under that name;
another model decides than the one asked of the registry: the last that was in use, or the one of the image; who is
signed in is not believed; too many requests; too many decisions of the local model wait for the record; none can be
kept for it."""
_gateway_faults: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)


class ServiceUnavailable(ServiceError):
    """The service cannot answer now.

    Attributes:
        fault: what fails.
        code: the HTTP status where there was one.
        seconds: after which to ask again, where that was said.
    """

    def __init__(self, fault: Fault, code: int = 0, seconds: int = 0) -> None:
        super().__init__(f"{fault} {code}" if code else fault)
        self.fault = fault
        self.code = code
        self.seconds = seconds

    @property
    def away(self) -> bool:
        """Whether nobody is there to decide: the one case in which the dashboard may do so itself.

        A service that refuses is there, and its refusal stands.
        """
        return self.fault in ("unreachable", "timeout", "no_model") or self.code in _gateway_faults


class Rejected(ServiceError):
    """The application has bad fields; `errors` names each."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(", ".join(error.field for error in errors))
        self.errors = errors


class NotFound(ServiceError):
    """There is no such client, job or report."""


class Refused(ServiceError):
    """What was asked for cannot be done; `detail` says why in the reader's language, `code` is the HTTP status."""

    def __init__(self, detail: str, code: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
