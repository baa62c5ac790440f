"""The smallest change that a client can make for a refused application to be accepted, or the room an accepted one has.

What is offered keeps a buffer below the threshold, so that a rounding or the next training does not undo it. What
nobody can choose (a score from another lender's file, the income) is no option; where no option is found it is said as
what would have to be different.

Each action (see `core.recourse.actions`) is walked in whole steps, so that what is found is what a banker would say,
and is scored as it is said. A grid along the action finds the first accepted point; between it and the refused one,
the search goes on by many-way bisection. For the actions that the model's monotone constraints cover (`credit`,
`income`, `external_score`) the answer is the smallest step of all; for the others it is the smallest near the first
accepted point of the grid, as a narrow accepted window may lie between two of its points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core import catalogue
from core.decision import Value
from core.explain.what_if import changed
from core.recourse.actions import (
    DocumentPath,
    action_names,
    circumstances,
    ways_to_ask_less,
    ways_to_ask_more,
)
from core.recourse.search import Block, PathSearch, Point, Stretch, all_together, cell, grid, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.decision import Decision
    from core.recourse.actions import ActionName, Direction, Path
    from core.scoring import Scorer

    Scored = list[tuple[Block, NDArray[np.float64]]]

# How far below the threshold an option shall be, in probability; half of a threshold that is hardly higher itself.
_buffer: Final = 0.005
_grid_points: Final = 24
_circumstance_points: Final = 6
# To which probabilities are compared where the least effort shall win: nobody does more for a billionth.
_digits: Final = 9
_zooms: Final = 2
_zoom_points: Final = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One column changed; None stands for missing."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Move:
    """One action taken.

    Attributes:
        direction: whether what it moves becomes less or more.
        changes: the columns it moves, the main one first.
        effort: how much is asked: the relative change of an amount, the share of the clients whose score is lower, or
            5 % a document.
        at_limit: whether it goes as far as the bounds allow.
    """

    action: ActionName
    direction: Direction
    changes: tuple[Change, ...]
    effort: float
    at_limit: bool


@dataclass(frozen=True, slots=True)
class Option:
    """Actions taken together, and the decision that follows: what `Scorer.decide` says of that application."""

    moves: tuple[Move, ...]
    decision: Decision

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every column that is changed, each once."""
        return tuple(change for move in self.moves for change in move.changes)

    @property
    def effort(self) -> float:
        """The efforts of its moves together."""
        return sum(move.effort for move in self.moves)

    @property
    def buffer(self) -> float:
        """How far the probability is below the threshold; negative where it is above."""
        return self.decision.threshold - self.decision.probability

    @property
    def narrow(self) -> bool:
        """Whether it is accepted with less than the buffer that is aimed at: the next training may undo it."""
        return self.decision.prediction == 0 and self.decision.probability >= _goal(self.decision.threshold)


@dataclass(frozen=True, slots=True)
class Recourse:
    """What can be done about a decision.

    Attributes:
        decision: on the application as it is.
        options: for a refused application: changes that the client can choose and that make it accepted with a buffer,
            the least effort first; one for each way that suffices alone, and the best found that takes several. Where
            nothing reaches the buffer, the one that comes nearest to it.
        insufficient: ways that do not suffice alone, each where it brings the risk lowest; the lowest first.
        nearest: where nothing suffices, the lowest probability found, by any actions together; None where no action
            lowers it.
        different: where there are no options: what would have to be different that nobody can choose, the income
            before the external scores; None where that was not looked for.
        margins: for an accepted application: how far each action could go before it would be refused, for those with
            which a refusal was found.
        never_refused: for an accepted application: whether actions were tried, and none of them led to a refusal.
    """

    decision: Decision
    options: tuple[Option, ...] = ()
    insufficient: tuple[Option, ...] = ()
    nearest: Option | None = None
    different: tuple[Option, ...] | None = None
    margins: tuple[Option, ...] = ()
    never_refused: bool = False

    @property
    def said(self) -> tuple[Option, ...]:
        """Everything that is said of applications as they could be."""
        nearest = () if self.nearest is None else (self.nearest,)
        return (*self.options, *self.insufficient, *nearest, *(self.different or ()), *self.margins)

    @property
    def already_accepted(self) -> bool:
        """Whether nothing has to be changed."""
        return self.decision.prediction == 0

    @property
    def reachable(self) -> bool:
        """Whether the application is accepted, as it is or by one of the options."""
        return self.already_accepted or bool(self.options)


def recourse(
    scorer: Scorer,
    application: Application,
    threshold: float | None = None,
    actions: Sequence[ActionName] = action_names,
) -> Recourse:
    """The ways to an accepted application, or the room that an accepted one has; the same answer every time.

    Args:
        threshold: replaces the model's own.
        actions: which may be taken; those that do not apply (a price that is not stated, ...) are left out.

    >>> from core.application import parse_application
    >>> from core.scoring import Scorer
    >>> from core.settings import settings
    >>> scorer = Scorer.load(settings().models_dir)
    >>> application = parse_application({"AMT_CREDIT": 450000, "AMT_ANNUITY": 24300, "AMT_INCOME_TOTAL": 90000})
    >>> just_refused = scorer.decide(application).probability
    >>> found = recourse(scorer, application, threshold=just_refused)
    >>> found.reachable, found.options[0].decision.decision
    (True, 'ACCEPTÉ')
    """
    decision = scorer.decide(application, threshold)
    values, preprocessor = application.values, scorer.artefacts.preprocessor
    if decision.prediction == 0:
        search = PathSearch(scorer, application, decision.threshold)
        return _Search(search, decision).margins(ways_to_ask_more(values, preprocessor, actions))
    search = PathSearch(scorer, application, _goal(decision.threshold))
    ways = ways_to_ask_less(values, preprocessor, actions, scorer.read_features)
    answer = _Search(search, decision).options(ways)
    paths = circumstances(values, preprocessor, actions)
    if answer.options or not paths:
        return answer
    wider = PathSearch(scorer, application, search.goal)
    return replace(answer, different=_Search(wider, decision).different(paths, ways))


def _goal(threshold: float) -> float:
    """The probability below which an option is accepted with a buffer."""
    return threshold - min(_buffer, threshold / 2)


@dataclass(frozen=True, slots=True)
class _Search:
    search: PathSearch
    decision: Decision

    def margins(self, paths: Sequence[Path]) -> Recourse:
        """How far an accepted application can go along each path; what leads to no refusal is not said."""
        stretches: list[Stretch] = []
        for block, probabilities in self._scored([_along(path) for path in paths]):
            refused = np.flatnonzero(~self.search.accepted(probabilities))
            if refused.size:
                stretches.append(_stretch(block, int(refused[0])))
        first_refused = self.search.close(stretches, accepted=False)
        reached = [
            Point(stretch.point.paths, (first - 1,))
            for stretch, first in zip(stretches, first_refused, strict=True)
            if first > 1
        ]
        return Recourse(self.decision, margins=self._options(reached), never_refused=bool(paths) and not stretches)

    def options(self, paths: Sequence[Path]) -> Recourse:
        """The ways out for a refused application."""
        scored = [_with_best_documents(*item) for item in self._scored([_along(path) for path in paths])]
        singles, left = self._singles(scored)
        least = min((_effort(point) for point in singles), default=np.inf)
        kept = [block.paths[0] for block, _ in scored]
        pairs = self._scored(pairs_of(kept, least))
        several = self._best_pair(pairs)
        more: Scored = []
        if not singles and several is None:
            more = self._scored(all_together(kept))
            several = self._least(more)
        points = list(singles)
        if several:
            tight = self.search.tightened(several).without_zeros()
            points += [tight] if len(tight.paths) > 1 or not singles else []
        options = self._options(points)
        nearest = None if options else self._nearest([*scored, *pairs, *more])
        if nearest and nearest.decision.prediction == 0:
            # Below the threshold, though nothing is by as much as the buffer.
            options = (nearest,)
        lower = nearest is not None and nearest.decision.probability < self.decision.probability
        return Recourse(
            self.decision,
            options=tuple(sorted(options, key=lambda option: option.effort)),
            insufficient=self._insufficient(left),
            nearest=nearest if lower and not options else None,
        )

    def different(self, paths: Sequence[Path], chosen: Sequence[Path]) -> tuple[Option, ...]:
        """What would have to be different: each circumstance that suffices alone; else the best with something more."""
        scored = self._scored([_along(path) for path in paths])
        points, _ = self._singles(scored)
        if not points:
            best = min(scored, key=lambda item: item[1].min())[0].paths[0]
            others = [path for path in (*chosen, *paths) if path is not best and not isinstance(path, DocumentPath)]
            pairs = [pair for other in others for pair in pairs_of([other, best], most=_circumstance_points)]
            if several := self._least(self._scored(pairs)):
                points = [self.search.tightened(several).without_zeros()]
        return tuple(sorted(self._options(points), key=lambda option: (_needs_score(option), option.effort)))

    def _singles(self, scored: Scored) -> tuple[list[Point], list[Point]]:
        """The least step of each path that suffices alone, and of the others where the risk is lowest."""
        stretches: list[Stretch] = []
        left: list[Point] = []
        for block, probabilities in scored:
            accepted = np.flatnonzero(self.search.accepted(probabilities))
            if accepted.size:
                stretches.append(_stretch(block, int(accepted[0])))
            else:
                left.append(_lowest(block, probabilities))
        steps = self.search.close(stretches, accepted=True)
        return [Point(stretch.point.paths, (step,)) for stretch, step in zip(stretches, steps, strict=True)], left

    def _best_pair(self, pairs: Scored) -> Point | None:
        """The accepted pair of least effort."""
        best = self._least(pairs)
        if best is None:
            return None
        block = next(block for block, _ in pairs if block.paths == best.paths)
        for _ in range(_zooms):
            block = grid(block.paths, cell(block, best), _zoom_points)
            best = self._least(self._scored([block])) or best
        return best

    def _least(self, scored: Scored) -> Point | None:
        """The accepted point of least effort, the first of those that are equal."""
        best: tuple[float, Point] | None = None
        for block, probabilities in scored:
            effort = np.where(self.search.accepted(probabilities), block.effort, np.inf)
            place = int(effort.argmin())
            if np.isfinite(effort[place]) and (best is None or effort[place] < best[0]):
                best = float(effort[place]), block.point(place)
        return best[1] if best else None

    def _nearest(self, scored: Scored) -> Option | None:
        """Where the risk is lowest of all that was scored; of several such points, the one of least effort."""
        points = [(_lowest(*item), float(item[1].min())) for item in scored]
        points = [point for point in points if point[0].paths]
        ranked = sorted(points, key=lambda point: (round(point[1], _digits), _effort(point[0])))
        return next(iter(self._options([point for point, _ in ranked[:1]])), None)

    def _insufficient(self, points: Iterable[Point]) -> tuple[Option, ...]:
        """The points that lower the risk, though not below the threshold; the lowest first."""
        lower = [
            option
            for option in self._options(points)
            if option.decision.prediction and option.decision.probability < self.decision.probability
        ]
        return tuple(sorted(lower, key=_risk))

    def _scored(self, blocks: Sequence[Block]) -> Scored:
        return list(zip(blocks, self.search.probabilities(blocks), strict=True))

    def _options(self, points: Iterable[Point]) -> tuple[Option, ...]:
        """The points as options, each decided on as an application of its own."""
        application = self.search.application
        moved = [tuple(_moves(point, application.values)) for point in points]
        if not moved:
            return ()
        changes = [{change.field: change.after for move in moves for change in move.changes} for moves in moved]
        applications = [changed(application, change) for change in changes]
        decisions = self.search.scorer.decide_many(applications, self.decision.threshold)
        return tuple(Option(moves, decision) for moves, decision in zip(moved, decisions, strict=True))


def _along(path: Path) -> Block:
    """Points spread over a path; every choice of documents, as one says nothing of the next."""
    return grid([path], [(1, path.last)], path.last if isinstance(path, DocumentPath) else _grid_points)


def _stretch(block: Block, place: int) -> Stretch:
    """From the point before to the one at `place`."""
    (steps,) = block.steps
    return Stretch(block.point(place), 0, int(steps[place - 1]) if place else 0, int(steps[place]))


def _with_best_documents(block: Block, probabilities: NDArray[np.float64]) -> tuple[Block, NDArray[np.float64]]:
    """Of the choices of as many documents only the best, the first of those that are equal; other paths as they are."""
    (path,) = block.paths
    if not isinstance(path, DocumentPath):
        return block, probabilities
    sizes = np.array([len(choice) for choice in path.choices])
    places = [int(np.where(sizes == size, probabilities, np.inf).argmin()) for size in np.unique(sizes)]
    return _along(path.chosen(places)), probabilities[places]


def _effort(point: Point) -> float:
    return float(Block(point.paths, tuple(np.array([step]) for step in point.steps)).effort[0])


def _risk(option: Option) -> tuple[float, float]:
    return round(option.decision.probability, _digits), option.effort


def _needs_score(option: Option) -> bool:
    return any(move.action == "external_score" for move in option.moves)


def _lowest(block: Block, probabilities: NDArray[np.float64]) -> Point:
    """Where the risk is lowest; of several such points, the one of least effort."""
    return block.point(int(np.lexsort((block.effort, probabilities.round(_digits)))[0])).without_zeros()


def _moves(point: Point, values: Mapping[str, Value]) -> Iterator[Move]:
    for path, step in zip(point.paths, point.steps, strict=True):
        steps = np.array([step])
        after = {name: _exact(name, float(value[0])) for name, value in path.at(steps).items()}
        yield Move(
            action=path.action,
            direction=path.direction,
            changes=tuple(Change(n, values.get(n), value) for n, value in after.items() if value != values.get(n)),
            effort=float(path.effort(steps)[0]),
            at_limit=step == path.last,
        )


def _exact(name: str, value: float) -> float | int:
    return value if catalogue.column(name).type == "real" else int(value)
