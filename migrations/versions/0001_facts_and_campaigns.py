"""Make the first tables: programme, campaigns, members, facts, keys and scorecards.

Why: a new installation starts here; nothing exists before it.
Locks: nothing, since every table is new. Going down drops every table with its rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String(128)
ID = sa.String(255)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "programme",
    "catalogue_state",
    "campaigns",
    "phases",
    "campaign_moves",
    "members",
    "assignments",
    "enrolments",
    "exposures",
    "conversions",
    "grants",
    "quarantine",
    "api_keys",
    "scorecards",
)


def upgrade() -> None:
    _make_programme()
    _make_campaigns()
    _make_members()
    _make_exposures()
    _make_conversions()
    _make_grants()
    _make_quarantine()
    _make_keys_and_scorecards()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _id_check(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"length({column}) BETWEEN 1 AND 255", name=op.f(f"ck_{table}_{column}_length")
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _to_campaign(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_key"], ["campaigns.key"], name=op.f(f"fk_{table}_campaign_key")
    )


def _to_phase(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_key", "phase"],
        ["phases.campaign_key", "phases.number"],
        name=op.f(f"fk_{table}_campaign_key_phase"),
    )


def _primary_key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _make_programme() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        _check("programme", "only_one", "id = 1"),
        _primary_key("programme", "id"),
    )
    op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        _check("catalogue_state", "only_one", "id = 1"),
        _primary_key("catalogue_state", "id"),
    )


def _make_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("key", KEY, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("design", JSON, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _check("campaigns", "phase_range", "phase >= 0"),
        _check("campaigns", "version_range", "version >= 1"),
        _primary_key("campaigns", "key"),
    )
    op.create_table(
        "phases",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("design", JSON, nullable=False),
        sa.Column("analysis_plan", JSON),
        sa.Column("layer_ranges", JSON),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        _check("phases", "number_range", "number >= 1"),
        _to_campaign("phases"),
        _primary_key("phases", "campaign_key", "number"),
    )
    op.create_table(
        "campaign_moves",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("move", sa.String(32), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=False),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("detail", JSON),
        _to_campaign("campaign_moves"),
        _primary_key("campaign_moves", "id"),
    )
    _index("campaign_moves", "campaign_key")


def _make_members() -> None:
    op.create_table(
        "members",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("household_id", ID),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("personalisation_consent", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        _id_check("members", "member_id"),
        _id_check("members", "household_id"),
        _primary_key("members", "member_id"),
    )
    _index("members", "household_id")
    op.create_table(
        "assignments",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        _id_check("assignments", "unit_id"),
        _id_check("assignments", "member_id"),
        _to_phase("assignments"),
        _primary_key("assignments", "campaign_key", "phase", "unit_id"),
    )
    op.create_table(
        "enrolments",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("enrolled", sa.BigInteger, nullable=False),
        _check("enrolments", "enrolled_range", "enrolled >= 0"),
        _to_phase("enrolments"),
        _primary_key("enrolments", "campaign_key", "phase"),
    )


def _make_exposures() -> None:
    op.create_table(
        "exposures",
        sa.Column("exposure_id", ID, nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("unit_id", ID),
        sa.Column("exposed_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        _id_check("exposures", "exposure_id"),
        _id_check("exposures", "member_id"),
        _id_check("exposures", "unit_id"),
        _check("exposures", "phase_range", "phase >= 1"),
        _to_phase("exposures"),
        _primary_key("exposures", "exposure_id"),
    )
    _index("exposures", "campaign_key", "phase", "unit_id")


def _make_conversions() -> None:
    op.create_table(
        "conversions",
        sa.Column("conversion_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("event", ID, nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("properties", JSON),
        sa.Column("sender", ID),
        _id_check("conversions", "conversion_id"),
        _id_check("conversions", "member_id"),
        _id_check("conversions", "event"),
        _check("conversions", "amount_range", "amount_minor >= 0"),
        _check(
            "conversions",
            "amount_with_currency",
            "amount_minor IS NULL OR currency IS NOT NULL",
        ),
        _check("conversions", "currency_length", "length(currency) = 3"),
        _primary_key("conversions", "conversion_id"),
    )
    _index("conversions", "member_id", "occurred_at")
    _index("conversions", "event", "occurred_at")


def _make_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", ID, nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("offer_kind", KEY, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        _id_check("grants", "grant_id"),
        _id_check("grants", "member_id"),
        _check("grants", "cost_range", "cost_minor >= 0"),
        _check("grants", "currency_length", "length(currency) = 3"),
        _to_campaign("grants"),
        _primary_key("grants", "grant_id"),
    )
    _index("grants", "campaign_key", "member_id")


def _make_quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("item_id", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        sa.Column("digest", sa.String(64), nullable=False),
        _check("quarantine", "known_kind", "kind IN ('exposure', 'conversion')"),
        sa.UniqueConstraint("kind", "digest", name=op.f("uq_quarantine_kind_digest")),
        _primary_key("quarantine", "id"),
    )
    _index("quarantine", "received_at")


def _make_keys_and_scorecards() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", KEY, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("secret_hash", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        _primary_key("api_keys", "key_id"),
    )
    op.create_table(
        "scorecards",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("snapshot_hash", KEY, nullable=False),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        _to_phase("scorecards"),
        _primary_key("scorecards", "id"),
        sa.UniqueConstraint(
            "campaign_key",
            "phase",
            "snapshot_hash",
            name=op.f("uq_scorecards_campaign_key_phase_snapshot_hash"),
        ),
    )
