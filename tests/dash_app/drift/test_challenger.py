"""The section on the challenger in shadow: what it says of each state of knowledge, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from commands.of_outcomes.performance import challenger_lines
from core.contract.record.challenger import ChallengerComparison, ChallengerOutcomes, ScoreBin
from core.settings import root
from dash_app.shell.theme import themes
from dash_app.views.drift import challenger

_outcomes: dict[str, Any] = {
    "rows": 467,
    "defaults": 40,
    "champion_cost": 0.51,
    "challenger_cost": 0.49,
    "champion_auc": 0.7,
    "challenger_auc": 0.71,
    "auc_difference": 0.01,
    "auc_difference_low": -0.03,
    "auc_difference_high": 0.05,
    "needed": 7_472,
}


def compared(**known: Any) -> ChallengerComparison:
    return ChallengerComparison(
        champion_version="v1",
        challenger_version="v2",
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 8, 31, tzinfo=UTC),
        applications=700,
        agreement=0.9,
        agreement_low=0.875,
        agreement_high=0.92,
        would_refuse=30,
        would_accept=40,
        champion_expected_cost=0.5,
        challenger_expected_cost=0.48,
        distribution=[
            ScoreBin(low=0.0, champion=400, challenger=450),
            ScoreBin(low=0.98, champion=300, challenger=250),
        ],
        outcomes=ChallengerOutcomes(**(_outcomes | known)),
    )


@pytest.fixture(params=["french", "english"])
def reading(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue(request.param)
    return str(request.param)


@pytest.mark.usefixtures("reading")
def test_each_state_of_knowledge_is_said_in_other_words() -> None:
    states = [
        compared(),
        compared(needed=None, auc_difference=0.0),
        compared(auc_difference=0.04, auc_difference_low=0.01, auc_difference_high=0.07),
        compared(auc_difference=-0.04, auc_difference_low=-0.07, auc_difference_high=-0.01),
        compared(auc_difference=None, auc_difference_low=None, auc_difference_high=None, needed=None),
        compared().model_copy(update={"outcomes": None}),
    ]
    said = [challenger.verdict(state) for state in states]
    assert said[4] == said[5]
    assert len(set(said[:5])) == 5
    assert re.sub(r"\D", "", said[0]) == "7472467"


@pytest.mark.usefixtures("reading")
def test_one_that_has_ended_is_not_shown_as_live() -> None:
    live, ended = compared(), compared().model_copy(update={"ended": True})
    assert len(challenger.said(ended)) == len(challenger.said(live)) + 1
    assert "2026" in challenger.said(ended)[0]
    heading = next(iter(challenger.section(ended, themes["light"], "v1")))
    assert "2026" in str(heading)
    assert "2026" not in str(next(iter(challenger.section(live, themes["light"], "v1"))))


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0.0000"), (-0.0, "0.0000"), (0.01, "+0.0100"), (-0.00001, "-0.0000")]
)
def test_no_difference_has_no_sign(value: float, shown: str, english: None) -> None:
    facts = dict(challenger.facts(compared(auc_difference=value, auc_difference_low=value, auc_difference_high=0.05)))
    assert facts["Difference of AUC"] == f"{shown} [{shown} – +0.0500]"
    lines = dict(challenger_lines(compared(auc_difference=value, auc_difference_low=value, auc_difference_high=0.05)))
    assert lines["AUC difference"].startswith(f"{shown} [{shown}, +0.0500]")


def test_the_model_beside_it_is_named_by_its_version(reading: str) -> None:
    # It may be in use no more. In French a no-break space stands before the colon.
    shown = [words for _name, words in challenger.facts(compared())][2:4]
    costs = {"french": ("v1\u00a0: 0,5", "v1\u00a0: 0,51"), "english": ("v1: 0.5", "v1: 0.51")}[reading]
    assert all(cost in words for cost, words in zip(costs, shown, strict=True))
    assert "v1" in challenger.said(compared())[-1]


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_and_table_count_the_same_and_keys_have_a_look(theme: Literal["light", "dark"]) -> None:
    state = compared()
    figure = challenger.by_score(state, themes[theme], "v1")
    champion, other = ([round(share * 700) for share in trace.y] for trace in figure.data)
    assert (champion, other) == ([400, 300], [450, 250])
    assert figure.data[1].marker.pattern.shape, "colour alone does not tell the two apart"
    section = str(challenger.section(state, themes[theme], "v1"))
    styles = "".join(sheet.read_text() for sheet in Path(root, "assets", "css").glob("*.css"))
    marks = set(re.findall(r"key key-([a-z]+)", section))
    assert marks == {"champion", "challenger"}
    assert all(f".key-{mark} {{" in styles for mark in marks)


def test_without_a_challenger_there_is_no_section() -> None:
    assert challenger.section(None, themes["light"], "v1") == []


@pytest.mark.parametrize("in_use", ["v1", "v3", None])
def test_the_model_beside_it_is_called_in_use_only_while_it_is(reading: str, in_use: str | None) -> None:
    words = {"french": "modèle en service", "english": "model in use"}[reading]
    section = str(challenger.section(compared(), themes["light"], in_use))
    drawn = section[section.index("key key-champion") :]
    named = in_use == "v1"
    assert (words in drawn, words.capitalize() in drawn) == (named, named)
    assert ("version v1" in drawn, "Version v1" in drawn) == (not named, not named)
