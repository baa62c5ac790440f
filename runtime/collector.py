"""The garbage collector while a service starts: off until what stays is made, which it then no longer looks through."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


_objects_between_rounds: Final = 10_000


@contextmanager
def loading() -> Iterator[None]:
    """Holds the collector off while modules are imported and a model is loaded.

    It would go through all of it again and again, and find next to nothing: a third of the API's start. Nor does it
    look there afterwards (`gc.freeze`), so that its rounds between requests are short.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        # A batch of a thousand applications makes some ten thousand objects that stay until it is answered: by default
        # they would be looked through after each seven hundred.
        gc.set_threshold(_objects_between_rounds)
        gc.enable()
