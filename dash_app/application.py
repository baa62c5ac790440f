"""The Dash application itself: its page frame in the reader's language and theme, its assets, its health route."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, cast

from dash import Dash, page_registry
from flask import Response, jsonify, redirect, request

from core import __version__
from core.settings import root
from dash_app import addresses, asset_addresses, i18n, plotly_script
from dash_app.access.asker import asker
from dash_app.access.origins import probes
from dash_app.i18n import _
from dash_app.shell.theme import theme_of_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as AnyResponse

product: Final = "Home Credit Workbench"
# What Dash puts into every page and none of ours needs: a polyfill of what all browsers of the last years have, and
# tables by DataTable. Of the polyfill Dash's own parts use one piece, the regenerator, which stands in `assets/`.
_unneeded_scripts: Final = ("/dash/deps/polyfill@", "/dash/dash_table/")
_one_year: Final = 365 * 24 * 3600

# The theme is settled before the first paint: the cookie's, else the system's, which the cookie then keeps so that
# figures drawn on the server agree with the page. Where people sign in, what the tab and the browser keep is each one's
# own, however the one before has left: drafts go, scenarios are put aside until their owner is back.
_frame_script: Final = """
      (function (html) {
        var kept = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
        var dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
        var theme = kept ? kept[1] : dark ? "dark" : "light";
        html.dataset.bsTheme = theme;
        html.dataset.sidebar = localStorage.getItem("sidebar") === "rail" ? "rail" : "open";
        document.cookie = "theme=" + theme + "; path=/; max-age=31536000; samesite=lax";
        var reader = html.dataset.reader;
        if ((sessionStorage.getItem("reader") || "") !== reader) {
          sessionStorage.clear();
          sessionStorage.setItem("reader", reader);
        }
        var last = localStorage.getItem("reader");
        if (last !== null && last !== reader) {
          ["scenarios-kept", "scenarios-kept-timestamp"].forEach(function (name) {
            var theirs = localStorage.getItem(name), own = localStorage.getItem(name + "@" + reader);
            if (theirs !== null) localStorage.setItem(name + "@" + last, theirs);
            if (own === null) localStorage.removeItem(name);
            else localStorage.setItem(name, own);
            localStorage.removeItem(name + "@" + reader);
          });
        }
        localStorage.setItem("reader", reader);
      })(document.documentElement);
    """
_frame: Final = """<!DOCTYPE html>
<html lang="[[lang]]" data-bs-theme="[[theme]]" data-reader="[[reader]]" data-plotly="[[plotly]]">
  <head>
    {%metas%}
    <meta name="color-scheme" content="light dark">
    <title>{%title%}</title>
    <link rel="icon" href="[[assets]]favicon.svg" type="image/svg+xml">
    <link rel="preload" href="[[assets]]fonts/inter-latin-opsz-normal.woff2" as="font" type="font/woff2" crossorigin>
    <script>[[script]]</script>
    {%css%}
  </head>
  <body>
    <a class="skip" href="#main">[[skip]]</a>
    {%app_entry%}
    <footer hidden>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>
"""


class Workbench(Dash):
    """Dash with everything served from here, and a page frame that knows the reader."""

    def __init__(self, name: str, on_error: Callable[[Exception], Any], base_path: str = "/") -> None:
        super().__init__(
            name,
            url_base_pathname=base_path,
            title=product,
            update_title=cast("str", None),
            assets_folder=str(root / "assets"),
            use_pages=True,
            external_stylesheets=[],
            external_scripts=[],
            serve_locally=True,
            suppress_callback_exceptions=False,
            include_pages_meta=False,
            index_string=_frame,
            meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
            on_error=on_error,
        )
        self.server.config[addresses.base_path] = base_path
        # Probes ask the service itself, not the proxy before it.
        for path in probes:
            self.server.add_url_rule(path, "health", _health)
        self.serve("/language/<lang>", _choose_language)
        self.server.after_request(asset_addresses.keep)
        if base_path != "/":
            self.server.add_url_rule("/", "base", lambda: redirect(base_path))

    def serve(self, path: str, view: Callable[..., Any], methods: tuple[str, ...] = ("GET",)) -> None:
        """Answers requests for a path of ours, below the one under which the dashboard is served."""
        with self.server.app_context():
            self.server.add_url_rule(addresses.at(path), view.__name__.strip("_"), view, methods=methods)

    @property
    def inline_scripts(self) -> tuple[str, ...]:
        """The digests of the scripts that stand in the page itself, as a Content-Security-Policy names them."""
        ours = _frame_script.encode()
        return (f"'sha256-{b64encode(sha256(ours).digest()).decode()}'", *self.csp_hashes())

    def interpolate_index(self, **kwargs: Any) -> str:  # type: ignore[override]
        """The HTML of the first answer."""
        filled = {
            "[[script]]": _frame_script,
            "[[lang]]": i18n.language(),
            "[[theme]]": theme_of_reader(),
            "[[reader]]": who.word if (who := asker()) and who.assertion else "",
            "[[plotly]]": addresses.at(plotly_script.path()),
            "[[assets]]": str(self.get_asset_url("")),
            "[[skip]]": _("Skip to the content"),
        }
        ours = {
            "title": _title(),
            "css": asset_addresses.of_content(kwargs["css"]),
            "scripts": asset_addresses.of_content(_needed(kwargs["scripts"])),
        }
        page = str(super().interpolate_index(**kwargs | ours))  # type: ignore[no-untyped-call]
        for slot, text in filled.items():
            page = page.replace(slot, text)
        return page


def _needed(scripts: str) -> str:
    """The lines of Dash's scripts, without those that no page needs."""
    lines = scripts.splitlines(keepends=True)
    return "".join(line for line in lines if not any(mark in line for mark in _unneeded_scripts))


def _title() -> str:
    shown = next((page for page in page_registry.values() if page["path"] == addresses.page_of(request.path)), None)
    return str(shown["title"]()) if shown else product


def _health() -> Response:
    return jsonify(status="healthy", version=__version__)


def _choose_language(lang: str) -> AnyResponse:
    response = redirect(addresses.safe(request.args.get("next")))
    if lang in i18n.languages:
        response.set_cookie(
            i18n.cookie, lang, max_age=_one_year, samesite="Lax", path="/", secure=request.is_secure, httponly=True
        )
    return response
