"""How steady decisions are: under a small change of the application, and under another training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_amount
from dash_app.i18n import _, language
from dash_app.views.documentation.parts import table
from dash_app.views.documentation.values import count, rate

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.model import ModelEvaluation


def steady(report: ModelEvaluation, name: str) -> list[Component]:
    """What turns a decision that should not; `name` is that of the table."""
    body: list[Component] = []
    if (small := report.steadiness) is not None:
        body.append(
            html.P(
                _(
                    "With {change} less credit, {flipped} of {rows} decisions turn. {against} of {curves} curves of a "
                    "figure that has a direction go against it somewhere.",
                    change=format_amount(small.change, language()),
                    flipped=count(round(small.flipped * small.n_rows)),
                    rows=count(small.n_rows),
                    against=count(round(small.contradicting * small.curves)),
                    curves=count(small.curves),
                ),
                className="said",
            )
        )
    if report.stability:
        rows = [
            (count(training.n_rows), count(training.n_decided), rate(training.by_seed), rate(training.by_rows))
            for training in report.stability
        ]
        header = (
            _("Rows of each training"),
            _("Decided"),
            _("Turn with another seed"),
            _("Turn with rows drawn again"),
        )
        words = _(
            "The model was trained again, and decided on applications that none of the trainings saw. Decisions that "
            "turn lie near the threshold; they are called close and referred to a person."
        )
        body += [html.P(words, className="said"), table(header, rows, name)]
    return body or [html.P(_("Steadiness was not measured when this model was trained."), className="said")]
