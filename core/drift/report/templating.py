"""The templates of the report, filled in by Jinja, which escapes every text that comes in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_folder: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption, whose first column names the rows; a cell is text, or `Markup` where it is HTML."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def rendered(template: str, **values: object) -> str:
    """A template filled in.

    Raises:
        jinja2.TemplateError: for a template that is not there, and a value that it names and that is not given.
    """
    return _environment().get_template(template).render(values)


def chart(kind: str, **geometry: object) -> Markup:
    """A chart of `charts.html`, one of its macros. Raises `AttributeError` for another `kind`."""
    drawn: Markup = getattr(_environment().get_template("charts.html").module, kind)(**geometry)
    return drawn


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
