"""The parsing of requests by gunicorn, without what it works out anew for each: its settings, and who is trusted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from gunicorn.http.message import Request, _ip_in_allow_list  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]

_max_addresses: Final = 1024


class HeldSettings:
    """gunicorn's settings, which do not change in a worker: each is looked up once."""

    def __init__(self, cfg: Any) -> None:
        self._cfg = cfg

    def __getattr__(self, name: str) -> Any:
        """A setting that was not asked for before."""
        value = getattr(self._cfg, name)
        setattr(self, name, value)
        return value


class _Request(Request):  # type: ignore[misc]
    def _peer_is_trusted_proxy(self) -> bool:
        return not isinstance(self.peer_addr, tuple) or _is_trusted(self.cfg, self.peer_addr[0])


class Parser(RequestParser):  # type: ignore[misc]
    """gunicorn's parser of requests."""

    mesg_class = _Request


@lru_cache(_max_addresses)
def _is_trusted(cfg: Any, address: str) -> bool:
    """Whether an address is one of `forwarded_allow_ips`: to read it and those takes a fifth of a whole head."""
    return bool(_ip_in_allow_list(address, cfg.forwarded_allow_ips, cfg.forwarded_allow_networks()))
