"""Who works with the console: people, where they are signed in, and who changed what."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from experiments.store.tables.columns import ID_LENGTH, KEY_LENGTH, metadata, row_id
from experiments.store.types import JsonText, UtcDateTime

users: Final = Table(
    "users",
    metadata,
    Column("user_id", String(KEY_LENGTH), primary_key=True),
    # in small letters, so that nobody is there twice
    Column("email", String(ID_LENGTH), nullable=False, unique=True),
    Column("name", String(ID_LENGTH), nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(16)),
    # none where somebody only signs in at the business's own identity provider
    Column("password_hash", String(ID_LENGTH)),
    # whether a password was given by somebody else, and is to be changed at the next sign-in
    Column("must_change_password", Boolean, nullable=False),
    Column("provider_subject", String(ID_LENGTH), unique=True),
    Column("failed_attempts", Integer, nullable=False),
    Column("locked_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("signed_in_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    CheckConstraint("failed_attempts >= 0", name="failed_attempts_range"),
)

sign_ins: Final = Table(
    "sign_ins",
    metadata,
    # of what the browser holds, so that nobody who reads the table is signed in
    Column("token_hash", String(KEY_LENGTH), primary_key=True),
    Column("user_id", String(KEY_LENGTH), ForeignKey("users.user_id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

audit_entries: Final = Table(
    "audit_entries",
    metadata,
    row_id(),
    Column("at", UtcDateTime, nullable=False),
    # a user, an API key, or the person at the command line
    Column("actor_kind", String(16), nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("action", String(KEY_LENGTH), nullable=False),
    Column("subject_kind", String(KEY_LENGTH), nullable=False),
    Column("subject", String(ID_LENGTH), nullable=False),
    Column("before", JsonText),
    Column("after", JsonText),
    Column("trace_id", String(KEY_LENGTH)),
    Index(None, "at"),
    Index(None, "subject_kind", "subject"),
)
