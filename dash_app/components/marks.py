"""The smallest pieces: icons, links that do not reload, text for ears only, notices, heads of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dash import html

from dash_app.addresses import at
from dash_app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dash.development.base_component import Component


def aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes, as components take them: `aria(label="x")`."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def data(**attributes: str) -> dict[str, Any]:
    """Data attributes, as components take them; the style sheets and scripts of `assets/` read them."""
    return {f"data-{name}": value for name, value in attributes.items()}


def icon(name: str, class_name: str = "") -> Component:
    """An icon of `assets/css/icons.css`; a word always stands beside it, so it is silent."""
    return html.Span(className=f"icon icon-{name} {class_name}".strip(), **aria(hidden="true"))


def unseen(text: str) -> Component:
    """Text for screen readers only."""
    return html.Span(text, className="unseen")


def link(children: Any, href: str, **attributes: Any) -> Component:
    """A link to a path of the dashboard: changes the page without loading it anew (see `assets/js/navigation.js`)."""
    return html.A(children, href=at(href), **(data(link="page") | attributes))


def outer_link(children: Sequence[Any], href: str, **attributes: Any) -> Component:
    """A link to another service, in a tab of its own."""
    mark = [icon("box-arrow-up-right", "outer"), unseen(_("(opens in a new tab)"))]
    return html.A([*children, *mark], href=href, target="_blank", rel="noopener noreferrer", **attributes)


_notice_icons = {"against": "exclamation-triangle-fill", "for": "check-circle-fill", "plain": "info-circle"}


def notice(
    title: str, children: Any = None, tone: Literal["against", "for", "plain"] = "against", **attributes: Any
) -> Component:
    """A message in the flow of the page: what happened, and what can be done."""
    words: list[Component] = [html.P(title, className="notice-title")]
    if children is not None:
        words.append(html.Div(children, className="notice-text"))
    return html.Div(
        [icon(_notice_icons[tone], "notice-icon"), html.Div(words)], className=f"notice notice-{tone}", **attributes
    )


def skeleton(*widths: str, class_name: str = "") -> Component:
    """Grey bars where text will stand, one per width (CSS), so that nothing moves when it comes."""
    return html.Div(
        [html.Span(className="bone", style={"width": width}) for width in widths],
        className=f"skeleton {class_name}".strip(),
        **aria(hidden="true"),
    )


def head(names: Sequence[str], numbers: Collection[int] = ()) -> html.Thead:
    """One row of column names, in words; `numbers` has the places of those over numbers, which stand to the right."""
    cells = [
        html.Th(name, scope="col", className="number" if place in numbers else None) for place, name in enumerate(names)
    ]
    return html.Thead(html.Tr(cells))
