"""Batch scoring: sound rows get a decision, bad ones are named and set aside; the file goes on."""

from core.batch.files import BatchReport, rejected_path, score_file
from core.tables.batches import Batch, Place
from core.tables.columns import ColumnMatch, match_columns
from core.tables.errors import UnusableFile
from core.tables.reading import open_source

__all__ = [
    "Batch",
    "BatchReport",
    "ColumnMatch",
    "Place",
    "UnusableFile",
    "match_columns",
    "open_source",
    "rejected_path",
    "score_file",
]
