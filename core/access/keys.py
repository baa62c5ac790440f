"""The keys that callers of the API present: how one is made, and what is kept of it.

Standard library only: the command line reads this before anything is installed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["monitor", "score", "review", "admin"]

# Each may do what those before it may.
roles: Final[tuple[Role, ...]] = get_args(Role)
# Of a key that says nothing else.
usual_role: Final[Role] = "score"
name_pattern: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made.

    Attributes:
        secret: what the caller presents; nobody else keeps it.
        entry: what `API_KEYS` gets, `NAME:ROLE:SHA256`.
    """

    secret: str
    entry: str


def digest(secret: str) -> bytes:
    """The SHA-256 of a key. A key is 256 random bits: nothing slower is needed to keep it from being guessed."""
    return hashlib.sha256(secret.encode()).digest()


def new_key(name: str, role: Role) -> NewKey:
    """Makes a key for the caller of that name, which matches `name_pattern`.

    >>> key = new_key("branch-7", "score")
    >>> key.entry == f"branch-7:score:{digest(key.secret).hex()}"
    True
    """
    secret = f"hcw_{secrets.token_urlsafe(32)}"
    return NewKey(secret, f"{name}:{role}:{digest(secret).hex()}")
