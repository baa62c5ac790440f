"""The error of a file of applications that is refused as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language


class UnusableFile(ValueError):
    """A file that cannot be scored at all: empty, unreadable, or without a single known column.

    Attributes:
        key: of the sentence that says why, in `core.text.messages`.
        parts: what is filled into it; names and limits, never values of the file.
    """

    def __init__(self, key: str, **parts: str) -> None:
        super().__init__(message(key, "en", **parts))
        self.key = key
        self.parts = parts

    def sentence(self, lang: Language) -> str:
        """Why the file cannot be used, for a reader."""
        return message(self.key, lang, **self.parts)
