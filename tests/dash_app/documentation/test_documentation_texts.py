"""The texts that the documentation shows: both languages alike, true to the interface, linked to what is there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import dash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import root
from dash_app import i18n
from dash_app.views.documentation import calls, markdown, programs
from dash_app.views.documentation.markdown import CodeBlock, Picture, Prose, TextMissing, anchor, chapters, plain, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from flask.testing import FlaskClient

names = ("user-guide", "model-notes", "accessibility")
# Emphasis in the guide that names nothing of the interface.
emphasis = {
    "fr": {"9 sur 100", "Écart", "raisons", "Et si le seuil était autre ?", "Et si la situation changeait ?"},
    "en": {"9 in 100", "Distance", "reasons", "What if the threshold were another?", "What if things changed?"},
}
emphasis["fr"] |= {"L’API ne répond pas", "MLflow ne répond pas"}
emphasis["en"] |= {"The API does not answer", "MLflow does not answer"}


def pictures(name: str, lang: str) -> list[Picture]:
    read = text(name, "en" if lang == "en" else "fr")
    return [block for chapter in read for block in chapter.blocks if isinstance(block, Picture)]


@pytest.mark.parametrize("name", names)
class TestTexts:
    def test_both_languages_are_built_alike(self, name: str) -> None:
        french, english = text(name, "fr"), text(name, "en")
        assert len(french) > 3
        shape = [[each.level, [type(block) for block in each.blocks]] for each in french]
        assert shape == [[each.level, [type(block) for block in each.blocks]] for each in english]
        rows = [[block.text.count("\n|") for block in each.blocks if isinstance(block, Prose)] for each in french]
        assert rows == [
            [block.text.count("\n|") for block in each.blocks if isinstance(block, Prose)] for each in english
        ]

    def test_french_has_its_spaces_and_apostrophes(self, name: str) -> None:
        written = (root / "docs" / f"{name}.fr.md").read_text(encoding="utf-8")
        bare = re.sub(r"`[^`]*`|\]\([^)]*\)|^[|\s:-]+$", "", written, flags=re.MULTILINE)
        assert re.findall(r"[^\n]*(?<![\u00a0|])(?<!\d)[:;?!%»](?![\[(])[^\n]*", bare.replace("![", "")) == []
        assert "'" not in bare

    @pytest.mark.parametrize("lang", i18n.languages)
    def test_every_picture_is_there_small_and_described(self, name: str, lang: str) -> None:
        shown = pictures(name, lang)
        for each in shown:
            assert each.path.endswith(f".{lang}.webp")
            assert (root / "assets" / each.path).stat().st_size < 150_000, each.path
            assert 300 < each.width < 2600
            assert len(each.alt) > 40
        assert bool(shown) == (name == "user-guide")

    @pytest.mark.usefixtures("dashboard")
    @pytest.mark.parametrize("lang", i18n.languages)
    def test_every_link_leads_to_a_page(self, name: str, lang: str) -> None:
        read = text(name, "en" if lang == "en" else "fr")
        prose = " ".join(block.text for each in read for block in each.blocks if isinstance(block, Prose))
        pages = {each["path"] for each in dash.page_registry.values()}
        assert {link for link in re.findall(r"\]\(([^)#?]+)", prose) if not link.startswith("http")} <= pages


@pytest.mark.parametrize("lang", i18n.languages)
def test_what_the_guide_names_in_bold_is_what_the_interface_says(
    speaking: Callable[[str], AbstractContextManager[None]], lang: str
) -> None:
    guide = text("user-guide", "en" if lang == "en" else "fr")
    prose = " ".join(block.text for each in guide for block in each.blocks if isinstance(block, Prose))
    named = set(re.findall(r"\*\*([^*]+)\*\*", prose))
    with speaking(lang):
        catalogue = i18n.translations("en" if lang == "en" else "fr")
        said = {str(each) for each in catalogue._catalog.values()}  # type: ignore[attr-defined]
    spoken = {each.replace("\u00a0", " ") for each in named}
    assert {each for each in spoken if each not in said} <= emphasis[lang]


def test_pictures_are_not_many_megabytes() -> None:
    assert sum(path.stat().st_size for path in (root / "assets" / "docs").iterdir()) < 3_000_000


def test_every_picture_in_the_folder_is_shown() -> None:
    shown = {picture.path for lang in i18n.languages for picture in pictures("user-guide", lang)}
    assert {f"docs/{path.name}" for path in (root / "assets" / "docs").iterdir()} == shown


class TestMarkdown:
    def test_chapters_blocks_and_anchors(self) -> None:
        read = chapters(
            "# Title\n\nLead.\n\n## À propos\n\nWords **bold** [link](/x).\n\n```sh\n# no heading\nls\n```\n\n"
            "![A cat](../assets/none.webp)\n\n## À propos\n\nAgain.\n"
        )
        assert [(each.level, each.anchor) for each in read] == [(1, "title"), (2, "a-propos"), (2, "a-propos-2")]
        assert read[1].blocks == (
            Prose("Words **bold** [link](/x)."),
            CodeBlock("# no heading\nls", "sh"),
            Picture("none.webp", "A cat", 0, 0),
        )
        assert read[1].words == "Words bold link."

    def test_titles_and_words_are_without_marks(self) -> None:
        read = chapters("# `run.py`\u00a0: *how*\n\n| a | b |\n| --- | --- |\n| `x`, | [y](/z) |\n\n1. One <b>.\n")
        assert [chapter.title for chapter in read] == ["run.py\u00a0: how"]
        assert read[0].words == "a b x, y One <b>."

    def test_anchors_differ_where_a_title_looks_like_another_s_number(self) -> None:
        assert [chapter.anchor for chapter in chapters("# A\n\n# A\n\n# A 2\n")] == ["a", "a-2", "a-2-2"]

    def test_a_missing_text_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(markdown, "root", tmp_path)
        with pytest.raises(TextMissing, match=r"user-guide\.fr\.md"):
            text("user-guide", "fr")
        with pytest.raises(TextMissing, match="CHANGELOG"):
            markdown.changelog()

    @given(st.text())
    def test_any_text_is_read(self, written: str) -> None:
        read = chapters(written)
        assert len({each.anchor for each in read}) == len(read)
        assert all(re.fullmatch(r"[a-z0-9-]+", each.anchor) for each in read)
        assert "\n" not in plain(written)

    def test_anchors_are_plain(self) -> None:
        assert anchor("Lire une décision, et l’expliquer !") == "lire-une-decision-et-l-expliquer"
        assert anchor("∞") == "top"


class TestCalls:
    @pytest.mark.parametrize("example", calls.examples, ids=lambda each: each.place)
    def test_the_python_of_each_example_asks_what_its_curl_asks(
        self,
        example: calls.Example,
        api_client: FlaskClient,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The code is run as it stands; only the network is replaced, by the real API."""
        from io import BytesIO
        from urllib import request as urllib
        from urllib.error import HTTPError

        def asked(wanted: urllib.Request) -> BytesIO:
            answer = api_client.open(
                wanted.full_url.removeprefix(calls.base),
                method=wanted.get_method(),
                data=wanted.data,
                headers=dict(wanted.header_items()),
            )
            if answer.status_code >= 400:
                raise HTTPError(wanted.full_url, answer.status_code, "", {}, BytesIO(answer.data))  # type: ignore[arg-type]
            return BytesIO(answer.data)

        monkeypatch.setattr(urllib, "urlopen", asked)
        found = calls.call(example)
        exec(compile(found.python, example.place, "exec"), {})  # noqa: S102 (the example is what is tested)
        printed = capsys.readouterr().out
        shown = json.loads(found.answer.replace('"…": "…"', '"…": 0'))
        for key in shown:
            if key != "…":
                assert f"'{key}'" in printed
        assert printed.startswith("400 ") == ("errors" in shown)

    def test_every_resource_is_one_of_the_api(self, api_client: FlaskClient) -> None:
        paths = json.loads(api_client.get("/openapi.json").data)["paths"]
        known = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
        for call, _says in programs.resources:
            bare = re.sub(r"\{\w+\}", "{}", call)
            assert bare in {re.sub(r"\{\w+\}", "{}", each) for each in known}, call
