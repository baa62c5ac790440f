"""Omissions: what a missing value does to the decisions, column by column, as training measured it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import html

from core import catalogue
from core.catalogue import UnknownEntry
from dash_app.components.marks import notice
from dash_app.i18n import _, language
from dash_app.views.documentation.glossary import table_name
from dash_app.views.documentation.parts import table
from dash_app.views.documentation.values import count, rate, signed

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.model import ModelEvaluation

# The rest changes fewer decisions than a reader would look at; the card as a file has all.
_shown: Final = 20


def missing_values(report: ModelEvaluation, name: str) -> list[Component]:
    """How many decisions change where something is left out; `name` is that of the table."""
    omissions = report.omissions
    if omissions is None:
        return [html.P(_("Nothing was left out when this model was measured."), className="said")]
    sentences: list[Component] = [
        html.P(
            _(
                "What is not known counts as neither good nor bad: in training, values were withheld at random, so "
                "that the model learnt the risk of those who are alike otherwise. Here {rows} applications were "
                "decided again without some of what is known of them; {refusals} of them are refused as they are.",
                rows=count(omissions.n_rows),
                refusals=count(omissions.refusals),
            ),
            className="said",
        )
    ]
    if report.missing_not_learnt:
        sentences.append(
            notice(
                _("A missing value is read as zero in: {names}.", names=", ".join(report.missing_not_learnt)),
                _("Train the model again before it is used."),
            )
        )
    ranked = sorted(omissions.tried, key=lambda omission: max(omission.accepted, omission.refused), reverse=True)
    rows = [
        (
            _label(omission.name),
            count(omission.accepted),
            rate(omission.accepted / max(omissions.refusals, 1)),
            count(omission.refused),
            signed(omission.auc_change, 4),
        )
        for omission in ranked[:_shown]
    ]
    header = (
        _("Left out"),
        _("Refused, then accepted"),
        _("Share of the refusals"),
        _("Accepted, then refused"),
        _("Change of AUC"),
    )
    return [*sentences, table(header, rows, name)]


def _label(name: str) -> str:
    """What was left out, in words: columns, a family of them, or a table of the history."""
    if not name.startswith("["):
        return " + ".join(catalogue.entry(column).label(language()) for column in name.split(" + "))
    family = name.strip("[]")
    if family in catalogue.tables():
        return _("All of: {family}", family=table_name(family))
    try:
        return _("All of: {family}", family=catalogue.group_label(family, language()))
    except UnknownEntry:
        return name
