"""The page that somebody sees who is not let in, or has left: without scripts, in the reader's language and theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, render_template_string

from dash_app import addresses, i18n
from dash_app.i18n import _
from dash_app.shell.theme import theme_of_reader

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_page: Final = """<!DOCTYPE html>
<html lang="{{ lang }}" data-bs-theme="{{ theme }}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{ title }}</title>
    <link rel="icon" href="{{ assets }}/favicon.svg" type="image/svg+xml">
    {% for name in ("00-elements", "01-tokens", "02-base", "04-components", "11-access") %}
    <link rel="stylesheet" href="{{ assets }}/css/{{ name }}.css">
    {% endfor %}
  </head>
  <body>
    <main class="door">
      <h1>{{ title }}</h1>
      <p>{{ text }}</p>
      <p><a class="button button-primary" href="{{ login }}">{{ again }}</a></p>
    </main>
  </body>
</html>
"""


def refusal(text: str, status: int) -> AnyResponse:
    """A page with one sentence and the way to sign in."""
    page = render_template_string(
        _page,
        lang=i18n.language(),
        theme=theme_of_reader(),
        title="Home Credit Workbench",
        text=text,
        again=_("Sign in"),
        login=addresses.at("/login"),
        assets=addresses.at("/assets"),
    )
    return Response(page, status, mimetype="text/html")
