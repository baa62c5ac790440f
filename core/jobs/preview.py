"""The preview of a file: its first rows, so that its sender knows what will become of it before it is scored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from core import catalogue
from core.batch.caveats import Caveats, caveats_of, with_readings
from core.batch.repeats import repeated_rows
from core.batch.rows import inspect_batch
from core.explain import information
from core.features import build
from core.jobs.file_summary import summary_of
from core.portfolio.stored_history import sources
from core.reference.training_ranges import TrainingRanges
from core.tables.errors import UnusableFile
from core.tables.reading import open_source
from core.tables.values import is_missing
from core.text.names import listed

if TYPE_CHECKING:
    from pathlib import Path

    from core.batch.rows import Inspected
    from core.jobs.job import FileSummary
    from core.portfolio.stored_history import StoredHistory
    from core.tables.batches import Batch
    from core.tables.limits import FileLimits

# Of a category in several columns, so many are named.
_max_given: Final = 3

Verdict = Literal["ready", "partly", "unusable"]


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """A column that is used.

    Attributes:
        name: in the catalogue.
        given: how the file calls it.
        missing: share of the rows that were read without a value, 0 to 1.
        problems: how many of their values are set aside, by the key of `core.text.messages` that says why.
    """

    name: str
    given: str
    missing: float
    problems: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like from its first rows.

    Attributes:
        rows: how many were read; `sound` of them can be scored, `broken` are no rows at all.
        joined, sent: sound rows that would get the history of a client on hand, and that bring one of their own.
        unused: rows of which nothing can be used: they are set aside as unsound ones are.
        verdict: `ready` where all can be scored, `partly` where some can, `unusable` where none can.
        columns: in the order of the file.
        caveats: what is to be known of the rows that can be scored.
    """

    facts: FileSummary
    rows: int
    sound: int
    broken: int
    joined: int
    sent: int
    unused: int
    verdict: Verdict
    columns: tuple[ColumnPreview, ...]
    caveats: Caveats


def preview(
    path: Path,
    limits: FileLimits | None = None,
    stored: StoredHistory | None = None,
    training_ranges: TrainingRanges | None = None,
) -> Preview:
    """Reads the first batch of a file.

    Args:
        path: as `core.tables.reading.open_source` takes it.
        limits: how large it may be; None: as the settings of this process say.
        stored: the history that its rows would get.
        training_ranges: the values that the model saw; None where there is no model, of which nothing can then be said.

    Raises:
        UnusableFile: it cannot be read, or has no application column or no row.
        OSError: the disk cannot be read.
    """
    source = open_source(path, limits)
    # Lines that are no rows come first, if any: rows are wanted.
    batch = next((batch for batch in source.batches() if batch.frame.height or batch.broken), None)
    if batch is None:
        raise UnusableFile("file_no_rows")
    inspected = inspect_batch(batch)
    rows, sound = inspected.frame.height + len(batch.broken), inspected.rows.height
    completed = inspected.rows if stored is None else stored.complete_rows(inspected.rows)
    usable = pl.Series(information.usable(information.known(build(completed).to_numpy())), dtype=pl.Boolean)
    history = sources(inspected.rows, completed).filter(usable)
    unused, sound = sound - len(history), len(history)
    caveats = caveats_of(completed.filter(usable), training_ranges or TrainingRanges.anything())
    if "SK_ID_CURR" in inspected.rows.columns:
        clients = inspected.rows["SK_ID_CURR"].filter(usable).cast(pl.Int64)
        caveats = replace(caveats, repeated_rows=repeated_rows([clients]))
    facts = summary_of(source)
    return Preview(
        facts=facts,
        rows=rows,
        sound=sound,
        broken=len(batch.broken),
        joined=int((history == "portfolio").sum()),
        sent=int((history == "sent").sum()),
        unused=unused,
        verdict="ready" if sound == rows else "partly" if sound else "unusable",
        columns=_columns(batch, inspected, _given_names(facts)),
        caveats=with_readings(caveats, inspected.readings_of(inspected.positions.filter(usable))),
    )


def _given_names(facts: FileSummary) -> dict[str, str]:
    """How the file calls the columns that go by another name; those of one-hot columns together, the first of many."""
    aliases_by_name: dict[str, list[str]] = {}
    for alias, name in facts.aliases:
        aliases_by_name.setdefault(name, []).append(alias)
    return {name: listed(aliases, _max_given) for name, aliases in aliases_by_name.items()}


def _columns(batch: Batch, inspected: Inspected, aliases: dict[str, str]) -> tuple[ColumnPreview, ...]:
    counts: dict[str, dict[str, int]] = {}
    for column, problem, count in inspected.errors.group_by("column", "problem").len().sort("problem").iter_rows():
        counts.setdefault(column, {})[problem] = count
    return tuple(
        ColumnPreview(
            name, aliases.get(name, name), _missing(inspected.frame[name], name), tuple(counts.get(name, {}).items())
        )
        for name in batch.frame.columns
    )


def _missing(values: pl.Series, name: str) -> float:
    if not len(values):
        return 0.0
    columns = {column.name: column for column in catalogue.columns()}
    codes = [code.code for code in columns[name].codes] if name in columns else []
    return int(is_missing(values, codes).sum()) / len(values)
