"""Signed assertions of who somebody is, by which the dashboard tells the API for whom it asks.

The dashboard signs one with each request, with the `SECRET_KEY` that both services have; it is good for a minute, and
for the API alone. By `itsdangerous`, which signs the sessions of Flask: HMAC with SHA-256, under a key of its own that
is derived from the secret.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from core.access.person import InvalidPerson, Person

header: Final = "X-Person-Assertion"
# Where nobody signs in: a word that stands for whoever is asked for, and proves nothing.
word_header: Final = "X-On-Behalf-Of"
valid_seconds: Final = 60
# Clocks of two machines differ.
_skew_seconds: Final = 10
_audience: Final = "home-credit-api"
_longest: Final = 4096


class InvalidAssertion(ValueError):
    """What was presented is no assertion, or none for the API, or not by the secret in use, or not of this minute."""


class Assertions:
    """Makes and reads assertions under one secret."""

    def __init__(self, secret: str) -> None:
        """Args:
        secret: the same for both services.
        """
        # Another salt is another key: a session of the dashboard is no assertion, nor is one for another audience.
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"person-assertion {_audience}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
        )

    def of(self, person: Person) -> str:
        """An assertion that somebody is this person, as the value of `header`."""
        claims = {"aud": _audience, "sub": person.subject, "name": person.name, "iat": int(time.time())}
        return str(self._serializer.dumps(claims))

    def read(self, text: str) -> Person:
        """The person whom an assertion of this minute names. Raises `InvalidAssertion`."""
        person, made = self._signed(text)
        if not -_skew_seconds <= time.time() - made <= valid_seconds:
            raise InvalidAssertion
        return person

    def read_again(self, text: str) -> Person:
        """The person whom an assertion names that was valid when it came, however long ago. Raises as `read`."""
        return self._signed(text)[0]

    def _signed(self, text: str) -> tuple[Person, float]:
        """What is signed: whom it names, and when it was made."""
        if len(text) > _longest:
            raise InvalidAssertion
        try:
            claims = self._serializer.loads(text)
            audience, person, made = claims["aud"], Person(claims["sub"], claims["name"]), claims["iat"]
        except (BadData, InvalidPerson, KeyError, TypeError) as error:
            raise InvalidAssertion from error
        if audience != _audience or not isinstance(made, int):
            raise InvalidAssertion
        return person, made
