"""Tables in Markdown, as the model card and the certificates of exports have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, whose cells hold no line breaks and no vertical bars.

    Args:
        header: one title a column.
        rows: one cell a column each.

    Returns:
        Its lines, without a line break at the end.

    >>> print(markdown_table(("metric", "value"), [("AUC", "0.77")]))
    | metric | value |
    | --- | --- |
    | AUC | 0.77 |
    """
    lines = [header, ["---" for _ in header], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
