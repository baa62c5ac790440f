"""The stored history of clients on hand, joined to applications by number, one by one or a file at a time.

A history comes whole from one place: an application that brings one of its own keeps it as it is, and gets nothing of
what is stored beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.features import history_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.decision import Value
    from core.portfolio.provenance import Provenance


@dataclass(frozen=True)
class StoredHistory:
    """The history features of stored clients.

    Attributes:
        numbers: `SK_ID_CURR`, int64 (n_clients,), ascending.
        values: float64 (n_clients, n_features), columns as `history_names()`; NaN is missing. May lie on disk.
        provenance: which clients these are.
    """

    numbers: NDArray[np.int64]
    values: NDArray[np.float64]
    provenance: Provenance

    def of(self, position: int) -> dict[str, Value]:
        """What is known of the client at a position of `numbers`, by name; missing values are absent."""
        row = self.values[position].tolist()
        return {name: value for name, value in zip(history_names(), row, strict=True) if value == value}  # noqa: PLR0124

    def complete(self, applications: Sequence[Application]) -> list[Application]:
        """The applications, each with the history of its client where that is stored and none came with it."""
        # All at once: one by one, a thousand took five times as long. No client has the number -1.
        client_ids = np.array(
            [
                -1 if application.client_id is None or application.history == "sent" else application.client_id
                for application in applications
            ],
            dtype=np.int64,
        )
        positions, known = self._find(client_ids)
        return [
            self._completed(application, position) if is_known else application
            for application, position, is_known in zip(applications, positions.tolist(), known.tolist(), strict=True)
        ]

    def recognised(self, application: Application) -> Application:
        """An application whose history came with it and is, value for value, what is stored of its client: as joined.

        A row of a file that was completed comes so when it is looked at again.
        """
        if application.client_id is None or application.history != "sent":
            return application
        positions, known = self._find(np.array([application.client_id], dtype=np.int64))
        if not known[0]:
            return application
        names = frozenset(history_names())
        brought = {name: value for name, value in application.values.items() if name in names}
        if brought != self.of(int(positions[0])):
            return application
        return replace(application, history="portfolio", portfolio=self.provenance)

    def complete_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The same for rows of a file.

        Args:
            rows: typed application columns, with `SK_ID_CURR` or without, and history features.

        Returns:
            The rows with every history feature, and their columns in the same order whatever is known; where the file
            has no `SK_ID_CURR`, as they are.
        """
        if "SK_ID_CURR" not in rows.columns:
            return rows
        positions, known = self._find(rows["SK_ID_CURR"].fill_null(-1).cast(pl.Int64).to_numpy())
        known &= ~_has_history(rows).to_numpy()
        history = np.full((rows.height, len(history_names())), np.nan)
        history[known] = self.values[positions[known]]
        stored = pl.from_numpy(history, schema=list(history_names())).fill_nan(None)
        sent = set(rows.columns)
        return rows.with_columns(
            pl.coalesce(pl.col(name), stored[name]).alias(name) if name in sent else stored[name]
            for name in history_names()
        )

    def only(self, numbers: NDArray[np.int64]) -> StoredHistory:
        """Those clients of a list of numbers that are stored, in memory: what another machine needs for some rows."""
        positions, known = self._find(np.unique(numbers))
        chosen = positions[known]
        return replace(self, numbers=self.numbers[chosen], values=np.asarray(self.values[chosen]))

    def _find(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The position of each number, and whether it is there; where it is not, the position says nothing."""
        positions = self.numbers.searchsorted(numbers)
        if not len(self.numbers):
            return positions, np.zeros(len(numbers), dtype=bool)
        positions = np.minimum(positions, len(self.numbers) - 1)
        return positions, self.numbers[positions] == numbers

    def _completed(self, application: Application, position: int) -> Application:
        stored = self.of(position)
        if not stored:
            return application
        values = stored | dict(application.values)
        return replace(application, values=values, history="portfolio", portfolio=self.provenance)


def sources(sent: pl.DataFrame, completed: pl.DataFrame) -> pl.Series:
    """Where the history of each row comes from.

    Args:
        sent: the rows as they came.
        completed: the same after `StoredHistory.complete_rows`, or the same frame where nothing was joined.

    Returns:
        A `core.portfolio.provenance.HistorySource` a row.
    """
    came, has = _has_history(sent), _has_history(completed)
    return pl.select(
        history=pl.when(came).then(pl.lit("sent")).when(has).then(pl.lit("portfolio")).otherwise(pl.lit("none"))
    ).to_series()


def _has_history(rows: pl.DataFrame) -> pl.Series:
    names = [name for name in history_names() if name in rows.columns]
    if not names:
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)  # noqa: FBT003
    return rows.select(known=pl.any_horizontal(pl.col(names).is_not_null())).to_series()
