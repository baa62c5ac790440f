"""The login with OpenID Connect: the authorization code flow with PKCE, checked by Authlib.

A signed cookie then says who it is until the session ends; no token is kept. Signing out ends the session here, not
only in the browser. Source: OpenID Connect Core 1.0;
RFC 7636 (PKCE).
"""

from __future__ import annotations

import logging
import secrets
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

from flask import Response, current_app, g, has_request_context, redirect, request, session

from core.access.assertions import Assertions
from core.access.listening import is_this_machine
from core.access.person import InvalidPerson, Person, longest_name, without_hidden
from dash_app import addresses
from dash_app.access.origins import probes
from dash_app.access.pages import refusal
from dash_app.access.sessions import EndedSessions, SessionsUnavailable
from dash_app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

    from core.settings import Settings

_log = logging.getLogger(__name__)

_extension: Final = "login"
_key: Final = "reader"
_patience_seconds: Final = 10


class IncompleteLogin(ValueError):
    """Settings of the login that belong together are not all there; names them, never their values."""


def reader() -> Person | None:
    """Who is signed in; None where nobody has to be, or outside of a request.

    Raises:
        dash_app.access.sessions.SessionsUnavailable: it cannot be told whether the session has ended.
    """
    if not has_request_context() or _extension not in current_app.extensions:
        return None
    if "reader" not in g:
        g.reader = _signed_in()
    person: Person | None = g.reader
    return person


def asserted(person: Person) -> str:
    """An assertion for the API that this person is signed in."""
    return _login().assertions.of(person)


def _signed_in() -> Person | None:
    kept = session.get(_key)
    # Sessions of earlier versions have no id by which they could be ended.
    if not isinstance(kept, dict) or kept.get("until", 0) < time.time() or "id" not in kept:
        return None
    return None if _login().ended.has_ended(kept["id"]) else Person(kept["subject"], kept["name"])


class Served(Protocol):
    """The dashboard, as far as login needs it: its server, and how it takes paths of its own."""

    server: Flask

    def serve(self, path: str, view: Callable[..., Any], methods: tuple[str, ...] = ("GET",)) -> None:
        """Answers requests for a path below the one under which the dashboard is served."""


def guard(app: Served, settings: Settings) -> None:
    """Lets only those in who sign in, where an issuer is set.

    Raises:
        IncompleteLogin: an issuer without client, secret or `SECRET_KEY`.
    """
    if settings.missing_for_login:
        raise IncompleteLogin(f"OIDC_ISSUER is set: {', '.join(settings.missing_for_login)} must be as well")
    if settings.oidc_issuer is None or settings.secret_key is None or settings.oidc_client_secret is None:
        return
    server = app.server
    server.secret_key = settings.secret_key.get_secret_value()
    server.config.update(
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A provider sends nobody back to plain HTTP but on the same machine.
        SESSION_COOKIE_SECURE=not _is_tried_here(settings),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.oidc_session_hours),
    )
    server.extensions[_extension] = _Login(server, settings, settings.oidc_client_secret.get_secret_value())
    server.register_error_handler(SessionsUnavailable, _sessions_unavailable)
    app.serve("/login", _sign_in)
    app.serve("/login/callback", _come_back)
    app.serve("/logout", _sign_out, methods=("POST",))
    server.before_request(_ask_to_sign_in)


def _is_tried_here(settings: Settings) -> bool:
    return is_this_machine(urlsplit(settings.oidc_issuer or "").hostname or "")


class _Login:
    """The provider, as Authlib reaches it."""

    def __init__(self, server: Flask, settings: Settings, secret: str) -> None:
        from authlib.integrations.flask_client import OAuth

        self.seconds = settings.oidc_session_hours * 3600
        self.assertions = Assertions(str(server.secret_key))
        self.ended = EndedSessions(settings.spool_dir)
        name, _sep, value = (settings.oidc_required_claim or "").partition("=")
        self._claim = (name, value) if name else None
        self.provider: Any = OAuth(server).register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=secret,
            server_metadata_url=f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "default_timeout": _patience_seconds,
            },
        )

    def admits(self, claims: Mapping[str, Any]) -> bool:
        """Whether an identity has the claim that is required: equal to it, or with it in its list."""
        if self._claim is None:
            return True
        claim = claims.get(self._claim[0])
        return self._claim[1] in ([str(value) for value in claim] if isinstance(claim, list) else [str(claim)])


def _login() -> _Login:
    login: _Login = current_app.extensions[_extension]
    return login


def _ask_to_sign_in() -> AnyResponse | None:
    path = addresses.page_of(request.path)
    # Probes, what the pages of the login themselves are made of, and the way out, whatever became of the session.
    if path in (*probes, "/login", "/login/callback", "/logout") or path.startswith("/assets/") or reader() is not None:
        return None
    if request.method == "GET" and request.accept_mimetypes.accept_html and not path.startswith("/_"):
        here = request.full_path.rstrip("?")
        return redirect(addresses.at(f"/login?next={quote(here, safe='')}"))
    return Response(status=401)


def _sign_in() -> AnyResponse:
    session["next"] = addresses.safe(request.args.get("next"))
    try:
        answer: AnyResponse = _login().provider.authorize_redirect(_callback_address())
    except Exception as error:  # noqa: BLE001 - whatever keeps the provider from answering, the reader is told the same
        _log.error("The identity provider does not answer: %s", type(error).__name__)
        return refusal(_("Signing in is not possible at the moment: the sign-in service does not answer."), 503)
    return answer


def _come_back() -> AnyResponse:
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    login = _login()
    try:
        claims = login.provider.authorize_access_token().get("userinfo") or {}
    except (AuthlibBaseError, JoseError, RequestException, ValueError) as error:
        _log.warning("A sign-in failed: %s", type(error).__name__)
        return refusal(_("Signing in did not work. Try again."), 403)
    address = session.pop("next", None)
    session.clear()
    person = _person(claims)
    if person is None:
        _log.warning("A sign-in was refused: the identity has no usable subject")
        return refusal(_("Signing in did not work. Try again."), 403)
    if not login.admits(claims):
        _log.warning("A sign-in was refused: the required claim is missing")
        return refusal(_("You are signed in, but may not use this application. Ask your administrator."), 403)
    session.permanent = True
    session[_key] = {
        "id": secrets.token_urlsafe(16),
        "subject": person.subject,
        "name": person.name,
        "until": time.time() + login.seconds,
    }
    return redirect(addresses.safe(address))


def _person(claims: Mapping[str, Any]) -> Person | None:
    """Who an identity is; None where it does not say that usably."""
    subject = str(claims.get("sub") or "")
    known = (claims.get(name) for name in ("name", "email", "preferred_username"))
    # A name may hold what joins or parts its letters; a subject that does is none, since it stands for somebody.
    names = (without_hidden(" ".join(str(name or "").split()))[:longest_name].strip() for name in (*known, subject))
    try:
        return Person(subject, next((name for name in names if name), ""))
    except InvalidPerson:
        return None


def _sign_out() -> AnyResponse:
    kept = session.get(_key)
    session.clear()
    if isinstance(kept, dict) and "id" in kept:
        try:
            _login().ended.end(kept["id"], kept["until"])
        except SessionsUnavailable as error:
            _log.error("A session could not be ended: %s", error)
            message = _(
                "You are signed out in this browser, but the session could not be ended. Tell your administrator."
            )
            return refusal(message, 503)
    try:
        ending = _login().provider.load_server_metadata().get("end_session_endpoint")
    except Exception as error:  # noqa: BLE001 - here one is signed out in any case
        _log.warning("The identity provider does not answer: %s", type(error).__name__)
        ending = None
    if not ending:
        return refusal(_("You are signed out."), 200)
    home = f"{request.host_url.rstrip('/')}{addresses.at('/')}"
    query = {"post_logout_redirect_uri": home, "client_id": _login().provider.client_id}
    return redirect(f"{ending}{'&' if '?' in ending else '?'}{urlencode(query)}", code=303)


def _sessions_unavailable(error: SessionsUnavailable) -> AnyResponse:
    _log.error("It cannot be read which sessions have ended: %s", error)
    return refusal(_("Sessions cannot be checked at the moment. Try again later."), 503)


def _callback_address() -> str:
    return f"{request.host_url.rstrip('/')}{addresses.at('/login/callback')}"
