"""Translations of the interface into the reader's language, chosen for each request."""

from __future__ import annotations

import gettext as stdlib_gettext
import io
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast, get_args

from babel.messages.mofile import write_mo
from flask import has_request_context, request

from core.catalogue import Language
from core.text.translations import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Request

languages: Final[tuple[Language, ...]] = get_args(Language)
default_language: Final[Language] = "fr"
cookie: Final = "lang"
page_header: Final = "X-Page-Language"
names: Final[dict[Language, str]] = {"fr": "Français", "en": "English"}
_locales: Final = Path(__file__).parent / "locales"
_written_in: ContextVar[Language | None] = ContextVar("written_in", default=None)


def mark(msgid: str) -> str:
    """Marks a msgid that is translated where it is shown, such as the name of a page."""
    return msgid


def language() -> Language:
    """The language of the current request: that of its page, of its cookie, of its browser, else French.

    Within `written_in`, the one that is named there.
    """
    chosen = _written_in.get()
    if chosen is not None:
        return chosen
    return language_of(request) if has_request_context() else default_language


@contextmanager
def written_in(lang: Language) -> Iterator[None]:
    """Has everything within it written in a language, whatever the reader's own: a document may be for others."""
    token = _written_in.set(lang)
    try:
        yield
    finally:
        _written_in.reset(token)


def language_of(incoming: Request) -> Language:
    """The language of one request.

    A page says in each of its requests in which language it was written (`assets/js/requests.js`): what was typed
    there is read in that one, whatever another tab has chosen since. The cookie is for pages still to be written.
    """
    return next((lang for wish in _wishes(incoming) for lang in languages if lang == wish), default_language)


def _wishes(incoming: Request) -> Iterator[str | None]:
    """What says which language is wanted, the first that counts first: the others are not looked at."""
    yield incoming.headers.get(page_header)
    yield incoming.cookies.get(cookie)
    yield incoming.accept_languages.best_match(languages)


def _(msgid: str, /, **parts: object) -> str:
    """The msgid in the language of the request, its `{parts}` filled in."""
    return translations(language()).gettext(msgid).format(**parts)


def translated(msgid: str) -> str:
    """The msgid that `mark` has marked elsewhere, in the language of the request."""
    return translations(language()).gettext(msgid)


def plural(one: str, many: str, count: float, /, **parts: object) -> str:
    """The msgid that fits `count`, in the language of the request; `{count}` and other parts filled in."""
    return translations(language()).ngettext(one, many, cast("int", count)).format(**({"count": count} | parts))


@cache
def translations(lang: Language) -> stdlib_gettext.NullTranslations:
    """The messages of a language, read from its `.po` files: `messages.po`, and one for each of the larger pages."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(sorted((_locales / lang / "LC_MESSAGES").glob("*.po")), lang))
    compiled.seek(0)
    return stdlib_gettext.GNUTranslations(compiled)
