"""The catalogue: what every column and feature is, in one place, read from the CSV files beside this module."""

from core.catalogue.entries import (
    Code,
    Column,
    ColumnType,
    Entry,
    Feature,
    Language,
    UnknownEntry,
    column,
    columns,
    entry,
    essential_columns,
    feature,
    features,
    group_label,
    main_columns,
    polars_schema,
    tables,
)
from core.catalogue.spelling import known_name

__all__ = [
    "Code",
    "Column",
    "ColumnType",
    "Entry",
    "Feature",
    "Language",
    "UnknownEntry",
    "column",
    "columns",
    "entry",
    "essential_columns",
    "feature",
    "features",
    "group_label",
    "known_name",
    "main_columns",
    "polars_schema",
    "tables",
]
