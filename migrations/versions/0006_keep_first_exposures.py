"""Keep the first exposure per member, campaign and variant, with how many there were.

Why: analysis reads when somebody was exposed first, and how often is only counted; however often an
exposure is sent under new ids, a report then reads one row. It takes the place of the index of
exposures by unit, so recording costs as much as before.
Locks: on PostgreSQL, `exposures` against writers while they are read once and the rows are made.
SQLite is written for as long. Going down makes the index anew; no exposure is lost either way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.String(128)
ID = sa.String(255)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
INDEX = ("campaign_key", "phase", "unit_id")
KEYS = ("campaign_key", "phase", "variant", "member_id", "unit_id")


def upgrade() -> None:
    op.create_table(
        "first_exposures",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("variant", KEY, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("exposed_at", MOMENT, nullable=False),
        sa.Column("last_exposed_at", MOMENT, nullable=False),
        sa.Column("exposures", sa.BigInteger, nullable=False),
        sa.CheckConstraint("exposures >= 1", name=op.f("ck_first_exposures_exposures_range")),
        sa.PrimaryKeyConstraint(*KEYS, name=op.f("pk_first_exposures")),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": "80"},
    )
    if op.get_bind().dialect.name == "postgresql":
        # SHARE keeps writers out: an exposure that came meanwhile would be in neither
        op.execute("LOCK TABLE exposures IN SHARE MODE")
        op.execute("SET LOCAL statement_timeout = 0")
    op.execute(
        "INSERT INTO first_exposures "
        "SELECT campaign_key, phase, variant, member_id, COALESCE(unit_id, ''), "
        "MIN(exposed_at), MAX(exposed_at), COUNT(*) FROM exposures "
        "GROUP BY campaign_key, phase, variant, member_id, COALESCE(unit_id, '') "
        "ORDER BY campaign_key, phase, variant, member_id, COALESCE(unit_id, '')"
    )
    op.drop_index(op.f(f"ix_exposures_{'_'.join(INDEX)}"), "exposures")


def downgrade() -> None:
    op.create_index(op.f(f"ix_exposures_{'_'.join(INDEX)}"), "exposures", list(INDEX))
    op.drop_table("first_exposures")
