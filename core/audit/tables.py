"""The tables of the audit database: predictions and their blocks, decisions, outcomes, statements, and the chain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class UtcTime(TypeDecorator[datetime]):
    """A moment, given and returned with its time zone; SQLite, which knows none, holds it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. Raises `ValueError` for a time without a time zone: it could be any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("expected a time with a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share."""


class PredictionRow(Base):
    """One prediction. `id` is a UUID that begins with its time, so that rows arrive in the order of the key.

    Attributes:
        time: when it was made.
        kind: what was asked for: predict, batch, explain...
        inputs: values that the model was given, by name: the application as validated, and history features.
        subject, person: for whom the caller asked, as their identity provider and as their colleagues know them; null
            where it asked for itself.
        history, portfolio, application: as in `core.audit.entries.PredictionEntry`; null in rows that are
            older than the columns.
        block: the block that the prediction is recorded in, with its inputs, which are empty here; null where the row
            is an entry of its own.
        fold_agreement, referral: as in `core.audit.entries.RecordedPrediction`.
        challenger_version, challenger_probability, challenger_threshold: as in `core.audit.entries.Challenge`; null
            where no challenger was asked, or it failed.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        # What was compared is counted without a look at the rest.
        Index(
            "ix_predictions_challenged",
            "challenger_version",
            "time",
            sqlite_where=text("challenger_version IS NOT NULL"),
            postgresql_where=text("challenger_version IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcTime, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    probability: Mapped[float]
    threshold: Mapped[float]
    decision: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str] = mapped_column(String(128))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    history: Mapped[str | None] = mapped_column(String(16))
    portfolio: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(255))
    person: Mapped[str | None] = mapped_column(String(128))
    application: Mapped[str | None] = mapped_column(String(8))
    block: Mapped[str | None] = mapped_column(String(36))
    fold_agreement: Mapped[float | None]
    referral: Mapped[str | None] = mapped_column(String(64))
    challenger_version: Mapped[str | None] = mapped_column(String(200))
    challenger_probability: Mapped[float | None]
    challenger_threshold: Mapped[float | None]


class BlockRow(Base):
    """The predictions on many rows of a file, as one entry: `core.audit.blocks`.

    They stand in `predictions` as well, where queries find them, but for their inputs.

    Attributes:
        time: of them all.
        first_id, last_id: of the first and the last of them.
        predictions: how many they are.
        format: of the content.
        fingerprints: eight bytes for each, of its inputs: they tell which of them was changed, where one was.
        content: the predictions in full.
    """

    __tablename__ = "prediction_blocks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcTime, index=True)
    first_id: Mapped[str] = mapped_column(String(36))
    last_id: Mapped[str] = mapped_column(String(36))
    predictions: Mapped[int]
    format: Mapped[str] = mapped_column(String(16))
    fingerprints: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DecisionRow(Base):
    """The decision of an officer on a prediction. Triggers refuse to change or delete it.

    What it is about is repeated here, and `prediction_id` is no foreign key: the decision outlives the retention of
    predictions.

    Attributes:
        subject: who decided, as their identity provider knows them; null where the caller named the officer.
        idempotency_key: made by the caller, unique among those of one caller, so that a request that is sent again
            records nothing twice; None where the caller made none. Of a person, `core.audit.decisions.key_of`.
        contract_type, income_type, age_band, gender: segments of the applicant, as `core.audit.segments` has them.
        model_reason: the concept that spoke most for what the model said; null where that is not known.
    """

    __tablename__ = "officer_decisions"
    __table_args__ = (
        Index("ux_officer_decisions_idempotency_key", "caller", "idempotency_key", unique=True),
        # For the last decision on each client of a page, in one query.
        Index("ix_officer_decisions_client_last", "client_id", "time", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcTime, index=True)
    request_id: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(64))
    officer: Mapped[str] = mapped_column(String(128), index=True)
    decision: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    prediction_id: Mapped[str] = mapped_column(String(36), index=True)
    model_decision: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str] = mapped_column(String(128))
    probability: Mapped[float]
    threshold: Mapped[float]
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    history: Mapped[str | None] = mapped_column(String(16))
    portfolio: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(255))
    application: Mapped[str | None] = mapped_column(String(8))
    contract_type: Mapped[str | None] = mapped_column(String(64))
    income_type: Mapped[str | None] = mapped_column(String(64))
    age_band: Mapped[str | None] = mapped_column(String(16))
    gender: Mapped[str | None] = mapped_column(String(8))
    model_reason: Mapped[str | None] = mapped_column(String(64))


class OutcomeRow(Base):
    """The outcome of a decision. Triggers refuse to change or delete it; a later one of the same decision corrects it.

    What it is about is repeated here, and `prediction_id` is no foreign key: the outcome outlives the retention of
    predictions.

    Attributes:
        defaulted: 1 or 0.
        observed: the day on which it was known, as `2026-11-28`.
        corrects: the entry that it takes the place of; null for the first one on a decision.
        decided, kind, probability, threshold, model_decision, model_version, application, portfolio: of the prediction.
        contract_type, income_type, age_band: segments of the applicant, of what the model was given.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        # For the last outcome of each decision.
        Index("ix_outcomes_prediction_last", "prediction_id", "time", "id"),
        Index("ix_outcomes_client_id", "client_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcTime)
    request_id: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(64))
    prediction_id: Mapped[str] = mapped_column(String(36))
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    defaulted: Mapped[int] = mapped_column(SmallInteger)
    observed: Mapped[str] = mapped_column(String(10))
    amount_lost: Mapped[float | None]
    corrects: Mapped[str | None] = mapped_column(String(36))
    decided: Mapped[datetime] = mapped_column(UtcTime, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    probability: Mapped[float]
    threshold: Mapped[float]
    model_decision: Mapped[str] = mapped_column(String(16))
    model_version: Mapped[str] = mapped_column(String(128))
    application: Mapped[str | None] = mapped_column(String(8))
    portfolio: Mapped[str | None] = mapped_column(String(64))
    contract_type: Mapped[str | None] = mapped_column(String(64))
    income_type: Mapped[str | None] = mapped_column(String(64))
    age_band: Mapped[str | None] = mapped_column(String(16))


class StatementRow(Base):
    """What was done to the record itself. Triggers refuse to change or delete it.

    Attributes:
        kind: "retention": predictions were deleted; "seal": rows older than the chain were taken into it; "restore":
            rows of a backup whose chain is another were added, or rows were put back under links that were there;
            "approval": a model was put into use.
        entries: how many it is about.
        older_than: of a retention: all that it deleted is older. The database lets go of no younger prediction.
        sequences: of a retention: which entries of the chain it deleted, as "1-2000,2003".
        first_entry, last_entry: the first and the last of them.
        head: of a restore: the head of the chain that the backup holds.
        officer, reason, model_version, config_sha256, checks: of an approval, as `core.audit.approvals.Approval`.
    """

    __tablename__ = "audit_statements"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(String(16))
    entries: Mapped[int] = mapped_column(BigInteger)
    older_than: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    sequences: Mapped[str | None] = mapped_column(Text)
    head: Mapped[str | None] = mapped_column(String(96))
    first_entry: Mapped[int | None] = mapped_column(BigInteger)
    last_entry: Mapped[int | None] = mapped_column(BigInteger)
    officer: Mapped[str | None] = mapped_column(String(128))
    reason: Mapped[str | None] = mapped_column(Text)
    model_version: Mapped[str | None] = mapped_column(String(160))
    config_sha256: Mapped[str | None] = mapped_column(String(64))
    checks: Mapped[str | None] = mapped_column(Text)


class LinkRow(Base):
    """A link of the chain, as `core.audit.chain.links.Link`. Triggers refuse to change or delete it."""

    __tablename__ = "audit_chain"
    __table_args__ = (Index("ux_audit_chain_entry_id", "entry_id", unique=True),)

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    recorded: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(16))
    entry_id: Mapped[str] = mapped_column(String(36))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


# The row of `outcome_counts` that is no frame: its content is another one whenever a restore has put rows back.
put_back: Final = "put_back"


class CountsRow(Base):
    """What was counted of the record, so that only what came since is to be counted: `core.outcomes.counting.held`.

    No part of the record: it can be made of it again at any time, and whoever changes it changes no entry.

    Attributes:
        name: of the frame; or `put_back`.
        format: of the content.
        sequence, digest: the end that the chain had when it was counted.
        content: the frame.
    """

    __tablename__ = "outcome_counts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    format: Mapped[int] = mapped_column(SmallInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)
