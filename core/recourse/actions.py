"""Actions of recourse: what a client can change of an application, how far, and in steps that a banker would say.

Credit, instalment, price and duration move together: the instalment and the credit follow a cheaper price, the
instalment follows the credit where the duration stays, and no credit is raised above the price of what it pays for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import ceil, floor
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np

from core import catalogue
from core.features.application import external_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from core.decision import Value
    from core.model.preprocessor import Preprocessor

    Steps = NDArray[np.intp]

ActionName = Literal["credit", "duration", "down_payment", "goods_price", "documents", "income", "external_score"]
action_names: Final[tuple[ActionName, ...]] = (
    "credit",
    "duration",
    "down_payment",
    "goods_price",
    "documents",
    "income",
    "external_score",
)
# What a client cannot choose: said where nothing that they can choose suffices, as what would have to be different.
circumstance_names: Final[frozenset[ActionName]] = frozenset({"income", "external_score"})
Direction = Literal["less", "more"]


@dataclass(frozen=True, slots=True)
class Bound:
    """How far something may be moved, and why no further."""

    lowest: float
    highest: float
    reason: str


# Every limit of every action; besides, no amount leaves what the model saw in training or the catalogue allows.
bounds: Final[Mapping[str, Bound]] = {
    "price_share": Bound(0, 1.0, "a credit pays for goods: above their price it is another credit"),
    "amount_share": Bound(0.2, 3.0, "below a fifth of what was asked it is another project; above three times, too"),
    "duration": Bound(8, 45, "AMT_CREDIT / AMT_ANNUITY, interest not counted: the tables hold no credit beyond"),
    "annuity_income": Bound(0, 0.5, "no bank lets a credit take more than half of the income"),
    "documents": Bound(1, 2, "asking for a third document is asking for another file"),
    "external_score": Bound(0.01, 0.9, "share of the clients below: a score that one in ten reaches is no plan"),
}
amount_step: Final = 100.0
annuity_step: Final = 1.0
score_step: Final = 0.01
# How hard it is to bring a document, on the scale of the other efforts: as hard as to do with 5 % less credit.
document_effort: Final = 0.05

revolving: Final = "Revolving loans"


class Path(Protocol):
    """One way to move an application, step by step away from what it is; step 0 is as it is."""

    @property
    def action(self) -> ActionName:
        """Which action it is."""
        ...

    @property
    def direction(self) -> Direction:
        """Whether what it moves becomes less or more."""
        ...

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it moves."""
        ...

    @property
    def last(self) -> int:
        """The last step that is within the bounds."""
        ...

    def at(self, steps: Steps) -> dict[str, NDArray[np.float64]]:
        """The value of each field at each of those steps, each 1 to `last`."""
        ...

    def effort(self, steps: Steps) -> NDArray[np.float64]:
        """How much is asked of the client at each of those steps, from 0 on."""
        ...


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as asked, and the step it is said in."""

    field: str
    asked: float
    step: float

    def rounded(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """That share of the amount, in whole steps, down to the next."""
        return np.maximum(np.floor(np.round(self.asked * share / self.step, 6)), 1.0) * self.step


@dataclass(frozen=True, eq=False, slots=True)
class AmountPath:
    """An amount lowered or raised by whole steps, others in proportion. The effort is its relative change."""

    action: ActionName
    direction: Direction
    main: Amount
    others: tuple[Amount, ...]
    last: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it moves."""
        return (self.main.field, *(other.field for other in self.others))

    def at(self, steps: Steps) -> dict[str, NDArray[np.float64]]:
        """The amounts at each of those steps."""
        values = self._values(steps)
        share = values / self.main.asked
        return {self.main.field: values} | {other.field: other.rounded(share) for other in self.others}

    def effort(self, steps: Steps) -> NDArray[np.float64]:
        """The relative change of the main amount."""
        return np.where(steps > 0, np.abs(self._values(steps) / self.main.asked - 1), 0.0)

    def _values(self, steps: Steps) -> NDArray[np.float64]:
        inside = self.main.asked / self.main.step
        count = ceil(inside) - steps if self.direction == "less" else floor(inside) + steps
        return np.asarray(count * self.main.step, dtype=np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class ScorePath:
    """An external score that is missing, or higher. The effort is the share of the clients between the two.

    `known` is the score in steps, rounded down; 0 where it is missing.
    """

    field: str
    quantiles: NDArray[np.float64]
    known: int
    last: int
    action: ActionName = "external_score"
    direction: Direction = "more"

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it moves."""
        return (self.field,)

    def at(self, steps: Steps) -> dict[str, NDArray[np.float64]]:
        """The score at each of those steps."""
        return {self.field: np.round((self.known + steps) * score_step, 2)}

    def effort(self, steps: Steps) -> NDArray[np.float64]:
        """The share of the clients whose score is lower, less those whose score is lower than it is now."""
        lower = np.searchsorted(self.quantiles, np.round((self.known + steps) * score_step, 2))
        now = np.searchsorted(self.quantiles, self.known * score_step) if self.known else 0
        return (lower - now) / len(self.quantiles)


@dataclass(frozen=True, eq=False, slots=True)
class DocumentPath:
    """Missing documents, provided: each step is one choice of them, the fewest first."""

    choices: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]
    action: ActionName = "documents"
    direction: Direction = "more"

    @property
    def last(self) -> int:
        """How many choices there are."""
        return len(self.choices)

    def at(self, steps: Steps) -> dict[str, NDArray[np.float64]]:
        """1 for the documents provided at each of those steps."""
        chosen = [self.choices[step - 1] for step in steps]
        return {name: np.array([float(name in choice) for choice in chosen]) for name in self.fields}

    def effort(self, steps: Steps) -> NDArray[np.float64]:
        """`document_effort` for each document."""
        return np.array([len(self.choices[step - 1]) * document_effort if step else 0.0 for step in steps])

    def chosen(self, places: Sequence[int]) -> DocumentPath:
        """The path of only those choices, by their place."""
        choices = tuple(self.choices[place] for place in places)
        return DocumentPath(choices, tuple(name for name in self.fields if any(name in choice for choice in choices)))


def ways_to_ask_less(
    values: Mapping[str, Value],
    preprocessor: Preprocessor,
    names: Sequence[ActionName],
    read: AbstractSet[str] | None = None,
) -> list[Path]:
    """The paths by which a client can make an application easier to accept.

    Args:
        values: validated raw columns; an action whose columns are missing has no path.
        preprocessor: knows which amounts clients have.
        names: which actions may be taken.
        read: the features that the model reads, all where None; documents that it only counts are not all tried.
    """
    paths = [*_amounts(values, preprocessor, "less"), *_durations(values)]
    ways: list[Path] = [path for path in paths if path.action in names and path.last > 0]
    if "documents" in names:
        ways += _documents(values, read)
    return ways


def circumstances(values: Mapping[str, Value], preprocessor: Preprocessor, names: Sequence[ActionName]) -> list[Path]:
    """The paths that no client can choose, the income first; arguments as of `ways_to_ask_less`."""
    ways: list[Path] = []
    income = _amount(values, "AMT_INCOME_TOTAL", amount_step)
    if "income" in names and income:
        highest = min(income.asked * bounds["amount_share"].highest, _seen(preprocessor, income.field)[1])
        ways.append(AmountPath("income", "more", income, (), _steps(income, "more", highest)))
    if "external_score" in names:
        ways += _scores(values, preprocessor)
    return [way for way in ways if way.last > 0]


def ways_to_ask_more(
    values: Mapping[str, Value], preprocessor: Preprocessor, names: Sequence[ActionName]
) -> list[Path]:
    """The paths along which an accepted application could ask for more, or repay sooner or later."""
    paths = [*_amounts(values, preprocessor, "more"), *_durations(values)]
    return [path for path in paths if path.action in names and path.last > 0]


def _amounts(values: Mapping[str, Value], preprocessor: Preprocessor, direction: Direction) -> list[AmountPath]:
    credit = _amount(values, "AMT_CREDIT", amount_step)
    annuity = _amount(values, "AMT_ANNUITY", annuity_step)
    price = _amount(values, "AMT_GOODS_PRICE", amount_step)
    if credit is None:
        return []
    stated_price = None if price is None or values.get("NAME_CONTRACT_TYPE") == revolving else price.asked

    def path(action: ActionName, main: Amount, others: tuple[Amount, ...]) -> AmountPath:
        lowest, highest = _seen(preprocessor, main.field)
        shares = bounds["amount_share"]
        if direction == "less":
            ends = [main.asked * shares.lowest, lowest, main.step]
        else:
            ends = [main.asked * shares.highest, highest]
            if main is credit and stated_price is not None:
                ends.append(max(stated_price * bounds["price_share"].highest, credit.asked))
        if annuity and annuity in others:
            ends.append(main.asked * (0 if direction == "less" else _highest_annuity(values) / annuity.asked))
        elif annuity:
            duration = bounds["duration"]
            ends.append(annuity.asked * (duration.lowest if direction == "less" else duration.highest))
        end = max(ends) if direction == "less" else min(ends)
        return AmountPath(action, direction, main, others, _steps(main, direction, end))

    with_annuity = (annuity,) if annuity else ()
    paths = [path("down_payment", credit, with_annuity)]
    if values.get("NAME_CONTRACT_TYPE") == revolving:
        # The annuity is a share of the limit, and there is neither a price nor a duration.
        return paths
    if annuity:
        paths.append(path("credit", credit, ()))
    if price:
        paths.append(path("goods_price", price, (credit, *with_annuity)))
    return paths


def _durations(values: Mapping[str, Value]) -> list[AmountPath]:
    credit = _amount(values, "AMT_CREDIT", amount_step)
    annuity = _amount(values, "AMT_ANNUITY", annuity_step)
    if credit is None or annuity is None or values.get("NAME_CONTRACT_TYPE") == revolving:
        return []
    longest, shortest = credit.asked / bounds["duration"].highest, credit.asked / bounds["duration"].lowest
    shortest = min(shortest, _highest_annuity(values))
    return [
        AmountPath("duration", "less", annuity, (), _steps(annuity, "less", longest)),
        AmountPath("duration", "more", annuity, (), _steps(annuity, "more", shortest)),
    ]


def _highest_annuity(values: Mapping[str, Value]) -> float:
    income = values.get("AMT_INCOME_TOTAL")
    return income * bounds["annuity_income"].highest if isinstance(income, int | float) else float("inf")


def _seen(preprocessor: Preprocessor, field: str) -> tuple[float, float]:
    """The lowest and the highest amount that the catalogue allows and the model saw in training."""
    quantiles, column = preprocessor.quantiles[preprocessor.feature_names.index(field)], catalogue.column(field)
    # `nan` where training had none: `fmax` and `fmin` pass over it.
    lowest = np.fmax(-np.inf if column.minimum is None else column.minimum, quantiles[0])
    highest = np.fmin(np.inf if column.maximum is None else column.maximum, quantiles[-1])
    return float(lowest), float(highest)


def _steps(amount: Amount, direction: Direction, end: float) -> int:
    """How many whole steps lie between the amount asked and an end, which is included."""
    inside, last = amount.asked / amount.step, end / amount.step
    if direction == "less":
        return ceil(inside) - ceil(round(last, 6))
    return int(min(round(last, 6), 1e12)) - floor(inside)


def _amount(values: Mapping[str, Value], field: str, step: float) -> Amount | None:
    value = values.get(field)
    return Amount(field, float(value), step) if isinstance(value, int | float) and value > 0 else None


def _documents(values: Mapping[str, Value], read: AbstractSet[str] | None) -> list[Path]:
    names = [column.name for column in catalogue.columns() if column.name.startswith("FLAG_DOCUMENT_")]
    absent = tuple(name for name in names if values.get(name) == 0)
    most = int(bounds["documents"].highest)
    if read is not None:
        # The first of those that the model only counts stand for all of them.
        counted = [name for name in absent if name not in read][:most]
        absent = tuple(name for name in absent if name in read or name in counted)
    choices = tuple(choice for count in range(1, most + 1) for choice in combinations(absent, count))
    return [DocumentPath(choices, absent)] if choices else []


def _scores(values: Mapping[str, Value], preprocessor: Preprocessor) -> list[Path]:
    ways: list[Path] = []
    for name in external_scores:
        quantiles, value = preprocessor.quantiles[preprocessor.feature_names.index(name)], values.get(name)
        if not np.isnan(quantiles[0]):
            place = int(bounds["external_score"].highest * (len(quantiles) - 1))
            known = floor(round(value / score_step, 6)) if isinstance(value, int | float) else 0
            ways.append(ScorePath(name, quantiles, known, floor(round(quantiles[place] / score_step, 6)) - known))
    return ways
