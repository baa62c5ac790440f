"""The clients on hand: found by number, read whole, and summed up, without holding their rows in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from core.application import Application
from core.catalogue.ages import days_per_year
from core.contract.clients.lists import ClientApplication, ClientLine, ClientList, Dataset
from core.decision import Decision, Value
from core.features import history_names
from core.portfolio.client_search import ClientFilter, SortKey, select
from core.portfolio.provenance import Provenance
from core.portfolio.stored_history import StoredHistory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from numpy.typing import NDArray

    from core.portfolio.provenance import HistorySource
    from core.reference.reference_profile import ReferenceProfile

clients_file: Final = "clients.parquet"
summary_file: Final = "summary.json"
# The history features as a matrix on disk: one client's row is read in microseconds, and none is held in memory.
history_file: Final = "history.npy"
# What the clients look like column by column (`core.reference.reference_profile`); read when it is first asked for.
profile_file: Final = "profile.json"
_index_columns: Final = (
    "SK_ID_CURR",
    "NAME_CONTRACT_TYPE",
    "NAME_INCOME_TYPE",
    "DAYS_BIRTH",
    "AMT_INCOME_TOTAL",
    "AMT_CREDIT",
    "AMT_ANNUITY",
)


class PortfolioMissing(RuntimeError):
    """There is no portfolio in the folder, or it cannot be read."""


class UnknownClient(LookupError):
    """No client of the portfolio has that number."""


@dataclass(frozen=True, slots=True)
class DataDescription:
    """The portfolio column by column, as `GET /data/describe` answers it."""

    n_rows: int
    n_columns: int
    describe: dict[str, dict[str, float | None]]
    missing: dict[str, int]
    target_distribution: dict[str, int]


@dataclass(frozen=True)
class Portfolio:
    """A stored portfolio, opened."""

    folder: Path
    index: pl.DataFrame
    history: NDArray[np.float64]
    threshold: float
    summary: Dataset
    describe: DataDescription
    provenance: Provenance

    @classmethod
    def open(cls, folder: Path) -> Portfolio:
        """Opens the portfolio in a folder. Raises `PortfolioMissing`."""
        try:
            stored = json.loads((folder / summary_file).read_text(encoding="utf-8"))
            summary = Dataset.model_validate(stored["summary"])
            index = pl.read_parquet(folder / clients_file, columns=[*_index_columns, "probability"])
            history = np.load(folder / history_file, mmap_mode="r")
            fingerprint = stored["fingerprint"]
        # One without a fingerprint is of an earlier version, whose synthetic clients bore the numbers of real ones.
        except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
            raise PortfolioMissing("no portfolio of clients: `python3 run.py data portfolio` makes one") from error
        return cls(
            folder=folder,
            index=index,
            history=history,
            threshold=stored["threshold"],
            summary=summary,
            describe=DataDescription(**stored["describe"]),
            provenance=Provenance("synthetic" if summary.synthetic else "imported", fingerprint),
        )

    @cached_property
    def profile(self) -> ReferenceProfile:
        """The clients summed up column by column, as the model decides on them. Raises `PortfolioMissing`."""
        from core.reference.reference_profile import InvalidReference, ReferenceProfile  # only where it is asked for

        try:
            return ReferenceProfile.from_json((self.folder / profile_file).read_bytes())
        except (OSError, InvalidReference) as error:
            raise PortfolioMissing("no profile of the clients: `python3 run.py data portfolio` makes one") from error

    def application(self, client: ClientApplication) -> Application:
        """A client of this portfolio as the model is given one."""
        values = {name: value for name, value in client.features.items() if value is not None and name != "SK_ID_CURR"}
        has_history = any(name in values for name in history_names())
        source: HistorySource = "portfolio" if has_history else "none"
        return Application(values, client.client_id, history=source, portfolio=self.provenance, source="on_file")

    def overlaid(self, client_id: int, sent: Application, left_out: AbstractSet[str] = frozenset()) -> Application:
        """The stored application of a client, with the values of another one over it.

        Args:
            sent: what goes before; its warnings stay.
            left_out: names of what is not taken, whatever is stored.

        Returns:
            An application of this portfolio, whose history counts as stored where at least one value of it is.

        Raises:
            UnknownClient: no client has that number.
        """
        stored, past = self.application(self.client(client_id)), frozenset(history_names())
        on_file = {name: value for name, value in stored.values.items() if name not in left_out}
        values = on_file | dict(sent.values)
        is_stored = any(name in past and values[name] == value for name, value in on_file.items())
        return replace(
            stored, values=values, warnings=sent.warnings, history="portfolio" if is_stored else sent.history
        )

    def search(
        self,
        client_filter: ClientFilter | None = None,
        limit: int = 50,
        offset: int = 0,
        by: SortKey = "client_id",
        order: Literal["asc", "desc"] = "asc",
        officers: Mapping[int, str] | None = None,
    ) -> ClientList:
        """A page of the clients that a filter asks for, sorted; all by ascending number where nothing is said.

        What officers decided is not known here: `current_decision` is None.

        Args:
            officers: what an officer decided last, by the client's number; for a filter that asks for it.

        >>> page = portfolio.search(ClientFilter(decision="REFUSÉ"), limit=2, by="probability", order="desc")
        >>> {client.decision for client in page.clients}, page.clients[0].probability >= page.clients[1].probability
        ({'REFUSÉ'}, True)
        """
        rows = select(self.index, self.threshold, client_filter or ClientFilter(), by, order, officers)
        page = rows.slice(offset, limit)
        return ClientList(
            clients=[self._summary(row) for row in page.iter_rows(named=True)],
            total=rows.height,
            limit=limit,
            offset=offset,
        )

    def client(self, client_id: int) -> ClientApplication:
        """One client. Raises `UnknownClient`."""
        position = self._position(client_id)
        if position is None:
            raise UnknownClient(client_id)
        row = pl.scan_parquet(self.folder / clients_file).slice(position, 1).collect().row(0, named=True)
        features = {name: value for name, value in row.items() if name not in ("TARGET", "probability")}
        # Of our own file, whose types are known; a route checks them as it answers.
        return ClientApplication.model_construct(client_id=client_id, features=features, portfolio=str(self.provenance))

    @cached_property
    def stored_history(self) -> StoredHistory:
        """The history of the clients, to be joined to applications."""
        return StoredHistory(self._ids, self.history, self.provenance)

    def summary_of(self, client_id: int) -> ClientLine:
        """What a list shows of one client, without what officers decided. Raises `UnknownClient`."""
        position = self._position(client_id)
        if position is None:
            raise UnknownClient(client_id)
        return self._summary(self.index.row(position, named=True))

    @cached_property
    def _ids(self) -> NDArray[np.int64]:
        return self.index["SK_ID_CURR"].cast(pl.Int64).to_numpy()

    def _position(self, client_id: int) -> int | None:
        # NumPy finds it in 2 microseconds, where `Series.search_sorted` starts a query (80 of them).
        ids = self._ids
        position = int(ids.searchsorted(client_id))
        return position if position < len(ids) and ids[position] == client_id else None

    def _summary(self, row: dict[str, Value]) -> ClientLine:
        decision = Decision(int(row["SK_ID_CURR"]), float(row["probability"]), self.threshold)  # type: ignore[arg-type]
        return ClientLine(
            client_id=row["SK_ID_CURR"],
            contract_type=row["NAME_CONTRACT_TYPE"],
            income_type=row["NAME_INCOME_TYPE"],
            age_years=int(-row["DAYS_BIRTH"] / days_per_year),  # type: ignore[operator]
            income=row["AMT_INCOME_TOTAL"],
            credit=row["AMT_CREDIT"],
            annuity=row["AMT_ANNUITY"],
            probability=decision.probability,
            decision=decision.decision,
            risk_category=decision.risk_category,
            final_decision=None,
            current_decision=None,
        )
