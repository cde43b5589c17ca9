"""Campaigns and their phases: what was decided of them, and where they stand."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    campaign_reference,
    metadata,
    phase_reference,
    row_id,
)
from experiments.store.types import JsonText, UtcDateTime

catalogue_state: Final = Table(
    "catalogue_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

campaigns: Final = Table(
    "campaigns",
    metadata,
    Column("key", String(KEY_LENGTH), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("design", JsonText, nullable=False),
    Column("phase", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("phase >= 0", name="phase_range"),
    CheckConstraint("version >= 1", name="version_range"),
)

phases: Final = Table(
    "phases",
    metadata,
    Column("campaign_key", String(KEY_LENGTH), ForeignKey("campaigns.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("design", JsonText, nullable=False),
    Column("analysis_plan", JsonText),
    Column("layer_ranges", JsonText),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    CheckConstraint("number >= 1", name="number_range"),
)

campaign_moves: Final = Table(
    "campaign_moves",
    metadata,
    row_id(),
    campaign_reference(),
    Column("move", String(32), nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("reason", Text),
    Column("detail", JsonText),
    Index(None, "campaign_key"),
)

enrolments: Final = Table(
    "enrolments",
    metadata,
    Column("campaign_key", String(KEY_LENGTH), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    # empty for all variants together; counted only where something bounds it
    Column("variant", String(KEY_LENGTH), primary_key=True),
    Column("enrolled", BigInteger, nullable=False),
    CheckConstraint("enrolled >= 0", name="enrolled_range"),
    phase_reference(),
)
