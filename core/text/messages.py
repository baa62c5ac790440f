"""The sentences of `core`, in both languages: errors of fields, warnings, words around values."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.text.translations import Sentences

sentences: Final = Sentences(Path(__file__).parent / "locales", "messages")
message: Final = sentences.say
"""The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
