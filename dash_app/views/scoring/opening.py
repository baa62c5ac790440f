"""The opening of an application that is on file: what the page shows of it first, from one answer of the service."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dash import no_update

from dash_app.components.marks import notice
from dash_app.components.markup import markup
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, Refused, Rejected, ServiceUnavailable
from dash_app.services import jobs, scoring
from dash_app.views.scoring import answers, final_decision, history, ids
from dash_app.views.scoring.form import entries, form_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from core.decision import Value
    from dash_app.service import ServiceError


@dataclass(frozen=True, slots=True)
class Opening:
    """What the page shows first.

    Attributes:
        known: the application on file; empty for a new one.
        source: where it comes from, in words.
        answer: the decision on it, as `answers` has it; None where it is still to be asked for.
        on_file: the same, as the page remembers it while changes are tried.
        past: what the client did before, as HTML by the id of its place.
        stamp: the final decision of an officer.
        trail: all of them.
    """

    known: Mapping[str, Value] = field(default_factory=dict)
    source: str = ""
    answer: dict[str, Any] | None = None
    on_file: form_state.OnFile | None = None
    past: dict[str, str] | None = None
    stamp: Component | None = None
    trail: Component | None = None

    def shown(self) -> tuple[Any, ...]:
        """What goes to the page beside what fills the form, in the order of its callback."""
        on_file = asdict(self.on_file) if self.on_file else None
        return None, False, self.source, self.answer, on_file, self.past, self.stamp, self.trail


def opened(subject: Mapping[str, Any]) -> Opening | None:
    """What is shown of the application that an address names; None of the list.

    Raises:
        NotFound: no such client, no such import, or no such row that could be scored.
        ServiceUnavailable, Rejected: from the service.
    """
    if subject["mode"] == "client":
        return _client(subject["client"])
    if subject["mode"] == "row":
        return _row(subject["job"], subject["row"])
    return Opening(trail=final_decision.trail(())) if subject["mode"] == "new" else None


def unread(problem: Component) -> tuple[Any, ...]:
    """In the place of an application that cannot be read."""
    return no_update, problem, True, "", None, None, None, None, None


def undecided(error: ServiceError) -> Component:
    """In the place of a decision that the service does not make."""
    why = why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error)
    return notice(_("No decision for now: {why}.", why=why), _("What you typed is kept. Try again in a moment."))


def known(subject: Mapping[str, Any]) -> tuple[Mapping[str, Value], bool]:
    """The application that the page is about, as it is known, and whether the history in it was joined to it.

    Empty for a new one.

    Raises:
        NotFound: no such client, no such import, or no such row that could be scored.
        ServiceUnavailable: from the service.
    """
    if subject["mode"] == "row":
        try:
            row = jobs().row(subject["job"], subject["row"])
        except (Refused, Rejected):
            raise NotFound from None
        return row.features, row.prediction.history == "portfolio"
    return scoring().client(subject["client"]).features if subject["client"] is not None else {}, False


def identified(subject: Mapping[str, Any], on_file: form_state.OnFile) -> form_state.OnFile:
    """The decision on what is on file; of a row, under the prediction of its import where that decided the same."""
    if subject["mode"] != "row":
        return on_file
    try:
        return on_file.as_recorded(jobs().row(subject["job"], subject["row"]))
    except (NotFound, Refused, Rejected, ServiceUnavailable):
        return on_file


def _client(client_id: int) -> Opening:
    file = scoring().client_file(client_id, language())
    state = form_state.opened(file.features, file.assessment)
    is_readable = file.decisions is not None
    return Opening(
        known=file.features,
        answer=answers.answer(entries.of(file.features), state),
        on_file=state.on_file,
        past={ids.past: markup(history.section(file.history))},
        stamp=final_decision.stamp(state.on_file, file.decisions or ()) if is_readable else final_decision.unreadable(),
        trail=final_decision.trail(file.decisions) if file.decisions is not None else final_decision.untold(),
    )


def _row(job: str, number: int) -> Opening:
    try:
        row = jobs().row(job, number)
    except (Refused, Rejected):
        raise NotFound from None
    try:
        name = jobs().find(job, language()).file_name
        source = _("As the file {name} has it. Nothing that is tried here changes the file.", name=name)
    except (NotFound, Refused, Rejected, ServiceUnavailable):
        # The row is there: where it comes from is not worth more than the row.
        source = ""
    try:
        assessment = scoring().assess(row.features, language(), joined=row.prediction.history == "portfolio")
    except (ServiceUnavailable, Rejected) as error:
        nothing = answers.nothing(entries.of(row.features), undecided(error))
        return Opening(row.features, source, nothing, trail=_trail(row.prediction.prediction_id))
    state = form_state.opened(row.features, assessment)
    # Under the prediction of its import, which stays, where that decided the same.
    on_file = state.on_file and state.on_file.as_recorded(row)
    return Opening(row.features, source, answers.answer(entries.of(row.features), state), on_file)


def _trail(prediction_id: str | None) -> Component:
    """What officers decided on a row that the model does not decide on now."""
    if prediction_id is None:
        return final_decision.trail(())
    try:
        return final_decision.trail(scoring().decisions_on_prediction(prediction_id))
    except ServiceUnavailable:
        return final_decision.untold()
