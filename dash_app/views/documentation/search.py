"""The search in all texts of the documentation, and the glossary, for words in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.catalogue import glossary
from core.catalogue.glossary import features_table
from dash_app import addresses
from dash_app.components.marks import link
from dash_app.i18n import _, language, plural
from dash_app.views.documentation import sections
from dash_app.views.documentation.markdown import TextMissing, changelog, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dash.development.base_component import Component

    from core.catalogue import Language
    from dash_app.views.documentation.markdown import Chapter

fewest_letters: Final = 2
_max_chapters: Final = 6
_max_terms: Final = 5
_excerpt: Final = 150


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that holds all words.

    Attributes:
        where: name of its section.
        excerpt: a line of it around the first word.
    """

    title: str
    where: str
    excerpt: str
    address: str


def search(words: str, lang: Language) -> tuple[Hit, ...]:
    """Places with all words: those with a word in their title first; empty for fewer than two letters."""
    terms = glossary.plain(words).split()
    if len("".join(terms)) < fewest_letters:
        return ()
    scored: list[tuple[int, int, Hit]] = []
    for section, chapter in _chapters(lang):
        title, body = glossary.plain(chapter.title), glossary.plain(chapter.words)
        if all(word in title or word in body for word in terms):
            in_title = sum(word in title for word in terms)
            scored.append((-in_title, len(scored), _hit(section, chapter, terms)))
    pages = [hit for _score, _place, hit in sorted(scored, key=lambda scored_hit: scored_hit[:2])[:_max_chapters]]
    return (*_sections(terms), *pages, *_terms(words, lang))


def results(words: str) -> tuple[list[Component], bool]:
    """What has been found, and whether there is nothing to be shown because nothing was asked."""
    if len("".join(glossary.plain(words).split())) < fewest_letters:
        return [], True
    hits = search(words, language())
    sentence = plural("{count} place", "{count} places", len(hits)) if hits else _("Nothing holds all these words.")
    listed = html.Ul(
        [
            html.Li(
                link(
                    [
                        html.Span(hit.where, className="hit-where"),
                        html.Span(hit.title, className="hit-title"),
                        html.Span(_marked(hit.excerpt, words), className="hit-excerpt"),
                    ],
                    hit.address,
                )
            )
            for hit in hits
        ]
    )
    return [html.P(sentence, className="hit-count", role="status"), *([listed] if hits else [])], False


def _sections(terms: Sequence[str]) -> Iterator[Hit]:
    for section in sections.sections:
        if all(word in glossary.plain(section.title) for word in terms):
            yield Hit(section.title, _("Section"), section.lead, section.path)


def _chapters(lang: Language) -> Iterator[tuple[sections.Section, Chapter]]:
    for section in sections.sections:
        try:
            chapters = text(section.text, lang) if section.text else ()
            chapters = changelog() if section is sections.changelog else chapters
        except TextMissing:
            continue
        for chapter in chapters:
            if chapter.blocks:
                yield section, chapter


def _hit(section: sections.Section, chapter: Chapter, terms: Sequence[str]) -> Hit:
    title = chapter.title if chapter.level > 1 else section.title
    place = chapter.anchor if chapter.level > 1 else ""
    return Hit(title, section.title, _around(chapter.words, terms), addresses.of_section(section.key, place))


def _terms(words: str, lang: Language) -> Iterator[Hit]:
    matches = glossary.search(glossary.terms(None), words, lang)
    for term in matches[:_max_terms]:
        entry = term.entry
        table = _("Computed") if term.table == features_table else catalogue.group_label(entry.group, lang)
        yield Hit(
            entry.label(lang),
            f"{sections.glossary.title} · {table}",
            f"{entry.name} · {entry.help(lang)}",
            addresses.of_term(term.table, entry.name),
        )


def _around(body: str, terms: Sequence[str]) -> str:
    """A piece of the text around the first of the words, cut between words."""
    bare = glossary.plain(body)
    places = [place for word in terms if (place := bare.find(word)) >= 0]
    start = max(min(places, default=0) - _excerpt // 3, 0)
    if start:
        start = body.find(" ", start) + 1
    piece = body[start : start + _excerpt]
    return ("… " if start else "") + piece.rsplit(" ", 1)[0] + (" …" if start + _excerpt < len(body) else "")


def _marked(excerpt: str, words: str) -> list[Component | str]:
    """The excerpt with the words marked, as they were typed."""
    patterns = [re.escape(word) for word in words.split()]
    parts = re.split(f"({'|'.join(patterns)})", excerpt, flags=re.IGNORECASE)
    return [html.Mark(part) if number % 2 else part for number, part in enumerate(parts) if part]
