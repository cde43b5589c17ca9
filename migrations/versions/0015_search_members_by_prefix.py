"""Index the ids of members by their characters, so that a search by prefix reads few of them.

Why: the console searches members by how their id begins, in the order of their characters. The
primary key of a PostgreSQL database with another collation than C cannot answer that, so each
search read and sorted every member. SQLite orders by characters anyway, and needs nothing.
Locks: on PostgreSQL, `members` against writers while the index is made: seconds for a million.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEX = "ix_members_member_id_characters"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(INDEX, "members", [sa.text('member_id COLLATE "C"')])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(INDEX, "members")
