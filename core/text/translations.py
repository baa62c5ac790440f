"""Gettext catalogues of the sentences that readers see: `.po` files, which translators' tools open, in each language.

The dashboard looks its sentences up by the English ones; `core` and `api`, whose callers read keys as well, by key.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.catalogue import Language


def catalogue(files: Iterable[Path], lang: Language) -> Catalog:
    """The messages of several `.po` files as one catalogue of a language.

    Raises:
        OSError: a file cannot be read.
        babel.messages.pofile.PoFileError: a file is not well-formed.
    """
    merged = Catalog(locale=lang)
    for path in files:
        with path.open("rb") as stream:
            messages = read_po(stream, locale=lang, abort_invalid=True)
        # What stands first in each file is its header; the rules for plurals are those of the language.
        for message in messages:
            if message.id:
                merged.add(message.id, message.string)
    return merged


class Sentences:
    """The sentences of one domain, found by their keys.

    Attributes:
        folder: has `LANGUAGE/LC_MESSAGES/DOMAIN.po` for each language.
        domain: names the file.
    """

    def __init__(self, folder: Path, domain: str) -> None:
        """Reads nothing yet."""
        self._folder = folder
        self._domain = domain
        self.of = cache(self._read)
        """All sentences of a language by their keys, read once."""

    def fill(self, key: str, lang: Language, parts: Mapping[str, str]) -> str:
        """The sentence of a key, its `{parts}` filled in. Raises `KeyError` for an unknown key or part."""
        return self.of(lang)[key].format(**parts)

    def say(self, key: str, lang: Language, **parts: str) -> str:
        """As `fill`, its parts by their names."""
        return self.fill(key, lang, parts)

    def _read(self, lang: Language) -> Mapping[str, str]:
        path = self._folder / lang / "LC_MESSAGES" / f"{self._domain}.po"
        return {str(message.id): str(message.string) for message in catalogue([path], lang) if message.id}
