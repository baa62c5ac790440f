"""The section on what became of the decisions: from figures alone, in both languages; and asked of the real API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api import audit
from api import create_app as create_api
from core.audit.engine import Database, database_url
from core.model.stored_evaluation import read_evaluation
from core.outcomes.backtesting import performance
from core.outcomes.synthetic.year import play
from core.settings import Settings
from dash_app.service.client import ApiClient
from dash_app.service.drift import DriftService
from dash_app.shell.theme import themes
from dash_app.views.drift import outcomes
from dash_app.views.drift.officers.section import section as officers_section
from dash_app.views.drift.parts import month
from tests.adapters import Wsgi

if TYPE_CHECKING:
    from pathlib import Path

    from core.contract.record.performance import PerformanceAnswer
    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer) -> Settings:
    folder: Path = tmp_path_factory.mktemp("outcomes")
    settings = Settings(data_dir=folder, database_url=None, audit_file=folder / "audit.db")
    database = Database.open(database_url(settings))
    play(database, scorer, clients=500, months=12, shift=0.3, seed=3, now=datetime(2026, 11, 28, tzinfo=UTC))
    database.close()
    return settings


@pytest.fixture(scope="module")
def answer(year: Settings, scorer: Scorer, models_dir: Path) -> PerformanceAnswer:
    database = Database.open(database_url(year))
    found = performance(database, scorer.model, evaluation=read_evaluation(models_dir))
    database.close()
    return found


@pytest.fixture(params=["french", "english"])
def reading(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue(request.param)
    return str(request.param)


def texts(component: Any) -> str:
    """Everything in it, spaces that do not break as they are."""
    return str(component).replace("\\xa0", "\u00a0").replace("\\u202f", "\u202f")


def test_the_page_is_told_by_the_api(
    year: Settings, answer: PerformanceAnswer, scorer: Scorer, portfolio: Portfolio, models_dir: Path
) -> None:
    api = create_api(year.model_copy(update={"models_dir": models_dir}), scorer, portfolio)
    assert DriftService(ApiClient("http://api", 5, adapter=Wsgi(api))).performance() == answer
    audit.close(api)


def test_the_figure_has_the_rates_and_their_intervals(answer: PerformanceAnswer, english: None) -> None:
    months = [group for group in answer.groups if group.dimension == "month"]
    predicted, observed = outcomes.by_month(months, themes["light"]).data
    assert list(observed.y) == [group.default_rate for group in months]
    assert list(predicted.y) == [group.mean_probability for group in months]
    low = [rate - below for rate, below in zip(observed.y, observed.error_y.arrayminus, strict=True)]
    assert low == pytest.approx([group.default_rate_low for group in months])
    hollow = [symbol == "circle-open" for symbol in observed.marker.symbol]
    assert hollow == [group.value in answer.early for group in months]
    assert any(hollow)
    assert not all(hollow)


def test_a_month_of_few_outcomes_is_marked_where_it_lies_above_the_others(
    answer: PerformanceAnswer, english: None
) -> None:
    known = next(group for group in answer.groups if group.dimension == "month")
    usual = {"rows": 300, "default_rate": 0.05, "default_rate_low": 0.03, "default_rate_high": 0.08, "is_early": False}
    months = [
        known.model_copy(update={"value": "2026-01", "mean_probability": 0.05} | usual),
        known.model_copy(
            update={"value": "2026-02", "mean_probability": 0.05} | usual | {"rows": 9, "default_rate_high": 0.3}
        ),
        known.model_copy(
            update={"value": "2026-03", "mean_probability": 0.05}
            | usual
            | {"rows": 6, "default_rate": 1.0, "default_rate_low": 0.61, "default_rate_high": 1.0, "is_early": True}
        ),
    ]
    figure = outcomes.by_month(months, themes["light"])
    assert figure.layout.yaxis.range[1] == pytest.approx(0.08 * 1.2)
    assert [(mark.x, mark.text) for mark in figure.layout.annotations] == [("Mar 2026", "▲")]
    assert "100.0%" in figure.layout.annotations[0].hovertext


def test_each_group_has_its_line_and_few_outcomes_are_said(answer: PerformanceAnswer, reading: str) -> None:
    words = texts(outcomes.table(answer.groups))
    assert month("2026-03") == {"french": "mars 2026", "english": "Mar 2026"}[reading]
    for group in answer.groups:
        assert outcomes.name(group) in words
    few = next(group for group in answer.groups if group.auc is None)
    assert outcomes.area(few) == {"french": "trop peu", "english": "too few"}[reading]


def test_what_refusals_hide_and_what_is_early_is_said(answer: PerformanceAnswer, reading: str) -> None:
    said = outcomes.sayings(answer)
    assert outcomes.hidden(answer.hidden[0]) in said
    assert any(month(answer.early[0]) in sentence for sentence in said)
    section = texts(outcomes.section(answer, themes["dark"]))
    assert all(sentence in section for sentence in said)


def test_without_outcomes_the_way_to_them_is_said(answer: PerformanceAnswer, reading: str) -> None:
    nothing = answer.model_copy(update={"groups": [], "hidden": [], "waiting": 12, "estimate": None})
    note, *officers = outcomes.section(nothing, themes["light"])
    assert "run.py outcomes import" in texts(note)
    assert "12" in texts(note)
    # Whether officers do more than confirm is known before any outcome.
    assert texts(officers) == texts(officers_section(answer)) != "[]"


def test_one_decision_is_not_said_as_many(answer: PerformanceAnswer, reading: str) -> None:
    nothing = answer.model_copy(update={"groups": [], "hidden": [], "waiting": 1})
    waits = {"french": "1 décision attend son", "english": "1 decision waits for its"}[reading]
    assert waits in texts(outcomes.section(nothing, themes["light"]))
    alone = {"french": "1 demandeur refusé", "english": "1 refused applicant would"}[reading]
    assert alone in outcomes.hidden(answer.hidden[0].model_copy(update={"refused": 1}))
    once = {"french": "sur 1 demande,", "english": "on 1 application,"}[reading]
    single = answer.overrides[0].model_copy(update={"decisions": 1, "overrides": 0})
    assert once in texts(officers_section(answer.model_copy(update={"overrides": [single]})))
