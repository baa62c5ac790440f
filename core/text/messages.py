"""The sentences of `core`, in both languages: errors of fields, warnings, words around values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.text.translations import Sentences

if TYPE_CHECKING:
    from core.catalogue import Language

sentences: Final = Sentences(Path(__file__).parent / "locales", "messages")


def message(key: str, lang: Language, **parts: str) -> str:
    """The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
    return sentences.fill(key, lang, parts)
