"""The index of a data frame in a file: pandas writes it as a column of no name, and it may be the number of clients.

It may as well number the rows that were left of a larger table, which no value tells apart: so the sender is asked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tables.columns import ColumnMatch

looked_at_rows: Final = 100
"""So many first rows say whether an index may number clients."""

_id_column: Final = "SK_ID_CURR"
# What `to_csv` writes, what `read_csv` calls that, and what `reset_index` does; Parquet has it wherever it stands.
_first_names: Final = ("", "unnamed: 0", "index", "level_0")
_parquet_name: Final = re.compile(r"__index_level_\d+__")
_number: Final = re.compile(r"[1-9]\d{0,9}")


def index_place(header: Sequence[str], match: ColumnMatch) -> int | None:
    """Where the index of a data frame is; None where there is none, or the file has the number of clients as well."""
    if _id_column in match.known():
        return None
    if header and header[0].strip().casefold() in _first_names:
        return 0
    return next((place for place, name in enumerate(header) if _parquet_name.fullmatch(name)), None)


def asking(match: ColumnMatch, index_name: str, values: Sequence[object]) -> ColumnMatch:
    """What the columns are, with the question whether the index is the number of clients, where its values may be.

    Args:
        index_name: how the file calls the index.
        values: of its first rows.
    """
    if not _may_be_ids(values):
        return match
    return replace(match, similar=((index_name, _id_column), *match.similar))


def _may_be_ids(values: Sequence[object]) -> bool:
    """Whether values are whole numbers, all different, and do not simply count the rows."""
    texts = [str(value).strip() for value in values]
    if not texts or not all(map(_number.fullmatch, texts)):
        return False
    numbers = [int(text) for text in texts]
    counted = numbers[0] == 1 and all(after == before + 1 for before, after in pairwise(numbers))
    return len(set(numbers)) == len(numbers) and not counted
