"""The sentences of the API on requests that it cannot serve, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.text.translations import Sentences

sentences: Final = Sentences(Path(__file__).parent / "locales", "problems")
message: Final = sentences.say
"""The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
