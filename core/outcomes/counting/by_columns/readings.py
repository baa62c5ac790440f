"""What is read of the record to count it: which columns of its tables, and what each row says of a decision."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.audit.entries import what_ifs
from core.audit.of_portfolio import numbering
from core.audit.traffic import deciding
from core.outcomes.counting.by_columns.columns import TableReading
from core.outcomes.counting.by_columns.packing import Packing
from core.outcomes.counting.cells import cells_of_one, segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from core.outcomes.counting.by_columns.columns import Columns

# Of a ten-thousandth of probability, so many parts are told apart: a sum of them is as good as one of probabilities.
_parts_of_cell: Final = 1 << 46
# No client has the number.
_nobody: Final = -(1 << 63)
_client: Final = f"coalesce(client_id, {_nobody})"
_scored: Final = f"CAST(probability * {cells_of_one} * {_parts_of_cell} AS INTEGER)"
_deciding: Final = ", ".join(f"'{kind}'" for kind in deciding)
_numbered: Final = {"application": "application", "portfolio": "portfolio"}
predictions: Final = TableReading(
    table="predictions",
    condition=f"kind IN ({_deciding})",
    numbers={"client": _client, "score": _scored},
    labels={"month": "time", "model_version": "model_version", "model_decision": "decision", **_numbered},
    months=("month",),
)
outcomes: Final = TableReading(
    table="outcomes",
    condition="true",
    numbers={"client": _client, "score": f"{_scored} * 4 + (amount_lost IS NOT NULL) * 2 + defaulted"},
    labels={
        "month": "decided",
        **{name: name for name in ("model_version", "model_decision", *_numbered, *segments)},
    },
    months=("month",),
    ids="prediction_id",
    sparse="amount_lost",
)
# With the rows of the prediction, 0 where it is gone, and of its last outcome; who decides after the first, knows it.
officer_decisions: Final = TableReading(
    table="officer_decisions",
    condition="true",
    numbers={
        "prediction": "coalesce((SELECT about.rowid FROM predictions AS about WHERE about.id = prediction_id), 0)",
        "outcome": (
            "coalesce((SELECT known.rowid FROM outcomes AS known WHERE known.prediction_id = "
            "officer_decisions.prediction_id ORDER BY known.time DESC, known.id DESC LIMIT 1), 0)"
        ),
        "is_late": (
            "EXISTS (SELECT 1 FROM outcomes AS known WHERE known.prediction_id = officer_decisions.prediction_id "
            "AND known.time < officer_decisions.time)"
        ),
    },
    labels={"decision": "decision"},
    ids="prediction_id",
)
# What is no application by its kind, and yet one by the decision of an officer.
shown_and_decided: Final = (
    "rowid IN (SELECT shown.rowid FROM officer_decisions AS word CROSS JOIN predictions AS shown "  # noqa: S608
    f"ON shown.id = word.prediction_id WHERE shown.kind NOT IN ({_deciding}, {', '.join(map(repr, what_ifs))}))"
)
# Predictions without a client that have an outcome.
known_of_nobody: Final = (
    "SELECT named.rowid FROM outcomes AS known CROSS JOIN predictions AS named ON named.id = known.prediction_id "
    "WHERE known.client_id IS NULL"
)
# A client within a month; in the order of the months.
_person: Final = Packing({"month": 12, "numbering": 10, "client": 41})


class Codes:
    """Texts by numbers, the same for all threads: the first that comes is 0, and so on."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {}
        self._lock = threading.Lock()

    def of(self, values: Sequence[str | None]) -> NDArray[np.int64]:
        """The number of each, a new one where it has none."""
        with self._lock:
            return np.array([self._codes.setdefault(value, len(self._codes)) for value in values], np.int64)

    @property
    def texts(self) -> tuple[str | None, ...]:
        """Each at the place of its number."""
        return tuple(self._codes)


AllCodes = dict[str, Codes]
"""Of each label its own; those of `decision` are everybody's."""


def new_codes() -> AllCodes:
    """No codes yet."""
    return {name: Codes() for name in ("month", "model_version", "decision", "numbering", *segments)}


@dataclass(frozen=True, slots=True)
class OfficerFinals:
    """Decisions of officers by the row that they are about: `rows` ascending, and the code of the decision on each."""

    rows: NDArray[np.int64]
    decisions: NDArray[np.int64]

    @classmethod
    def by_row(cls, rows: NDArray[np.int64], decisions: NDArray[np.int64]) -> OfficerFinals:
        """Decisions in any order; a row of 0 is none."""
        order = np.argsort(rows)[np.count_nonzero(rows == 0) :]
        return cls(rows[order], decisions[order])

    def on(self, rowids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The decision on each of some rows, which lie close together; -1 where there is none."""
        found = np.full(len(rowids), -1, np.int64)
        if len(rowids):
            first, last = np.searchsorted(self.rows, (rowids.min(), rowids.max() + 1))
            near = self.rows[first:last]
            if len(near):
                places = np.minimum(np.searchsorted(near, rowids), len(near) - 1)
                found = np.where(near[places] == rowids, self.decisions[first:last][places], -1)
        return found


@dataclass(frozen=True, slots=True)
class Decided:
    """What some rows say of decisions, as numbers, one for each row.

    Attributes:
        rowids: of the table.
        person: the client within the month of the decision; -1 where it is nobody's.
        probability: of default.
        codes: `month`, `model_version`, `model_decision`, `decision`: what counts, `is_decided`: 1 where that is an
            officer's, and `cell`.
    """

    rowids: NDArray[np.int64]
    person: NDArray[np.int64]
    probability: NDArray[np.float64]
    codes: Mapping[str, NDArray[np.int64]]

    def among(self, rows: NDArray[np.bool_]) -> Decided:
        """Those rows alone."""
        codes = {name: column[rows] for name, column in self.codes.items()}
        return Decided(self.rowids[rows], self.person[rows], self.probability[rows], codes)


def decided(piece: Columns, finals: OfficerFinals, codes: AllCodes, flags: int = 1) -> Decided:
    """What rows that were read say.

    Args:
        piece: of `predictions` or `outcomes`.
        flags: what the score was multiplied by, to make room for more that is said of a row.

    Raises:
        core.outcomes.counting.by_columns.packing.TooLarge: numbers of clients are not as small as those that anybody
            has, or of months or portfolios there are more.
    """
    score, client = piece.numbers["score"] // flags, piece.numbers["client"]
    final, of_model = finals.on(piece.rowids), coded(piece, "model_decision", codes["decision"])
    month, values = coded(piece, "month", codes["month"]), piece.values
    pairs = [
        numbering(application, portfolio) for application in values["application"] for portfolio in values["portfolio"]
    ]
    pair = piece.labels["application"] * len(values["portfolio"]) + piece.labels["portfolio"]
    is_nobody = client == _nobody
    among = {"month": month, "numbering": codes["numbering"].of(pairs)[pair], "client": np.where(is_nobody, 0, client)}
    return Decided(
        rowids=piece.rowids,
        person=np.where(is_nobody, -1, _person.packed(among)),
        probability=score / (_parts_of_cell * cells_of_one),
        codes={
            "month": month,
            "model_version": coded(piece, "model_version", codes["model_version"]),
            "model_decision": of_model,
            "decision": np.where(final < 0, of_model, final),
            "is_decided": (final >= 0).astype(np.int64),
            "cell": score // _parts_of_cell,
        },
    )


def coded(piece: Columns, name: str, codes: Codes) -> NDArray[np.int64]:
    """The code of a label of each row."""
    return codes.of(piece.values[name])[piece.labels[name]]
