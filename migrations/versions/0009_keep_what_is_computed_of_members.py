"""Keep what is computed of members beside what the business says of them, and who computed it.

Why: score, tier, RFM and lifecycle are computed from the facts; what the business imported wins, so
the two are kept apart.
Locks: on PostgreSQL `members` for a moment; its columns are added without rewriting a row. SQLite
likewise. Going down forgets what was computed, which can be computed again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEX = "ix_programme_runs_computed_at"


def upgrade() -> None:
    op.add_column("members", sa.Column("computed", JSON))
    op.add_column("members", sa.Column("computed_by", sa.String(128)))
    op.create_table(
        "programme_runs",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("computed_at", MOMENT),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("counts", JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_runs")),
    )
    op.create_index(op.f(INDEX), "programme_runs", ["computed_at"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "programme_runs")
    op.drop_table("programme_runs")
    op.drop_column("members", "computed_by")
    op.drop_column("members", "computed")
