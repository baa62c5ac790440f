"""The screens that an adviser turns to a client, and the letter, are read by people in their second language too."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

import pytest

from dash_app.components.markup import markup
from dash_app.views.report.letter import letter
from dash_app.views.scoring.form import form_state
from dash_app.views.scoring.result import credit, options, result_panel, waterfall

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from core.catalogue import Language
    from dash_app.service import LocalScoring

most_words: Final = 25
_clients: Final = 40
# What parts texts where no full stop does.
_parting: Final = {
    "p",
    "li",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "td",
    "th",
    "summary",
    "figcaption",
    "caption",
    "div",
    "span",
}


class Texts(HTMLParser):
    """The texts of a page, each of which is a sentence or several."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts = [""]
        # What an adviser opens for themselves: the figures that a reason is made of.
        self.feed(re.sub(r'<ul class="reason-help">.*?</ul>', "", page, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _parting:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _parting:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def sentences(page: str) -> set[str]:
    """What is said there, sentence by sentence; an amount with its unit is one word."""
    said = {sentence for text in Texts(page).texts for sentence in re.split(r"(?<=[.?!…])[ \n]+", text)}
    return {re.sub(r"(?<=\d)[\u00a0\u202f](?=[\d%€])", "", sentence).strip() for sentence in said}


def words(sentence: str) -> int:
    return len([word for word in re.split(r"[\s\u00a0\u202f]+", sentence) if re.search(r"\w", word)])


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_sentence_that_a_client_reads_is_longer_than_25_words(
    local: LocalScoring, speaking: Callable[[str], AbstractContextManager[None]], lang: Language
) -> None:
    said: set[str] = set()
    with speaking(lang):
        for line in local.clients(limit=_clients).clients:
            values = local.client(line.client_id).features
            now = local.assess(values, lang)
            state = form_state.opened(values, now)
            assert state.outcome is not None
            shown = [
                result_panel.banner(state.outcome),
                result_panel.reasons(now),
                result_panel.other_reasons(now),
                credit.panel(values),
                waterfall.waterfall(now),
                letter(line.client_id, values, now, now.recourse, datetime(2026, 11, 23, tzinfo=UTC)),
                options.panel(now.recourse),
            ]
            said |= {sentence for part in shown for sentence in sentences(markup(part))}
    assert len(said) > _clients
    assert {sentence: words(sentence) for sentence in said if words(sentence) > most_words} == {}
