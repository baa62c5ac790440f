"""Roles of callers: their keys, and one table that says which role each resource needs."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from flask import g, request

from core.access.keys import Role, digest, name_pattern, roles, usual_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask

    from core.settings import Settings

anonymous: Final = "anonymous"

# The first segment of a path, or the first two where they need another role than the first; and the role that is
# needed; None: open to everybody. What is not here is for `admin`.
rules: Final[dict[str, Role | None]] = {
    "": None,
    "health": None,
    "docs": None,
    "openapi.json": None,
    "problems": None,
    "predict": "score",
    "clients": "score",
    "comparison": "score",
    "simulate": "score",
    "recourse": "score",
    "scenarios": "score",
    "jobs": "score",
    "model": "score",
    # The model itself, and not only what it says.
    "model/export": "review",
    # A part of the record, with names.
    "model/approvals": "review",
    "data": "score",
    "decisions": "review",
    "predictions": "review",
    "outcomes": "review",
    "performance": "review",
    "metrics": "monitor",
}

_entry: Final = re.compile(rf"(?P<name>{name_pattern.pattern})(:(?P<role>[a-z]+))?:(?P<digest>[0-9a-fA-F]{{64}})")
_longest_key: Final = 512
_extension: Final = "access"


class InvalidKeys(ValueError):
    """Keys in the settings that cannot be used; its message names the setting and the entry, never what it holds."""


class Unauthenticated(Exception):
    """No key, or one that is not known, where one is needed."""


class Forbidden(Exception):
    """A known caller without the role that is needed, which is in `needed`."""

    def __init__(self, needed: Role) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is known: whose it is, what it is good for, and the SHA-256 of it."""

    name: str
    role: Role
    digest: bytes


def known_keys(settings: Settings) -> tuple[Key, ...]:
    """The keys of `API_KEYS` and `API_KEYS_FILE`; none where neither is set.

    Raises:
        InvalidKeys: an entry that is not `NAME:SHA256` or `NAME:ROLE:SHA256`, a file that cannot be read or is empty.
    """
    keys: list[Key] = []
    if settings.api_keys is not None:
        keys += parse_keys("API_KEYS", settings.api_keys.get_secret_value())
    if settings.api_keys_file is not None:
        try:
            text = settings.api_keys_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidKeys(f"API_KEYS_FILE: the file cannot be read ({type(error).__name__})") from None
        keys += parse_keys("API_KEYS_FILE", text)
    return tuple(keys)


def parse_keys(setting: str, text: str) -> list[Key]:
    """The keys of a text: entries separated by commas or ends of lines; a line that begins with `#` is skipped.

    One caller may have several keys, so that a key can be replaced without a gap. Raises `InvalidKeys`.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    if not entries:
        # A setting that is there, and holds nothing, was meant to hold something: the API does not open itself up.
        raise InvalidKeys(f"{setting}: there is no key in it")
    keys = []
    for number, entry in enumerate(entries, 1):
        match = _entry.fullmatch(entry)
        role = (match["role"] or usual_role) if match else ""
        if match is None or role not in roles:
            expectation = f"NAME:ROLE:SHA256, ROLE one of {', '.join(roles)} (without it: {usual_role})"
            raise InvalidKeys(f"{setting}: entry {number} is not {expectation}; `python3 run.py key NAME` makes one")
        keys.append(Key(match["name"], role, bytes.fromhex(match["digest"])))
    return keys


def role_needed(rule: str) -> Role | None:
    """The role that a route needs, by the rule of its address such as `/clients/<client_id>`; None where it is open."""
    first, *rest = rule.strip("/").split("/", 2)
    finer = f"{first}/{rest[0]}" if rest else first
    return rules[finer] if finer in rules else rules.get(first, "admin")


class Wrong(Protocol):
    """What becomes of a key that nobody has."""

    def shown(self, *, to_no_effect: bool) -> None:
        """Called for each such key; raises where that is to be another answer than that a key is needed."""


def register(app: Flask, keys: Sequence[Key], wrong: Wrong) -> None:
    """Makes an application ask for a key on each route that needs a role; without keys, everybody may do everything.

    Args:
        wrong: is told of each key that nobody has.
    """

    def check() -> None:
        g.caller, g.role = anonymous, "admin"
        if not keys:
            return
        g.role = None
        # An address that is not there, or with another method, is answered as such. `OPTIONS` is asked by browsers
        # before they send a key, and tells no more than the documentation.
        needed = role_needed(request.url_rule.rule) if request.url_rule and request.method != "OPTIONS" else None
        presented = _presented()
        key = _find(keys, presented) if presented else None
        if key is not None:
            g.caller, g.role = key.name, key.role
        elif presented:
            wrong.shown(to_no_effect=needed is None)
        if needed is None:
            return
        if key is None:
            raise Unauthenticated
        if roles.index(key.role) < roles.index(needed):
            raise Forbidden(needed)

    app.extensions[_extension] = bool(keys)
    app.before_request(check)


def has_keys(app: Flask) -> bool:
    """Whether an application asks for keys."""
    return bool(app.extensions[_extension])


def caller() -> str:
    """The name of who sent the current request, as in `API_KEYS`; `anonymous` where there is none."""
    return str(g.get("caller", anonymous))


def role() -> Role | None:
    """What who sent the current request may do; None where they have to show a key, and showed none that is known."""
    caller_role: Role | None = g.get("role")
    return caller_role


def allows(needed: Role) -> bool:
    """Whether who sent the current request may do what a role may."""
    caller_role = role()
    return caller_role is not None and roles.index(caller_role) >= roles.index(needed)


def is_admin() -> bool:
    """Whether who sent the current request may see what is others'."""
    return role() == "admin"


def _presented() -> str:
    key = request.headers.get("X-API-Key", "")
    if not key:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else ""
    # What is longer is no key of ours, whatever it begins with, and is not hashed whole.
    return key[: _longest_key + 1]


def _find(keys: Sequence[Key], presented: str) -> Key | None:
    """The key that was presented. All are compared, each in constant time: how long it takes tells nothing."""
    presented_digest = digest(presented)
    match = None
    for key in keys:
        if hmac.compare_digest(key.digest, presented_digest):
            match = key
    return match
