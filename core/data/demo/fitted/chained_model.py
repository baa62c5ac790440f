"""The chained model: variables drawn each given the ones before it, the joint distribution of the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from scipy.special import ndtr

from core.data.demo.fitted.discretizer import CategoryDiscretizer, NumberDiscretizer, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from core.data.demo.fitted.cart import Cart


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a chain.

    Attributes:
        name: a column of the table, or a name of our own for what is derived from some.
        kind: whether its codes stand for categories or for cells of a number.
        step: the grid of a number; 0 where it has none.
        cells: the most intervals that a number is cut into.
        only_if: a variable drawn earlier without which this one is missing, and with which its own table is fitted.
    """

    name: str
    kind: Literal["category", "number"]
    step: float = 1.0
    cells: int = 250
    only_if: str | None = None


def category(name: str, only_if: str | None = None) -> Variable:
    """A variable whose codes stand for categories."""
    return Variable(name, "category", only_if=only_if)


def number(name: str, step: float = 1.0, only_if: str | None = None, cells: int = 250) -> Variable:
    """A variable whose codes stand for cells of a number."""
    return Variable(name, "number", step, cells, only_if)


@dataclass(frozen=True, slots=True)
class ChainedModel:
    """What was measured of a table's rows.

    Attributes:
        variables: in the order in which they are drawn.
        discretizers: of each.
        carts: the tree of each over those before it.
        indicators: the categories (variable, code) that are predictors of their own.
    """

    variables: tuple[Variable, ...]
    discretizers: dict[str, CategoryDiscretizer | NumberDiscretizer]
    carts: dict[str, Cart]
    indicators: tuple[tuple[str, int], ...]

    def draw(
        self,
        rows: int,
        rng: np.random.Generator,
        uniforms: Callable[[str], NDArray[np.float64]] | None = None,
        known_columns: Mapping[str, pl.Series] | None = None,
    ) -> pl.DataFrame:
        """Rows of the table's variables.

        Args:
            rows: how many.
            rng: where chance comes from.
            uniforms: the number in [0, 1) that chooses each row's code of a variable; plain chance where left out.
            known_columns: values that are known already; they steer those behind them and come back as they are.
        """
        predictors = Predictors(self.variables, self.indicators, rows)
        known = known_columns or {}
        columns = []
        for variable in self.variables:
            if variable.name in known:
                codes = self.discretizers[variable.name].encode(known[variable.name])
                columns.append(known[variable.name].alias(variable.name))
            else:
                chance = rng.random(rows) if uniforms is None else uniforms(variable.name)
                codes = self.carts[variable.name].draw(predictors.codes, chance)
                if variable.only_if is not None:
                    codes = np.where(predictors.of(variable.only_if) == missing, missing, codes).astype(np.uint16)
                columns.append(self.discretizers[variable.name].decode(codes, rng).alias(variable.name))
            predictors.put(variable.name, codes)
        return pl.DataFrame(columns)


class Predictors:
    """The codes known so far, and the indicators of common categories, as the trees see them: one row a predictor."""

    def __init__(self, variables: tuple[Variable, ...], indicators: tuple[tuple[str, int], ...], rows: int) -> None:
        self._place = {variable.name: place for place, variable in enumerate(variables)}
        self._indicators = indicators
        self.codes: NDArray[np.uint16] = np.zeros((len(variables) + len(indicators), rows), dtype=np.uint16)

    def put(self, name: str, codes: NDArray[np.uint16]) -> None:
        """Stores the codes of a variable and its indicators."""
        self.codes[self._place[name]] = codes
        for place, (variable, code) in enumerate(self._indicators, start=len(self._place)):
            if variable == name:
                self.codes[place] = codes == code

    def of(self, name: str) -> NDArray[np.uint16]:
        """The codes of a variable."""
        row: NDArray[np.uint16] = self.codes[self._place[name]]
        return row

    def before(self, name: str) -> NDArray[np.intp]:
        """The rows of the variables in front of one, and of their indicators."""
        place = self._place[name]
        early = [
            at for at, (variable, _) in enumerate(self._indicators, len(self._place)) if self._place[variable] < place
        ]
        return np.asarray([*range(place), *early], dtype=np.intp)


def steered(
    rng: np.random.Generator, push: NDArray[np.float64], weights: Mapping[str, float]
) -> Callable[[str], NDArray[np.float64]]:
    """Chance that leans: even numbers in [0, 1) that correlate with what a row's owner is like.

    Args:
        push: standard normal, one a row.
        weights: the correlation of each variable that leans, in (-1, 1); the others are left to chance.
    """

    def uniforms(name: str) -> NDArray[np.float64]:
        weight = weights.get(name, 0.0)
        if not weight:
            return rng.random(len(push))
        return leaning(rng, push, weight)

    return uniforms


def leaning(rng: np.random.Generator, push: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Numbers in [0, 1), even over all rows, whose normal scores correlate with `push` by `weight`."""
    noise = rng.standard_normal(len(push))
    leant: NDArray[np.float64] = ndtr(weight * push + np.sqrt(1 - weight**2) * noise)
    return np.minimum(leant, np.nextafter(1.0, 0.0))
