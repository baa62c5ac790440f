"""The theme: colours that figures need on the server, those of `assets/css/01-tokens.css`, light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from flask import request

ThemeName = Literal["light", "dark"]
_cookie: Final = "theme"


@dataclass(frozen=True, slots=True)
class Theme:
    """A palette; names as in the style sheet, where a test compares the two."""

    surface: str
    sunken: str
    line: str
    line_strong: str
    ink: str
    ink_muted: str
    supports: str
    supports_soft: str
    against: str
    against_soft: str
    data: str
    data_soft: str
    second: str

    font: str = "Inter, system-ui, sans-serif"


themes: Final[dict[ThemeName, Theme]] = {
    "light": Theme(
        surface="#ffffff",
        sunken="#f0f2f5",
        line="#e1e5ea",
        line_strong="#858e9c",
        ink="#12161f",
        ink_muted="#5a6474",
        supports="#1a56c4",
        supports_soft="#e8effc",
        against="#b23c0c",
        against_soft="#fdeee6",
        data="#7d8aa0",
        data_soft="#d8dee7",
        second="#7a3ea8",
    ),
    "dark": Theme(
        surface="#141920",
        sunken="#1a2029",
        line="#262e3a",
        line_strong="#6f7b8d",
        ink="#eceff4",
        ink_muted="#98a3b3",
        supports="#82acff",
        supports_soft="#16243f",
        against="#ff9a6b",
        against_soft="#341d12",
        data="#71819a",
        data_soft="#2e3948",
        second="#c79bff",
    ),
}


def theme_of(name: str | None) -> Theme:
    """The palette that the browser names; the light one where it names none."""
    return themes["dark" if name == "dark" else "light"]


def theme_of_reader() -> ThemeName:
    """The theme that the reader's cookie names; light where it names none."""
    return "dark" if request.cookies.get(_cookie) == "dark" else "light"
