"""Comparisons of clients on hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from core.comparison.choice import Choice
from dash_app.service import ComparisonView

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash_app.service import LocalScoring

compared: Final = ("EXT_SOURCE_2", "AMT_CREDIT", "DAYS_BIRTH", "CNT_CHILDREN", "NAME_INCOME_TYPE", "FLAG_OWN_CAR")


@pytest.fixture(scope="session")
def compare(local: LocalScoring, known_client: int) -> Callable[..., ComparisonView]:
    """Compares the first client on hand; what is not as usual is named."""

    def ask(**changed: object) -> ComparisonView:
        asked: dict[str, object] = {"names": compared, "x": "EXT_SOURCE_2", "y": "AMT_CREDIT"}
        return local.compare(known_client, Choice(**(asked | changed)), "fr")  # type: ignore[arg-type]

    return ask


@pytest.fixture(scope="session")
def view(compare: Callable[..., ComparisonView]) -> ComparisonView:
    return compare()


@pytest.fixture(scope="session")
def beside(compare: Callable[..., ComparisonView], local: LocalScoring) -> ComparisonView:
    """With another client, among similar ones."""
    return compare(group="similar", against=local.clients(limit=9).clients[-1].client_id)
