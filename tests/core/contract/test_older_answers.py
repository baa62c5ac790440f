"""Answers of an older API: a field of the contract that came later is not asked of them."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core import contract
from core.contract.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

# By type, the fields that it had from the first.
_first_fields: Final = Path(__file__).with_name("first_fields.json")


def _types() -> dict[str, type[Answer]]:
    """The answers of the contract, by name."""
    for module in pkgutil.walk_packages(contract.__path__, "core.contract."):
        importlib.import_module(module.name)
    return {kind.__name__: kind for kind in _below(Answer) if kind.__module__.startswith("core.contract.")}


def _below(kind: type[Answer]) -> Iterator[type[Answer]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _required(kind: type[Answer]) -> set[str]:
    return {name for name, field in kind.model_fields.items() if field.is_required()}


def _recorded() -> dict[str, list[str]]:
    recorded: dict[str, list[str]] = json.loads(_first_fields.read_text(encoding="utf-8"))
    return recorded


@pytest.mark.parametrize("name", _recorded())
def test_a_field_that_came_later_has_a_default(name: str) -> None:
    # A dashboard that is newer than its API could else read none of its answers.
    assert _required(_types()[name]) - set(_recorded()[name]) == set()


def test_the_first_fields_of_every_answer_are_recorded() -> None:
    assert _types().keys() == _recorded().keys()
