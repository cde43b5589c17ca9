"""Account for rewards: how each grant stands, every move, what is spent, when enrolment closed.

Why: a reward is reserved, redeemed, taken back or expires, within stock and budgets; `grants` had
one row a fact and nobody wrote it. Its rows become redeemed grants, whose offer, which they do not
name, is called by the grant's own id. Units are counted per variant, too.
Locks: on PostgreSQL `grants` and `enrolments`, which are copied; the other tables are new. SQLite
is written for as long. Going down keeps a grant as the one fact that it was, and loses its moves,
what is spent, why enrolment closed, and the units per variant.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.String(128)
ID = sa.String(255)
OFFER = sa.String(257)
CURRENCY = sa.String(3)
STATE = sa.String(16)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STATES = ("reserved", "redeemed", "expired", "reversed")
LIVE = "state IN ('reserved', 'redeemed')"
DUE = "state = 'reserved' AND expires_at IS NOT NULL"
OPEN = "reopened_at IS NULL"
OLD_COLUMNS = (
    "grant_id, campaign_key, variant, member_id, offer_kind, cost_minor, currency, {at}, "
    "received_at, sender"
)


def upgrade() -> None:
    number = _number()
    op.execute("CREATE TABLE grants_before_0010 AS SELECT * FROM grants")
    op.drop_table("grants")
    _make_grants()
    _make_moves(number)
    _make_budgets()
    _make_exhaustions()
    _convert()
    op.drop_table("grants_before_0010")
    _remake_enrolments(("campaign_key", "phase", "variant"), "campaign_key, phase, '', enrolled")


def downgrade() -> None:
    op.execute("DELETE FROM enrolments WHERE variant <> ''")
    _remake_enrolments(("campaign_key", "phase"), "campaign_key, phase, enrolled")
    op.drop_table("exhaustions")
    op.drop_table("budgets")
    columns = OLD_COLUMNS.format(at="reserved_at AS granted_at")
    op.execute(f"CREATE TABLE grants_after_0010 AS SELECT {columns} FROM grants")  # noqa: S608  # our own names
    op.drop_table("grant_moves")
    op.drop_table("grants")
    number = _number()
    op.create_table(
        "grants",
        sa.Column("grant_id", ID, nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("offer_kind", KEY, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", CURRENCY, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        sa.Column("written_by", sa.BigInteger, nullable=False, server_default=number),
        *_checks("grants", "grant_id"),
        _to_campaigns("grants"),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grants")),
    )
    columns = OLD_COLUMNS.format(at="granted_at")
    op.execute(
        f"INSERT INTO grants ({columns}, written_by) "  # noqa: S608  # our own names
        f"SELECT {columns}, {_now()} FROM grants_after_0010"
    )
    op.drop_table("grants_after_0010")
    op.create_index(
        op.f("ix_grants_campaign_key_member_id"), "grants", ["campaign_key", "member_id"]
    )
    op.create_index(op.f("ix_grants_written_by"), "grants", ["written_by"])


def _make_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", ID, nullable=False),
        *_columns_of_a_grant(),
        sa.Column("breakage", sa.Integer, nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("reserved_at", MOMENT, nullable=False),
        *(
            sa.Column(name, MOMENT)
            for name in ("expires_at", "redeemed_at", "reversed_at", "expired_at")
        ),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        *_checks("grants", "grant_id"),
        _check("grants", "breakage_range", "breakage BETWEEN 0 AND 10000"),
        _check("grants", "known_state", "state IN ('reserved', 'redeemed', 'expired', 'reversed')"),
        _to_campaigns("grants"),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grants")),
    )
    op.create_index(
        op.f("ix_grants_campaign_key_member_id"), "grants", ["campaign_key", "member_id"]
    )
    op.create_index(
        op.f("uq_grants_live"),
        "grants",
        ["campaign_key", "member_id", "offer_id"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_index(
        op.f("ix_grants_due"),
        "grants",
        ["campaign_key", "expires_at"],
        sqlite_where=sa.text(DUE),
        postgresql_where=sa.text(DUE),
    )


def _make_moves(number: sa.TextClause) -> None:
    op.create_table(
        "grant_moves",
        sa.Column("grant_id", ID, nullable=False),
        sa.Column("step", STATE, nullable=False),
        *_columns_of_a_grant(),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sender", ID),
        sa.Column("reason", sa.Text),
        sa.Column("written_by", sa.BigInteger, nullable=False, server_default=number),
        _check("grant_moves", "member_id_length", "length(member_id) BETWEEN 1 AND 255"),
        _check("grant_moves", "cost_range", "cost_minor >= 0"),
        _check("grant_moves", "known_step", "step IN ('reserve', 'redeem', 'reverse', 'expire')"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.grant_id"], name=op.f("fk_grant_moves_grant_id")
        ),
        sa.PrimaryKeyConstraint("grant_id", "step", name=op.f("pk_grant_moves")),
    )
    op.create_index(op.f("ix_grant_moves_written_by"), "grant_moves", ["written_by"])


def _make_budgets() -> None:
    counters = [f"{state}{unit}" for unit in ("", "_minor") for state in STATES]
    op.create_table(
        "budgets",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("offer_id", OFFER, nullable=False),
        sa.Column("currency", CURRENCY, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in counters),
        _check("budgets", "counted", " AND ".join(f"{name} >= 0" for name in counters[:4])),
        _check("budgets", "counted_minor", " AND ".join(f"{name} >= 0" for name in counters[4:])),
        _to_campaigns("budgets"),
        sa.PrimaryKeyConstraint(
            "campaign_key", "phase", "variant", "offer_id", "currency", name=op.f("pk_budgets")
        ),
    )


def _make_exhaustions() -> None:
    op.create_table(
        "exhaustions",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("resource", sa.String(32), nullable=False),
        sa.Column("subject", OFFER, nullable=False),
        sa.Column("bound", sa.BigInteger, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reopened_at", MOMENT),
        _to_phases("exhaustions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhaustions")),
    )
    op.create_index(
        op.f("uq_exhaustions_open"),
        "exhaustions",
        ["campaign_key", "phase", "resource", "subject"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def _convert() -> None:
    """Make a redeemed grant of each row of before, with its moves and what it cost."""
    op.execute(
        "INSERT INTO grants (grant_id, campaign_key, phase, variant, member_id, offer_id, "
        "offer_kind, cost_minor, currency, breakage, state, reserved_at, redeemed_at, "
        "received_at, sender) SELECT grant_id, campaign_key, 1, variant, member_id, grant_id, "
        "offer_kind, cost_minor, currency, 0, 'redeemed', granted_at, granted_at, received_at, "
        "sender FROM grants_before_0010"
    )
    for step in ("reserve", "redeem"):
        op.execute(
            "INSERT INTO grant_moves (grant_id, step, campaign_key, phase, variant, member_id, "  # noqa: S608  # our own names
            "offer_id, offer_kind, cost_minor, currency, moved_at, received_at, sender, "
            f"written_by) SELECT grant_id, '{step}', campaign_key, phase, variant, member_id, "
            "offer_id, offer_kind, cost_minor, currency, reserved_at, received_at, sender, "
            f"{_now()} FROM grants"
        )
    op.execute(
        "INSERT INTO budgets (campaign_key, phase, variant, offer_id, currency, reserved, "
        "redeemed, expired, reversed, reserved_minor, redeemed_minor, expired_minor, "
        "reversed_minor) SELECT campaign_key, phase, variant, offer_id, currency, 0, 1, 0, 0, 0, "
        "cost_minor, 0, 0 FROM grants"
    )


def _remake_enrolments(keys: tuple[str, ...], copied: str) -> None:
    op.execute("CREATE TABLE enrolments_before AS SELECT * FROM enrolments")
    op.drop_table("enrolments")
    kinds = {"campaign_key": KEY, "phase": sa.Integer, "variant": KEY}
    op.create_table(
        "enrolments",
        *(sa.Column(key, kinds[key], autoincrement=False, nullable=False) for key in keys),
        sa.Column("enrolled", sa.BigInteger, nullable=False),
        _check("enrolments", "enrolled_range", "enrolled >= 0"),
        _to_phases("enrolments"),
        sa.PrimaryKeyConstraint(*keys, name=op.f("pk_enrolments")),
    )
    op.execute(f"INSERT INTO enrolments SELECT {copied} FROM enrolments_before")  # noqa: S608  # our own names
    op.drop_table("enrolments_before")


def _columns_of_a_grant() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("offer_id", OFFER, nullable=False),
        sa.Column("offer_kind", KEY, nullable=False),
        sa.Column("cost_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", CURRENCY, nullable=False),
    )


def _checks(table: str, *more_ids: str) -> tuple[sa.CheckConstraint, ...]:
    return (
        *(
            _check(table, f"{name}_length", f"length({name}) BETWEEN 1 AND 255")
            for name in (*more_ids, "member_id")
        ),
        _check(table, "cost_range", "cost_minor >= 0"),
        _check(table, "currency_length", "length(currency) = 3"),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _to_campaigns(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_campaign_key")
    return sa.ForeignKeyConstraint(["campaign_key"], ["campaigns.key"], name=name)


def _to_phases(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_key", "phase"],
        ["phases.campaign_key", "phases.number"],
        name=op.f(f"fk_{table}_campaign_key_phase"),
    )


def _number() -> sa.TextClause:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return sa.text("NULL" if is_sqlite else "(pg_current_xact_id()::text)::bigint")


def _now() -> str:
    """Give the number that rows get: on SQLite that of rows from before there were numbers."""
    return "1" if op.get_bind().dialect.name == "sqlite" else "(pg_current_xact_id()::text)::bigint"
