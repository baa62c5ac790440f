"""Fits side by side: two at a time, each on its share of the cores.

Two threads on one tree wait for each other at every leaf: of few rows they take as long as one. Two fits on a thread
each wait for nobody. Trees do not hang on how many threads there are (`parameters` in `core.model.training.fitting`),
nor on what is fitted beside them.
"""

from __future__ import annotations

import os
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from ctypes import byref, c_int
from threading import Event
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from core.model.booster import checked, library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from lightgbm.callback import CallbackEnv

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Each has a copy of its rows while they are binned; where there are more cores, each has several of them.
_max_fits: Final = 2


class SideBySide:
    """Takes fits, and begins them in their order.

    Attributes:
        heed: a callback for `lightgbm.train`: ends a fit of which nobody awaits the result any more.
    """

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._is_given_up = Event()

    def begin(
        self, fit: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
    ) -> Future[_Result]:
        """Has a fit made once its turn comes; it may wait for those that were begun before it, and for no other."""
        return self._pool.submit(fit, *arguments, **named)

    def heed(self, _: CallbackEnv) -> None:
        """Raises `CancelledError` where the fits were given up."""
        if self._is_given_up.is_set():
            raise CancelledError

    def give_up(self) -> None:
        """Begins no other fit, and has those under way end at their next tree."""
        self._is_given_up.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def side_by_side() -> Iterator[SideBySide]:
    """Fits that are begun in the block are made beside each other; where it fails, or is interrupted, none goes on."""
    cores = _cores()
    fits = min(_max_fits, cores)
    with _threads_each(-(-cores // fits)), ThreadPoolExecutor(fits, thread_name_prefix="fit") as pool:
        together = SideBySide(pool)
        try:
            yield together
        except BaseException:
            together.give_up()
            raise


def _cores() -> int:
    """How many this process is to use: all that it may, or fewer where `OMP_NUM_THREADS` says so, as of one fit."""
    all_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # OpenMP takes a list, for teams within teams; here there are none.
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return min(all_cores, int(limit)) if limit.isdecimal() and int(limit) else all_cores


@contextmanager
def _threads_each(count: int) -> Iterator[None]:
    """LightGBM takes so many threads at most, in all of this process. A parameter would be written into the model."""
    before = c_int()
    checked(library.LGBM_GetMaxThreads(byref(before)))
    checked(library.LGBM_SetMaxThreads(c_int(count)))
    try:
        yield
    finally:
        checked(library.LGBM_SetMaxThreads(before))
