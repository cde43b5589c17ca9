"""Says which tables there are and what each row means; `migrations/` makes them.

Facts (exposures, conversions, moves of grants) are append-only. They have no foreign key to
members, since a fact may arrive before its member does. Checks repeat the domain's rules only
where a wrong row would spoil a result or mean different things on the two databases: SQLite
ignores the length of a VARCHAR, and reading facts relies on ids that are never empty.

Every fact and every assignment carries the number of the transaction that wrote it (`written_by`),
by which the archive asks for what is new; `experiments.store.arrivals` says why by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DefaultClause,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.compiler import compiles

from experiments.store.types import JsonText, UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

KEY_LENGTH: Final = 128
"""Longest key that the operator chooses."""

ID_LENGTH: Final = 255
"""Longest id or name that others send."""

OFFER_ID_LENGTH: Final = 2 * KEY_LENGTH + 1
"""Longest id of an offer, which the keys of its campaign and its variant may make."""

WRITTEN_BY: Final = "written_by"
"""The column with the number of the transaction that wrote a row."""

_LIVE: Final = "state IN ('reserved', 'redeemed')"
_DUE: Final = "state = 'reserved' AND expires_at IS NOT NULL"
_OPEN: Final = "reopened_at IS NULL"

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id_check(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {ID_LENGTH}", name=f"{column}_length")


class WritingTransaction(ColumnElement[int]):
    """The number of the transaction that runs, which PostgreSQL knows by itself.

    SQLite knows none: who writes there gives it, from `write_counter`, and to forget it is refused.
    """

    inherit_cache = True


@compiles(WritingTransaction)
def _transaction_number(*_: SQLCompiler, **__: Any) -> str:  # noqa: ANN401  # SQLAlchemy's signature
    return "(pg_current_xact_id()::text)::bigint"


@compiles(WritingTransaction, "sqlite")
def _no_transaction_number(*_: SQLCompiler, **__: Any) -> str:  # noqa: ANN401  # as above
    return "NULL"


def _written_by() -> Column[int]:
    return Column(
        WRITTEN_BY, BigInteger, nullable=False, server_default=DefaultClause(WritingTransaction())
    )


def _row_id() -> Column[int]:
    # SQLite numbers rows by itself only in a column declared INTEGER, exactly
    return Column(
        "id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True
    )


def _phase_reference() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["campaign_key", "phase"], ["phases.campaign_key", "phases.number"])


def _campaign_reference() -> Column[str]:
    return Column("campaign_key", String(KEY_LENGTH), ForeignKey("campaigns.key"), nullable=False)


programme: Final = Table(
    "programme",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("document", JsonText, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

catalogue_state: Final = Table(
    "catalogue_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

programme_runs: Final = Table(
    "programme_runs",
    metadata,
    _row_id(),
    # of the rules that were applied: members carry it in computed_by
    Column("version", String(KEY_LENGTH), nullable=False),
    # the moment up to which facts counted
    Column("as_of", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    # none while it runs, and for good where it was interrupted
    Column("computed_at", UtcDateTime),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("counts", JsonText),
    Index(None, "computed_at"),
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
    _row_id(),
    _campaign_reference(),
    Column("move", String(32), nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("reason", Text),
    Column("detail", JsonText),
    Index(None, "campaign_key"),
)

members: Final = Table(
    "members",
    metadata,
    Column("member_id", String(ID_LENGTH), primary_key=True),
    Column("household_id", String(ID_LENGTH)),
    Column("attributes", JsonText, nullable=False),
    Column("personalisation_consent", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # the transaction of the latest change; none for rows from before there were numbers
    Column("written_by", BigInteger),
    # what a recomputation of the programme wrote, under what the business says of the member
    Column("computed", JsonText),
    Column("computed_by", String(KEY_LENGTH)),
    _id_check("member_id"),
    _id_check("household_id"),
    Index(None, "household_id"),
    Index(None, "written_by"),
)

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
    _written_by(),
    _id_check("unit_id"),
    _id_check("member_id"),
    _phase_reference(),
    Index(None, "written_by"),
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
    _phase_reference(),
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
    _written_by(),
    _id_check("exposure_id"),
    _id_check("member_id"),
    _id_check("unit_id"),
    CheckConstraint("phase >= 1", name="phase_range"),
    _phase_reference(),
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
    _written_by(),
    _id_check("conversion_id"),
    _id_check("member_id"),
    _id_check("event"),
    CheckConstraint("amount_minor >= 0", name="amount_range"),
    CheckConstraint("amount_minor IS NULL OR currency IS NOT NULL", name="amount_with_currency"),
    CheckConstraint("length(currency) = 3", name="currency_length"),
    Index(None, "member_id", "occurred_at"),
    Index(None, "event", "occurred_at"),
    Index(None, "written_by"),
)

grants: Final = Table(
    "grants",
    metadata,
    # how each grant stands now; what was done to it, and when, is in `grant_moves`
    Column("grant_id", String(ID_LENGTH), primary_key=True),
    _campaign_reference(),
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
    _id_check("grant_id"),
    _id_check("member_id"),
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
    _written_by(),
    _id_check("member_id"),
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
    _row_id(),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("resource", String(32), nullable=False),
    # of which offer or variant; empty for the whole campaign
    Column("subject", String(OFFER_ID_LENGTH), nullable=False),
    Column("bound", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reopened_at", UtcDateTime),
    _phase_reference(),
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

quarantine: Final = Table(
    "quarantine",
    metadata,
    _row_id(),
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

scorecards: Final = Table(
    "scorecards",
    metadata,
    _row_id(),
    Column("campaign_key", String(KEY_LENGTH), nullable=False),
    Column("phase", Integer, nullable=False),
    Column("snapshot_hash", String(KEY_LENGTH), nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
    # text, not jsonb: a stored scorecard must come back byte for byte, since its hash is published
    Column("document", Text, nullable=False),
    UniqueConstraint("campaign_key", "phase", "snapshot_hash"),
    _phase_reference(),
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
    _phase_reference(),
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

opt_outs: Final = Table(
    "opt_outs",
    metadata,
    # every change of a member's consent, whoever told it; what stands is in `members`
    _row_id(),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String(ID_LENGTH), nullable=False),
    _id_check("member_id"),
    Index(None, "member_id"),
)

erasures: Final = Table(
    "erasures",
    metadata,
    # one row a member and request that found something; never with an id once it is complete
    _row_id(),
    # keyed hash of the member id, by which a second request and late events are known
    Column("digest", String(64), nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("reason", Text),
    Column("counts", JsonText, nullable=False),
    # campaigns and phases whose stored scorecards were computed with the member's identity
    Column("phases", JsonText, nullable=False),
    # what the archive still has under which id; none once the archive equals the database
    Column("pending", JsonText),
    Column("completed_at", UtcDateTime),
    # late events are discarded up to here; none to take them as those of somebody new
    Column("suppressed_until", UtcDateTime),
    Column("late_events", BigInteger, nullable=False, server_default="0"),
    _written_by(),
    CheckConstraint("length(digest) = 64", name="digest_length"),
    CheckConstraint("late_events >= 0", name="late_events_range"),
    Index(None, "digest"),
    Index(None, "written_by"),
)

erased_members: Final = Table(
    "erased_members",
    metadata,
    # to which household a pseudonym belongs, so that a household's results stay what they were
    Column("pseudonym", String(ID_LENGTH), primary_key=True),
    Column("household_id", String(ID_LENGTH), nullable=False),
    _id_check("household_id"),
    Index(None, "household_id"),
)

access_log: Final = Table(
    "access_log",
    metadata,
    # who read, exported or erased rows of single members; appended to, and shortened by retention
    _row_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("action", String(32), nullable=False),
    # keyed hash of the member id; none where the rows were of many
    Column("digest", String(64)),
    Column("detail", JsonText),
    Index(None, "at"),
    Index(None, "digest"),
)

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
