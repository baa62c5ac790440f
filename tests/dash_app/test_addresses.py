"""Addresses say which client a page is about, and are read back as they were written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings
from dash_app import addresses, create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient


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


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("", 1), ("0", 1), ("x", 1), ("9999999999", 1_000_000)])
def test_a_page_is_one_that_the_api_can_be_asked_for(text: str, number: int) -> None:
    assert addresses.page_number(text) == number


def test_pages_of_the_list_have_short_addresses() -> None:
    assert addresses.of_list() == "/"
    assert addresses.of_list({"search": "10", "sort": ""}, 3) == "/?search=10&page=3"


def as_a_browser_reads(location: str) -> str:
    """Where a browser goes from `http://here/`, by the parser of the WHATWG's URL Standard, in short."""
    kept = "".join(letter for letter in location.strip("".join(map(chr, range(33)))) if letter not in "\t\r\n")
    path, mark, query = kept.replace("\\", "/").partition("?")
    for dot in ("%2e", "%2E"):
        path = path.replace(dot, ".")
    # A relative address of many slashes names a host; Python's reader takes two only.
    path = "//" + path.lstrip("/") if path.startswith("//") else path
    return urljoin("http://here/", path + mark + query)


@pytest.fixture(scope="module")
def below() -> FlaskClient:
    made: FlaskClient = create_app(Settings(dash_url_base_pathname="/credit/")).server.test_client()
    return made


def test_the_script_of_figures_is_asked_for_below_the_base(below: FlaskClient) -> None:
    named = re.search(r'data-plotly="(/credit/[^"]+)"', below.get("/credit/").text)
    assert named is not None
    with below.get(named[1]) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")


hostile = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    "/credit/\nSet-Cookie: a=b",
    "/credit/\x00",
    "/credit/\x7f",
    "/credit/\u2028",
    "/credit/../evil",
    "/credit/%2e%2E/evil",
    "/credit/..\\evil",
    "/credit/..%5cevil",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "credit/",
    "/creditor",
    "//[",
    "",
    "/credit/" + "x" * 5000,
]


@pytest.mark.parametrize("wanted", hostile)
def test_who_is_sent_on_elsewhere_gets_the_first_page(below: FlaskClient, wanted: str) -> None:
    answer = below.get(f"/credit/language/en?next={quote(wanted, safe='')}")
    assert (answer.status_code, answer.location) == (302, "/credit/")


@pytest.mark.parametrize(
    "wanted", ["/credit/", "/credit/drift?report=1%202", "/credit/?decision=REFUS%C3%89", "/credit/a#b"]
)
def test_who_is_sent_on_to_a_page_of_ours_gets_there(below: FlaskClient, wanted: str) -> None:
    assert below.get(f"/credit/language/en?next={quote(wanted, safe='')}").location == wanted


@given(
    st.text(st.one_of(st.sampled_from("/\\.:?#@%2eE \t\r\n\0[]evil"), st.characters()), max_size=25),
    st.sampled_from(["", "/", "/credit/", "/credit"]),
)
def test_nobody_is_ever_sent_to_another_place(below: FlaskClient, tail: str, head: str) -> None:
    wanted = (head + tail).encode("utf-8", "replace").decode()
    answer = below.get(f"/credit/language/en?next={quote(wanted, safe='')}")
    assert answer.status_code == 302
    reached = urlsplit(as_a_browser_reads(answer.location))
    assert (reached.scheme, reached.netloc) == ("http", "here")
    assert reached.path.startswith("/credit/")


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "///evil.example"])
def test_no_address_leads_elsewhere_by_itself(below: FlaskClient, path: str) -> None:
    answer = below.get("http://localhost" + path)
    assert urlsplit(as_a_browser_reads(answer.headers.get("Location", "/"))).netloc in ("here", "localhost")
