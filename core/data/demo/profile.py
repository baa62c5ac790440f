"""The profile: every statistic the demo is drawn from, in one small file without a row of anybody's data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.data.demo.codebook import CategoryBook, NumberBook
from core.data.demo.conditionals import Conditional
from core.data.demo.scorecard import Scorecard
from core.data.demo.ties import Line
from core.data.demo.variables import variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

file_name: Final = "profile.npz"
# A category that at least this many clients share is a predictor of its own.
least_indicator: Final = 150
_tree_fields: Final = ("feature", "threshold", "left", "right", "first", "codes", "counts")


@dataclass(frozen=True, slots=True)
class Profile:
    """What `fit` measures and `draw_applications` draws from.

    Attributes:
        books: the codebook of each variable, in the order in which they are drawn.
        conditionals: the tree of each variable over those before it.
        indicators: the categories (variable, code) that are predictors of their own.
        lines: how the twins of each building column follow from its average.
        scorecard: the log-odds of default given the application.
        intercept: added to the stretched log-odds, so that the default rate of the demo is the real one.
    """

    books: dict[str, CategoryBook | NumberBook]
    conditionals: dict[str, Conditional]
    indicators: tuple[tuple[str, int], ...]
    lines: dict[str, Line]
    scorecard: Scorecard
    intercept: float


class Predictors:
    """The codes drawn so far, with the indicators of common categories, as the trees see them.

    Rows are laid out as `layout` says: the variables in their order, then the indicators.
    """

    def __init__(self, indicators: tuple[tuple[str, int], ...], clients: int) -> None:
        self._place = {each.name: place for place, each in enumerate(variables)}
        self._indicators = indicators
        self.codes: NDArray[np.uint16] = np.zeros((len(variables) + len(indicators), clients), dtype=np.uint16)

    def put(self, name: str, codes: NDArray[np.uint16]) -> None:
        """Stores the codes of a variable and its indicators."""
        self.codes[self._place[name]] = codes
        for place, (variable, code) in enumerate(self._indicators, start=len(variables)):
            if variable == name:
                self.codes[place] = codes == code

    def of(self, name: str) -> NDArray[np.uint16]:
        """The codes of a variable."""
        row: NDArray[np.uint16] = self.codes[self._place[name]]
        return row

    def before(self, name: str) -> NDArray[np.intp]:
        """The rows that were drawn before a variable."""
        place = self._place[name]
        early = [at for at, (each, _) in enumerate(self._indicators, len(variables)) if self._place[each] < place]
        return np.asarray([*range(place), *early], dtype=np.intp)


def save(profile: Profile, path: Path) -> None:
    """Writes a profile; the same profile gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    books: dict[str, Any] = {}
    for name, book in profile.books.items():
        if isinstance(book, CategoryBook):
            books[name] = {"labels": book.labels}
        else:
            books[name] = {"step": book.step}
            arrays[f"{name}/low"], arrays[f"{name}/high"] = book.low, book.high
        for field in _tree_fields:
            arrays[f"{name}/{field}"] = getattr(profile.conditionals[name], field)
    head = {
        "books": books,
        "indicators": profile.indicators,
        "lines": {name: (line.intercept, line.slope, line.lattice) for name, line in profile.lines.items()},
        "scorecard": profile.scorecard.as_json(),
        "intercept": profile.intercept,
    }
    packed = _pack(arrays)
    stream = BytesIO()
    np.savez_compressed(stream, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **packed)  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue())


def load(path: Path | None = None) -> Profile:
    """Reads a profile; without a path, the one that comes with the package."""
    if path is None:
        return _shipped()
    return _read(path.read_bytes())


@cache
def _shipped() -> Profile:
    return _read(files(__package__).joinpath(file_name).read_bytes())


def _read(content: bytes) -> Profile:
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        head = json.loads(stored["head"].tobytes())
        arrays = _unpack(stored)
    books: dict[str, CategoryBook | NumberBook] = {
        name: CategoryBook(tuple(book["labels"]))
        if "labels" in book
        else NumberBook(arrays[f"{name}/low"], arrays[f"{name}/high"], book["step"])
        for name, book in head["books"].items()
    }
    return Profile(
        books=books,
        conditionals={name: Conditional(*(arrays[f"{name}/{field}"] for field in _tree_fields)) for name in books},
        indicators=tuple((name, int(code)) for name, code in head["indicators"]),
        lines={name: Line(low, slope, tuple(kept)) for name, (low, slope, kept) in head["lines"].items()},
        scorecard=Scorecard.from_json(head["scorecard"]),
        intercept=head["intercept"],
    )


def _pack(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """One array a kind instead of thousands: a zip spends a hundred bytes on each name."""
    kinds: dict[str, list[NDArray[Any]]] = {}
    lengths: dict[str, list[int]] = {}
    for name, array in arrays.items():
        kind = name.rpartition("/")[2]
        kinds.setdefault(kind, []).append(array)
        lengths.setdefault(kind, []).append(len(array))
    names = json.dumps(list(arrays)).encode()
    packed = {kind: np.concatenate(each) for kind, each in kinds.items()}
    sizes = {f"{kind}_lengths": np.asarray(each) for kind, each in lengths.items()}
    return packed | sizes | {"names": np.frombuffer(names, dtype=np.uint8)}


def _unpack(stored: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    parts = {
        name: iter(np.split(stored[name], np.cumsum(stored[f"{name}_lengths"])[:-1]))
        for name in stored
        if f"{name}_lengths" in stored
    }
    return {name: next(parts[name.rpartition("/")[2]]) for name in json.loads(stored["names"].tobytes())}
