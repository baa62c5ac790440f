"""The scoring API: Flask in front of `core`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.factory import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    """`create_app`, imported when it is asked for: gunicorn's master, which never scores, then loads no model code."""
    if name == "create_app":
        from api.factory import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
