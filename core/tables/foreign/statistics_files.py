"""Files of SAS, SPSS and Stata, read by ReadStat through pyreadstat, some rows at a time.

Values that a file declares to be missing (SAS `.A` to `.Z`, Stata `.a` to `.z`, the ranges and values of SPSS) are
missing. A column holds codes or what they are labelled with, whichever of the two the catalogue knows: where 2 is
labelled "No", it is no.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import polars as pl

from core import catalogue
from core.catalogue.spelling import name_key
from core.tables.errors import UnusableFile
from core.tables.foreign.writing import CsvWriter
from core.tables.values import is_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.catalogue import Column
    from core.tables.foreign.kinds import ForeignKind
    from core.tables.limits import FileLimits

_rows_at_once: Final = 10_000


def convert(path: Path, kind: ForeignKind, out: IO[bytes], limits: FileLimits) -> None:
    """Writes the rows as CSV.

    XPORT 5 has names of eight letters at most: a column whose label is a column of an application is that column.

    Args:
        path: the file.
        kind: what it is.
        out: where to.
        limits: on its columns, rows and cells.

    Raises:
        UnusableFile: it cannot be read, or is larger than allowed.
    """
    import pyreadstat

    read = {
        "SAS7BDAT": pyreadstat.read_sas7bdat,
        "XPORT": pyreadstat.read_xport,
        "SPSS": pyreadstat.read_sav,
        "STATA": pyreadstat.read_dta,
    }[kind]
    writer: CsvWriter | None = None
    try:
        for frame, meta in _parts(read, path):
            if writer is None:
                writer = CsvWriter(out, _names(meta), limits)
                labels = _labels(meta)
            writer.frame(frame.with_columns(_labelled(frame[name], texts) for name, texts in labels.items()))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise UnusableFile("file_unreadable", kind=kind) from error
    if writer is None or not writer.rows:
        raise UnusableFile("file_no_rows")


def _parts(read: Any, path: Path) -> Iterator[tuple[pl.DataFrame, Any]]:
    first = 0
    while True:
        frame, meta = read(str(path), row_offset=first, row_limit=_rows_at_once, output_format="polars")
        if frame.height or not first:
            yield frame, meta
        if frame.height < _rows_at_once:
            return
        first += frame.height


def _names(meta: Any) -> list[str]:
    names: list[str] = list(meta.column_names)
    taken = {known for name in names if (known := catalogue.known_name(name))}
    for place, label in enumerate(meta.column_labels):
        meant = catalogue.known_name(label) if label else None
        if meant is not None and meant not in taken and catalogue.known_name(names[place]) is None:
            names[place] = meant
            taken.add(meant)
    return names


def _labels(meta: Any) -> dict[str, Mapping[object, str]]:
    """Of each column that has labels and is to show them: the label of each value."""
    by_name: dict[str, list[Column]] = {}
    for table in catalogue.tables():
        for column in catalogue.columns(table):
            by_name.setdefault(name_key(column.name), []).append(column)
    chosen: dict[str, Mapping[object, str]] = {}
    for name, shown in zip(meta.column_names, _names(meta), strict=True):
        labels: Mapping[object, str] = meta.variable_value_labels.get(name) or {}
        if any(_says_more(labels, column) for column in by_name.get(name_key(shown), ())):
            chosen[name] = labels
    return chosen


def _says_more(labels: Mapping[object, str], column: Column) -> bool:
    """Whether labels are what a column holds, and the values are not: 1 may be yes, no, or a man.

    A label that is a number labels nothing: 0 and 1 mean themselves.
    """
    codes = {code.code for code in column.codes}
    texts = [text for text in labels.values() if not text.strip().isdigit()]
    return not {str(value) for value in labels} & codes and any(is_spelling(text, column) for text in texts)


def _labelled(column: pl.Series, labels: Mapping[object, str]) -> pl.Series:
    # A value without a label stays as it is, for whoever checks the codes to name it.
    texts = [value if value is None else labels.get(value, str(value)) for value in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String)
