"""An API that knows keys and the people who are signed in at its dashboard, and requests as they make them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from core.assertions import Assertions, header
from core.person import Person

if TYPE_CHECKING:
    from collections.abc import Mapping

secret: Final = "one secret that both services have"
alice, bob = Person("u-alice", "Alice Émond"), Person("u-bob", "Bob Durand")


def entry(name: str, role: str) -> str:
    """What `API_KEYS` says of a key that is its own name."""
    return f"{name}:{role}:{hashlib.sha256(name.encode()).hexdigest()}"


def asking(key: str, person: Person | None = None, signed_by: str = secret) -> Mapping[str, str]:
    """The headers of a request with a key, and of a person."""
    said = {} if person is None else {header: Assertions(signed_by).of(person)}
    return {"X-API-Key": key} | said
