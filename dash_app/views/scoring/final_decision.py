"""The officer's final decision on an application: confirm or override with a reason, and the trail of earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import html

from core.decision import accepted, refused
from core.text.formats import format_date
from dash_app import addresses
from dash_app.access.login import reader
from dash_app.components import decisions, native
from dash_app.components.marks import aria, icon, link, notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import DecisionDraft, ServiceUnavailable
from dash_app.services import services
from dash_app.views.scoring import ids
from dash_app.words import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from core.contract.record.officer_decisions import RecordedDecision
    from dash_app.views.scoring.form.form_state import OnFile

_shortest_reason: Final = 3
_longest_reason: Final = 2000


def panel() -> Component:
    """The form; a callback shows the trail and tells what is wrong."""
    choice = native.RadioItems(
        id=ids.officer_decision,
        options=[{"label": verdict(outcome), "value": outcome} for outcome in (accepted, refused)],
        inline=True,
        className="word-choice",
    )
    return html.Section(
        [
            html.H2(_("Final decision")),
            html.P(
                _("The model advises; you decide. What you write is kept and cannot be changed afterwards."),
                className="muted small",
            ),
            html.Fieldset([html.Legend(_("Your decision"), className="field-label"), choice]),
            _fault("decision"),
            html.Label(_("Your name"), htmlFor=ids.officer_name, className="field-label"),
            *_officer(),
            _fault("officer"),
            html.Label(_("Why"), htmlFor=ids.officer_reason, className="field-label"),
            native.Textarea(id=ids.officer_reason, maxLength=_longest_reason, rows=2),
            _fault("reason"),
            html.Div(
                [
                    html.Button(
                        html.Span(_("Record the decision")),
                        id=ids.officer_submit,
                        type="button",
                        className="button button-primary",
                    ),
                    html.Div(id=ids.officer_note, role="status"),
                ],
                className="word-foot",
            ),
        ],
        className="card word",
    )


def _fault(field: str) -> Component:
    """Where it is said what is wrong with a field; `assets/js/officer.js` ties it to the field."""
    return html.P(id=ids.officer_faults[field], className="note-error small")


def _officer() -> list[Component]:
    """The name: to be written, or of who is signed in, who decides under their own name and no other."""
    who = reader()
    if services().public_demo:
        note = _("Demonstration: no name is kept, and no reason")
        return [native.Input(id=ids.officer_name, type="text", value=note, readOnly=True)]
    if who is None:
        return [native.Input(id=ids.officer_name, type="text", maxLength=128, autoComplete="name", persistence=True)]
    return [
        native.Input(id=ids.officer_name, type="text", value=who.name, readOnly=True),
        html.P(_("You are signed in: the decision is recorded under your name."), className="muted small"),
    ]


def wanting(decision: str | None, officer: str | None, reason: str | None) -> dict[str, str]:
    """What is missing of a decision before it can be recorded: a sentence by field of `ids.officer_faults`."""
    missing = {}
    if decision not in (accepted, refused):
        missing["decision"] = _("Choose a decision.")
    if not (officer or "").strip():
        missing["officer"] = _("Write your name.")
    if len((reason or "").strip()) < _shortest_reason:
        missing["reason"] = _("Say why, in a few words.")
    return missing


def faults(missing: Mapping[str, str]) -> tuple[str, ...]:
    """The same as the places of the faults show it; empty where a field is in order."""
    return tuple(missing.get(field, "") for field in ids.officer_faults)


def trail(recorded: Sequence[RecordedDecision]) -> Component:
    """The decisions that were recorded, newest first; says so where there is none."""
    if not recorded:
        return html.P(_("No officer has decided yet."), className="muted")
    lines = [_line(decision) for decision in recorded]
    return html.Ol(lines, className="word-trail", **aria(label=_("Decisions recorded")))


def untold() -> Component:
    """In the place of the trail while the record cannot be read: nobody knows whether there is none."""
    return html.P(_unreadable(), className="muted")


def told(sentence: str | None = None) -> Component:
    """That nothing is recorded yet, and why where that is no matter of one field."""
    return notice(_("Not recorded yet."), sentence, tone="plain")


def recorded(decision: RecordedDecision) -> Component:
    """The thanks for a decision."""
    return notice(_("Recorded: {verdict}.", verdict=verdict(decision.decision).lower()), tone="for")


def draft(submission: Mapping[str, Any], officer: str) -> DecisionDraft:
    """The decision that the page sends. Raises `ServiceUnavailable` where no prediction of it is on record."""
    if not submission["prediction_id"]:
        raise ServiceUnavailable("no_record")
    return DecisionDraft(
        prediction_id=submission["prediction_id"],
        decision=submission["decision"],
        reason=submission["reason"],
        officer=officer.strip(),
        key=submission["key"],
    )


def unrecorded(error: ServiceUnavailable) -> Component:
    """Why a decision is not recorded; or, where no answer came, that it may be, and may safely be sent again."""
    why = why_unavailable(error)
    if error.fault in ("timeout", "unreachable", "http"):
        return notice(
            _("It is not known whether this was recorded: {why}.", why=why),
            _("Record it again: it will be recorded once, not twice. What you typed is kept."),
            tone="plain",
        )
    return notice(_("Decisions cannot be recorded now: {why}.", why=why), _("What you typed is kept."), tone="plain")


def stamp(on_file: OnFile | None, recorded: Sequence[RecordedDecision]) -> Component | None:
    """The final decision, above what the model says; nothing where no officer has decided."""
    if not recorded:
        return None
    last = recorded[0]
    return decisions.stamp(on_file.decision if on_file else last.model_decision, last, is_known=True)


def unreadable() -> Component:
    """In the place of the final decision while the record cannot be read."""
    return html.P(_unreadable(), className="stamp")


def _unreadable() -> str:
    return _("What officers decided cannot be read now.")


def report_way(subject: Mapping[str, Any], prediction_id: str | None) -> Component | None:
    """The way to the letter: of a client, or of the application as it was decided; nothing before that is on record."""
    if subject["mode"] == "client":
        return report_link(addresses.of_client(subject["client"], addresses.report))
    if not prediction_id:
        return None
    return report_link(addresses.of_application_report(prediction_id, subject["job"], subject["row"]))


def report_link(address: str) -> Component:
    """The way to the letter at an address."""
    words = [icon("person-vcard"), html.Span(_("Report for the client"))]
    return link(words, address, className="button button-quiet")


def _line(decision: RecordedDecision) -> Component:
    against = decision.decision == refused
    kind = _("as the model") if decision.kind == "confirm" else _("other than the model")
    head: list[Any] = [
        icon("x-octagon-fill" if against else "check-circle-fill"),
        html.Strong(verdict(decision.decision)),
        html.Span(f"{kind} · {decision.officer} · {format_date(decision.time, language())}", className="muted small"),
    ]
    tone = "against" if against else "for"
    return html.Li([html.P(head, className=f"word-head {tone}"), html.P(decision.reason)], className="word-line")
