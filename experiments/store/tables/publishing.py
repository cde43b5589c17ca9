"""What is handed on of results: decision memos, and links by which others read one report."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from experiments.store.tables.columns import ID_LENGTH, KEY_LENGTH, metadata, phase_reference
from experiments.store.types import JsonText, UtcDateTime

memos: Final = Table(
    "memos",
    metadata,
    Column("campaign_key", String(KEY_LENGTH), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("snapshot_hash", String(KEY_LENGTH), nullable=False),
    Column("content", JsonText, nullable=False),
    Column("author", String(ID_LENGTH), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    CheckConstraint("version >= 1", name="version_range"),
    phase_reference(),
)

share_links: Final = Table(
    "share_links",
    metadata,
    Column("link_id", String(KEY_LENGTH), primary_key=True),
    # of the secret in the address
    Column("token_hash", String(KEY_LENGTH), nullable=False, unique=True),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("snapshot_hash", String(KEY_LENGTH), nullable=False),
    Column("language", String(16), nullable=False),
    Column("note", Text),
    Column("created_by", String(ID_LENGTH), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("times_read", Integer, nullable=False),
    CheckConstraint("times_read >= 0", name="times_read_range"),
    phase_reference(),
    Index(None, "campaign_key"),
)
