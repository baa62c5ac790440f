"""The garbage collector is off while a service loads, on afterwards, and leaves alone what was loaded."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from runtime import collector

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """What other tests left behind stays to be collected."""
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_something_is_loaded_and_that_is_left_alone() -> None:
    with collector.loading():
        assert not gc.isenabled()
        loaded = [[], []]  # type: ignore[var-annotated]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert not any(found is loaded for found in gc.get_objects())


def test_a_start_that_fails_has_its_collector_back() -> None:
    with pytest.raises(ImportError), collector.loading():
        raise ImportError
    assert gc.isenabled()
