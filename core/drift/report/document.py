"""A report of sections that were written elsewhere, as one page that needs nothing else, as the drift report does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.drift.report.templating import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.catalogue import Language


def document(lang: Language, title: str, lines: Sequence[str], sections: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        lines: what stands below the title: a version, a date.
        sections: each heading, and what stands below it, which is HTML: its texts are escaped already.
    """
    return rendered("document.html", lang=lang, title=title, lines=lines, sections=sections).encode()
