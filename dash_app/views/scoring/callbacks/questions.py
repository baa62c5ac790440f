"""What is asked for at the press of a button, of what the form says then, and gone once it says something else."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback
from dash.exceptions import PreventUpdate

from dash_app.components import ids as shell_ids
from dash_app.components.marks import notice
from dash_app.errors import why_unavailable
from dash_app.i18n import _, language
from dash_app.service import NotFound, Refused, Rejected, RiskByAmount, ServiceUnavailable
from dash_app.services import scoring
from dash_app.shell.theme import theme_of
from dash_app.views.scoring import ids, opening
from dash_app.views.scoring.form import entries, form_state
from dash_app.views.scoring.result import alike, amount_curve

if TYPE_CHECKING:
    from dash.development.base_component import Component


def register() -> None:
    """Registers the callbacks with the application that is being made."""
    callback(
        Output(ids.curve_data, "data"),
        Input(ids.curve_ask, "n_clicks"),
        State(ids.form, "data"),
        State(ids.subject, "data"),
        State(ids.curve_data, "data"),
        prevent_initial_call=True,
    )(_ask_curve)
    callback(
        Output(ids.curve_said, "children"),
        Output(ids.curve, "children"),
        Input(ids.curve_data, "data"),
        Input(shell_ids.theme, "data"),
        State(ids.form, "data"),
        prevent_initial_call=True,
    )(_draw_curve)
    callback(
        Output(ids.alike_data, "data"),
        Input(ids.alike_ask, "n_clicks"),
        State(ids.form, "data"),
        State(ids.subject, "data"),
        prevent_initial_call=True,
    )(_ask_alike)
    # In the browser: the server is not asked at each change for what stands nowhere.
    clientside_callback(
        ClientsideFunction("questions", "drop"),
        Output(ids.curve_data, "data", allow_duplicate=True),
        Output(ids.alike_data, "data", allow_duplicate=True),
        Input(ids.form, "data"),
        State(ids.curve_data, "data"),
        State(ids.alike_data, "data"),
        prevent_initial_call=True,
    )
    clientside_callback(
        ClientsideFunction("questions", "show"),
        Output(ids.alike_said, "children"),
        Output(ids.alike, "children"),
        Input(ids.alike_data, "data"),
        prevent_initial_call=True,
    )


def _ask_curve(
    _clicks: int | None, held: dict[str, Any] | None, subject: dict[str, Any], shown: dict[str, Any] | None
) -> dict[str, Any]:
    of = entries.digest(held or {})
    # The same again would be on record a second time.
    if shown is not None and shown.get("of") == of:
        raise PreventUpdate
    try:
        known, joined = opening.known(subject)
        form = form_state.read_form(held or {}, known)
        if form.errors or form.unfilled:
            return {"why": _("Fill in or correct the form first.")}
        values = {**known, **form.values}
        found = scoring().risk_by_amount(values, language(), client_id=subject["client"], joined=joined)
    except NotFound:
        return {"why": _("The curve cannot be drawn: this application is no longer there.")}
    except (ServiceUnavailable, Rejected, Refused) as error:
        return {"why": _("The curve cannot be drawn: {why}.", why=_why_not(error))}
    return {"found": asdict(found), "of": of} if found else {"why": _("Enter the amount first.")}


def _draw_curve(
    answered: dict[str, Any] | None, theme: str | None, held: dict[str, Any] | None
) -> tuple[Any, Component | None]:
    if answered is None:
        return None, None
    if why := answered.get("why"):
        return notice(why), None
    # The form may have changed while it was computed.
    if answered["of"] != entries.digest(held or {}):
        return None, None
    found = RiskByAmount.read(answered["found"])
    return amount_curve.words(found), amount_curve.panel(found, theme_of(theme))


def _ask_alike(_clicks: int | None, held: dict[str, Any] | None, subject: dict[str, Any]) -> dict[str, Any]:
    said, panel = _alike(held or {}, subject)
    # `assets/js/questions.js` shows it where the form still says what it is of.
    return {"of": held, "said": said, "panel": panel}


def _alike(held: dict[str, Any], subject: dict[str, Any]) -> tuple[Component | None, Component | None]:
    try:
        known, _joined = opening.known(subject)
        form = form_state.read_form(held, known)
        # Of a new application, what is not filled in yet is not compared.
        if form.errors or (known and form.unfilled):
            return notice(_("Fill in or correct the form first.")), None
        values = {**known, **form.values}
        found = scoring().nearest_accepted(values, language(), client_id=subject["client"])
    except NotFound:
        return notice(_("Clients cannot be compared: this application is no longer there.")), None
    except (ServiceUnavailable, Rejected, Refused) as error:
        return notice(_("Clients cannot be compared: {why}.", why=_why_not(error))), None
    return alike.said(found), alike.panel(found)


def _why_not(error: ServiceUnavailable | Rejected | Refused) -> str:
    """Why a question was not answered, to stand within a sentence."""
    return why_unavailable(error) if isinstance(error, ServiceUnavailable) else str(error).removesuffix(".")
