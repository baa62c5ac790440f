"""The page: whole in itself, in both languages, readable without colours and without eyes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import polars as pl
import pytest

from core import catalogue
from core.catalogue import Language
from core.drift.compare import compare
from core.drift.report.page import page
from core.drift.results.drift_report import DriftReport, Side
from core.scoring import Scorer
from core.text.drift import words


class Reader(HTMLParser):
    """Collects what the tests ask for."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "path", "rect", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def count(self, name: str) -> int:
        return sum(tag == name for tag, _ in self.tags)

    @property
    def words(self) -> str:
        return re.sub("[ \n]+", " ", " ".join(self.text))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_needs_nothing_else(alarming: DriftReport, lang: Language) -> None:
    content = page(alarming, lang)
    read = Reader(content)
    assert read.open == []
    assert len(content) < 2_000_000
    assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "iframe", "base", "object"}
    assert not re.search(rb"https?:|@import|url\((?!#)", content)
    assert ("html", {"lang": lang}) in read.tags
    assert b"prefers-color-scheme: dark" in content


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_it_can_be_read_without_eyes(alarming: DriftReport, lang: Language) -> None:
    read = Reader(page(alarming, lang))
    assert read.count("caption") == read.count("table") > 5
    charts = [given for tag, given in read.tags if tag == "svg" and given.get("aria-hidden") is None]
    assert len(charts) > 3
    assert all(given["role"] == "img" and len(given["aria-label"] or "") > 20 for given in charts)
    assert all(given.get("scope") in ("row", "col") for tag, given in read.tags if tag == "th")
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_it_says_what_was_found_in_the_reader_s_language(alarming: DriftReport) -> None:
    french, english = (Reader(page(alarming, lang)).words for lang in ("fr", "en"))
    assert "⚠ Alerte" in french
    assert "● forte" in french
    assert "Score externe" in french
    assert "rare ou jamais vu (0,0\u00a0% → 100,0\u00a0%)" in french
    assert "⚠ Alert" in english
    assert "● major" in english
    assert "rare or never seen (0.0% → 100.0%)" in english
    # No word of one language in the other.
    only_french = [
        french for key, french in words.of("fr").items() if french != words.of("en")[key] and "{" not in french
    ]
    assert not [each for each in only_french if len(each) > 12 and each in english]


def test_every_column_that_drifts_is_opened_up(report: DriftReport) -> None:
    read = Reader(page(report, "en"))
    assert read.count("h3") == len(report.drifted)
    for each in report.drifted:
        assert each.name in read.words
    assert "No alert" in read.words
    assert catalogue.column("NAME_CONTRACT_TYPE").code_label("Revolving loans", "en") in read.words


def test_what_could_not_be_read_is_said(report: DriftReport) -> None:
    side = Side("test", 3, "rows", synthetic=True, unreadable={"AMT_CREDIT": 12}, broken=1)
    words = Reader(page(replace(report, current=side, not_compared=("SHOE_SIZE",)), "en")).words
    assert "AMT_CREDIT: 12 values that cannot be used" in words
    assert "1 malformed lines" in words
    assert "SHOE_SIZE" in words
    assert "synthetic" in words


def test_names_from_outside_are_text_and_nothing_else(train: pl.DataFrame) -> None:
    odd = train.with_columns(NAME_HOUSING_TYPE=pl.lit("<script>alert(1)</script>"))
    content = page(compare(odd, train, names=("<b>$x</b>", "a & b")), "en")
    assert b"<script" not in content
    assert b"<b>" not in content
    assert b"a &amp; b" in content
    assert b"&lt;b&gt;$x&lt;/b&gt;" in content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in content


def test_columns_that_hold_nothing_have_a_page_too(train: pl.DataFrame, scorer: Scorer) -> None:
    few = train.head(200)
    gone = few.with_columns(
        AMT_CREDIT=pl.lit(None, pl.Float64), AMT_ANNUITY=pl.lit(5.0), CODE_GENDER=pl.lit(None, pl.String)
    )
    for lang in ("fr", "en"):
        assert page(compare(few, gone, scorer=scorer), lang)
        assert page(compare(gone, few, scorer=scorer), lang)
