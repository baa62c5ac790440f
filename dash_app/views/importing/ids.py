"""The ids of the Import page."""

from __future__ import annotations

from typing import Any, Final

address: Final = "import-address"
shown: Final = "import-shown"
sent: Final = "import-sent"
upload: Final = "import-upload"
mended: Final = "import-mended"
recent: Final = "import-recent"
state: Final = "import-state"
stage: Final = "import-stage"
result: Final = "import-result"
tick: Final = "import-tick"
start: Final = "import-start"
# Whose history rows are scored with: the choice, what it would do, and what holds both.
history: Final = "import-history"
history_note: Final = "import-history-note"
history_choice: Final = "import-history-choice"
# Of a file that lacks much of what the model rests on: somebody says yes before it is scored.
agreed: Final = "import-agreed"
agreement: Final = "import-agreement"
remove: Final = "import-remove"
confirm: Final = "import-confirm"
histogram: Final = "import-histogram"
announcer: Final = "import-announcer"


def grid(job: Any) -> dict[str, Any]:
    """The rows of an import."""
    return {"type": "import-grid", "job": job}


def decision(job: Any) -> dict[str, Any]:
    """Which of them: all, the accepted, the refused."""
    return {"type": "import-decision", "job": job}
