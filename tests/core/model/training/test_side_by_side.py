"""Fits side by side: the models that are grown one after the other, to the last bit, and an end where one fails."""

from __future__ import annotations

import os
from concurrent.futures import CancelledError
from ctypes import byref, c_int
from dataclasses import replace
from threading import Event, get_ident
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data import demo
from core.model import booster as lightgbm
from core.model.preprocessor import Preprocessor
from core.model.training import side_by_side as module
from core.model.training.averaging import parts
from core.model.training.backend import TrainingRows, combined, grow_fold, local_backend
from core.model.training.fitting import constrained_parameters, training_rows
from core.model.training.omission_correction import omission_rows
from core.model.training.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightgbm.callback import CallbackEnv


@pytest.fixture(scope="module")
def rows() -> TrainingRows:
    applications = demo.draw_applications(1200, 9, "train")
    preprocessor = Preprocessor.fit(applications)
    return replace(training_rows(applications, preprocessor, 0), omissions=omission_rows(applications, preprocessor, 0))


@pytest.fixture(scope="module")
def chosen(rows: TrainingRows) -> dict[str, object]:
    return constrained_parameters(rows.feature_names, 0)


def test_folds_are_those_that_are_grown_one_after_the_other(
    rows: TrainingRows, chosen: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_cores", lambda: 2)
    together = local_backend.cross_validate(rows, chosen, 3, 0)
    apart = combined([grow_fold(rows, chosen, 3, 0, number) for number in range(3)])
    assert together.rounds == apart.rounds
    np.testing.assert_array_equal(together.out_of_fold, apart.out_of_fold)
    for one, other in zip(together.folds, apart.folds, strict=True):
        assert one.model.model_to_string() == other.model.model_to_string()
        np.testing.assert_array_equal(one.rows, other.rows)
        assert (one.auc, one.rounds) == (other.auc, other.rounds)


def test_trees_do_not_hang_on_the_number_of_threads(rows: TrainingRows, chosen: dict[str, object]) -> None:
    def grown(threads: int) -> tuple[str, list[str], str]:
        settings = chosen | {"num_threads": threads}
        return parts(rows.corrected(local_backend.grow(rows, settings, 12), settings).model_to_string())

    head, trees, _ = grown(1)
    for threads in (2, 3):
        assert grown(threads)[:2] == (head, trees)


def test_the_model_does_not_tell_how_many_threads_there_were(rows: TrainingRows, chosen: dict[str, object]) -> None:
    assert "\n[num_threads: 0]\n" in local_backend.grow(rows, chosen, 2).model_to_string()


def test_two_fits_are_made_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_cores", lambda: 8)
    first, second = Event(), Event()

    def meet(own: Event, other: Event) -> int:
        own.set()
        assert other.wait(30)
        return get_ident()

    with side_by_side() as together:
        assert _max_threads() == 4
        fits = [together.begin(meet, first, second), together.begin(meet, second, first)]
        assert len({fit.result() for fit in fits}) == 2


def test_whoever_gives_it_one_thread_has_one_fit_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)
    begun = Event()
    for limit, is_alone, threads in (("1", True, 1), ("1,4", True, 1), ("3", False, 2), ("", False, 2)):
        monkeypatch.setenv("OMP_NUM_THREADS", limit)
        begun.clear()
        with side_by_side() as together:
            assert _max_threads() == threads
            first = together.begin(begun.wait, 0.3 if is_alone else 30)
            together.begin(begun.set)
            assert first.result() is not is_alone


def test_a_failure_ends_the_fits_beside_it(
    rows: TrainingRows, chosen: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_cores", lambda: 2)
    before = _max_threads()
    growing, fits = Event(), []

    def grow(heed: Callable[[CallbackEnv], None]) -> None:
        # Seconds, were it not given up.
        lightgbm.train(chosen, rows.dataset(0), num_boost_round=3000, callbacks=[lambda _: growing.set(), heed])

    def fail() -> None:
        assert growing.wait(30)
        raise MemoryError("no room")

    def all_of_them() -> None:
        with side_by_side() as together:
            fits.append(together.begin(grow, together.heed))
            failing = together.begin(fail)
            fits.append(together.begin(grow, together.heed))
            failing.result()

    with pytest.raises(MemoryError, match="no room"):
        all_of_them()
    for fit in fits:
        with pytest.raises(CancelledError):
            fit.result()
    assert _max_threads() == before


def _max_threads() -> int:
    count = c_int()
    lightgbm.checked(lightgbm.library.LGBM_GetMaxThreads(byref(count)))
    return count.value
