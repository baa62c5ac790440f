"""The catalogues of `core` and `api`: every key in both languages, with the same parts, in good French."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from api.http import messages as of_api
from core.text import drift, messages

if TYPE_CHECKING:
    from core.text.translations import Sentences

catalogues = pytest.mark.parametrize(
    "sentences", [messages.sentences, drift.words, of_api.sentences], ids=["core", "drift", "api"]
)


def parts(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}


@catalogues
def test_every_key_has_a_sentence_with_the_same_parts_in_both_languages(sentences: Sentences) -> None:
    french, english = sentences.of("fr"), sentences.of("en")
    assert len(french) > 50
    assert french.keys() == english.keys()
    for key in french:
        assert french[key], key
        assert english[key], key
        assert parts(french[key]) == parts(english[key]), key


@catalogues
def test_french_has_its_spaces_and_its_apostrophe(sentences: Sentences) -> None:
    for key, text in sentences.of("fr").items():
        assert not re.search(r"(?<![\u00a0\u202f])[;?!]|(?<![\u00a0\u202f\w}])[:]|« | »", text), key
        assert "'" not in text, key


@catalogues
def test_an_unknown_key_or_part_is_an_error(sentences: Sentences) -> None:
    with pytest.raises(KeyError):
        sentences.fill("no such key", "en", {})
    key = next(key for key, text in sentences.of("en").items() if parts(text))
    with pytest.raises(KeyError):
        sentences.fill(key, "en", {})
