"""The recalibration of the model on outcomes it had not seen: calibration before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core import catalogue
from dash_app.i18n import _, language
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.values import count, decimals, estimate, rate, signed

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.model import RecalibrationAnswer


def recalibration(made: RecalibrationAnswer | None) -> list[Component]:
    """What it was fitted on and what it does, with intervals; nothing where there was none."""
    if made is None:
        return []
    name = _("Recalibration")
    sentence = _(
        "On {rows} applications with outcomes, of which {defaults} defaulted. Each is judged by an adjustment that was "
        "fitted without it.",
        rows=count(made.n_rows),
        defaults=count(made.n_defaults),
    )
    before, after = made.before, made.after
    figures = [
        (_("Slope (1 is neither timid nor bold)"), estimate(before.slope, 3), estimate(after.slope, 3)),
        (_("Mean predicted"), rate(before.mean_predicted), rate(after.mean_predicted)),
        (_("Calibration error"), decimals(before.calibration_error, 4), decimals(after.calibration_error, 4)),
        (_("AUC"), decimals(before.auc, 4), decimals(after.auc, 4)),
    ]
    segments = [
        (
            f"{catalogue.entry(segment.feature).label(language())} {_label(segment.feature, segment.label)}",
            count(segment.n_rows),
            signed(segment.offset, 3),
            estimate(segment.before, 3) if segment.before else "",
            estimate(segment.after, 3) if segment.after else "",
        )
        for segment in made.segments
    ]
    headers = (_("Segment"), _("Applications"), _("Offset, log-odds"), _("Before"), _("After"))
    by_segment = _("Observed to predicted defaults by segment")
    body = [
        html.P(sentence, className="said"),
        table((_("Metric"), _("Before"), _("After")), figures, name),
        html.P(_("Observed defaults over predicted ones, with 95 % intervals:"), className="said"),
        table(headers, segments, by_segment),
    ]
    return [part(name, "recalibration", body, level=3)]


def _label(feature: str, label: str) -> str:
    """A code in words; ages as they are written in tables."""
    codes = {code.code for column in catalogue.columns() if column.name == feature for code in column.codes}
    return catalogue.column(feature).code_label(label, language()) if label in codes else label
