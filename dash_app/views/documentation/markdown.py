"""The Markdown texts of the repository: chapters with anchors, and the paragraphs, pictures and code in them."""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.settings import root

if TYPE_CHECKING:
    from core.catalogue import Language

_fence: Final = re.compile(r"^```(\w*)\s*$")
_heading: Final = re.compile(r"^(#{1,4}) +(.+?)\s*$")
_image: Final = re.compile(r"^!\[(?P<alt>[^\]]+)\]\((?P<path>[^)\s]+)\)$")
_marks: Final = re.compile(
    r"`|\*\*|\*|\[([^\]]*)\]\([^)]*\)|<(https?://[^>]+)>|^[-*|>] ?|\| ?(?:-+ ?\|)*", re.MULTILINE
)


class TextMissing(LookupError):
    """A text of the documentation does not come with this installation; the message names the file."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs, lists and tables, as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
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


Block = Prose | Code | Picture


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
        return " ".join(plain(each.text) for each in self.blocks if isinstance(each, Prose))


def text(name: str, lang: Language) -> tuple[Chapter, ...]:
    """The chapters of `docs/NAME.md` (English) or `docs/NAME.fr.md`. Raises `TextMissing`."""
    return _read(root / "docs" / (f"{name}.md" if lang == "en" else f"{name}.{lang}.md"))


def changelog() -> tuple[Chapter, ...]:
    """The chapters of the changelog, which is kept in English. Raises `TextMissing`."""
    return _read(root / "CHANGELOG.md")


def chapters(markdown: str) -> tuple[Chapter, ...]:
    """Splits a Markdown text at its headings; a title that comes again has a number in its anchor."""
    found: list[Chapter] = []
    level, title, lines = 1, "", list[str]()
    taken: dict[str, int] = {}
    code = False

    def close() -> None:
        name = anchor(title)
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name}-{taken[name]}"
        found.append(Chapter(unique, title, level, _blocks(lines)))

    for line in markdown.splitlines():
        code ^= bool(line.startswith("```"))
        heading = None if code else _heading.match(line)
        if heading is None:
            lines.append(line)
            continue
        if title or any(each.strip() for each in lines):
            close()
        level, title, lines = len(heading[1]), heading[2], []
    close()
    return tuple(found)


def anchor(title: str) -> str:
    """A title as a part of an address: lower case, without accents, hyphens for all that is no letter or digit."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", title) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "-", bare.casefold()).strip("-") or "top"


def plain(markdown: str) -> str:
    """Prose without its marks, in one line."""
    return " ".join(_marks.sub(lambda found: found[1] or found[2] or " ", markdown).split())


@lru_cache(maxsize=16)
def _parsed(path: Path, _written: int) -> tuple[Chapter, ...]:
    return chapters(path.read_text(encoding="utf-8"))


def _read(path: Path) -> tuple[Chapter, ...]:
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise TextMissing(path.name) from error


def _blocks(lines: list[str]) -> tuple[Block, ...]:
    found: list[Block] = []
    prose: list[str] = []
    code: list[str] | None = None
    language = ""
    for line in lines:
        fence = _fence.match(line)
        if code is not None:
            if fence:
                found.append(Code("\n".join(code), language))
                code = None
            else:
                code.append(line)
        elif fence:
            _keep(found, prose)
            code, language = [], fence[1]
        elif image := _image.match(line.strip()):
            _keep(found, prose)
            found.append(_picture(image["path"], image["alt"]))
        else:
            prose.append(line)
    _keep(found, prose)
    return tuple(found)


def _keep(found: list[Block], prose: list[str]) -> None:
    if joined := "\n".join(prose).strip():
        found.append(Prose(joined))
    prose.clear()


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
