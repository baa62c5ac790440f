"""A year of synthetic business in a record of its own: applications, officers' decisions, and outcomes as they mature.

Straight through the scorer and the record, with the times that things would have had: the API records an application at
the moment at which it answers, and rightly takes no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from core.application import parse_application
from core.audit.chain.appending import appending
from core.audit.chain.links import entry_table
from core.audit.decisions import applicant_of
from core.audit.entries import Challenge, PredictionEntry, new_ids
from core.audit.log import AuditLog
from core.catalogue.ages import age_bands
from core.data.demo import draw_applications
from core.explain.first_reason import first_reason
from core.outcomes.entries import OutcomeEntry, OutcomeRefusal
from core.outcomes.log import OutcomeLog, recorded_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.audit.engine import Database
    from core.decision import Decision
    from core.scoring import Scorer

_caller: Final = "synthetic"
_days_per_month: Final = 30.4
_at_once: Final = 500
# Of a good client the outcome is known after half a year; a default from the first month on.
_good_days: Final = 180
_first_default_days, _last_default_days = 30, 180
# Who decides, and how often they decide otherwise than the model where it refuses, and where it accepts.
_officers: Final = (
    ("Alice Petit", 0.20, 0.04),
    ("Bruno Leroy", 0.10, 0.02),
    ("Chloé Moreau", 0.45, 0.12),
    # Agrees with everything.
    ("David Simon", 0.0, 0.0),
)
# All refuse the youngest so many times as often, of those whom the model accepts.
_severity_to_the_youngest: Final = 5.0
_share_seen: Final = 0.25
_reasons: Final = {
    "ACCEPTÉ": ("Garant solide", "Revenus justifiés", "Client de longue date"),
    "REFUSÉ": ("Revenus non justifiés", "Charges non déclarées", "Dossier incomplet"),
}
_external: Final = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")


@dataclass(frozen=True, slots=True)
class SyntheticYear:
    """What was played."""

    decisions: int
    refused: int
    officer_decisions: int
    overrides: int
    outcomes: int
    defaults: int


@dataclass(frozen=True, slots=True)
class _Played:
    """A decision as it was made, and what will become of the applicant."""

    key: str
    moment: datetime
    decision: Decision
    credit: float
    is_default: bool


def play(
    database: Database,
    scorer: Scorer,
    *,
    clients: int,
    months: int,
    shift: float,
    seed: int,
    now: datetime,
    challenger: Scorer | None = None,
) -> SyntheticYear:
    """Plays months of business into a record, the same for the same seed but for the ids.

    Args:
        database: a record of its own: nothing that is recorded can be taken away again.
        clients: how many apply, evenly over the months, the last of which ends now.
        shift: 0 to 1: by how much incomes and external scores of the last applicants are lower than those of the first
            ones, and by how much more of them default than the model has learnt from such applications.
        challenger: that is asked of each application as well.

    Raises:
        core.audit.writing.AuditUnavailable: what was recorded until then stays.
    """
    random = np.random.default_rng(seed)
    start = now - timedelta(days=months * _days_per_month)
    shares = np.sort(random.random(clients))
    applications = shifted(draw_applications(clients, seed, "train"), shares * shift)
    log = AuditLog(database)
    played: list[_Played] = []
    for first in range(0, clients, _at_once):
        part = slice(first, first + _at_once)
        moments = [start + share * (now - start) for share in shares[part]]
        played += _decided(log, scorer, applications[part], moments, challenger)
    extra = random.random(clients) < shift * shares * [item.decision.probability for item in played]
    played = [
        _Played(item.key, item.moment, item.decision, item.credit, item.is_default or bool(more))
        for item, more in zip(played, extra, strict=True)
    ]
    finals = _officers_decide(database, scorer, played, random, now)
    outcomes = list(_matured(played, finals, random, now))
    _hand_in(OutcomeLog(database), outcomes, now)
    return SyntheticYear(
        decisions=len(played),
        refused=sum(item.decision.prediction for item in played),
        officer_decisions=len(finals),
        overrides=sum(finals[item.key] != item.decision.decision for item in played if item.key in finals),
        outcomes=len(outcomes),
        defaults=sum(entry.defaulted for entry in outcomes),
    )


def shifted(applications: pl.DataFrame, shift: Any) -> pl.DataFrame:
    """Applications of a population that has moved.

    Args:
        shift: float64 (n,): by how much incomes and external scores are lower, 0 to 1.
    """
    left = 1 - pl.Series(shift)
    names = [name for name in ("AMT_INCOME_TOTAL", *_external) if name in applications.columns]
    return applications.with_columns((applications[name] * left).alias(name) for name in names)


def _decided(
    log: AuditLog,
    scorer: Scorer,
    applications: pl.DataFrame,
    moments: Sequence[datetime],
    challenger: Scorer | None,
) -> Iterator[_Played]:
    """Decides on applications, and records it at those moments."""
    rows = applications.drop("TARGET").rows(named=True)
    parsed = [
        parse_application({name: value for name, value in row.items() if value is not None}, "en") for row in rows
    ]
    decisions = scorer.decide_many(parsed)
    keys = [new_ids(moment, 1)[0] for moment in moments]
    challenges: list[Challenge | None] = [None] * len(parsed)
    if challenger is not None:
        version, threshold = challenger.model.version, challenger.model.optimal_threshold
        challenges = [Challenge(version, score, threshold) for score in challenger.probabilities_of(parsed)]
    entries = [
        PredictionEntry(
            "predict",
            f"synthetic-{key[-12:]}",
            _caller,
            application.values,
            decision,
            scorer.model.version,
            history="none",
            application="sent",
            challenge=challenge,
        )
        for key, application, decision, challenge in zip(keys, parsed, decisions, challenges, strict=True)
    ]
    log.record_delivered(list(zip(keys, moments, entries, strict=True)))
    for key, moment, decision, row, target in zip(
        keys, moments, decisions, rows, applications["TARGET"].to_list(), strict=True
    ):
        yield _Played(key, moment, decision, float(row["AMT_CREDIT"] or 0.0), target == 1)


def _officers_decide(
    database: Database, scorer: Scorer, played: Sequence[_Played], random: np.random.Generator, now: datetime
) -> dict[str, str]:
    """Records what officers decide on some, a day later, and returns it by the id of the prediction."""
    table, log = entry_table("decision", database.dialect), AuditLog(database)
    finals: dict[str, str] = {}
    rows = []
    for item in played:
        if random.random() > _share_seen and not item.decision.referral_codes:
            continue
        officer, rescues, stops = _officers[random.integers(len(_officers))]
        given = log.prediction_with_inputs(item.key)
        applicant = {} if given is None else applicant_of(given)
        if applicant.get("age_band") == age_bands[0]:
            stops *= _severity_to_the_youngest
        moment = min(item.moment + timedelta(hours=24 * random.random()), now)
        is_refused = item.decision.prediction == 1
        overrides = random.random() < (rescues if is_refused else stops)
        final = ("ACCEPTÉ" if is_refused else "REFUSÉ") if overrides else item.decision.decision
        finals[item.key] = final
        rows.append(
            table.row(
                {
                    "id": new_ids(moment, 1)[0],
                    "time": moment,
                    "request_id": f"synthetic-{item.key[-12:]}",
                    "caller": _caller,
                    "officer": officer,
                    "decision": final,
                    "kind": "override" if overrides else "confirm",
                    "reason": _reasons[final][random.integers(3)],
                    "client_id": item.decision.client_id,
                    "prediction_id": item.key,
                    "model_decision": item.decision.decision,
                    "model_version": scorer.model.version,
                    "probability": item.decision.probability,
                    "threshold": item.decision.threshold,
                    "history": "none",
                    "application": "sent",
                    "model_reason": None if given is None else first_reason(scorer, given),
                    **applicant,
                }
            )
        )
    for first in range(0, len(rows), _at_once):
        part = rows[first : first + _at_once]
        with appending(database) as record:
            record.add(table, part, [table.content(row) for row in part])
    return finals


def _matured(
    played: Sequence[_Played], finals: dict[str, str], random: np.random.Generator, now: datetime
) -> Iterator[OutcomeEntry]:
    """The outcomes of accepted applications that are known by now."""
    for item in played:
        days = int(random.integers(_first_default_days, _last_default_days)) if item.is_default else _good_days
        lost = round(item.credit * random.uniform(0.3, 0.8), 2) if item.is_default else None
        observed = item.moment + timedelta(days=days)
        if finals.get(item.key, item.decision.decision) == "ACCEPTÉ" and observed <= now:
            yield OutcomeEntry(item.key, None, None, item.is_default, observed.astimezone(UTC).date(), lost)


def _hand_in(log: OutcomeLog, outcomes: Sequence[OutcomeEntry], now: datetime) -> None:
    for first in range(0, len(outcomes), recorded_at_once):
        checked = log.check(outcomes[first : first + recorded_at_once], now)
        sound = [found for found in checked if not isinstance(found, OutcomeRefusal)]
        log.record(sound, "synthetic", _caller, now)
