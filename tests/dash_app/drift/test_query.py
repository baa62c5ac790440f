"""What the controls of a new comparison come to, and what they are told off for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.drift.measures.measure import Limits
from core.drift.measures.thresholds import Thresholds
from dash_app.service.drift import Asked
from dash_app.views.drift import query, setup
from dash_app.views.drift.query import Unclear, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

pytestmark = pytest.mark.usefixtures("english")

now = datetime(2026, 11, 23, 12, tzinfo=UTC)
week = ("7", None, None)


def ask(
    reference: str | None = "portfolio",
    current: str | None = "test",
    period: tuple[str, str | None, str | None] = week,
    reference_period: tuple[str, str | None, str | None] = (query.before, None, None),
    **limits: Any,
) -> Asked:
    typed = {(name.rsplit("__", 1)[0], name.rsplit("__", 1)[1]): value for name, value in limits.items()}
    return query.from_controls(reference, current, period, reference_period, typed, now)


def test_nothing_but_what_differs_is_asked_for() -> None:
    found = ask()
    assert found == Asked("portfolio", "test")
    usual: dict[str, Any] = {}
    for name in Thresholds.__dataclass_fields__:
        known = getattr(Thresholds(), name)
        if isinstance(known, Limits):
            usual |= {f"{name}__moderate": known.moderate, f"{name}__major": str(known.major)}
        else:
            usual[f"{name}__moderate"] = known
    assert ask(**usual).thresholds == {}
    assert ask(**usual | {"psi__moderate": " 0.05 "}).thresholds == {"psi": (0.05, 0.25)}
    assert ask(**usual | {"psi__moderate": "0,05"}).thresholds == {"psi": (0.05, 0.25)}
    assert ask(significance__moderate=0.01, psi__major=None).thresholds == {"significance": 0.01}


def test_live_traffic_has_a_period_and_one_before_it() -> None:
    found = ask("live", "live", ("7", None, None))
    assert (found.since, found.until) == (now - timedelta(days=7), now)
    assert (found.reference_since, found.reference_until) == (now - timedelta(days=14), now - timedelta(days=7))
    assert ask("portfolio", "live").reference_since is None
    assert ask("live", "test", reference_period=("30", None, None)).reference_since == now - timedelta(days=30)


def test_a_period_of_days_takes_both_of_them_whole() -> None:
    found = ask(current="live", period=(query.other, "2026-11-01", "2026-11-02"))
    assert found.since == datetime(2026, 11, 1, tzinfo=UTC)
    assert found.until == datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reference", "current", "period", "words"),
    [
        (None, "test", week, "Choose what"),
        ("portfolio", "", week, "Choose what"),
        ("test", "test", week, "Both sides are the same"),
        ("live", "test", week, "needs live traffic"),
        ("portfolio", "live", (query.other, "2026-11-01", ""), "first and the last day"),
        ("portfolio", "live", (query.other, None, "soon"), "first and the last day"),
        ("portfolio", "live", (query.other, "2026-11-02", "2026-11-01"), "ends before"),
    ],
)
def test_what_is_unclear_is_said(
    reference: str | None, current: str | None, period: tuple[str, str | None, str | None], words: str
) -> None:
    with pytest.raises(Unclear, match=words):
        ask(reference, current, period)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"psi__moderate": "much"}, "PSI: expected a number of 0 or more"),
        ({"psi__moderate": -1}, "PSI: expected a number of 0 or more"),
        ({"psi__major": "inf"}, "PSI: expected a number of 0 or more"),
        ({"psi__moderate": "0,1,2"}, "PSI: expected a number of 0 or more"),
        ({"psi__moderate": 0.3}, "must not be above"),
        ({"significance__moderate": 2}, "from 0 to 1"),
    ],
)
def test_limits_that_are_none_are_named(limits: dict[str, Any], words: str) -> None:
    with pytest.raises(Unclear, match=words):
        ask(**limits)


@pytest.mark.parametrize(("lang", "shown"), [("fr", "0,01"), ("en", "0.01")])
def test_a_limit_is_shown_as_it_can_be_typed(
    speaking: Callable[[str], AbstractContextManager[None]], lang: str, shown: str
) -> None:
    with speaking(lang):
        assert written(0.01) == shown
        assert ask(psi__moderate=shown).thresholds == {"psi": (0.01, 0.25)}
        fields = [field for field in setup._limits()._traverse() if type(field).__name__ == "Input"]
        # A field of numbers of the browser would take a comma for nothing.
        assert {field.type for field in fields} == {"text"}
