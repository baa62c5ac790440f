"""The compose files, as Compose puts them together."""

from __future__ import annotations

from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from core.settings import root

folder: Final = root / "docker"
files: Final = ("compose.yaml", "compose.prod.yaml")


def loaded(name: str) -> Any:
    """One of the files."""
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


def merged() -> Any:
    """Both files, the second over the first: maps by their keys, profiles together."""
    first, second = map(loaded, files)
    return _over(first, second)


def _over(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return first | {key: _over(first[key], value) if key in first else value for key, value in second.items()}
    if isinstance(first, list) and isinstance(second, list):
        return first + [item for item in second if item not in first]
    return second
