"""Tables and headings as HTML; every text that comes in is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, content: str, **attributes: str) -> Markup:
    """An element around a text, which is escaped unless it is `Markup`."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{given}>{text(content)}</{name}>")


def text(content: str) -> Markup:
    """The text escaped; `Markup` as it is."""
    return content if isinstance(content, Markup) else Markup(escape(content))


def together(*parts: str) -> Markup:
    """The parts one after the other, each escaped unless it is `Markup`."""
    return Markup("".join(text(each) for each in parts))


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table with a caption, whose first column names the rows; wide ones scroll on their own."""
    head = together(*(element("th", each, scope="col") for each in heads))
    body = together(
        *(
            element("tr", together(element("th", row[0], scope="row"), *(element("td", each) for each in row[1:])))
            for row in rows
        )
    )
    whole = together(element("caption", caption), element("thead", element("tr", head)), element("tbody", body))
    return element("div", element("table", whole), class_="wide", tabindex="0", role="region", aria_label=caption)


def listed(items: Sequence[str]) -> Markup:
    """A list."""
    return element("ul", together(*(element("li", each) for each in items)))


def folded(summary: str, content: str) -> Markup:
    """A part that opens on demand."""
    return element("details", together(element("summary", summary), text(content)))
