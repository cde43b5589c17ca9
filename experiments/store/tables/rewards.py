"""Rewards that were granted, what they cost, and when nothing was left."""

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
    text,
)

from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    OFFER_ID_LENGTH,
    campaign_reference,
    id_check,
    metadata,
    phase_reference,
    row_id,
    written_by,
)
from experiments.store.types import UtcDateTime

_LIVE: Final = "state IN ('reserved', 'redeemed')"
_DUE: Final = "state = 'reserved' AND expires_at IS NOT NULL"
_OPEN: Final = "reopened_at IS NULL"

grants: Final = Table(
    "grants",
    metadata,
    # how each grant stands now; what was done to it, and when, is in `grant_moves`
    Column("grant_id", String(ID_LENGTH), primary_key=True),
    campaign_reference(),
    Column("phase", Integer, nullable=False),
    Column("variant", String(KEY_LENGTH), nullable=False),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("offer_id", String(OFFER_ID_LENGTH), nullable=False),
    Column("offer_kind", String(KEY_LENGTH), nullable=False),
    Column("cost_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    # the part that is expected never to be redeemed, in ten-thousandths
    Column("breakage", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reserved_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("redeemed_at", UtcDateTime),
    Column("reversed_at", UtcDateTime),
    Column("expired_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", String(ID_LENGTH)),
    id_check("grant_id"),
    id_check("member_id"),
    CheckConstraint("cost_minor >= 0", name="cost_range"),
    CheckConstraint("length(currency) = 3", name="currency_length"),
    CheckConstraint("breakage BETWEEN 0 AND 10000", name="breakage_range"),
    CheckConstraint("state IN ('reserved', 'redeemed', 'expired', 'reversed')", name="known_state"),
    Index(None, "campaign_key", "member_id"),
    # a member has an offer once; what expired or was taken back may be given again
    Index(
        "uq_grants_live",
        "campaign_key",
        "member_id",
        "offer_id",
        unique=True,
        sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    ),
    Index(
        "ix_grants_due",
        "campaign_key",
        "expires_at",
        sqlite_where=text(_DUE),
        postgresql_where=text(_DUE),
    ),
)

grant_moves: Final = Table(
    "grant_moves",
    metadata,
    # facts: each step that a grant took, once; what it is about stands in every one of them
    Column("grant_id", String(ID_LENGTH), ForeignKey("grants.grant_id"), primary_key=True),
    Column("step", String(16), primary_key=True),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("variant", String(KEY_LENGTH), nullable=False),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("offer_id", String(OFFER_ID_LENGTH), nullable=False),
    Column("offer_kind", String(KEY_LENGTH), nullable=False),
    Column("cost_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sender", String(ID_LENGTH)),
    Column("reason", Text),
    written_by(),
    id_check("member_id"),
    CheckConstraint("cost_minor >= 0", name="cost_range"),
    CheckConstraint("step IN ('reserve', 'redeem', 'reverse', 'expire')", name="known_step"),
    Index(None, "written_by"),
)

budgets: Final = Table(
    "budgets",
    metadata,
    # how many grants stand in which state, and what they cost: a recount of `grants` by state
    Column("campaign_key", String(KEY_LENGTH), ForeignKey("campaigns.key"), primary_key=True),
    Column("phase", Integer, primary_key=True, autoincrement=False),
    Column("variant", String(KEY_LENGTH), primary_key=True),
    Column("offer_id", String(OFFER_ID_LENGTH), primary_key=True),
    Column("currency", String(3), primary_key=True),
    *(
        Column(f"{state}{unit}", BigInteger, nullable=False)
        for unit in ("", "_minor")
        for state in ("reserved", "redeemed", "expired", "reversed")
    ),
    CheckConstraint(
        "reserved >= 0 AND redeemed >= 0 AND expired >= 0 AND reversed >= 0", name="counted"
    ),
    CheckConstraint(
        "reserved_minor >= 0 AND redeemed_minor >= 0 "
        "AND expired_minor >= 0 AND reversed_minor >= 0",
        name="counted_minor",
    ),
)

exhaustions: Final = Table(
    "exhaustions",
    metadata,
    # the moments at which enrolment in a phase closed, and why; open ones have no `reopened_at`
    row_id(),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("resource", String(32), nullable=False),
    # of which offer or variant; empty for the whole campaign
    Column("subject", String(OFFER_ID_LENGTH), nullable=False),
    Column("bound", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reopened_at", UtcDateTime),
    phase_reference(),
    Index(
        "uq_exhaustions_open",
        "campaign_key",
        "phase",
        "resource",
        "subject",
        unique=True,
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    ),
)
