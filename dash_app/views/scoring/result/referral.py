"""Referral beside a decision: how sure the model is, and that a person is to look at the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dash_app.components.marks import icon
from dash_app.i18n import _
from dash_app.views.scoring.result import information

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.prediction import Prediction


def certainty(decision: Prediction) -> str | None:
    """Whether the decision is sure, in a word or two; None where that is not known."""
    if decision.certainty is None:
        return None
    return _("sure") if decision.certainty == "sure" else _("close call")


def known(decision: Prediction) -> str | None:
    """How much of what the model weighs is known, and whether the file is thin; None where that was not told."""
    share = information.share(decision)
    if share is None or not decision.thin_file:
        return share
    return _("{share}: thin file", share=share)


def note(decision: Prediction) -> Component | None:
    """That a person is to look at the application, and why, as a line of the verdict; None where that is not so.

    Of what is missing, another line tells (`information.missing_note`).
    """
    if not decision.referral:
        return None
    reasons = [reason.message for reason in decision.referral_reasons if reason.code != "missing_essentials"]
    title = _("Close call, refer to a person.") if decision.certainty == "close_call" else _("Refer to a person.")
    said = html.Span([html.Strong(title), " ", " ".join(reasons)])
    return html.P([icon("people"), said], className="verdict-missing")


def letter_note(decision: Prediction) -> Component | None:
    """What a client is told of it, where nobody has decided yet; None where the model alone is sure."""
    if not decision.referral:
        return None
    said = (
        _("The model is not sure here: a person looks at your application before anything is decided.")
        if decision.certainty == "close_call"
        else _("A person looks at your application before anything is decided, as something essential is missing.")
    )
    return html.P([icon("people"), html.Span(said)], className="letter-missing")
