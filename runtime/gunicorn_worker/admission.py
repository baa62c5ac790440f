"""Admission: a Flask application is asked about the head of a request; whoever may not ask sends no body.

A key that is missing, a rate that is exceeded or a length over the limit is seen in the head. What the application
checks before each request is run for it alone; where nothing refuses it, the body is awaited, and the request is then
answered as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

# In the environment of a request: only its head is there; nothing refuses it; that was so when it was asked before;
# its body cannot be read for now, because too many others are.
head_only: Final = "workbench.head_only"
passed: Final = "workbench.passed"
admitted: Final = "workbench.admitted"
busy: Final = "workbench.busy"


def install(application: Any) -> None:
    """Makes a Flask application answer about heads. To be called before anything else wraps its `wsgi_app`."""
    application.wsgi_app = _Admission(application, application.wsgi_app)


class _Admission:
    def __init__(self, application: Any, whole: WSGIApplication) -> None:
        self._application, self._whole = application, whole

    def __call__(self, environ: WSGIEnvironment, start: Any) -> Iterable[bytes]:
        if head_only not in environ:
            return self._whole(environ, start)
        application = self._application
        with application.request_context(environ):
            try:
                answer = application.preprocess_request()
            except Exception as error:  # noqa: BLE001 (the application knows which it answers)
                answer = application.handle_user_exception(error)
            if answer is None:
                environ[passed] = True
                return ()
            answered: Iterable[bytes] = application.finalize_request(answer)(environ, start)
            return answered
