"""The rows of a job that were set aside, as they were sent: to be mended, and sent again alone."""

from __future__ import annotations

import csv
import io
import re
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

import polars as pl

from core import outputs
from core.batch.batch_columns import rejections_schema
from core.exports.csv_text import head_of, no_formula, separator_of
from core.jobs import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from core.exports.csv_text import Convention
    from core.jobs.job import Job
    from core.tables.reading import Source

# Before the columns of the file, so that a row that is too long or too short stands right all the same.
columns_before: Final = ("row", "problem")
_lines_at_once: Final = 4_000
# What a spreadsheet takes for a number, whatever it begins with.
_number: Final = re.compile(r"[+-]?[\d\s.,'’]+([eE][+-]?\d+)?\s*[%€]?")


class RowsNotKept(LookupError):
    """The job set rows aside before these were kept."""


def keep(folder: Path, source: Source) -> None:
    """Writes the rows that the list of a job names, as they stand in its file.

    Args:
        folder: of a job whose list is complete.
        source: its file.

    Raises:
        UnusableFile: the file cannot be read.
        OSError: the disk is full, or does not work.
    """
    listed = pl.read_csv(files.rejected(folder), has_header=False, schema=rejections_schema)
    numbers = listed["row"].unique().sort().to_list()
    with (
        outputs.replacing(files.set_aside(folder), private=True) as aside,
        aside.open("w", encoding="utf-8", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["row", *source.names])
        writer.writerows([number, *cells] for number, cells in source.original_rows(numbers))


def lines(folder: Path, job: Job, problems: Iterator[tuple[int, str]], convention: Convention) -> Iterator[str]:
    """The rows as CSV, each with its number and what is wrong with it, many lines at a time.

    Args:
        problems: what is wrong with a row, for a reader, each with the number of the row, in their order.
        convention: how the file is written. Numbers stay as they were sent, and where that is with a decimal comma,
            cells stand apart by semicolons, so that it is read as what was sent.

    Raises:
        RowsNotKept: the job has set rows aside, and has not kept them.
    """
    path = files.set_aside(folder)
    if not path.exists():
        if job.tally.rejected:
            raise RowsNotKept
        return iter((head_of(convention) + _text([columns_before], separator_of(convention)),))
    has_commas = job.facts is not None and job.facts.decimal == ","
    return _lines(path, problems, head_of(convention), ";" if has_commas else separator_of(convention))


def _lines(path: Path, problems: Iterator[tuple[int, str]], head: str, separator: str) -> Iterator[str]:
    texts_by_row = (
        (number, [text for _, text in group]) for number, group in groupby(problems, key=lambda line: line[0])
    )
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        _, *names = next(rows)
        # A name that is there twice would have the file refused when it comes back.
        own = [f"{name}_in_file" if name.strip().lower() in columns_before else name for name in names]
        yield head + _text([[*columns_before, *own]], separator)
        both = zip(rows, texts_by_row, strict=True)
        while part := list(islice(both, _lines_at_once)):
            numbered = ([number, "; ".join(texts), *cells] for (number, *cells), (_, texts) in part)
            yield _text(numbered, separator)


def _text(rows: Iterable[Iterable[str]], separator: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(cell: str) -> object:
    """A cell that no spreadsheet runs; a number is none to be afraid of, with its sign."""
    return cell if _number.fullmatch(cell) else no_formula(cell)
