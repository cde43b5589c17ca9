"""Say of each quarantined item whether it is open, was replayed or was discarded, and by whom.

Why: a refused item that was mended and taken in must not look as if it still waited.
Locks: on PostgreSQL `quarantine`, while its rows are read once for the check and the index; the
columns are added without rewriting a row. SQLite is written for as long. Going down forgets what
became of the items, which all stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
INDEX = "ix_quarantine_state_id"


def upgrade() -> None:
    # in words, since SQLite takes a check with a new column only as a part of it
    op.execute(
        "ALTER TABLE quarantine ADD COLUMN state VARCHAR(16) DEFAULT 'open' NOT NULL "
        "CONSTRAINT ck_quarantine_known_state CHECK (state IN ('open', 'replayed', 'discarded'))"
    )
    op.add_column("quarantine", sa.Column("settled_at", MOMENT))
    op.add_column("quarantine", sa.Column("settled_by", sa.String(255)))
    op.add_column("quarantine", sa.Column("reason", sa.Text))
    op.add_column("quarantine", sa.Column("correction", sa.Text))
    op.create_index(op.f(INDEX), "quarantine", ["state", "id"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "quarantine")
    for column in ("correction", "reason", "settled_by", "settled_at", "state"):
        op.drop_column("quarantine", column)
