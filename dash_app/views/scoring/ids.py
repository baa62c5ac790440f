"""The ids of the Scoring page."""

from __future__ import annotations

from typing import Any, Final

subject: Final = "scoring-subject"
on_file: Final = "scoring-on-file"
# The same as an answer brought it, with the subject that it is of: taken over where that is still on display.
found_on_file: Final = "scoring-found-on-file"
# What is put into the fields, and what they have: `views.scoring.form.entries`.
filling: Final = "scoring-filling"
form: Final = "scoring-form"
question: Final = "scoring-question"
answer: Final = "scoring-answer"
opened: Final = "scoring-opened"

list_section: Final = "scoring-list"
list_filter: Final = "scoring-list-filter"
list_table: Final = "scoring-list-table"
list_page: Final = "scoring-list-page"
list_address: Final = "scoring-list-address"
filter_note: Final = "scoring-filter-note"
filter_clear: Final = "scoring-filter-clear"

file_section: Final = "scoring-file"
problem: Final = "scoring-problem"
workspace: Final = "scoring-workspace"
result: Final = "scoring-result"
banner: Final = "scoring-banner"
warnings: Final = "scoring-warnings"
reasons: Final = "scoring-reasons"
other_reasons: Final = "scoring-other-reasons"
credit: Final = "scoring-credit"
waterfall: Final = "scoring-waterfall"
waterfall_view: Final = "scoring-waterfall-view"
changes: Final = "scoring-changes"
live: Final = "scoring-live"
announcer: Final = "scoring-announcer"

ways: Final = "scoring-ways"
attempt: Final = "scoring-attempt"
past: Final = "scoring-past"
past_text: Final = "scoring-past-text"

final_stamp: Final = "scoring-final-stamp"
report_place: Final = "scoring-report-place"
application: Final = "scoring-application"
submission: Final = "scoring-submission"
submitted: Final = "scoring-submitted"
officer_panel: Final = "scoring-officer"
officer_trail: Final = "scoring-officer-trail"
officer_decision: Final = "scoring-officer-decision"
source: Final = "scoring-source"
officer_name: Final = "scoring-officer-name"
officer_reason: Final = "scoring-officer-reason"
officer_faults: Final = {
    "decision": "scoring-officer-decision-fault",
    "officer": "scoring-officer-name-fault",
    "reason": "scoring-officer-reason-fault",
}
officer_submit: Final = "scoring-officer-submit"
officer_note: Final = "scoring-officer-note"

draft: Final = "scoring-draft"
resumed: Final = "scoring-resumed"
imported: Final = "scoring-imported"
import_note: Final = "scoring-import-note"
export: Final = "scoring-export"
download: Final = "scoring-download"

curve: Final = "scoring-curve"
curve_said: Final = "scoring-curve-said"
curve_ask: Final = "scoring-curve-ask"
curve_data: Final = "scoring-curve-data"

alike: Final = "scoring-alike"
alike_said: Final = "scoring-alike-said"
alike_ask: Final = "scoring-alike-ask"
alike_data: Final = "scoring-alike-data"

linked: Final = "scoring-linked"
linked_amount: Final = "scoring-linked-amount"
linked_note: Final = "scoring-linked-note"
duration: Final = "scoring-duration"
duration_typed: Final = "scoring-duration-typed"

reset: Final = "scoring-reset"
example: Final = "scoring-example"
submit: Final = "scoring-submit"


def value(name: str) -> dict[str, str]:
    """The control of one field."""
    return {"type": "scoring-value", "name": name}


def section(name: str) -> str:
    """A part of the page about one application, to which a link within the page leads."""
    return f"scoring-section-{name}"


def filter_by(name: Any) -> dict[str, Any]:
    """The control of one filter of the list; `dash.ALL` for all of them."""
    return {"type": "scoring-filter", "name": name}


def filter_dom(name: str) -> str:
    """The same id as the browser has it: Dash writes a mapping with its keys sorted and without spaces."""
    return f'{{"name":"{name}","type":"scoring-filter"}}'


def every(kind: str, wildcard: Any) -> dict[str, Any]:
    """All controls (`value`), as callbacks name them; `wildcard` is `dash.ALL`."""
    return {"type": f"scoring-{kind}", "name": wildcard}
