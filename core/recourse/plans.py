"""The smallest change that a client can make for a refused application to be accepted, or the room an accepted one has.

Each action (see `core.recourse.actions`) is walked in whole steps, so that what is found is what a banker would say,
and is scored as it is said. A grid along the action finds the first accepted point; between it and the refused one,
the search goes on by many-way bisection. For the actions that the model's monotone constraints cover (`credit`,
`external_score`) the answer is the smallest step of all; for the others it is the smallest near the first accepted
point of the grid, as a narrow accepted window may lie between two of its points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core import catalogue
from core.decision import Value
from core.explain.what_if import changed
from core.recourse.actions import DocumentPath, ScorePath, action_names, ways_to_ask_less, ways_to_ask_more
from core.recourse.search import Block, PathSearch, Point, Stretch, all_together, cell, grid, pair_points, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from core.application import Application
    from core.decision import Decision
    from core.recourse.actions import ActionName, Direction, Path
    from core.scoring import Scorer

    Scored = list[tuple[Block, NDArray[np.float64]]]

_grid_points: Final = 48
# To which probabilities are compared where the least effort shall win: nobody does more for a billionth.
_digits: Final = 9
_zooms: Final = 2


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
    """Levers pulled together, and the decision that follows: what `Scorer.decide` says of that application."""

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


@dataclass(frozen=True, slots=True)
class Recourse:
    """What can be done about a decision.

    Attributes:
        decision: on the application as it is.
        options: for a refused application: changes that make it accepted, the least effort first; one for each way that
            suffices alone, and the best found that takes several.
        insufficient: ways that do not suffice alone, each where it brings the risk lowest; the lowest first.
        nearest: where nothing suffices, the lowest probability found, by any actions together; None where no action
            lowers it.
        margins: for an accepted application: how far each action could go before it would be refused.
    """

    decision: Decision
    options: tuple[Option, ...] = ()
    insufficient: tuple[Option, ...] = ()
    nearest: Option | None = None
    margins: tuple[Option, ...] = ()

    @property
    def said(self) -> tuple[Option, ...]:
        """Everything that is said of applications as they could be."""
        nearest = () if self.nearest is None else (self.nearest,)
        return (*self.options, *self.insufficient, *nearest, *self.margins)

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
    preprocessor = scorer.artefacts.preprocessor
    search = _Search(PathSearch(scorer, application, decision.threshold), decision)
    if decision.prediction == 0:
        return Recourse(decision, margins=search.margins(ways_to_ask_more(application.values, preprocessor, actions)))
    return search.options(ways_to_ask_less(application.values, preprocessor, actions))


@dataclass(frozen=True, slots=True)
class _Search:
    search: PathSearch
    decision: Decision

    def margins(self, paths: Sequence[Path]) -> tuple[Option, ...]:
        """How far an accepted application can go along each path."""
        reached: dict[Path, int] = {}
        stretches: list[Stretch] = []
        for block, probabilities in self._scored([_along(path) for path in paths]):
            refused = np.flatnonzero(~self.search.accepted(probabilities))
            if refused.size:
                stretches.append(_stretch(block, int(refused[0])))
            else:
                reached[block.paths[0]] = block.paths[0].last
        for stretch, first in zip(stretches, self.search.close(stretches, accepted=False), strict=True):
            reached[stretch.point.paths[0]] = first - 1
        return self._options(Point((path,), (reached[path],)) for path in paths if reached[path])

    def options(self, paths: Sequence[Path]) -> Recourse:
        """The ways out for a refused application."""
        scored = [_with_best_documents(*item) for item in self._scored([_along(path) for path in paths])]
        stretches: list[Stretch] = []
        left: list[Point] = []
        for block, probabilities in scored:
            accepted = np.flatnonzero(self.search.accepted(probabilities))
            if accepted.size:
                stretches.append(_stretch(block, int(accepted[0])))
            else:
                left.append(_lowest(block, probabilities))
        steps = self.search.close(stretches, accepted=True)
        singles = [Point(stretch.point.paths, (step,)) for stretch, step in zip(stretches, steps, strict=True)]
        pairs = self._scored(pairs_of(_with_one_score(scored, singles)))
        several = self._best_pair(pairs)
        more: Scored = []
        if not singles and several is None:
            more = self._scored(all_together([block.paths[0] for block, _ in scored]))
            several = self._least(more)
        points = list(singles)
        if several:
            tight = self.search.tightened(several).without_zeros()
            points += [tight] if len(tight.paths) > 1 or not singles else []
        options = self._options(points)
        lowest = () if options else self._lower(_lowest(*item) for item in [*scored, *pairs, *more])
        return Recourse(
            self.decision,
            options=tuple(sorted(options, key=lambda option: option.effort)),
            insufficient=self._lower(left),
            nearest=lowest[0] if lowest else None,
        )

    def _best_pair(self, pairs: Scored) -> Point | None:
        """The accepted pair of least effort; one that needs no external score, which nobody can choose, goes before."""
        chosen = [pair for pair in pairs if not any(isinstance(path, ScorePath) for path in pair[0].paths)]
        best = self._least(chosen) or self._least(pairs)
        if best is None:
            return None
        block = next(block for block, _ in pairs if block.paths == best.paths)
        for _ in range(_zooms):
            block = grid(block.paths, cell(block, best), pair_points)
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

    def _lower(self, points: Iterable[Point]) -> tuple[Option, ...]:
        """The points that lower the risk at all, the lowest first."""
        options = self._options(points)
        lower = [option for option in options if option.decision.probability < self.decision.probability]
        return tuple(sorted(lower, key=lambda option: (round(option.decision.probability, _digits), option.effort)))

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
        decisions = self.search.scorer.decide_many(applications, self.search.threshold)
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


def _with_one_score(scored: Scored, singles: Sequence[Point]) -> list[Path]:
    """The paths with at most one external score: which asks least where it suffices, else which helps most."""
    efforts = {single.paths[0]: Block(single.paths, (np.array(single.steps),)).effort[0] for single in singles}
    scores = [
        (efforts.get(block.paths[0], np.inf), probabilities.min(), block)
        for block, probabilities in scored
        if _is_score(block)
    ]
    best = min(scores, key=lambda score: score[:2], default=None)
    return [block.paths[0] for block, _ in scored if not _is_score(block) or (best and block is best[2])]


def _is_score(block: Block) -> bool:
    return isinstance(block.paths[0], ScorePath)


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
