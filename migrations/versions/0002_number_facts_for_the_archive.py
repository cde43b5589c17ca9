"""Number facts and assignments by the transaction that wrote them, and remember archives.

Why: the archive is extended by what is new, and ids become visible out of order under concurrent
writers; the number of the writing transaction can be compared with those that still run.
Locks: on PostgreSQL the four tables from the first change to the end, for as long as four indexes
take to build; the column itself is added without rewriting a row, since its default is evaluated
once. SQLite copies the four tables. Going down drops the numbers and forgets the archives, whose
files stay where they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
TABLES = ("assignments", "exposures", "conversions", "grants")
INDEXES = {
    "assignments": (),
    "exposures": (("campaign_key", "phase", "unit_id"),),
    "conversions": (("member_id", "occurred_at"), ("event", "occurred_at")),
    "grants": (("campaign_key", "member_id"),),
}


def upgrade() -> None:
    for table in TABLES:
        if op.get_bind().dialect.name == "sqlite":
            _add_on_sqlite(table)
        else:
            _add_on_postgresql(table)
        op.create_index(op.f(f"ix_{table}_written_by"), table, ["written_by"])
    op.create_table(
        "write_counter",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_write_counter_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_counter")),
    )
    op.create_table(
        "archives",
        sa.Column("archive_id", sa.String(36), nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("incarnation", sa.String(64), nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("committed_at", MOMENT, nullable=False),
        sa.CheckConstraint("generation >= 1", name=op.f("ck_archives_generation_range")),
        sa.PrimaryKeyConstraint("archive_id", name=op.f("pk_archives")),
    )


def downgrade() -> None:
    op.drop_table("archives")
    op.drop_table("write_counter")
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_written_by"), table)
        op.drop_column(table, "written_by")


def _add_on_postgresql(table: str) -> None:
    number = sa.text("(pg_current_xact_id()::text)::bigint")
    op.add_column(
        table, sa.Column("written_by", sa.BigInteger, nullable=False, server_default=number)
    )


def _add_on_sqlite(table: str) -> None:
    """Copy the table into one that has the column, for rows that were there with the number 1.

    SQLite adds a column that may not be null only with a default, and a default would let a writer
    forget its number.
    """
    for columns in INDEXES[table]:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table)
    bind = op.get_bind()
    made = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"),
        {"name": table},
    )
    # columns stand before constraints, of which the primary key is the first that 0001 writes
    columns, constraint, rest = str(made).partition("CONSTRAINT")
    before = f"{table}_before_0002"
    op.rename_table(table, before)
    op.execute(f"{columns}written_by BIGINT DEFAULT NULL NOT NULL, \n\t{constraint}{rest}")
    op.execute(f"INSERT INTO {table} SELECT *, 1 FROM {before}")  # noqa: S608  # our own names
    op.drop_table(before)
    for columns in INDEXES[table]:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
