"""Words of a drift report, in `locales/*/drift.po`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.text.translations import Sentences

words: Final = Sentences(Path(__file__).parent / "locales", "drift")
word: Final = words.say
"""The words of that key in `lang`, their parts filled in. Raises `KeyError` for an unknown key or part."""
