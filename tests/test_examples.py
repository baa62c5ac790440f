"""The examples in docstrings: what a newcomer copies works."""

from __future__ import annotations

import doctest
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.portfolio.clients import Portfolio


@pytest.mark.parametrize(
    "module",
    [
        "core.access.keys",
        "core.application",
        "core.catalogue.entries",
        "core.decision",
        "core.drift.compare",
        "core.drift.measures.statistics",
        "core.portfolio.clients",
        "core.recourse.plans",
        "core.reference.reference_profile",
        "core.scoring",
        "core.tables.reading",
        "core.text.formats",
    ],
)
def test_the_examples_of_a_module_are_true(module: str, request: pytest.FixtureRequest) -> None:
    names: dict[str, Portfolio] = {}
    if module == "core.portfolio.clients":
        # Nobody's examples make a portfolio: it is what the session has.
        names["portfolio"] = request.getfixturevalue("portfolio")
    outcome = doctest.testmod(import_module(module), extraglobs=names)
    assert outcome.attempted > 0
    assert outcome.failed == 0
