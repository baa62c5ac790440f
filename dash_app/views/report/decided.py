"""The decision at the head of a letter: the officer's, with name and date, else the proposal of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dash import html

from dash_app.components import decisions
from dash_app.i18n import _
from dash_app.words import risk, threshold, verdict

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.record.officer_decisions import OfficerDecision
    from dash_app.words import ModelDecision


@dataclass(frozen=True, slots=True)
class Standing:
    """What officers decided on an application.

    Attributes:
        final: the last decision; None where there is none, or it is not known.
        is_known: whether it could be read.
    """

    final: OfficerDecision | None = None
    is_known: bool = True


def decided(decision: ModelDecision, standing: Standing) -> list[Component]:
    """The verdict that counts, and who decided when.

    Args:
        decision: the model's.
    """
    final = standing.final
    counts = final.decision if final else decision.decision
    if final is not None:
        sentence = decisions.decided_by(final)
    elif standing.is_known:
        sentence = _("This is the proposal of a model. No final decision has been recorded yet.")
    else:
        sentence = _(
            "This is the proposal of a model. Whether a final decision has been recorded cannot be read now:"
            " do not hand this letter out."
        )
    return [
        html.P(decisions.marked(counts), className=f"letter-verdict {decisions.tone(counts)}"),
        html.P(sentence, className="letter-decided"),
    ]


def measured(decision: ModelDecision, standing: Standing) -> Component:
    """Where the risk stands against the threshold: what decides where the model's proposal counts, else its advice."""
    if standing.final is None:
        sentence = _(
            "A credit is granted where the risk stays below {threshold}; here it is {risk}.",
            threshold=threshold(decision),
            risk=risk(decision),
        )
    else:
        sentence = _(
            "The model that advises us proposes to grant a credit where the risk stays below {threshold}; here it is"
            " {risk}. Its proposal was: {verdict}.",
            threshold=threshold(decision),
            risk=risk(decision),
            # What the officer saw: assessed again, the application may be decided otherwise today.
            verdict=verdict(standing.final.model_decision).lower(),
        )
    return html.P(sentence)
