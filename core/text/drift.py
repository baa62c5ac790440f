"""Words of a drift report, in `locales/*/drift.po`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.text.translations import Sentences

if TYPE_CHECKING:
    from core.catalogue import Language

words: Final = Sentences(Path(__file__).parent / "locales", "drift")


def word(key: str, lang: Language, **parts: str) -> str:
    """The words of that key in `lang`, their parts filled in. Raises `KeyError` for an unknown key or part."""
    return words.fill(key, lang, parts)
