"""The colours of the figures are those of the style sheet, and can be read."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from core.settings import root
from dash_app.shell.theme import ThemeName, themes

tokens = (root / "assets" / "css" / "01-tokens.css").read_text(encoding="utf-8")


def declared(theme: ThemeName) -> dict[str, str]:
    block = tokens.partition(f'[data-bs-theme="{theme}"] {{')[2].partition("}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
class TestTheme:
    def test_figures_and_style_sheet_agree(self, theme: ThemeName) -> None:
        css = declared(theme)
        names = {"supports": "for", "supports_soft": "for-soft"}
        for field in fields(themes[theme]):
            if field.name != "font":
                assert getattr(themes[theme], field.name) == css[names.get(field.name, field.name.replace("_", "-"))]

    def test_text_stands_out_as_wcag_asks(self, theme: ThemeName) -> None:
        css = declared(theme)
        for ground in ("canvas", "surface", "sunken", "hover"):
            for ink in ("ink", "ink-soft", "ink-muted"):
                assert contrast(css[ink], css[ground]) >= 4.5, (ink, ground)
        for ink, ground in (
            ("for", "surface"),
            ("for", "for-soft"),
            ("against", "surface"),
            ("against", "against-soft"),
            ("button-ink", "button"),
            ("button-ink", "button-hover"),
        ):
            assert contrast(css[ink], css[ground]) >= 4.5, (ink, ground)

    def test_edges_of_controls_and_shapes_of_figures_stand_out(self, theme: ThemeName) -> None:
        css = declared(theme)
        for edge in ("line-strong", "focus", "data", "second"):
            assert contrast(css[edge], css["surface"]) >= 3, edge
