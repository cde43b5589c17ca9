"""What a campaign passes through before it starts: drafts of its form, checks and approvals."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    campaign_reference,
    metadata,
    row_id,
)
from experiments.store.types import JsonText, UtcDateTime

form_drafts: Final = Table(
    "form_drafts",
    metadata,
    Column("draft_id", String(KEY_LENGTH), primary_key=True),
    Column("user_id", String(KEY_LENGTH), ForeignKey("users.user_id"), nullable=False),
    # none until the draft is a campaign
    Column("campaign_key", String(KEY_LENGTH)),
    # what was typed, field by field, right or wrong
    Column("fields", JsonText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("version >= 1", name="version_range"),
    Index(None, "campaign_key"),
    Index(None, "user_id"),
)

approvals: Final = Table(
    "approvals",
    metadata,
    row_id(),
    campaign_reference(),
    # of the campaign, when it was asked for: a later change needs another approval
    Column("campaign_version", Integer, nullable=False),
    Column("asked_by", String(ID_LENGTH), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("note", Text),
    Column("answer", String(16)),
    Column("answered_by", String(ID_LENGTH)),
    Column("answered_at", UtcDateTime),
    Column("reason", Text),
    CheckConstraint("answer IN ('approved', 'refused', 'withdrawn')", name="answer_known"),
    Index(None, "campaign_key"),
)

checklist_ticks: Final = Table(
    "checklist_ticks",
    metadata,
    Column("campaign_key", String(KEY_LENGTH), ForeignKey("campaigns.key"), primary_key=True),
    Column("item", String(KEY_LENGTH), primary_key=True),
    Column("ticked_by", String(ID_LENGTH), nullable=False),
    Column("ticked_at", UtcDateTime, nullable=False),
)
