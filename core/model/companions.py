"""The optional companions of a library, hidden while it is imported: what it asks for and this process never uses."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Makes packages look as if they were not installed, but for those that are loaded already.

    Whoever imports them later gets them.

    Args:
        names: top-level packages that what is imported meanwhile can do without.
    """
    # An entry of None makes `import` raise ModuleNotFoundError, which is taken for "not installed".
    blocked = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in blocked:
            del sys.modules[name]
