"""Answers to the form, with the values that each is of, so that it never stands beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash_app.components.markup import markup
from dash_app.i18n import _, plural
from dash_app.views.scoring import ids, text
from dash_app.views.scoring.form import entries, linking
from dash_app.views.scoring.form.notes import notes
from dash_app.views.scoring.result import credit, options, result_panel, warnings, waterfall

if TYPE_CHECKING:
    from dash_app.views.scoring.form.entries import Entries
    from dash_app.views.scoring.form.form_state import FormState

_of_a_verdict = (
    ids.warnings,
    ids.changes,
    ids.reasons,
    ids.other_reasons,
    ids.credit,
    ids.waterfall,
    ids.ways,
    ids.live,
)


def answer(held: Entries, state: FormState) -> dict[str, Any]:
    """What `assets/js/answers.js` shows of a study.

    Returns:
        of: the entries of the form that it is of.
        state: `decided`, or `invalid` where a field has to be corrected first: what stands there is of earlier values.
        places: HTML by the id of its place; what is not named stays.
        notes: as `views.scoring.notes` says them.
        said: the decision in one line, for a live region.
        duration: that amount and instalment make, as its field shows it.
        tries: what each button of the ways puts into the form.
        is_on_file: whether it is of the application on file as the form has it, so that the page can show it again
            without asking once changes are taken back.
    """
    outcome = state.outcome
    return {
        "of": dict(held),
        "state": "invalid" if state.errors else "decided",
        "places": _places(state),
        "notes": notes(state),
        "said": text.announcement(outcome.now) if outcome else "",
        "duration": linking.shown_duration(held),
        "tries": options.tries(outcome.now.recourse) if outcome else None,
        "is_on_file": bool(state.known) and outcome is not None and held == entries.of(state.known),
    }


def nothing(held: Entries, message: Any) -> dict[str, Any]:
    """The same where there is no answer: a message in the place of the verdict; the notes of the fields stay."""
    return {
        "of": dict(held),
        "state": "decided",
        "places": _alone(message),
        "notes": None,
        "said": "",
        "duration": linking.shown_duration(held),
        "tries": [],
        "is_on_file": False,
    }


def _places(state: FormState) -> dict[str, str]:
    if state.outcome is not None:
        outcome = state.outcome
        return {
            ids.banner: markup(result_panel.banner(outcome)),
            ids.warnings: markup(warnings.listed(outcome.now.warning_details)),
            ids.changes: markup(result_panel.changes(outcome)),
            ids.reasons: markup(result_panel.reasons(outcome.now)),
            ids.other_reasons: markup(result_panel.other_reasons(outcome.now)),
            ids.credit: markup(credit.panel({**state.known, **state.form.values})),
            ids.waterfall: markup(waterfall.waterfall(outcome.now)),
            ids.ways: markup(options.panel(outcome.now.recourse)),
            ids.live: markup(result_panel.live(outcome)),
        }
    # Of a client, the decision that is there stays, and is marked as of earlier values.
    return {} if state.known else _alone(result_panel.awaiting(_instruction(state)))


def _alone(message: Any) -> dict[str, str]:
    """A message in the place of the verdict, and nothing in those of what follows from one."""
    return {ids.banner: markup(message)} | dict.fromkeys(_of_a_verdict, "")


def _instruction(state: FormState) -> str:
    if state.errors:
        return plural(
            "{count} field to fill in or correct.", "{count} fields to fill in or correct.", len(state.errors)
        )
    return _("Fill in the form, then ask for the decision.")
