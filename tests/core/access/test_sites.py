"""Which names are a service's own, and which requests a page of another site has sent."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.access.sites import hosts_of, is_from_another_site
from core.settings import Settings

names = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z][a-z0-9-]{0,10}){0,3}", fullmatch=True)
ours = hosts_of(Settings(allowed_hosts="bank.example, .apps.example ,[2001:db8::1],2001:db8::2"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost."])
@pytest.mark.parametrize("port", ["", ":80", ":8501"])
def test_this_machine_is_always_meant(host: str, port: str) -> None:
    assert hosts_of(Settings()).has(host + port)


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("bank.example", True),
        ("Bank.Example:8443", True),
        ("one.apps.example", True),
        ("a.b.apps.example:80", True),
        ("[2001:db8::1]:80", True),
        ("[2001:DB8::2]", True),
        ("apps.example", False),
        ("xapps.example", False),
        ("bank.example.evil.example", False),
        ("evil.example", False),
        ("bank.example@evil.example", False),
        ("bank.example:80:80", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_other_names_are_those_of_the_setting(host: str, answered: bool) -> None:
    assert ours.has(host) is answered


@given(names)
def test_any_name_of_the_setting_is_answered_and_alone(name: str) -> None:
    hosts = hosts_of(Settings(allowed_hosts=name))
    assert hosts.has(name)
    assert hosts.has(f"{name}:8000")
    assert not hosts.has(f"x{name}")
    assert not hosts.has(f"{name}.x")


@given(st.text(max_size=40))
def test_any_header_is_read_without_an_error(host: str) -> None:
    if ours.has(host):
        assert set(host.lower()) <= set(string.ascii_lowercase + string.digits + ".-:[]")


def test_the_platform_and_the_listening_address_name_the_service() -> None:
    settings = Settings(host="192.0.2.7", render_external_hostname="home-credit-api.onrender.com")
    assert hosts_of(settings).has("192.0.2.7:8000")
    assert hosts_of(settings).has("home-credit-api.onrender.com")
    assert hosts_of(Settings(host="Desk.Bank.Example")).has("desk.bank.example:8000")
    assert hosts_of(Settings(host="[2001:DB8::7]")).has("[2001:db8::7]:8000")
    # Every interface is no name.
    for every in ("::", "[::]"):
        assert not hosts_of(Settings(host=every)).has("[::]:8000")


@pytest.mark.parametrize(
    "wrong", ["https://bank.example", "bank.example:80", "bank.example/x", "*", "*.example", "a b"]
)
def test_an_entry_that_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="expected names such as"):
        Settings(allowed_hosts=wrong)


@pytest.mark.parametrize(
    ("site", "origin", "foreign"),
    [
        (None, None, False),
        ("same-origin", None, False),
        ("none", None, False),
        ("same-site", None, True),
        ("cross-site", None, True),
        ("cross-site", "http://here", True),
        (None, "http://here", False),
        (None, "http://here:81", True),
        (None, "null", True),
        (None, "http://[", True),
        ("cross-site", "https://bank.example", False),
        ("cross-site", "https://bank.example.evil.example", True),
    ],
)
def test_pages_of_other_sites_are_told_apart(site: str | None, origin: str | None, foreign: bool) -> None:
    assert is_from_another_site(site, origin, "here", {"https://bank.example"}) is foreign


@pytest.mark.parametrize(
    ("site", "origin", "referer", "foreign"),
    [
        (None, None, "http://here/docs", False),
        (None, None, "http://HERE/", False),
        (None, None, "http://here:81/", True),
        (None, None, "http://evil.example/here", True),
        (None, None, "http://here@evil.example/", True),
        (None, None, "http://[", True),
        (None, None, "", False),
        (None, None, "https://bank.example/a/page?x=1", False),
        (None, None, "https://bank.example.evil.example/", True),
        # What says it better, counts.
        ("same-origin", None, "http://evil.example/", False),
        ("cross-site", None, "http://here/", True),
        (None, "http://here", "http://evil.example/", False),
        (None, "http://evil.example", "http://here/", True),
    ],
)
def test_the_page_that_a_get_comes_from_counts_where_nothing_else_is_said(
    site: str | None, origin: str | None, referer: str, foreign: bool
) -> None:
    assert is_from_another_site(site, origin, "here", {"https://bank.example"}, referer) is foreign
