"""Addresses say which client a page is about, and are read back as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app import addresses


@given(st.integers(0, 2**31 - 1))
def test_a_client_in_an_address_is_found_again(client_id: int) -> None:
    path, _mark, query = addresses.of_client(client_id, addresses.comparison).partition("?")
    assert path == addresses.comparison
    assert addresses.client_in(f"?{query}") == client_id


@given(st.text(max_size=30))
def test_any_query_is_read_without_an_error(query: str) -> None:
    found = addresses.client_in(query)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("9000002", 9_000_002),
        ("9\u00a0000\u00a0002", 9_000_002),
        (" 7 ", 7),
        ("", None),
        ("12a", None),
        ("²", None),
        ("-3", None),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: int | None) -> None:
    assert addresses.client_number(typed) == number


def test_pages_of_the_list_have_short_addresses() -> None:
    assert addresses.of_list() == "/"
    assert addresses.of_list({"search": "10", "sort": ""}, 3) == "/?search=10&page=3"
