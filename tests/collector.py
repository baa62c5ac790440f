"""The garbage collector of a test process: off from the import of this module until all tests are collected."""

from __future__ import annotations

import gc
from typing import Final

# A test makes thousands of objects and drops them: by default they are looked through after each seven hundred, and
# hypothesis takes the time of each round. It was an eighth of the processor time of the API's tests.
_objects_between_rounds: Final = 50_000

# What is imported stays, and would be gone through again and again.
gc.disable()


def resume() -> None:
    """Turns it on again; what has been imported by now it leaves alone."""
    gc.freeze()
    gc.set_threshold(_objects_between_rounds)
    gc.enable()
