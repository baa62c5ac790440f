"""The model card: facts, quality, fairness and choices, as figures with their words and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import dcc, html

from core import catalogue
from core.text.formats import format_date
from dash_app import addresses
from dash_app.components.marks import icon, link, notice
from dash_app.i18n import _, language, mark, translated
from dash_app.views.documentation import ids, text
from dash_app.views.documentation.evaluation import figures
from dash_app.views.documentation.evaluation.fairness import fairness
from dash_app.views.documentation.evaluation.group_ratios import alternatives, group_ratios
from dash_app.views.documentation.evaluation.omissions import missing_values
from dash_app.views.documentation.evaluation.recalibration import recalibration
from dash_app.views.documentation.evaluation.steadiness import steady
from dash_app.views.documentation.parts import part, table
from dash_app.views.documentation.prose import heading
from dash_app.views.documentation.values import (
    count,
    decimals,
    interval,
    rate,
    signed,
)
from dash_app.views.drift.parts import panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.contract.model import ModelComparisonAnswer, ModelEvaluation
    from dash_app.service.documentation import ModelFacts
    from dash_app.shell.theme import Theme

# What is on the page in this order; between them stand the notes of the same text in either language.
places: Final = {
    "summary": mark("In short"),
    "quality": mark("How good it is"),
    "honesty": mark("Honest probabilities"),
    "missing": mark("Missing values"),
    "fairness": mark("Fairness"),
    "steadiness": mark("Steady decisions"),
    "rivals": mark("Against other models"),
    "choices": mark("Monotone and protected choices"),
}
_rivals: Final = {
    "dummy": mark("The same risk for everybody"),
    "logistic_regression": mark("Logistic regression"),
    "scorecard": mark("Scorecard of 18 variables"),
    "without_monotone_constraints": mark("Without monotone constraints"),
    "nothing_withheld": mark("Grown from complete rows"),
    "with_gender": mark("With gender as a feature"),
}


def title(place: str) -> str:
    """The heading at a place."""
    return translated(places[place])


def summary(facts: ModelFacts, report: ModelEvaluation) -> list[Component]:
    """What the model is, and how good, in one glance."""
    metrics = report.evaluation
    tiles = [
        (_("AUC"), decimals(report.auc.estimate, 3), _("95 %: {interval}", interval=interval(report.auc, 3))),
        (_("Threshold"), rate(facts.model.optimal_threshold), _("refused from this risk on")),
        (_("Accepted"), rate(metrics.approval_rate), _("of all applications")),
        (
            _("Mean cost"),
            decimals(metrics.business_cost, 2),
            _("{cost} without a model", cost=decimals(min(metrics.cost_accept_all, metrics.cost_refuse_all), 2)),
        ),
    ]
    rows = [
        (_("Model"), f"{facts.model.model_name} · {facts.model.version}"),
        (_("Kind"), _("{count} trees (LightGBM, gradient boosting)", count=report.rounds)),
        (_("Trained"), format_date(facts.model.training_date, language())),
        (_("On"), _origin(facts)),
        (
            _("Looks at"),
            _("{count} figures of the application and the client’s history", count=len(facts.feature_names)),
        ),
        (_("Says"), _("the probability of default, from 0 to 1, to be taken at its word")),
    ]
    parts = [
        heading(title("summary"), "summary"),
        html.Div(
            [
                html.Div(
                    [
                        html.P(name, className="tile-name"),
                        html.P(number, className="tile-number"),
                        html.P(words, className="tile-words"),
                    ],
                    className="card tile",
                )
                for name, number, words in tiles
            ],
            className="tiles",
        ),
        html.Dl(
            [html.Div([html.Dt(name), html.Dd(words)]) for name, words in rows],
            className="doc-facts",
        ),
    ]
    if facts.model.trained_on == "demo":
        parts.append(
            notice(
                _("Trained on synthetic clients."),
                _(
                    "What follows says how this tool behaves, not how good a bank’s model would be. Train it on real "
                    "applications before any use that matters."
                ),
                tone="plain",
            )
        )
    if facts.source == "local":
        here = _("The API is away: this is the model in the dashboard’s own image.")
        parts.append(html.P(here, className="muted small"))
    return parts


def download() -> Component:
    """The card as a file."""
    return html.Div(
        [
            html.Button(
                [icon("arrow-down-short"), html.Span(_("Model card (Markdown, in English)"))],
                id=ids.card,
                type="button",
                className="button button-quiet",
            ),
            dcc.Download(id=ids.card_file),
            html.Span(id=ids.card_note, className="muted small", role="status"),
        ],
        className="card-actions doc-download no-print",
    )


def measures(facts: ModelFacts, report: ModelEvaluation, theme: Theme) -> list[Component]:
    """Everything that was measured, with its figures."""
    return [
        *_quality(report),
        part(
            title("honesty"),
            "honesty",
            [
                html.P(text.reliability(report), className="said"),
                *_reliability(report, theme),
                *recalibration(report.recalibration),
            ],
        ),
        part(title("missing"), "missing", missing_values(report, title("missing"))),
        part(
            title("fairness"),
            "fairness",
            [*fairness(report.segments, theme), *group_ratios(report.groups), *alternatives(report.alternatives)],
        ),
        part(title("steadiness"), "steadiness", steady(report, title("steadiness"))),
        part(title("rivals"), "rivals", _against(report.comparisons)),
        part(title("choices"), "choices", _choices(facts)),
    ]


def _origin(facts: ModelFacts) -> str:
    number = count(facts.model.n_training_rows)
    if facts.model.trained_on == "real":
        return _("{count} real Home Credit applications", count=number)
    return _("{count} synthetic applications", count=number)


def _quality(report: ModelEvaluation) -> list[Component]:
    metrics = report.evaluation
    folds = " · ".join(decimals(auc, 3) for auc in report.fold_aucs)
    rows = [
        (
            _("AUC"),
            decimals(report.auc.estimate, 4),
            _("Of a defaulter and a good client picked at random, how often the first has the higher risk."),
        ),
        (_("Gini"), decimals(metrics.gini, 4), _("The same on a scale from 0 (chance) to 1 (never wrong).")),
        (
            _("Kolmogorov-Smirnov"),
            decimals(metrics.ks, 4),
            _("The largest gap between the scores of defaulters and of good clients."),
        ),
        (_("Log loss"), decimals(metrics.log_loss, 4), _("Punishes certainty that was wrong; lower is better.")),
        (_("Brier score"), decimals(metrics.brier, 4), _("Mean squared error of the probability; lower is better.")),
        (
            _("Calibration error"),
            decimals(metrics.calibration_error, 4),
            _("How far predicted and observed default rates are apart on average."),
        ),
        (_("Recall"), rate(metrics.recall), _("Share of those who would default that are refused.")),
        (_("Precision"), rate(metrics.precision), _("Share of the refused who would have defaulted.")),
        (_("Accuracy"), rate(metrics.accuracy), _("Share of right decisions; misleading where defaults are rare.")),
    ]
    sentence = _(
        "Measured on {rows} applications, each judged by a model that had not seen it (five folds). AUC: {auc}, with "
        "95 % confidence between {low} and {high}; by fold: {folds}.",
        rows=count(metrics.n_rows),
        auc=decimals(report.auc.estimate, 4),
        low=decimals(report.auc.low, 4),
        high=decimals(report.auc.high, 4),
        folds=folds,
    )
    behind = table((_("Metric"), _("Value"), _("In plain words")), rows, title("quality"))
    return [part(title("quality"), "quality", [html.P(sentence, className="said"), behind])]


def _reliability(report: ModelEvaluation, theme: Theme) -> list[Component]:
    behind = table(
        (_("Predicted defaults"), _("Observed defaults")),
        [(rate(predicted), rate(observed)) for predicted, observed in report.reliability],
        title("honesty"),
    )
    keys = [("line", _("a group of applications")), ("diagonal", _("where honest probabilities lie"))]
    return panel(text.reliability(report), keys, figures.reliability(report, theme), behind)


def _against(rivals: Sequence[ModelComparisonAnswer]) -> list[Component]:
    if not rivals:
        return [html.P(_("Nothing was compared when this model was trained."), className="said")]
    rows = [
        (
            translated(_rivals[rival.name]) if rival.name in _rivals else rival.name,
            decimals(rival.evaluation.auc, 4),
            signed(rival.auc_less_ours.estimate, 4),
            _("{low} to {high}", low=signed(rival.auc_less_ours.low, 4), high=signed(rival.auc_less_ours.high, 4)),
            decimals(rival.evaluation.business_cost, 4),
        )
        for rival in rivals
    ]
    sentence = _(
        "On {rows} of the same applications and the same folds. Where the interval holds zero, the difference can be "
        "chance: what the constraints and the absence of gender cost cannot be told from nothing.",
        rows=count(rivals[0].n_rows),
    )
    if not all(
        rival.auc_less_ours.low <= 0 <= rival.auc_less_ours.high
        for rival in rivals
        if rival.name in ("without_monotone_constraints", "with_gender")
    ):
        sentence = _(
            "On {rows} of the same applications and the same folds. Where the interval holds zero, the difference can "
            "be chance.",
            rows=count(rivals[0].n_rows),
        )
    header = (_("Model"), _("AUC"), _("AUC less ours"), _("95 % interval"), _("Mean cost"))
    return [html.P(sentence, className="said"), table(header, rows, title("rivals"))]


def _choices(facts: ModelFacts) -> list[Component]:
    constrained = [catalogue.entry(name) for name in facts.feature_names if catalogue.entry(name).direction]
    lists = [
        html.Div(
            [
                html.H3([icon(mark_of), html.Span(name)], className=tone),
                html.Ul(
                    [
                        html.Li(link(feature.label(language()), _address(feature.name)))
                        for feature in constrained
                        if feature.direction == direction
                    ],
                    className="doc-chips",
                ),
            ]
        )
        for direction, mark_of, tone, name in (
            (1, "arrow-up-short", "against", _("A higher value may only raise the risk")),
            (-1, "arrow-down-short", "for", _("A higher value may only lower the risk")),
        )
    ]
    return [
        html.P(
            _(
                "Where the business is sure of the direction, the model may not contradict it: a better external score "
                "never turns a yes into a no, and neither does a smaller credit. {count} figures are held to it; a "
                "test proves it.",
                count=len(constrained),
            ),
            className="said",
        ),
        html.Div(lists, className="pair doc-choices"),
        html.P(
            [
                html.Strong(_("Gender is never used.")),
                " ",
                _(
                    "It is accepted on input so that fairness can be measured, but is no feature of the model and no "
                    "reason of a decision. The day and the hour of the application are left out as well: they are no "
                    "reasons that can be given to a client."
                ),
            ],
            className="said",
        ),
    ]


def _address(name: str) -> str:
    features = {feature.name for feature in catalogue.features()}
    return addresses.of_term("features" if name in features else "application", name)
