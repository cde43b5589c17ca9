"""What happened, appended to: assignments, exposures and conversions, and those refused."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    id_check,
    metadata,
    phase_reference,
    row_id,
    written_by,
)
from experiments.store.types import JsonText, UtcDateTime

assignments: Final = Table(
    "assignments",
    metadata,
    Column("campaign_key", String(KEY_LENGTH), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("unit_id", String(ID_LENGTH), primary_key=True),
    Column("variant", String(KEY_LENGTH), nullable=False),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("assigned_at", UtcDateTime, nullable=False),
    Column("attributes", JsonText, nullable=False),
    written_by(),
    id_check("unit_id"),
    id_check("member_id"),
    phase_reference(),
    Index(None, "written_by"),
)

exposures: Final = Table(
    "exposures",
    metadata,
    Column("exposure_id", String(ID_LENGTH), primary_key=True),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("variant", String(KEY_LENGTH), nullable=False),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("unit_id", String(ID_LENGTH)),
    Column("exposed_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", String(ID_LENGTH)),
    written_by(),
    id_check("exposure_id"),
    id_check("member_id"),
    id_check("unit_id"),
    CheckConstraint("phase >= 1", name="phase_range"),
    phase_reference(),
    Index(None, "written_by"),
)

first_exposures: Final = Table(
    "first_exposures",
    metadata,
    # what analysis reads of exposures, one row however often one is sent. It says of those that are
    # folded (`exposure_folding`) alone; `experiments.store.folding` says what readers do about the
    # rest. Of a household campaign, a member may be exposed in several households
    Column("campaign_key", String(KEY_LENGTH), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("variant", String(KEY_LENGTH), primary_key=True),
    Column("member_id", String(ID_LENGTH), primary_key=True),
    # empty where the unit is unknown: a key has no nulls
    Column("unit_id", String(ID_LENGTH), primary_key=True),
    Column("exposed_at", UtcDateTime, nullable=False),
    Column("last_exposed_at", UtcDateTime, nullable=False),
    Column("exposures", BigInteger, nullable=False),
    CheckConstraint("exposures >= 1", name="exposures_range"),
    sqlite_with_rowid=False,
    # room to count repeats where the row is, without touching its index
    postgresql_with={"fillfactor": "80"},
)

exposure_folding: Final = Table(
    "exposure_folding",
    metadata,
    # which exposures `first_exposures` says of: those written under no higher number, in the
    # numbering that `experiments.store.arrivals.incarnation` names
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("folded_until", BigInteger, nullable=False),
    Column("incarnation", String(64), nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

conversions: Final = Table(
    "conversions",
    metadata,
    Column("conversion_id", String(ID_LENGTH), primary_key=True),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("event", String(ID_LENGTH), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("properties", JsonText),
    Column("sender", String(ID_LENGTH)),
    written_by(),
    id_check("conversion_id"),
    id_check("member_id"),
    id_check("event"),
    CheckConstraint("amount_minor >= 0", name="amount_range"),
    CheckConstraint("amount_minor IS NULL OR currency IS NOT NULL", name="amount_with_currency"),
    CheckConstraint("length(currency) = 3", name="currency_length"),
    Index(None, "member_id", "occurred_at"),
    Index(None, "event", "occurred_at"),
    Index(None, "written_by"),
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    row_id(),
    Column("kind", String(16), nullable=False),
    Column("item_id", Text),
    Column("payload", Text, nullable=False),
    Column("problems", JsonText, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", String(ID_LENGTH)),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    # who replayed or discarded it, and when; a correction is the text that was replayed instead
    Column("settled_at", UtcDateTime),
    Column("settled_by", String(ID_LENGTH)),
    Column("reason", Text),
    Column("correction", Text),
    UniqueConstraint("kind", "digest"),
    CheckConstraint("kind IN ('exposure', 'conversion')", name="known_kind"),
    CheckConstraint("state IN ('open', 'replayed', 'discarded')", name="known_state"),
    Index(None, "received_at"),
    Index(None, "state", "id"),
)
