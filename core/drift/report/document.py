"""A report of sections that were written elsewhere, as one page that needs nothing else, as the drift report does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.drift.report.templating import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from core.catalogue import Language


def document(
    lang: Language, title: str, lines: Sequence[str], sections: Sequence[tuple[str, Sequence[Markup | str]]]
) -> bytes:
    """The page as UTF-8 HTML.

    Args:
        lines: what stands below the title: a version, a date.
        sections: each heading, and what stands below it; a text is escaped, `Markup` is HTML.
    """
    return rendered("document.html", lang=lang, title=title, lines=lines, sections=sections).encode()
