"""The search around one application: its actions' paths are scored, and closed in on where the decision turns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from core.features import rows, variations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.recourse.actions import Path, Steps
    from core.scoring import Scorer

    Mask = NDArray[np.bool_]

pair_points: Final = 8
# How many points are scored for each choice of paths that are all taken together.
_together_points: Final = 200
_points_between: Final = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One step on each of some paths, which move different columns."""

    paths: tuple[Path, ...]
    steps: tuple[int, ...]

    def without_zeros(self) -> Point:
        """The point on only those paths that it moves along."""
        kept = [(path, step) for path, step in zip(self.paths, self.steps, strict=True) if step]
        return Point(tuple(path for path, _ in kept), tuple(step for _, step in kept))


@dataclass(frozen=True, slots=True)
class Block:
    """Many points on the same paths: for each path its steps, all arrays of one length."""

    paths: tuple[Path, ...]
    steps: tuple[Steps, ...]

    def __len__(self) -> int:
        return len(self.steps[0])

    def point(self, place: int) -> Point:
        """One of the points."""
        return Point(self.paths, tuple(int(step[place]) for step in self.steps))

    def where_effort(self, below: float) -> Block:
        """The points that ask less than an effort."""
        if below == np.inf:
            return self
        kept = self.effort < below
        return Block(self.paths, tuple(steps[kept] for steps in self.steps))

    @property
    def effort(self) -> NDArray[np.float64]:
        """What each point asks of the client."""
        return np.asarray(
            np.sum([path.effort(steps) for path, steps in zip(self.paths, self.steps, strict=True)], axis=0)
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one path, while the steps on the others stay: what is looked for is at `high`, and not yet at `low`."""

    point: Point
    place: int
    low: int
    high: int


def grid(paths: Sequence[Path], ranges: Sequence[tuple[int, int]], most: int) -> Block:
    """Evenly spread points: up to `most` steps on each path, the ends of its range among them."""
    axes = [np.unique(np.linspace(low, high, most).round().astype(np.intp)) for low, high in ranges]
    return Block(tuple(paths), tuple(axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")))


def pairs_of(paths: Sequence[Path], below: float = np.inf, most: int = pair_points) -> list[Block]:
    """Points on every two paths that can be taken together, as far as they ask less than an effort that suffices."""
    blocks = [
        grid(both, [(1, path.last) for path in both], most).where_effort(below)
        for both in combinations(paths, 2)
        if _move_different_columns(both)
    ]
    return [block for block in blocks if len(block)]


def all_together(paths: Sequence[Path]) -> list[Block]:
    """Points on as many paths at once as can be taken together, three at least, with none of each among them."""
    chosen: list[tuple[Path, ...]] = []
    for count in range(len(paths), 2, -1):
        for several in combinations(paths, count):
            if _move_different_columns(several) and not any(set(several) <= set(combination) for combination in chosen):
                chosen.append(several)
    return [
        grid(several, [(0, path.last) for path in several], max(2, int(_together_points ** (1 / len(several)))))
        for several in chosen
    ]


def _move_different_columns(paths: Sequence[Path]) -> bool:
    fields = [name for path in paths for name in path.fields]
    return len(set(fields)) == len(fields)


def cell(block: Block, point: Point) -> list[tuple[int, int]]:
    """On each path, the stretch of the grid that ends at the point."""
    return [
        (int(max(steps[steps < step], default=step)), step)
        for steps, step in zip(block.steps, point.steps, strict=True)
    ]


@dataclass(frozen=True)
class PathSearch:
    """The search along the paths of actions from one application.

    Attributes:
        goal: below which probability an application is accepted here: the threshold, or some buffer below it.
    """

    scorer: Scorer
    application: Application
    goal: float

    def probabilities(self, blocks: Sequence[Block]) -> list[NDArray[np.float64]]:
        """The probability of default at each point, from one call of the model: one array a block."""
        if not blocks:
            return []
        columns = [self._columns(block) for block in blocks]
        names = {name for column in columns for name in column}
        varied = {
            name: np.concatenate(
                [
                    column.get(name, np.full(len(block), self._now(name)))
                    for column, block in zip(columns, blocks, strict=True)
                ]
            )
            for name in sorted(names)
        }
        matrix = variations.matrix(self.application.values, varied, self._row)
        probabilities = self.scorer.predictor.probabilities(matrix)
        return np.split(probabilities, np.cumsum([len(block) for block in blocks])[:-1])

    def accepted(self, probabilities: NDArray[np.float64]) -> Mask:
        """Which of them are below the goal."""
        return probabilities < self.goal

    def close(self, stretches: Sequence[Stretch], *, accepted: bool) -> list[int]:
        """The first step of each stretch that is accepted (or refused) while the one before is not.

        Many-way bisection: each round scores points evenly spread over every stretch that is still open, and goes on
        before the first that is what is looked for.
        """
        ends = [(stretch.low, stretch.high) for stretch in stretches]
        while wide := [place for place, (low, high) in enumerate(ends) if high - low > 1]:
            blocks = [self._between(stretches[place], *ends[place]) for place in wide]
            for place, block, probabilities in zip(wide, blocks, self.probabilities(blocks), strict=True):
                low, high = ends[place]
                steps = block.steps[stretches[place].place]
                hits = np.flatnonzero(self.accepted(probabilities) == accepted)
                first = int(hits[0]) if hits.size else len(steps)
                ends[place] = (int(steps[first - 1]) if first else low, int(steps[first]) if hits.size else high)
        return [high for _, high in ends]

    def tightened(self, point: Point) -> Point:
        """An accepted point with each step as small as the others allow; steps that are not needed become 0.

        The last path is tightened first.
        """
        while True:
            before = point
            for place in reversed(range(len(point.paths))):
                if point.steps[place]:
                    point = self._with(point, place, self._smallest(point, place))
            if point == before:
                return point

    def _smallest(self, point: Point, place: int) -> int:
        without, one_less = self._with(point, place, 0), self._with(point, place, point.steps[place] - 1)
        (probabilities,) = self.probabilities([_block([without, one_less])])
        no_need, enough = self.accepted(probabilities)
        if no_need:
            return 0
        if not enough:
            return point.steps[place]
        return self.close([Stretch(point, place, 0, point.steps[place] - 1)], accepted=True)[0]

    def _with(self, point: Point, place: int, step: int) -> Point:
        return Point(point.paths, (*point.steps[:place], step, *point.steps[place + 1 :]))

    def _between(self, stretch: Stretch, low: int, high: int) -> Block:
        inside = np.unique(np.linspace(low + 1, high - 1, _points_between).round().astype(np.intp))
        steps = [np.full(len(inside), step) for step in stretch.point.steps]
        steps[stretch.place] = inside
        return Block(stretch.point.paths, tuple(steps))

    def _columns(self, block: Block) -> dict[str, NDArray[np.float64]]:
        """What each column that the paths move is at each point; as it is now where the step is 0."""
        return {
            name: np.where(steps > 0, values, self._now(name))
            for path, steps in zip(block.paths, block.steps, strict=True)
            for name, values in path.at(np.maximum(steps, 1)).items()
        }

    @cached_property
    def _row(self) -> NDArray[np.float64]:
        return rows.matrix([self.application.values])

    def _now(self, name: str) -> float:
        value = self.application.values.get(name)
        return float("nan") if value is None else float(value)


def _block(points: Sequence[Point]) -> Block:
    return Block(
        points[0].paths, tuple(np.array(steps) for steps in zip(*(point.steps for point in points), strict=True))
    )
