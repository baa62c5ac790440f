"""The profile file: small, the same however often it is written, and without a row of anybody's data."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from core.data import demo
from core.data.demo.fitted import discretizer
from core.data.demo.fitted.constraints import to_variables
from core.data.demo.fitted.discretizer import CategoryDiscretizer, NumberDiscretizer
from core.data.demo.fitted.profile import file_name

if TYPE_CHECKING:
    from pathlib import Path

    from core.data.demo import Profile

# Every leaf of every tree speaks of at least so many rows.
min_leaf = 20


@pytest.fixture(scope="module")
def profile() -> Profile:
    return demo.load()


@pytest.fixture(scope="module")
def values(profile: Profile, real_sample: Path) -> dict[str, pl.DataFrame]:
    """The variables of the real rows, table by table."""
    pytest.importorskip("sklearn")
    from core.data.demo.fitted.sample import read_table
    from core.data.demo.histories import history_chains

    found = {name: each.to_variables(read_table(real_sample, name)) for name, each in history_chains.items()}
    return found | {"application": to_variables(read_table(real_sample, "application"), profile.lines)}


def test_the_file_is_small() -> None:
    assert len(files("core.data.demo.fitted").joinpath(file_name).read_bytes()) < 2_000_000


def test_writing_what_was_read_gives_the_same_bytes(profile: Profile, tmp_path: Path) -> None:
    demo.save(profile, tmp_path / "first.npz")
    demo.save(demo.load(tmp_path / "first.npz"), tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_every_leaf_speaks_of_many(profile: Profile) -> None:
    for chain in profile.chains.values():
        for name, tree in chain.carts.items():
            leaf = np.flatnonzero(tree.feature < 0)
            sizes = np.add.reduceat(tree.counts.astype(np.int64), tree.first[leaf])
            assert sizes.min() >= min_leaf, name


def test_every_value_and_category_that_is_stored_is_shared_by_many(
    profile: Profile, values: dict[str, pl.DataFrame]
) -> None:
    for table, chain in profile.chains.items():
        for name, book in chain.discretizers.items():
            own = values[table][name].drop_nulls()
            if isinstance(book, CategoryDiscretizer):
                assert all((own == label).sum() >= discretizer.min_atom for label in book.labels), name
                continue
            atoms = book.low[book.low == book.high]
            shared = dict(own.round(10).alias("value").value_counts().rows())
            assert all(shared.get(round(float(atom), 10), 0) >= discretizer.min_atom for atom in atoms), name


def test_every_interval_holds_many(profile: Profile, values: dict[str, pl.DataFrame]) -> None:
    for table, chain in profile.chains.items():
        for name, book in chain.discretizers.items():
            if isinstance(book, NumberDiscretizer):
                codes = book.encode(values[table][name].drop_nulls())
                held = np.bincount(codes, minlength=book.size)[1:]
                assert held.min() >= discretizer.min_atom, name


def test_no_exact_score_of_a_client_is_stored(profile: Profile, values: dict[str, pl.DataFrame]) -> None:
    for name in ("EXT_SOURCE_1", "EXT_SOURCE_2"):
        counts = values["application"][name].drop_nulls().round(10).alias(name).value_counts()
        own = set(counts.filter(pl.col("count") < discretizer.min_atom)[name])
        book = profile.chains["application"].discretizers[name]
        assert isinstance(book, NumberDiscretizer)
        assert own
        assert not own & {*book.low.tolist(), *book.high.tolist()}


def test_no_client_is_drawn_again(real_sample: Path) -> None:
    pytest.importorskip("sklearn")
    from core.data.demo.fitted.sample import read_table

    drawn = demo.draw_applications(20_000, seed=1, split="train")
    days = ["DAYS_BIRTH", "DAYS_REGISTRATION", "DAYS_ID_PUBLISH"]
    real = read_table(real_sample, "application")
    assert drawn.join(real, on=days, how="semi").height == 0
