"""Remember what the newest scorecard of a phase was computed from.

Why: asked again on the same day, with nothing new, the stored scorecard is the answer; nothing is
read for it.
Locks: none, a table is added. Going down forgets the marks; the next scorecard is computed anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analysis_marks",
        sa.Column("campaign_key", sa.String(128), nullable=False),
        sa.Column("phase", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("facts_until", sa.BigInteger, nullable=False),
        sa.Column("snapshot_hash", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_key", "phase"],
            ["phases.campaign_key", "phases.number"],
            name=op.f("fk_analysis_marks_campaign_key_phase"),
        ),
        sa.PrimaryKeyConstraint("campaign_key", "phase", name=op.f("pk_analysis_marks")),
    )


def downgrade() -> None:
    op.drop_table("analysis_marks")
