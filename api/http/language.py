"""The language in which a caller wants to be answered."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, get_args

from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from core.catalogue import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

languages: Final[Sequence[Language]] = get_args(Language)
default_language: Final[Language] = "en"


# In the environment of a request: what was found out of it, which is asked several times.
_found: Final = "workbench.language"


def language() -> Language:
    """The language of the current request: its `lang` parameter, else its `Accept-Language`, else English."""
    environ = request.environ
    if _found not in environ:
        environ[_found] = _asked_for()
    found: Language = environ[_found]
    return found


def _asked_for() -> Language:
    asked = request.args.get("lang")
    for known in languages:
        if asked == known:
            return known
    return _accepted(request.headers.get("Accept-Language", "")[:200])


@lru_cache(maxsize=64)
def _accepted(header: str) -> Language:
    # By hand, best first: werkzeug's `best_match` prefers a plain `en` to a better `fr-FR`.
    for tag, quality in parse_accept_header(header, LanguageAccept):
        for known in languages:
            if quality > 0 and tag.split("-")[0].lower() == known:
                return known
    return default_language
