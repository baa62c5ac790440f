"""The identity of a request to the API: for whom the dashboard asks, and what tells the answers of readers apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access.assertions import header, word_header

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent the request that the dashboard answers.

    Attributes:
        word: stands for them, and is nobody's name.
        assertion: that they are signed in, as the API checks it; None where nobody has to be.
    """

    word: str
    assertion: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """What the API is told. Without an assertion it counts the requests of each, and knows nobody."""
        return {word_header: self.word} if self.assertion is None else {header: self.assertion}
