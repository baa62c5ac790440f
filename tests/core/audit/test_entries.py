"""Identifiers of the record: UUIDs of version 7 that rise, also where the number of one goes into its upper part."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from core.audit.entries import new_ids, repeatable_ids

now = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def test_they_rise_and_say_their_time() -> None:
    ids = new_ids(now, 1000)
    assert ids == sorted(set(ids))
    assert {str(UUID(key)) for key in ids} == set(ids)
    assert {(UUID(key).version, UUID(key).variant, UUID(key).int >> 80) for key in ids} == {
        (7, "specified in RFC 4122", int(now.timestamp() * 1000))
    }


def test_they_count_on_over_the_end_of_a_part() -> None:
    numbers = [0, 1, (1 << 48) - 1, 1 << 48, (1 << 48) + 1, 3 << 48]
    ids = [UUID(key).int for key in repeatable_ids(now, "a name", numbers)]
    assert [key - ids[0] for key in ids] == numbers
