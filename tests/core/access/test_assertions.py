"""Who is signed in is believed for a minute, by whoever has the secret, and of nobody else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from core.access.assertions import Assertions, InvalidAssertion, valid_seconds
from core.access.person import InvalidPerson, Owner, Person

secret = "one secret that both services have"
alice = Person("u-1", "Alice Émond")
written = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))


@given(st.text(written, min_size=1, max_size=255), st.text(written, min_size=1, max_size=128))
def test_whoever_is_asserted_is_read_back(subject: str, name: str) -> None:
    person = Person(subject, name)
    text = Assertions(secret).of(person)
    assert Assertions(secret).read(text) == person
    # A header as HTTP takes it.
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize("seconds", [valid_seconds + 1, -30])
def test_it_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    text = Assertions(secret).of(alice)
    assert Assertions(secret).read(text) == alice
    monkeypatch.setattr(time, "time", lambda: now + seconds)
    with pytest.raises(InvalidAssertion):
        Assertions(secret).read(text)


def test_nothing_else_is_believed() -> None:
    said = {"aud": "home-credit-api", "sub": "u-1", "name": "Alice", "iat": int(time.time())}
    text = Assertions(secret).of(alice)
    body, _, signature = text.rpartition(".")
    made_up = [
        "",
        "x",
        "x" * 5000,
        body,
        f"{body}.{signature[::-1]}",
        Assertions("another secret, as long as that one").of(alice),
        # Signed with the right secret, for something else: a session, or no salt at all.
        URLSafeTimedSerializer(secret, salt="cookie-session").dumps(said),
        URLSafeSerializer(secret).dumps(said),
    ]
    for each in made_up:
        with pytest.raises(InvalidAssertion):
            Assertions(secret).read(each)


# A turn of the direction of writing, its end, a join, ends of a line and of a paragraph, a mark of the order of bytes.
hidden = ["\n", "\x7f", "\u202e", "\u2069", "\u200d", "\u2028", "\u2029", "\ufeff", "\ud800"]


@pytest.mark.parametrize(
    ("subject", "name"),
    [("", "A"), ("s" * 256, "A"), ("s", ""), ("s", "A" * 129), *((f"s{mark}1", "A") for mark in hidden)]
    + [("s", f"Alice{mark}Martin") for mark in hidden],
)
def test_a_person_has_a_subject_and_a_name(subject: str, name: str) -> None:
    with pytest.raises(InvalidPerson):
        Person(subject, name)


def test_owners_are_told_apart_by_key_and_subject() -> None:
    owners = [Owner("a"), Owner("a", "b"), Owner("b"), Owner("b", "a"), Owner("a", "a")]
    assert len({owner.token for owner in owners}) == len(owners)
