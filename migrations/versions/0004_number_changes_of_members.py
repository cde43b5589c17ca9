"""Number each change of a member, so that a process knows which of those it remembers to read anew.

Why: members are asked for on every page, and are remembered by every web process; what changed is
found by the number of the transaction that changed it, like new facts.
Locks: on PostgreSQL the members while the index builds; the column is added without rewriting a
row. On SQLite likewise. Rows from before have no number: no process that remembers them was there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("written_by", sa.BigInteger, nullable=True))
    op.create_index(op.f("ix_members_written_by"), "members", ["written_by"])


def downgrade() -> None:
    op.drop_index(op.f("ix_members_written_by"), "members")
    op.drop_column("members", "written_by")
