"""Who is told of what happens, what they are told, and what came of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from experiments.store.tables.columns import ID_LENGTH, KEY_LENGTH, metadata
from experiments.store.types import JsonText, UtcDateTime

webhook_endpoints: Final = Table(
    "webhook_endpoints",
    metadata,
    Column("key", String(KEY_LENGTH), primary_key=True),
    Column("url", Text, nullable=False),
    # none for everything
    Column("kinds", JsonText, nullable=False),
    Column("secret", String(ID_LENGTH), nullable=False),
    Column("old_secret", String(ID_LENGTH)),
    Column("old_secret_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("disabled_because", Text),
)

webhook_messages: Final = Table(
    "webhook_messages",
    metadata,
    Column("message_id", String(KEY_LENGTH), primary_key=True),
    Column("kind", String(KEY_LENGTH), nullable=False),
    # whom it is about, for their erasure; none for most
    Column("member_id", String(ID_LENGTH)),
    # text, not jsonb: every attempt sends the same bytes
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
    Index(None, "member_id"),
)

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    metadata,
    Column(
        "message_id",
        String(KEY_LENGTH),
        ForeignKey("webhook_messages.message_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "endpoint_key",
        String(KEY_LENGTH),
        ForeignKey("webhook_endpoints.key", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    # of what is pending: when, or until when somebody is about to; none once it is settled
    Column("next_attempt_at", UtcDateTime),
    # who makes the attempt; whoever comes too late with what came of it is not heard
    Column("leased_by", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("last_status", Integer),
    Column("last_fault", Text),
    CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="known_state"),
    CheckConstraint("attempts >= 0", name="attempts_range"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "endpoint_key", "created_at"),
)
