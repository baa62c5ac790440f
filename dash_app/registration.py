"""The registration of pages, with name, icon and title; what is said of a page is translated where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash

from dash_app.application import product
from dash_app.i18n import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component


def register_page(module: str, path: str, *, name: str, order: int, icon: str) -> None:
    """Registers the page of a module.

    Args:
        module: its `__name__`.
        path: its address, from `dash_app.addresses`.
        name: msgid of its name, marked with `i18n.mark`.
        order: its place in the navigation.
        icon: its icon in the navigation.
    """

    def title(**_variables: str) -> str:
        return f"{translated(name)} · {product}"

    dash.register_page(module, path=path, name=name, title=title, order=order, icon=icon)  # type: ignore[no-untyped-call]


def register_part(module: str, path: str, *, name: str, whole: str, layout: Callable[..., Component]) -> None:
    """Registers a part of a page with an address and a title of its own, and no place in the navigation.

    Args:
        module: a name that no module has.
        path: its address, below that of the page.
        name: msgid of its name, marked with `i18n.mark`.
        whole: msgid of the name of the page.
        layout: of the part.
    """

    def title(**_variables: str) -> str:
        return f"{translated(name)} · {translated(whole)} · {product}"

    dash.register_page(module, path=path, name=name, title=title, layout=layout)  # type: ignore[no-untyped-call]
