"""docs/api.md tells the truth: each call is made, and what it answers has the shape that the guide shows."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings
from tests.api.guide import Call, calls, left_out, path


@pytest.fixture(scope="module")
def app(
    api_settings: Settings, scorer: Scorer, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """An API of its own: the guide shows what is answered before there is a drift report, and other tests make some."""
    folder = tmp_path_factory.mktemp("guide")
    own = api_settings.model_copy(update={"data_dir": folder, "drift_dir": folder / "drift"})
    return create_app(own, scorer, portfolio)


def same_shape(shown: object, answered: object, place: str = "") -> None:
    """Fails where names or types differ; where the guide leaves something out, what it shows has to be there."""
    if isinstance(shown, dict):
        assert isinstance(answered, dict), place
        kept = [key for key in shown if key != left_out]
        if left_out in shown:
            assert set(kept) <= set(answered), place
        else:
            assert kept == list(answered), place
        for key in kept:
            same_shape(shown[key], answered[key], f"{place}.{key}")
    elif isinstance(shown, list):
        assert isinstance(answered, list), place
        kept_items = [each for each in shown if each != left_out]
        # One client of a portfolio is referred to a person, and the next is not.
        if not place.endswith(".referral_reasons"):
            assert len(kept_items) < len(answered) if left_out in shown else len(kept_items) == len(answered), place
        for index, (each, other) in enumerate(zip(kept_items, answered, strict=False)):
            same_shape(each, other, f"{place}[{index}]")
    elif not place.endswith(nullable):
        numbers = (int, float)
        assert isinstance(answered, numbers if type(shown) in numbers else type(shown)), place


# Missing for one client of a portfolio, and there for the next.
nullable = tuple(
    f".{name}"
    for name in (
        "value",
        "feature",
        "text",
        "not_known",
        "annuity",
        "payments",
        "asked",
        "granted",
        "amount",
        "debt",
        "overdue",
        "days_to_end",
        "final_decision",
        "current_decision",
    )
)


@pytest.mark.parametrize("call", calls(), ids=lambda call: re.sub(r"^curl -s \S*localhost:8000|\s.*", "", call.command))
def test_the_guide_shows_what_the_call_answers(client: FlaskClient, call: Call) -> None:
    same_shape(json.loads(call.shown), call.answer(client))


def test_every_resource_is_in_the_guide(client: FlaskClient) -> None:
    text = path.read_text(encoding="utf-8")
    for address in client.get("/openapi.json").get_json()["paths"]:
        shown = re.sub(r"\\{\w+\\}", r"\\w+", re.escape(f"localhost:8000{address}"))
        assert re.search(shown, text), address


def test_the_errors_shown_are_those_answered(client: FlaskClient) -> None:
    """Sentences hold no number of a model, so they are the same to the letter."""
    found = 0
    for call in calls():
        shown = json.loads(call.shown)
        if "type" in shown and "detail" in shown:
            assert call.answer(client) == shown
            found += 1
    assert found >= 4
