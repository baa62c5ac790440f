"""The counts of a job, as its batches come."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from core.jobs.job import RejectionReason, Tally, bins

if TYPE_CHECKING:
    from core.batch.challenges import ChallengeState
    from core.batch.rows import Scored

# Lines in the list of rows set aside; all of them are counted.
max_listed: Final = 100_000


def with_batch(tally: Tally, scored: Scored, unrecorded: int) -> Tally:
    """The counts of a job, with those of another batch."""
    decisions, rejections = scored.decisions, scored.rejections
    refused = int(decisions["prediction"].sum())
    counts, _ = np.histogram(decisions["probability"].to_numpy(), bins=bins, range=(0.0, 1.0))
    reasons = Counter({(reason.column, reason.problem): reason.count for reason in tally.reasons})
    for column, problem, count in rejections.group_by("column", "problem").len().iter_rows():
        reasons[column, problem] += count
    return Tally(
        read=tally.read + decisions.height + scored.rejected,
        scored=tally.scored + decisions.height,
        rejected=tally.rejected + scored.rejected,
        accepted=tally.accepted + decisions.height - refused,
        refused=tally.refused + refused,
        histogram=tuple(int(before + more) for before, more in zip(tally.histogram, counts, strict=True)),
        reasons=tuple(
            RejectionReason(*key, count) for key, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ),
        listed=min(max_listed, tally.listed + rejections.height),
        unrecorded=tally.unrecorded + unrecorded,
        joined=tally.joined + int((decisions["history"] == "portfolio").sum()),
        sent=tally.sent + int((decisions["history"] == "sent").sum()),
        referred=tally.referred + int(decisions["referral"].sum()),
        close_calls=tally.close_calls + int((decisions["certainty"] == "close_call").sum()),
        challenged=_challenged(tally, scored),
        caveats=tally.caveats + scored.caveats,
    )


def _challenged(tally: Tally, scored: Scored) -> dict[ChallengeState, int]:
    if scored.challenges is None:
        return tally.challenged
    state = scored.challenges.state
    return tally.challenged | {state: tally.challenged.get(state, 0) + scored.decisions.height}
