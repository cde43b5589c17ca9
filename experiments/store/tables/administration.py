"""Keys and secrets, the archives, and SQLite's count of transactions."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, Text

from experiments.store.tables.columns import ID_LENGTH, KEY_LENGTH, metadata
from experiments.store.types import JsonText, UtcDateTime

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("key_id", String(KEY_LENGTH), primary_key=True),
    Column("name", String(ID_LENGTH), nullable=False),
    Column("scopes", JsonText, nullable=False),
    Column("secret_hash", String(ID_LENGTH), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("kind", String(16), nullable=False, server_default="server"),
    # requests per second; none has the rate that the settings give its kind
    Column("rate", Integer),
    # a key of an unknown kind would be taken for one that may read every member
    CheckConstraint("kind IN ('server', 'browser')", name="kind_known"),
    CheckConstraint("rate >= 0", name="rate_range"),
)

signing_secrets: Final = Table(
    "signing_secrets",
    metadata,
    Column("purpose", String(KEY_LENGTH), primary_key=True),
    Column("secret", String(ID_LENGTH), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

write_counter: Final = Table(
    "write_counter",
    metadata,
    # the last number that a SQLite transaction was given; PostgreSQL numbers its own
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

archives: Final = Table(
    "archives",
    metadata,
    Column("archive_id", String(36), primary_key=True),
    Column("location", Text, nullable=False),
    Column("incarnation", String(64), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    CheckConstraint("generation >= 1", name="generation_range"),
)
