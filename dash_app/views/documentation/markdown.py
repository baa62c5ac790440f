"""The Markdown texts of the repository: chapters with anchors, and the paragraphs, pictures and code in them."""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from core.catalogue import Language

_deepest_heading: Final = 4
# As `dcc.Markdown` reads them: tables, and HTML as text.
_parser: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class TextMissing(LookupError):
    """A text of the documentation does not come with this installation; the message names the file."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs, lists and tables, as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """What can be copied and run, or read; `language` as after the fence."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture below `assets/`, with what it shows in words and its size in pixels (0 where the file is not there)."""

    path: str
    alt: str
    width: int
    height: int


Block = Prose | CodeBlock | Picture


@dataclass(frozen=True, slots=True)
class Chapter:
    """What stands below one heading, up to the next.

    Attributes:
        anchor: unique in its text, made of the title.
        level: 2 for `##`, and so on; the blocks before the first heading are those of level 1.
    """

    anchor: str
    title: str
    level: int
    blocks: tuple[Block, ...]

    @property
    def words(self) -> str:
        """The text without marks, to be searched and quoted."""
        return " ".join(plain(block.text) for block in self.blocks if isinstance(block, Prose))


def text(name: str, lang: Language) -> tuple[Chapter, ...]:
    """The chapters of `docs/NAME.md` (English) or `docs/NAME.fr.md`. Raises `TextMissing`."""
    return _read(root / "docs" / (f"{name}.md" if lang == "en" else f"{name}.{lang}.md"))


def changelog() -> tuple[Chapter, ...]:
    """The chapters of the changelog, which is kept in English. Raises `TextMissing`."""
    return _read(root / "CHANGELOG.md")


def chapters(markdown: str) -> tuple[Chapter, ...]:
    r"""Splits a text at its headings, to the fourth level; a title that comes again has a number in its anchor.

    >>> [(chapter.level, chapter.anchor) for chapter in chapters("# Costs\n\nOf both.\n\n## Costs")]
    [(1, 'costs'), (2, 'costs-2')]
    """
    lines = markdown.splitlines()
    closed: list[Chapter] = []
    taken: set[str] = set()
    level, title = 1, ""
    parts: list[tuple[Token, Token | None]] = []

    def close() -> None:
        closed.append(Chapter(_unique(anchor(title), taken), title, level, tuple(_blocks(parts, lines))))

    for token, inline in _outermost(_parser.parse("\n".join(lines))):
        depth = int(token.tag[1]) if token.type == "heading_open" else _deepest_heading + 1
        if depth > _deepest_heading:
            parts.append((token, inline))
            continue
        if title or parts:
            close()
        level, title, parts = depth, _written(inline).strip() if inline else "", []
    close()
    return tuple(closed)


def anchor(title: str) -> str:
    """A title as a part of an address: lower case, without accents, hyphens for all that is no letter or digit."""
    bare = "".join(
        character for character in unicodedata.normalize("NFKD", title) if not unicodedata.combining(character)
    )
    return re.sub(r"[^a-z0-9]+", "-", bare.casefold()).strip("-") or "top"


def plain(markdown: str) -> str:
    """Prose without its marks, in one line."""
    return _words(_parser.parse(markdown))


@lru_cache(maxsize=16)
def _parsed(path: Path, _written: int) -> tuple[Chapter, ...]:
    return chapters(path.read_text(encoding="utf-8"))


def _read(path: Path) -> tuple[Chapter, ...]:
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise TextMissing(path.name) from error


def _outermost(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token | None]]:
    """The blocks that stand in no other, and what is written in those that hold nothing but a line of text."""
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            inside = tokens[place + 1] if token.nesting else None
            yield token, inside if inside and inside.type == "inline" else None


def _blocks(parts: Sequence[tuple[Token, Token | None]], lines: Sequence[str]) -> Iterator[Block]:
    """Code and pictures by themselves, and what stands between them as it was written."""
    start = end = 0
    for token, inline in parts:
        first, last = token.map or (end, end)
        block = _alone(token, inline)
        if block is None:
            start, end = (start, last) if end > start else (first, last)
            continue
        if end > start:
            yield _prose(lines[start:end])
        start = end = last
        yield block
    if end > start:
        yield _prose(lines[start:end])


def _alone(token: Token, inline: Token | None) -> CodeBlock | Picture | None:
    if token.type == "fence":
        return CodeBlock(token.content.removesuffix("\n"), token.info.strip())
    images = inline.children if inline is not None and token.type == "paragraph_open" else None
    if images is None or [child.type for child in images] != ["image"]:
        return None
    return _picture(str(images[0].attrs["src"]), images[0].content)


def _prose(lines: Sequence[str]) -> Prose:
    return Prose("\n".join(lines).strip())


def _unique(name: str, taken: set[str]) -> str:
    """The name, with the first number that is free where it is taken; it is taken from now on."""
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    free = next(candidate for candidate in names if candidate not in taken)
    taken.add(free)
    return free


def _words(tokens: Sequence[Token]) -> str:
    """What is written in tokens, without marks, in one line."""
    return " ".join(" ".join(_written(token) for token in tokens).split())


def _written(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(_written(child) for child in token.children) if token.children else token.content


def _picture(path: str, alt: str) -> Picture:
    below = path.split("assets/", 1)[-1]
    return Picture(below, alt, *_size(root / "assets" / below))


def _size(path: Path) -> tuple[int, int]:
    """Width and height of a WebP, from its header, so that the page does not move when the picture comes."""
    try:
        with path.open("rb") as stream:
            header = stream.read(30)
    except OSError:
        return 0, 0
    if header[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", header[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if header[12:16] == b"VP8X":
        return 1 + int.from_bytes(header[24:27], "little"), 1 + int.from_bytes(header[27:30], "little")
    raise ValueError(f"{path.name}: expected a WebP picture, lossy or extended")
