"""The model in use: what it is, and how good it was at training; the model card has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_date
from dash_app.components.marks import notice
from dash_app.i18n import _, language
from dash_app.views.documentation.sections import model as model_card
from dash_app.views.documentation.values import count, decimals, interval, rate
from dash_app.views.model.parts import facts, more

if TYPE_CHECKING:
    from datetime import datetime

    from dash.development.base_component import Component

    from core.contract.model import ModelEvaluation
    from dash_app.service.documentation import ModelFacts


def section(known: ModelFacts, report: ModelEvaluation) -> list[Component]:
    """The champion in a few figures."""
    model, metrics = known.model, report.evaluation
    area = _("{value}, 95%: {interval}", value=decimals(report.auc.estimate, 3), interval=interval(report.auc, 3))
    cost = _(
        "{cost} a decision; {fn} an accepted default, {fp} a refused good client",
        cost=decimals(metrics.business_cost, 3),
        fn=decimals(model.cost_fn, 1),
        fp=decimals(model.cost_fp, 1),
    )
    rows: list[tuple[str, str | Component]] = [
        (_("Model"), f"{model.model_name} · {model.version}"),
        (_("Trained"), _("{day}, on {rows} applications", day=format_date(model.training_date, language()),
                         rows=count(model.n_training_rows))),
        (_("Features"), count(model.n_features)),
        (_("Threshold"), _("{threshold}: refused from this risk on", threshold=rate(model.optimal_threshold))),
        (_("AUC at training"), area),
        (_("Calibration error at training"), decimals(metrics.calibration_error, 4)),
        (_("Cost at training"), cost),
        (_("Accepted at training"), rate(metrics.approval_rate)),
    ]  # fmt: skip
    notes = [notice(warning) for warning in model.warnings]
    if model.trained_on == "demo":
        synthetic = _("Trained on synthetic clients: its figures say how this tool behaves, not how good a bank’s is.")
        notes.append(notice(synthetic, tone="plain"))
    if known.source == "local":
        here = _("The API is away: this is the model in the dashboard’s own image.")
        notes.append(notice(here, tone="plain"))
    return [facts(rows), *notes, more(_("Everything measured: the model card"), model_card.path)]


def report_head(version: str | None, today: datetime) -> list[Component]:
    """What stands above the report on paper.

    Args:
        version: of the model in use; None where that cannot be read.
    """
    return [
        html.P(_("Periodic validation report"), className="model-report-title"),
        html.P(_("Version {version}", version=version) if version else ""),
        html.P(format_date(today, language())),
    ]
