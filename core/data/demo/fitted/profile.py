"""The profile: every statistic the demo is drawn from, in one small file without a row of anybody's data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core import outputs
from core.data.demo.fitted.cart import Cart
from core.data.demo.fitted.chained_model import ChainedModel, Variable
from core.data.demo.fitted.constraints import Line
from core.data.demo.fitted.discretizer import CategoryDiscretizer, NumberDiscretizer
from core.data.demo.fitted.scorecard import Scorecard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

file_name: Final = "profile.npz"
_tree_fields: Final = ("feature", "threshold", "left", "right", "first", "codes", "counts")


@dataclass(frozen=True, slots=True)
class Profile:
    """What `fit` measures and the tables are drawn from.

    Attributes:
        chains: the joint distribution of each table's rows, by the table's name.
        lines: how the twins of each building column follow from its average.
        scorecard: the log-odds of default given the application.
        intercept: added to the stretched log-odds, so that the default rate of the demo is the real one.
        risk_mean, risk_spread: of the log-odds over the clients, by which they are standardised.
    """

    chains: dict[str, ChainedModel]
    lines: dict[str, Line]
    scorecard: Scorecard
    intercept: float
    risk_mean: float
    risk_spread: float


def save(profile: Profile, path: Path) -> None:
    """Writes a profile; the same profile gives the same bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    chains = {table: _chain_head(table, chain, arrays) for table, chain in profile.chains.items()}
    head = {
        "chains": chains,
        "lines": {name: (line.intercept, line.slope, line.lattice) for name, line in profile.lines.items()},
        "scorecard": profile.scorecard.as_json(),
        "intercept": profile.intercept,
        "risk_mean": profile.risk_mean,
        "risk_spread": profile.risk_spread,
    }
    packed = _pack(arrays)
    stream = BytesIO()
    np.savez_compressed(stream, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **packed)  # type: ignore[arg-type]
    outputs.write(path, stream.getvalue())


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
    return Profile(
        chains={table: _chain(table, chain, arrays) for table, chain in head["chains"].items()},
        lines={name: Line(low, slope, tuple(kept)) for name, (low, slope, kept) in head["lines"].items()},
        scorecard=Scorecard.from_json(head["scorecard"]),
        intercept=head["intercept"],
        risk_mean=head["risk_mean"],
        risk_spread=head["risk_spread"],
    )


def _chain_head(table: str, chain: ChainedModel, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """What of a chain is text or single numbers; its arrays are added to `arrays`."""
    discretizers: dict[str, Any] = {}
    for name, discretizer in chain.discretizers.items():
        if isinstance(discretizer, CategoryDiscretizer):
            discretizers[name] = {"labels": discretizer.labels}
        else:
            discretizers[name] = {"step": discretizer.step}
            arrays[f"{table}/{name}/low"], arrays[f"{table}/{name}/high"] = discretizer.low, discretizer.high
        for field in _tree_fields:
            arrays[f"{table}/{name}/{field}"] = getattr(chain.carts[name], field)
    return {
        "variables": [asdict(variable) for variable in chain.variables],
        "books": discretizers,
        "indicators": chain.indicators,
    }


def _chain(table: str, head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> ChainedModel:
    discretizers: dict[str, CategoryDiscretizer | NumberDiscretizer] = {
        name: CategoryDiscretizer(tuple(discretizer["labels"]))
        if "labels" in discretizer
        else NumberDiscretizer(arrays[f"{table}/{name}/low"], arrays[f"{table}/{name}/high"], discretizer["step"])
        for name, discretizer in head["books"].items()
    }
    trees = {name: [arrays[f"{table}/{name}/{field}"] for field in _tree_fields] for name in discretizers}
    return ChainedModel(
        variables=tuple(Variable(**variable) for variable in head["variables"]),
        discretizers=discretizers,
        carts={name: Cart(*fields) for name, fields in trees.items()},
        indicators=tuple((name, int(code)) for name, code in head["indicators"]),
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
    packed = {kind: np.concatenate(parts) for kind, parts in kinds.items()}
    sizes = {f"{kind}_lengths": np.asarray(kind_lengths) for kind, kind_lengths in lengths.items()}
    return packed | sizes | {"names": np.frombuffer(names, dtype=np.uint8)}


def _unpack(stored: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    parts = {
        name: iter(np.split(stored[name], np.cumsum(stored[f"{name}_lengths"])[:-1]))
        for name in stored
        if f"{name}_lengths" in stored
    }
    return {name: next(parts[name.rpartition("/")[2]]) for name in json.loads(stored["names"].tobytes())}
