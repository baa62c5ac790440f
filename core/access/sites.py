"""Names of a service and origins of requests: DNS rebinding and cross-site requests, refused alike by both services.

A page elsewhere can send a browser to a service that only its user's machine reaches, by its address or by a name of
its own that suddenly means this machine (DNS rebinding). The browser says both: the name in `Host`, the page in
`Sec-Fetch-Site` and `Origin`. Source: W3C Fetch Metadata; OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from core.access.listening import this_machine

if TYPE_CHECKING:
    from collections.abc import Collection

safe_methods: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods by which a browser changes nothing, and may come from anywhere."""

_every_interface: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104
_host: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
_entry: Final = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")
_from_here: Final = ("same-origin", "none")


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which a service answers.

    Attributes:
        names: in lower case, without port; addresses of IPv6 without brackets.
        endings: such as `.bank.example`, for all names below that one.
    """

    names: frozenset[str]
    endings: tuple[str, ...] = ()

    def has(self, host: str) -> bool:
        """Whether a request for `host`, a `Host` header with or without a port, is for this service."""
        match = _host.fullmatch(host)
        if match is None:
            return False
        name = (match["six"] or match["name"]).lower().removesuffix(".")
        return name in self.names or (bool(self.endings) and name.endswith(self.endings))


class Named(Protocol):
    """Settings, as far as they say under which names a service answers."""

    @property
    def allowed_hosts(self) -> str:
        """Entries, separated by commas, as `host_entries` takes them."""

    @property
    def host(self) -> str | None:
        """The address that the service was told to listen on."""

    @property
    def render_external_hostname(self) -> str | None:
        """The platform's name for it."""


def hosts_of(settings: Named) -> Hosts:
    """This machine, the address that the service was told to listen on, the platform's name for it, `ALLOWED_HOSTS`."""
    entries = [entry.strip("[]") for entry in host_entries(settings.allowed_hosts)]
    names = (settings.host, settings.render_external_hostname)
    hosts = {(name or "").lower().strip("[]").removesuffix(".") for name in names} - _every_interface
    return Hosts(
        this_machine | hosts | {entry for entry in entries if not entry.startswith(".")},
        tuple(entry for entry in entries if entry.startswith(".")),
    )


def host_entries(text: str) -> tuple[str, ...]:
    """The entries of an `ALLOWED_HOSTS`, in lower case.

    Raises:
        ValueError: an entry that is neither a name, nor an ending such as `.bank.example`, nor an address.
    """
    entries = tuple(entry.strip().lower() for entry in text.split(",") if entry.strip())
    if not all(_entry.fullmatch(entry) for entry in entries):
        raise ValueError(
            "expected names such as bank.example, or .bank.example for all below it, separated by commas, "
            "without scheme, port and path"
        )
    return entries


def is_from_another_site(
    site: str | None, origin: str | None, host: str, allowed: Collection[str] = (), referer: str | None = None
) -> bool:
    """Whether a page of another site makes a browser send a request.

    What changes something comes from a browser with an `Origin`: without one it is no browser's, and has nobody's
    cookie. Not so a GET: to plain HTTP under another name than this machine's, browsers send neither `Sec-Fetch-Site`
    nor, for an image, an `Origin`; only the `Referer` tells, unless the page keeps it back.

    Args:
        site: the header `Sec-Fetch-Site`.
        origin: the header `Origin`.
        host: the name and port under which the service was asked.
        allowed: origins of other pages that may, such as `https://bank.example`.
        referer: the header `Referer` of a GET, which counts where the other two are not there.
    """
    if origin is not None and origin in allowed:
        return False
    if site is not None:
        return site not in _from_here
    if origin is None and referer:
        return not (_is_at(referer, host) or _origin(referer) in allowed)
    return origin is not None and not _is_at(origin, host)


def _is_at(address: str, host: str) -> bool:
    try:
        return urlsplit(address).netloc.lower() == host.lower()
    except ValueError:
        return False


def _origin(address: str) -> str | None:
    """The origin of the page at an address; None where that is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()
