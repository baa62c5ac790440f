"""Registers a page with its name, icon and title; what is said of it is translated where it is shown."""

from __future__ import annotations

import dash

from dash_app.application import product
from dash_app.i18n import translated


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
