"""The ids of the Drift page."""

from __future__ import annotations

from typing import Any, Final

shown: Final = "drift-shown"
address: Final = "drift-address"

setup: Final = "drift-setup"
reference: Final = "drift-reference"
current: Final = "drift-current"
reference_period: Final = "drift-reference-period"
reference_since: Final = "drift-reference-since"
reference_until: Final = "drift-reference-until"
period: Final = "drift-period"
since: Final = "drift-since"
until: Final = "drift-until"
reference_live: Final = "drift-reference-live"
reference_days: Final = "drift-reference-days"
live: Final = "drift-live"
days: Final = "drift-days"
upload: Final = "drift-upload"
sent: Final = "drift-sent"
files: Final = "drift-files"
usual: Final = "drift-usual"
compare: Final = "drift-compare"
compare_note: Final = "drift-compare-note"

problem: Final = "drift-problem"
results: Final = "drift-results"
verdict: Final = "drift-verdict"
score: Final = "drift-score"
performance: Final = "drift-performance"
segments: Final = "drift-segments"
notes: Final = "drift-notes"
html_link: Final = "drift-html"
json_link: Final = "drift-json"

search: Final = "drift-search"
level: Final = "drift-level"
kind: Final = "drift-kind"
order: Final = "drift-order"
columns: Final = "drift-columns"
page: Final = "drift-page"
back: Final = "drift-back"
onward: Final = "drift-onward"
opened: Final = "drift-opened"
columns_count: Final = "drift-columns-count"

outcomes: Final = "drift-outcomes"
history: Final = "drift-past"
told: Final = "drift-told"


def limit(name: Any, bound: Any) -> dict[str, Any]:
    """A threshold: its name in `Thresholds`, and `moderate` or `major`; `dash.ALL` for all of them."""
    return {"type": "drift-limit", "name": name, "bound": bound}


# Of the columns: plain ids, which `assets/js/drift.js` knows by their beginning. Hundreds of ids that are matched by
# pattern keep a browser busy for minutes.
def opener(name: str) -> str:
    """The button that opens a column."""
    return f"drift-opener-{name}"


def detail(name: str) -> str:
    """The row below a column, hidden until it is opened."""
    return f"drift-detail-{name}"


def detail_body(name: str) -> str:
    """What a column opens to."""
    return f"drift-body-{name}"
