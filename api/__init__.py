"""The scoring API: Flask in front of `core`."""

from api.factory import create_app

__all__ = ["create_app"]
