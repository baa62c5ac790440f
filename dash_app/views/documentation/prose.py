"""Prose of the documentation: headings that can be linked to, paragraphs, pictures with captions, code to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dash
from dash import dcc, html

from dash_app import addresses
from dash_app.components.marks import aria, data, icon, unseen
from dash_app.i18n import _
from dash_app.views.documentation.markdown import CodeBlock, Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.catalogue import Language
    from dash_app.views.documentation.markdown import Block, Chapter

_headings: Final = {2: html.H2, 3: html.H3, 4: html.H4}


def shown(chapters: Sequence[Chapter], lang: Language | None = None) -> list[Component]:
    """The chapters, each a section of its own; `lang` where they are not in the reader's language."""
    language: dict[str, Any] = {"lang": lang} if lang else {}
    return [_chapter(chapter, language) for chapter in chapters if chapter.blocks or chapter.level > 1]


def heading(title: str, place: str, level: int = 2) -> Component:
    """A heading with a link to itself."""
    link = html.A(
        [html.Span("#", **aria(hidden="true")), unseen(_("Link to “{title}”", title=title))],
        href=f"#{place}",
        className="anchor",
    )
    return _headings[level]([html.Span(title), link], className="doc-heading")


def code(text: str, language: str, name: str) -> Component:
    """Code, with a button that copies it.

    Args:
        language: shown above it, such as `Python`.
        name: what it is, for those who do not see it.
    """
    return html.Div(
        [
            html.Div(
                [
                    html.Span(language, className="code-language"),
                    html.Button(
                        [html.Span(_("Copy"), className="copy-words"), unseen(name)],
                        type="button",
                        className="copy",
                        **data(action="copy-code", done=_("Copied")),
                    ),
                ],
                className="code-head",
            ),
            html.Pre(html.Code(text), tabIndex=0, role="region", **aria(label=f"{name} · {language}")),
        ],
        className="code",
    )


def prose(text: str) -> Component:
    """Markdown; links that begin with `/` lead to pages of ours, wherever the dashboard is served."""
    return dcc.Markdown(text.replace("](/", f"]({addresses.at('/')}"), className="prose", link_target="_self")


def _chapter(chapter: Chapter, language: dict[str, Any]) -> Component:
    head = [heading(chapter.title, chapter.anchor, min(chapter.level, 4))] if chapter.level > 1 else []
    return html.Section(
        [*head, *(_block(block, chapter.title) for block in chapter.blocks)],
        id=chapter.anchor,
        className=f"chapter chapter-{chapter.level}",
        **language,
    )


def _block(block: Block, title: str) -> Component:
    if isinstance(block, Picture):
        return _picture(block)
    if isinstance(block, CodeBlock):
        return code(block.text, _language_names.get(block.language, block.language), title)
    return prose(block.text)


def _picture(picture: Picture) -> Component:
    if not picture.width:
        return html.P([icon("info-circle"), f" {picture.alt}"], className="picture-missing muted small")
    return html.Figure(
        html.Img(
            src=str(dash.get_asset_url(picture.path)),  # type: ignore[no-untyped-call]
            alt=picture.alt,
            width=picture.width,
            height=picture.height,
        ),
        className="screenshot",
    )


_language_names: Final = {"sh": "Terminal", "console": "Terminal", "python": "Python", "json": "JSON", "": ""}
