"""The person for whom a request is made, as the dashboard asserts them: files and decisions are their own.

Who has the key of the dashboard asks for several people. A signed assertion (`core.access.assertions`) says for which
of them: with it what they send and make belongs to the key and the person together, and what is recorded names them. A
    caller
without an assertion asks for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request

from api.access.roles import caller, has_keys, is_admin, known_keys, role_needed
from core.access.assertions import Assertions, InvalidAssertion, header, word_header
from core.access.keys import Role, roles
from core.access.person import Owner, Person, Sender
from runtime.gunicorn_worker import admission

if TYPE_CHECKING:
    from flask import Flask

    from core.settings import Settings

_extension: Final = "persons"
_word: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# By what the things of a visitor of a demonstration are recorded: it takes no names.
_visitor: Final = "Demo"
# Whatever the key of a dashboard may do: who administers shows a key of their own.
_highest_role: Final[Role] = "review"


class UnknownSigner(ValueError):
    """A setting is missing by which it is checked who somebody is; its message names it."""


class NotDelegated(Exception):
    """An assertion from a key that does not ask for others."""


class PersonNeeded(Exception):
    """A decision from the dashboard that names nobody who is signed in."""


class AnotherOfficer(Exception):
    """A decision in the name of somebody else than who sends it, where people sign in."""


@dataclass(frozen=True, slots=True)
class _Persons:
    assertions: Assertions | None
    delegating: frozenset[str]
    are_needed: bool
    are_visitors: bool


def check_settings(settings: Settings) -> None:
    """Makes sure that who somebody is can be checked where people sign in.

    Without keys whoever reaches the API may do everything, and needs no assertion for it.

    Raises:
        UnknownSigner: the secret of assertions is missing, or there are no keys.
        InvalidKeys: as `api.access.roles.known_keys`.
    """
    if settings.oidc_issuer is None:
        return
    if settings.secret_key is None:
        raise UnknownSigner("OIDC_ISSUER is set: SECRET_KEY must be as well, the same as of the dashboard")
    if not known_keys(settings):
        raise UnknownSigner(
            "OIDC_ISSUER is set: API_KEYS must be as well, since without keys whoever reaches the API may do "
            "everything there and is asked for no person (`python3 run.py key dashboard --role review` makes the key "
            "that the dashboard shows as API_KEY)"
        )


def register(app: Flask, settings: Settings, delegating: frozenset[str]) -> None:
    """Makes an application believe assertions, after it has checked keys.

    Args:
        settings: with the `SECRET_KEY` that the dashboard has; without it no assertion is believed. With `OIDC_ISSUER`
            people sign in at the dashboard, and no decision comes from it without one of them. In a `PUBLIC_DEMO`
            without keys, nobody administers, what is sent and asked belongs to the word or the address that it comes
            from, and each reads of the record what is theirs.
        delegating: names of the keys that may ask for others.

    Raises:
        UnknownSigner: as `check_settings`.
    """
    check_settings(settings)
    secret = settings.secret_key
    known = _Persons(
        None if secret is None else Assertions(secret.get_secret_value()),
        delegating,
        are_needed=settings.oidc_issuer is not None,
        are_visitors=settings.public_demo and not has_keys(app),
    )
    app.extensions[_extension] = known

    def check() -> None:
        text = request.headers.get(header)
        rule = request.url_rule
        if known.are_visitors:
            # Also where everybody may ask: `/health` says what the caller may do.
            g.role = min(g.role, _highest_role, key=roles.index)
        if rule is None or request.method == "OPTIONS" or role_needed(rule.rule) is None:
            return
        if known.are_visitors:
            g.visitor = Person(word() or f"address {request.remote_addr}", _visitor)
        if text is None:
            return
        if not _asks_for_others(known):
            raise NotDelegated
        if known.assertions is None:
            raise InvalidAssertion
        # It was checked when only the head was there; to send the body may take longer than it is valid.
        read = known.assertions.read_again if admission.admitted in request.environ else known.assertions.read
        g.person = read(text)
        g.role = min(g.role, _highest_role, key=roles.index)

    app.before_request(check)


def are_known() -> bool:
    """Whether people sign in at the dashboard, so that an assertion says for whom it asks, and nothing else does."""
    return _known().are_needed


def person() -> Person | None:
    """The person for whom the current request is made; None where the caller asks for itself."""
    signed_in: Person | None = g.get("person")
    return signed_in


def word() -> str | None:
    """What a caller says in `X-On-Behalf-Of` of whom it asks for, which proves nothing; None where it says nothing."""
    value = request.headers.get(word_header, "")
    return value if _word.fullmatch(value) else None


def sender() -> Sender:
    """Who sends the current request. Visitors of a public demonstration are told apart as far as they can be."""
    return Sender(caller(), person() or visitor())


def owner() -> Owner:
    """Whose what the current request sends and makes is."""
    return sender().owner


def visitor() -> Person | None:
    """The visitor of a public demonstration who sends the current request; None elsewhere, and for who is signed in."""
    guest: Person | None = g.get("visitor")
    return guest if guest is not None and person() is None else None


def reads_of() -> str | None:
    """The subject of whom alone the current request may read the record; None: of everybody, as its role says."""
    guest = visitor()
    return None if guest is None else guest.subject


def payer() -> Owner:
    """Whose quotas the current request counts against: its owner's; visitors, who can make up others, share theirs."""
    return owner() if visitor() is None else Owner(caller())


def sees(owner_of_it: Owner) -> bool:
    """Whether the current request may see what is somebody's: its own, and everybody's for an administrator."""
    return is_admin() or owner_of_it == owner()


def named_officer(officer: str | None) -> str | None:
    """Under whose name a decision is recorded: that of the person who is signed in.

    Where people sign in, a program with a key of its own decides under the key's name: whom else it named, nobody could
    check. Where nobody does, as the body names them; None where it names nobody.

    Raises:
        AnotherOfficer: the body names somebody else.
        PersonNeeded: the dashboard sends it, where people sign in, for nobody.
    """
    signed_in = person()
    if signed_in is None and not are_known():
        return officer
    if signed_in is None and _asks_for_others(_known()):
        raise PersonNeeded
    own = caller() if signed_in is None else signed_in.name
    if officer not in (None, own):
        raise AnotherOfficer
    return own


def _known() -> _Persons:
    persons: _Persons = current_app.extensions[_extension]
    return persons


def _asks_for_others(known: _Persons) -> bool:
    """Whether the caller may ask for others: the key of a dashboard, and everybody where nobody needs a key."""
    return not has_keys(current_app) or caller() in known.delegating
