"""The application as a server: what it answers, what it refers to, and what it carries."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import dash
import pytest
from dash.development.base_component import Component

from core.settings import root
from dash_app import asset_addresses
from dash_app.shell import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dash import Dash
    from flask.testing import FlaskClient


# Of scripts and style sheets, unpacked: what the first page may load.
max_code_bytes: Final = 1_500_000


@pytest.fixture
def browser(dashboard: Dash) -> FlaskClient:
    client: FlaskClient = dashboard.server.test_client()
    return client


def test_it_is_healthy(browser: FlaskClient) -> None:
    answer = browser.get("/health")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "healthy"


@pytest.mark.parametrize(("lang", "skip"), [("fr", "Aller au contenu"), ("en", "Skip to the content")])
def test_the_page_declares_its_language(browser: FlaskClient, lang: str, skip: str) -> None:
    browser.set_cookie("lang", lang)
    page = browser.get("/").text
    assert f'<html lang="{lang}"' in page
    assert skip in page


def test_the_page_starts_in_the_theme_that_was_chosen(browser: FlaskClient) -> None:
    browser.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in browser.get("/").text


def test_titles_are_in_the_language_of_the_reader(browser: FlaskClient) -> None:
    browser.set_cookie("lang", "fr")
    assert "<title>Dérive · Home Credit Workbench</title>" in browser.get("/drift").text


def sources(page: str) -> set[str]:
    without_configuration = re.sub(r'<script id="_dash-config".*?</script>', "", page, flags=re.DOTALL)
    return set(re.findall(r'(?:src|href)="([^"]+)"', without_configuration))


def test_everything_comes_from_here(browser: FlaskClient) -> None:
    referred = sources(browser.get("/").text)
    assert len(referred) > 10
    for source in referred:
        assert re.match(r"^(/(?!/)|#)", source), source
        if source != "#main":
            with browser.get(source) as answer:
                assert answer.status_code == 200, source


def test_the_script_of_figures_is_kept_at_an_address_of_its_content(browser: FlaskClient) -> None:
    named = re.search(r'data-plotly="([^"]+)"', browser.get("/").text)
    assert named is not None
    with browser.get(named[1]) as answer:
        assert answer.data == files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
        assert sha256(answer.data).hexdigest()[:16] in named[1]
        assert answer.cache_control.max_age == 365 * 24 * 3600
        assert not answer.cache_control.no_store


def test_scripts_and_style_sheets_are_kept_at_addresses_of_their_content(browser: FlaskClient) -> None:
    ours = {source for source in sources(browser.get("/").text) if source.startswith("/assets/")}
    assert {source for source in ours if "?" not in source} == {
        "/assets/favicon.svg",
        "/assets/fonts/inter-latin-opsz-normal.woff2",
    }
    for source in ours:
        with browser.get(source) as answer:
            path, _, version = source.partition("?v=")
            assert not version or sha256(answer.data).hexdigest().startswith(version), source
            assert answer.cache_control.max_age == (365 if version else 1) * 24 * 3600
            assert not answer.cache_control.no_cache
        # Asked for under the address of another version, which may run beside this one.
        with browser.get(f"{path}?v=0123456789abcdef") as answer:
            assert bool(answer.cache_control.no_cache) is bool(version), source


def test_a_page_is_there_while_its_files_are_changed_below_it(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "store.js").write_text("changed")
    monkeypatch.setattr(asset_addresses, "_folder", tmp_path)
    page = browser.get("/")
    assert page.status_code == 200
    assert f"/assets/js/store.js?v={sha256(b'changed').hexdigest()[:16]}" in page.text
    assert re.search(r"/assets/js/form\.js\?m=[\d.]+", page.text)
    # What is gone between the answer and its headers is kept by nobody.
    with browser.get("/assets/js/form.js") as answer:
        assert (answer.status_code, bool(answer.cache_control.no_cache)) == (200, True)


def test_the_page_carries_what_it_needs_and_no_more(browser: FlaskClient) -> None:
    code = {}
    for source in sources(browser.get("/").text):
        if re.search(r"\.(js|css)(\?|$)", source):
            with browser.get(source) as answer:
                code[source] = len(answer.data)
    assert len(code) > 20
    assert not [source for source in code if "polyfill" in source or "table" in source or "grid.min" in source]
    assert sum(code.values()) < max_code_bytes, code


def test_the_regenerator_that_dash_calls_is_there() -> None:
    """Without it no figure is drawn: Dash's parts that come when they are needed await themselves through it."""
    renderer = (Path(dash.__file__).parent / "dash-renderer" / "build" / "dash_renderer.min.js").read_text("utf-8")
    called = set(re.findall(r"regeneratorRuntime\.(\w+)", renderer))
    there = (root / "assets" / "regenerator" / "runtime.js").read_text(encoding="utf-8")
    assert called
    assert called <= set(re.findall(r"exports\.(\w+) = ", there))


@pytest.mark.parametrize(
    "path",
    sorted((root / "assets").rglob("*.css")) + sorted((root / "assets").rglob("*.js")),
    ids=lambda path: path.name,
)
def test_no_asset_loads_anything_from_elsewhere(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    loads = re.findall(
        r"(?:url\(|@import|fetch\(|import\(|src=|sendBeacon\()\s*[\"']?\s*(?:https?:)?//[^\s)\"']+", text
    )
    assert loads == []


def test_every_vendored_asset_comes_with_its_licence() -> None:
    for folder in ("fonts", "plotly", "regenerator"):
        assert (root / "assets" / folder / "LICENSE.txt").stat().st_size > 500
    for name in ("bootstrap", "icons"):
        assert (root / "assets" / "css" / f"{name}-LICENSE.txt").stat().st_size > 500


def test_every_icon_that_is_used_is_there() -> None:
    style = (root / "assets" / "css" / "icons.css").read_text(encoding="utf-8")
    there = set(re.findall(r"\.icon-([a-z0-9-]+) {", style))
    code = "".join(path.read_text(encoding="utf-8") for path in (root / "dash_app").rglob("*.py"))
    used = set(re.findall(r'icon\(\s*"([a-z0-9-]+)"', code)) | set(re.findall(r'icon="([a-z0-9-]+)"', code))
    assert used
    assert used <= there


def ids(component: object) -> Iterator[str]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from ids(each)
    elif isinstance(component, Component):
        if (given := getattr(component, "id", None)) is not None:
            yield given if isinstance(given, str) else json.dumps(given, sort_keys=True)
        yield from ids(getattr(component, "children", None))


@pytest.mark.usefixtures("french")
def test_no_id_stands_for_two_things() -> None:
    every = [frame.layout(), *(each["layout"]() for each in dash.page_registry.values())]
    counts = Counter(each for component in every for each in ids(component))
    assert len(counts) > 50
    assert [each for each, count in counts.items() if count > 1] == []


def test_a_page_module_imports_no_other() -> None:
    for path in (root / "dash_app" / "pages").glob("*.py"):
        assert not re.search(r"(import|from) dash_app\.pages", path.read_text(encoding="utf-8")), path


def test_pages_live_together_without_suppressed_errors(dashboard: Dash) -> None:
    assert dashboard.config.suppress_callback_exceptions is False
    assert [each["path"] for each in dash.page_registry.values() if "icon" in each] == [
        "/",
        "/comparison",
        "/simulation",
        "/drift",
        "/model",
        "/documentation",
    ]


@pytest.fixture(scope="module")
def started() -> dict[str, list[str]]:
    """What the dashboard is as it starts, in a process of its own: here Dash gathers the callbacks of every test."""
    code = """
import json, sys
import dash_app.wsgi
heavy = sorted({"pandas", "sklearn", "scipy.stats"} & set(sys.modules))
body = dash_app.wsgi.server.test_client().get("/_dash-dependencies").get_json()
print(json.dumps({"heavy": heavy, "outputs": [callback["output"] for callback in body]}))
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    read: dict[str, list[str]] = json.loads(ended.stdout.splitlines()[-1])
    return read


def test_it_starts_without_what_is_heavy(started: dict[str, list[str]]) -> None:
    """Pandas would add 100 MB to every worker, and the statistics of SciPy half a second to its start."""
    assert started["heavy"] == []


def test_no_callback_takes_the_place_of_another(started: dict[str, list[str]]) -> None:
    """Of those without an output Dash keeps, in silence, only one for the same inputs."""
    assert len(started["outputs"]) > 50
    assert [output for output, times in Counter(started["outputs"]).items() if times > 1] == []
