"""Say up to which exposure the first ones are summed up, so that it need not be on arrival.

Why: keeping an exposure twice before it was acknowledged cost more than everything else about it.
Whatever was written by a later transaction than `folded_until` is summed up where it is read, until
somebody folds it.
Locks: on PostgreSQL, `exposures` against writers, while the ones are renumbered that carry numbers
of an older server. Going down folds what is left, and keeps writers out for as long. Stop servers
of the version before: they would go on summing up what they keep, and it would be counted twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEYS = "campaign_key, phase, variant, member_id, COALESCE(unit_id, '')"


def upgrade() -> None:
    op.create_table(
        "exposure_folding",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("folded_until", sa.BigInteger, nullable=False),
        sa.Column("incarnation", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_exposure_folding_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_folding")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # whoever had begun to write exposures is waited for, and has summed them up itself
        op.execute("LOCK TABLE exposures IN SHARE ROW EXCLUSIVE MODE")
        op.execute("SET LOCAL statement_timeout = 0")
        now = "(pg_current_xact_id()::text)::bigint"
        op.execute(f"UPDATE exposures SET written_by = {now} WHERE written_by > {now}")  # noqa: S608  # our own words
        op.execute(
            f"INSERT INTO exposure_folding SELECT 1, {now}, system_identifier || '/' || oid "  # noqa: S608  # as above
            "FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
    else:
        op.execute(
            "INSERT INTO exposure_folding "
            "SELECT 1, COALESCE((SELECT number FROM write_counter), 1), 'sqlite'"
        )


def downgrade() -> None:
    least, most = "min", "max"
    if op.get_bind().dialect.name == "postgresql":
        op.execute("LOCK TABLE exposure_folding IN EXCLUSIVE MODE")
        op.execute("LOCK TABLE exposures IN SHARE MODE")
        op.execute("SET LOCAL statement_timeout = 0")
        # loaded from a dump: the numbers say nothing
        op.execute(
            "UPDATE exposure_folding SET folded_until = -1 "
            "FROM pg_control_system(), pg_database WHERE datname = current_database() "
            "AND incarnation != system_identifier || '/' || oid"
        )
        op.execute(
            "DELETE FROM first_exposures "
            "WHERE EXISTS (SELECT 1 FROM exposure_folding WHERE folded_until < 0)"
        )
        least, most = "least", "greatest"
    op.execute(
        "INSERT INTO first_exposures "  # noqa: S608  # as above
        f"SELECT {KEYS}, MIN(exposed_at), MAX(exposed_at), COUNT(*) FROM exposures "
        "WHERE written_by > (SELECT folded_until FROM exposure_folding) "
        f"GROUP BY {KEYS} ORDER BY {KEYS} "
        "ON CONFLICT (campaign_key, phase, variant, member_id, unit_id) DO UPDATE SET "
        f"exposed_at = {least}(first_exposures.exposed_at, excluded.exposed_at), "
        f"last_exposed_at = {most}(first_exposures.last_exposed_at, excluded.last_exposed_at), "
        "exposures = first_exposures.exposures + excluded.exposures"
    )
    op.drop_table("exposure_folding")
