"""Components written as HTML: what is text stays text, whatever it holds."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st

from dash_app.components.marks import aria, data
from dash_app.components.markup import Drawn, markup


class Reading(HTMLParser):
    """What a browser takes from a text: tags with their attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_names_are_those_of_html() -> None:
    written = markup(
        html.Div(
            [html.Label("A", htmlFor="b"), html.Th(3, scope="col", className="number"), None, html.Br()],
            id="x",
            hidden=True,
            tabIndex=-1,
            style={"--from": "3%", "flexGrow": 2},
            **aria(label="said"),
            **data(key="k"),
        )
    )
    assert written == (
        '<div aria-label="said" data-key="k" hidden id="x" style="--from:3%;flex-grow:2" tabindex="-1">'
        '<label for="b">A</label><th class="number" scope="col">3</th><br></div>'
    )


def test_drawings_are_called_as_svg_calls_them() -> None:
    line = Drawn("line", {"class": "a", "x1": '0"'})
    parts: list[Any] = [Drawn("svg", {"viewBox": "0 0 1 1"}, (line,)), "<svg>"]
    assert (
        markup(html.Div(parts))
        == '<div><svg viewBox="0 0 1 1"><line class="a" x1="0&quot;"></line></svg>&lt;svg&gt;</div>'
    )


def test_nothing_is_nothing() -> None:
    assert markup(None) == ""
    assert markup([]) == ""
    assert markup(html.Div(hidden=False)) == "<div></div>"


@given(st.text(), st.text())
def test_no_text_becomes_a_tag_or_leaves_its_attribute(text: str, name: str) -> None:
    read = Reading(markup(html.P(text, title=name)))
    assert [tag for tag, _attributes in read.tags] == ["p"]
    plain = [each.replace("\r\n", "\n").replace("\r", "\n") for each in (read.words, text)]
    assert plain[0] == plain[1]
    assert read.tags[0][1]["title"] == name


@pytest.mark.parametrize("content", [dcc.Store(id="x"), html.Div([dcc.Graph()]), object()])
def test_what_needs_javascript_is_not_html(content: Any) -> None:
    with pytest.raises(TypeError):
        markup(content)


def test_an_attribute_that_runs_something_is_refused() -> None:
    with pytest.raises(ValueError, match="n_clicks"):
        markup(html.Button("x", n_clicks=1))
