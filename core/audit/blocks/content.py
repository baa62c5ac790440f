"""The content of a block: predictions in columns, with what the model was given of each, as a Parquet file.

A row of a hundred columns takes 3,000 bytes as JSON, and 100 in columns, in a thirtieth of the time. What a block holds
is what was recorded; the rows of `predictions` that name it repeat all but the inputs, for queries to find.

Format `parquet 1`: a row a prediction, in the order of their ids; the columns of `predictions`, `inputs` and `block`
aside, as `record.NAME`, moments as the chain takes them; then an input a column, null where it was not given.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from core.audit.chain.row_columns import RowColumns
from core.audit.tables import PredictionRow
from core.audit.writing import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from core.decision import Value

block_format: Final = "parquet 1"
# What stands in a row of a block in the place of its inputs.
no_inputs: Final = "{}"
_prefix: Final = "record."
_columns: Final = tuple(column.name for column in PredictionRow.__table__.columns)
_elsewhere: Final = ("inputs", "block")
# Columns that are younger than some blocks, and that not every writer of blocks knows.
_later: Final = {
    "fold_agreement": pl.Float64(),
    "referral": pl.String(),
    "challenger_version": pl.String(),
    "challenger_probability": pl.Float64(),
    "challenger_threshold": pl.Float64(),
}
# Any number but 0, which is of what is missing.
_present: Final = np.uint64(0x9E3779B97F4A7C15)

# Of text: with fewer, Polars takes longer to begin than Python takes.
_rows_worth_codes: Final = 1_500

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PredictionBlock:
    """Predictions on rows of a file.

    Attributes:
        records: a row each, in the order of their ids: the columns of `core.audit.tables.PredictionRow` without
            `inputs` and `block`; `time` is text as the chain takes it.
        inputs: what the model was given of each, null where it was not.
    """

    records: pl.DataFrame
    inputs: pl.DataFrame

    @classmethod
    def read(cls, content: Any) -> PredictionBlock:
        """The block of a content. Raises `AuditUnavailable` where it is none: it was changed."""
        try:
            frame = pl.read_parquet(io.BytesIO(content), glob=False)
            records = frame.select(_stored(frame, name) for name in _columns if name not in _elsewhere)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError) as error:
            # Its words may quote what it holds.
            raise AuditUnavailable("refused", f"block: {type(error).__name__}") from None
        return cls(records, frame.drop((_prefix + name for name in records.columns), strict=False))

    def content(self) -> bytes:
        """As it is stored."""
        # A copy that is named at once: `rename` makes a plan, and waits for a thread that carries it out.
        named = self.records.clone()
        named.columns = [_prefix + name for name in named.columns]
        content = io.BytesIO()
        # Statistics serve a search in large files; here they are a tenth of the bytes.
        named.hstack(self.inputs).write_parquet(content, compression="zstd", statistics=False)
        return content.getvalue()

    @property
    def ids(self) -> list[str]:
        """Of the predictions, in order."""
        ids: list[str] = self.records["id"].to_list()
        return ids

    def without(self, ids: Sequence[str]) -> PredictionBlock:
        """The same without some predictions."""
        kept = ~self.records["id"].is_in(list(ids))
        return PredictionBlock(self.records.filter(kept), self.inputs.filter(kept))

    def rows(self, block_id: str) -> list[Row]:
        """The rows of `predictions`, in the order of its columns."""
        return self.row_columns(block_id).rows(_columns)

    def row_columns(self, block_id: str) -> RowColumns:
        """The same column by column."""
        alike: dict[str, Any] = {"inputs": no_inputs, "block": block_id}
        own: dict[str, list[Any]] = {}
        for name in _columns:
            if name in alike:
                continue
            column = _of(self.records, name)
            if column.n_unique() == 1:
                alike[name] = column[0]
            else:
                own[name] = column.to_list()
        return RowColumns(self.records.height, alike, own)

    def inputs_of(self, ids: Sequence[str]) -> dict[str, dict[str, Value]]:
        """What the model was given, by id, of those predictions of the block that are among them."""
        asked_ids = set(ids)
        every = self.ids
        places = [place for place, key in enumerate(every) if key in asked_ids]
        # A frame of no columns has no rows either.
        rows = self.inputs[places].rows(named=True) if self.inputs.width else [{} for _ in places]
        return {
            every[place]: {name: value for name, value in row.items() if value is not None}
            for place, row in zip(places, rows, strict=True)
        }

    def fingerprints(self) -> NDArray[np.uint64]:
        """Eight bytes for the inputs of each prediction, which differ where one of the values does.

        A sum over the columns, each value weighted by its column: of a number the bits of its double, of a text the
        beginning of its SHA-256. No proof, which is the digest of the whole: it tells which row was changed.
        """
        total = np.zeros(self.records.height, dtype=np.uint64)
        for name, bits in _bits(self.inputs):
            np.multiply(bits, _weight(name), out=bits)
            total += bits
        return total


def _stored(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of the records; null where it came later than the block."""
    if name in _later and _prefix + name not in frame.columns:
        return pl.lit(None, _later[name]).alias(name)
    return pl.col(_prefix + name).alias(name)


def _of(records: pl.DataFrame, name: str) -> pl.Series:
    """A column of the records that are to be stored; nulls where their writer has none such."""
    if name in _later and name not in records.columns:
        return pl.Series(name, [None] * records.height, _later[name])
    return records[name]


def _bits(inputs: pl.DataFrame) -> Iterator[tuple[str, NDArray[np.uint64]]]:
    """What stands for the values of each column, by its name; 0 where one is missing."""
    texts: list[pl.Series] = []
    for column in inputs.get_columns():
        if column.dtype.is_numeric():
            yield column.name, _bits_of_numbers(column)
        else:
            texts.append(column.cast(pl.String))
    if texts and inputs.height >= _rows_worth_codes:
        yield from _bits_of_codes(pl.DataFrame(texts))
    else:
        for column in texts:
            values = column.to_list()
            bits = {text: 0 if text is None else int(_beginning(text)) for text in set(values)}
            yield column.name, np.fromiter(map(bits.__getitem__, values), np.uint64, len(values))


def _bits_of_numbers(column: pl.Series) -> NDArray[np.uint64]:
    # Without the methods of Polars that make a frame of one column: they cost more than what they do.
    numbers = column.cast(pl.Float64).to_numpy()
    bits: NDArray[np.uint64] = numbers.view(np.uint64) + _present
    if column.null_count():
        missing = np.isnan(numbers)
        # What is no number may be there all the same.
        only_nulls = np.count_nonzero(missing) == column.null_count()
        bits[missing if only_nulls else column.is_null().to_numpy()] = 0
    return bits


def _bits_of_codes(texts: pl.DataFrame) -> Iterator[tuple[str, NDArray[np.uint64]]]:
    """Those of columns of text, of many rows: each distinct text is looked at once."""
    distinct = pl.concat([column.unique().alias("") for column in texts]).unique().drop_nulls()
    bits = np.array([*map(_beginning, distinct), np.uint64(0)], dtype=np.uint64)
    place = pl.all().cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32).fill_null(len(distinct))
    for column in texts.select(place).get_columns():
        yield column.name, bits.take(column.to_numpy())


@cache
def _weight(column: str) -> np.uint64:
    return _beginning(column) | np.uint64(1)


def _beginning(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(sha256(text.encode()).digest()[:8]))
