"""What all workers of the dashboard need alike: imported and read once, before they are forked from one process."""

from __future__ import annotations

import pkgutil
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import flask.testing  # noqa: F401 - of the request that each worker makes of itself (`dash_app.wsgi`)
import plotly.io.json  # noqa: F401 - Dash imports it with its first answer

from dash_app import i18n, views
from dash_app.views.documentation import calls, markdown, sections

if TYPE_CHECKING:
    from collections.abc import Callable


def load() -> None:
    """Imports all views, and reads the messages of each language and the texts that Dash's look at all pages asks for.

    No application is made, no thread started, and neither LightGBM nor Polars run: a fork survives none of these.
    """
    for module in pkgutil.walk_packages(views.__path__, f"{views.__name__}."):
        import_module(module.name)
    for language in i18n.languages:
        i18n.translations(language)
    names = [section.text for section in sections.sections if section.text]
    texts: list[Callable[[], object]] = [partial(markdown.text, name, i18n.default_language) for name in names]
    for read in [*texts, markdown.changelog, calls.guide]:
        # The page of a text that is missing says so.
        with suppress(markdown.TextMissing):
            read()
