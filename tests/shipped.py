"""The shipped model for workers and dashboards that a test makes: loaded once in a process, not by each of them."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from core.model.source import FolderModel
from core.scoring import Scorer
from core.settings import root

if TYPE_CHECKING:
    from core.model.source import ModelSource


class _Loaded(FolderModel):
    """A model that is read from its folder at the first load alone, with what it looks up for its trees."""

    @cached_property
    def _scorer(self) -> Scorer:
        return super().load()

    def load(self) -> Scorer:
        return self._scorer


@cache
def shipped_model() -> ModelSource:
    """The model in the repository, which no test changes."""
    return _Loaded(root / "models")
