"""Keep the metrics that a business defines itself, every version of each.

Why: campaigns name them by key, as they name the built-in ones; a plan carries the version that it
was launched with.
Locks: none; the table is new. Going down forgets the definitions, which running plans carry anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "metrics",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("definition", JSON),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_metrics_version_range")),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_metrics")),
    )


def downgrade() -> None:
    op.drop_table("metrics")
