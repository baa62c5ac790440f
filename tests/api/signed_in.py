"""An API that knows keys and the people who are signed in at its dashboard, and requests as they make them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from core.access.assertions import Assertions, header
from core.access.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

secret: Final = "one secret that both services have"
alice, bob = Person("u-alice", "Alice Émond"), Person("u-bob", "Bob Durand")


def entry(name: str, role: str) -> str:
    """What `API_KEYS` says of a key that is its own name."""
    return f"{name}:{role}:{hashlib.sha256(name.encode()).hexdigest()}"


class Asking(Mapping[str, str]):
    """Headers of requests, signed when one is made: an assertion is good for a minute, and tests take longer."""

    def __init__(self, key: str, person: Person | None, signed_by: str) -> None:
        self._key, self._person, self._signed_by = key, person, signed_by

    def _made(self) -> dict[str, str]:
        said = {} if self._person is None else {header: Assertions(self._signed_by).of(self._person)}
        return {"X-API-Key": self._key} | said

    def __getitem__(self, name: str) -> str:
        return self._made()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __or__(self, others: Mapping[str, str]) -> dict[str, str]:
        return self._made() | dict(others)


def asking(key: str, person: Person | None = None, signed_by: str = secret) -> Asking:
    """The headers of a request with a key, and of a person."""
    return Asking(key, person, signed_by)
