"""Scorecards, what they were computed from, and the metrics of the business's own."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    metadata,
    phase_reference,
    row_id,
)
from experiments.store.types import JsonText, UtcDateTime

metrics: Final = Table(
    "metrics",
    metadata,
    Column("key", String(KEY_LENGTH), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    # none once the metric is deleted
    Column("definition", JsonText),
    Column("set_at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    CheckConstraint("version >= 1", name="version_range"),
)

scorecards: Final = Table(
    "scorecards",
    metadata,
    row_id(),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("snapshot_hash", String(KEY_LENGTH), nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
    # text, not jsonb: a stored scorecard must come back byte for byte, since its hash is published
    Column("document", Text, nullable=False),
    UniqueConstraint("campaign_key", "phase", "snapshot_hash"),
    phase_reference(),
)

analysis_marks: Final = Table(
    "analysis_marks",
    metadata,
    # what the newest scorecard of a phase was computed from, so that asking again costs a look
    Column("campaign_key", String(KEY_LENGTH), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("basis", String(64), nullable=False),
    Column("facts_until", BigInteger, nullable=False),
    Column("snapshot_hash", String(KEY_LENGTH), nullable=False),
    phase_reference(),
)
