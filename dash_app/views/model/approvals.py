"""Who put which version into use, and when the one in use is to be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from core.text.formats import format_date, format_moment
from dash_app.components.marks import notice
from dash_app.i18n import _, language, plural
from dash_app.views.comparison.table import plain
from dash_app.views.model.parts import facts

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.approvals import ModelApproval, ModelApprovals, NextReview


def section(answer: ModelApprovals) -> list[Component]:
    """The next review, then the approvals on record."""
    review = facts([(_("Next review"), due(answer.next_review)), (_("Counted from"), since(answer.next_review))])
    if not answer.approvals:
        nobody = notice(
            _("No approval is on record."),
            _("To put a version into use: python3 run.py model approve VERSION --by NAME --because REASON."),
            tone="plain",
        )
        return [review, nobody]
    return [review, table(answer.approvals)]


def due(review: NextReview) -> str:
    """When the next review is, and whether it is overdue."""
    day = format_date(review.due.isoformat(), language())
    return _("Overdue since {day}.", day=day) if review.overdue else _("Due on {day}.", day=day)


def since(review: NextReview) -> str:
    """What the next review is counted from."""
    day = format_date(review.since.isoformat(), language())
    from_there = (
        _("The last approval of the model in use, on {day}", day=day)
        if review.basis == "approval"
        else _("The training of the model in use, on {day}: nobody has approved it", day=day)
    )
    every = plural("{count} month from one to the next", "{count} months from one to the next", review.months)
    return _("{since}; {every}.", since=from_there, every=every)


def table(approvals: list[ModelApproval]) -> Component:
    """The approvals, newest first."""
    heads = (_("Version"), _("Approved on"), _("By"), _("Because"), _("Checked, with figures"))
    rows = [
        (
            " · ".join([approval.model_version, *([_("in use")] if approval.in_use else [])]),
            format_moment(approval.time, language()),
            approval.officer or _("not shown here"),
            approval.reason or _("not shown here"),
            # As it is on record.
            html.Span(approval.checks, lang="en"),
        )
        for approval in approvals
    ]
    return html.Div(plain(_("Approvals on record, newest first"), heads, rows), className="model-approvals")
