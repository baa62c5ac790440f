"""The file summary: what a file turned out to be when it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.jobs.job import FileSummary

if TYPE_CHECKING:
    from core.tables.reading import Source


def summary_of(source: Source) -> FileSummary:
    """What is known of a file before its rows are read."""
    match, dialect = source.columns, source.dialect
    return FileSummary(
        separator=dialect.separator if dialect else None,
        encoding=dialect.encoding if dialect else None,
        decimal=dialect.decimal if dialect else None,
        known=match.known(),
        aliases=match.aliases,
        unknown=match.unknown,
        missing=match.missing,
        rows=source.rows,
        similar=match.similar,
    )
