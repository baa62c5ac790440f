"""The health of the service: what it stands on, how it follows the registry, and what becomes of the challenger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.text.formats import format_moment
from dash_app.i18n import _, language, mark, translated
from dash_app.views.model.checks import part_name
from dash_app.views.model.parts import facts

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.contract.health import ChallengerState, RegistryState, StandIn
    from dash_app.service import Readiness, ServiceHealth

_challenger: Final[dict[ChallengerState, str]] = {
    "loading": mark("It is being loaded."),
    "asked": mark("It is asked of each application, beside the model in use."),
    "same": mark("It is the model in use, and is not asked."),
    "failed": mark("It cannot be had; the log of the API says why. No decision fails with it."),
}
_stand_in: Final[dict[StandIn, str]] = {
    "kept": mark("the version that was last in use stands in"),
    "shipped": mark("the model of the image stands in"),
}


def section(ready: Readiness, health: ServiceHealth) -> list[Component]:
    """One line for each thing."""
    rows: list[tuple[str, str | Component]] = [
        (_("Version of the service"), health.version),
        *((sentence(part_name(name)), _("there") if passed else _("not there"))
          for name, passed in ready.checks.items()),
        (_("File scoring"), _("files are scored") if health.worker.alive else _("files that are sent wait for it")),
        (_("Model registry"), registry(ready.registry)),
        # An API that is not ready does not say what becomes of it; the check has said whether it is there.
        *([] if ready.challenger is None and "challenger" in ready.checks else
          [(_("Challenger in shadow"), challenger(ready.challenger))]),
    ]  # fmt: skip
    return [facts(rows)]


def registry(state: RegistryState | None) -> str:
    """How the registry is followed."""
    if state is None:
        return _("None is followed: the model lies in MODELS_DIR.")
    in_use = (
        _("No version of the registry is in use.")
        if state.version is None
        else _("Version {version} is in use.", version=state.version)
    )
    said = [in_use]
    if state.stand_in is not None:
        said.append(
            _("Version {version} was asked for: {stand_in}.", version=state.wanted, stand_in=_of(state.stand_in))
            if state.wanted is not None
            else _("The registry has not answered: {stand_in}.", stand_in=_of(state.stand_in))
        )
    if state.last_success is not None:
        said.append(_("Last followed: {moment}.", moment=format_moment(state.last_success, language())))
    if state.last_error is not None and state.last_error_time is not None:
        moment = format_moment(state.last_error_time, language())
        said.append(_("Last error, {moment}: {error}.", moment=moment, error=state.last_error.rstrip(".")))
    return " ".join(said)


def challenger(state: ChallengerState | None) -> str:
    """What becomes of the challenger."""
    return _("There is none: CHALLENGER_URI names no model.") if state is None else translated(_challenger[state])


def sentence(words: str) -> str:
    """With a capital at the beginning."""
    return words[:1].upper() + words[1:]


def _of(stand_in: StandIn) -> str:
    return translated(_stand_in[stand_in])
