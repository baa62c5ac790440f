"""The garbage collector of a test process: off from the import of this module until all tests are collected."""

from __future__ import annotations

import gc

# What is imported stays, and would be gone through again and again.
gc.disable()


def resume() -> None:
    """Turns it on again; what has been imported by now it leaves alone."""
    gc.freeze()
    gc.enable()
