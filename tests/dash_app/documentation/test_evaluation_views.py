"""The evaluation on the page of the model: groups, alternatives, steadiness, recalibration, each figure as stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dash import html

from core.contract.model import RecalibrationAnswer
from dash_app.i18n import languages
from dash_app.views.documentation import values
from dash_app.views.documentation.evaluation.group_ratios import alternatives, group_ratios
from dash_app.views.documentation.evaluation.recalibration import recalibration
from dash_app.views.documentation.evaluation.steadiness import steady
from tests.components import spoken, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dash_app.service.documentation import LocalDocumentation

    Speaking = Callable[[str], AbstractContextManager[None]]

_interval = {"estimate": 1.0, "low": 0.9, "high": 1.1}
_calibration = {"slope": _interval, "mean_predicted": 0.1, "calibration_error": 0.01, "log_loss": 0.2, "auc": 0.7}
_made = RecalibrationAnswer.model_validate(
    {
        "origin": "real",
        "n_rows": 4321,
        "n_defaults": 345,
        "intercept": 0.1,
        "slope": 1.2,
        "p_value": 0.001,
        "log_loss_gain": _interval,
        "taken": True,
        "before": _calibration | {"slope": {"estimate": 1.234, "low": 1.1, "high": 1.3}},
        "after": _calibration,
        "segments": [
            {
                "feature": feature,
                "label": label,
                "n_rows": 99,
                "n_defaults": 9,
                "offset": -0.321,
                "before": before,
                "after": None,
            }
            for feature, label, before in (
                ("DAYS_BIRTH", "< 25", {"estimate": 0.777, "low": 0.5, "high": 0.9}),
                ("NAME_CONTRACT_TYPE", "Revolving loans", None),
            )
        ],
    }
)


def cells(shown: object) -> list[list[str]]:
    return [[spoken(cell) for cell in row.children] for row in walk(shown) if isinstance(row, html.Tr)][1:]


@pytest.mark.parametrize("lang", languages)
def test_each_ratio_and_each_alternative_is_shown(
    local_documentation: LocalDocumentation, speaking: Speaking, lang: str
) -> None:
    report = local_documentation.report()
    with speaking(lang):
        rows = cells(group_ratios(report.groups))
        assert len(rows) == len(report.groups) == 2
        for row, group in zip(rows, report.groups, strict=True):
            ratios = (group.adverse_impact, group.equal_opportunity, group.conditional, group.calibration)
            for cell, ratio in zip(row[1:], ratios, strict=True):
                assert cell.startswith(values.decimals(ratio.estimate, 3))
                assert values.decimals(ratio.high, 3) in cell
        shown = alternatives(report.alternatives)
        assert report.alternatives is not None
        rows = cells(shown)
        assert [row[1] for row in rows] == [values.decimals(tried.auc, 4) for tried in report.alternatives.tried]
        # No name of the code is shown.
        assert not any("_" in row[0] for row in rows)
        named = {tried.name: row[0] for row, tried in zip(rows, report.alternatives.tried, strict=True)}
        assert all(named[name].lower() in spoken(shown).lower() for name in report.alternatives.less_discriminatory)


@pytest.mark.parametrize("lang", languages)
def test_steadiness_is_shown_as_stored(local_documentation: LocalDocumentation, speaking: Speaking, lang: str) -> None:
    report = local_documentation.report()
    with speaking(lang):
        shown = steady(report, "name")
        assert report.steadiness is not None
        curves = report.steadiness.curves
        assert values.count(curves) in spoken(shown)
        assert values.count(round(report.steadiness.contradicting * curves)) in spoken(shown)
        assert [row[2:] for row in cells(shown)] == [
            [values.rate(training.by_seed), values.rate(training.by_rows)] for training in report.stability
        ]


@pytest.mark.parametrize(("lang", "revolving"), [("fr", "Crédit renouvelable"), ("en", "Revolving credit")])
def test_a_recalibration_is_shown_before_and_after(speaking: Speaking, lang: str, revolving: str) -> None:
    with speaking(lang):
        shown = recalibration(_made)
        rows = cells(shown)
        assert values.count(4321) in spoken(shown)
        assert rows[0][1].startswith(values.decimals(1.234, 3))
        assert rows[-2][3].startswith(values.decimals(0.777, 3))
        assert rows[-2][4] == rows[-1][3] == ""
        assert revolving in rows[-1][0]


@pytest.mark.usefixtures("english")
def test_a_model_that_was_not_measured_so_says_it_or_says_nothing(local_documentation: LocalDocumentation) -> None:
    report = local_documentation.report().model_copy(update={"steadiness": None, "stability": []})
    assert "not measured" in spoken(steady(report, "name"))
    assert group_ratios([]) == alternatives(None) == recalibration(None) == []
