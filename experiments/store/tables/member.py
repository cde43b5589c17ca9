"""Members, and the programme whose rules are computed of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table

from experiments.store.tables.columns import ID_LENGTH, KEY_LENGTH, id_check, metadata, row_id
from experiments.store.types import JsonText, UtcDateTime

programme: Final = Table(
    "programme",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("document", JsonText, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

programme_runs: Final = Table(
    "programme_runs",
    metadata,
    row_id(),
    # of the rules that were applied: members carry it in computed_by
    Column("version", String(KEY_LENGTH), nullable=False),
    # the moment up to which facts counted
    Column("as_of", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    # none while it runs, and for good where it was interrupted
    Column("computed_at", UtcDateTime),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("counts", JsonText),
    Index(None, "computed_at"),
)

members: Final = Table(
    "members",
    metadata,
    Column("member_id", String(ID_LENGTH), primary_key=True),
    Column("household_id", String(ID_LENGTH)),
    Column("attributes", JsonText, nullable=False),
    Column("personalisation_consent", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # the transaction of the latest change; none for rows from before there were numbers
    Column("written_by", BigInteger),
    # what a recomputation of the programme wrote, under what the business says of the member
    Column("computed", JsonText),
    Column("computed_by", String(KEY_LENGTH)),
    id_check("member_id"),
    id_check("household_id"),
    Index(None, "household_id"),
    Index(None, "written_by"),
)

# For searches by how an id begins; the primary key of SQLite is in the order of characters anyway.
# The collation is said where PostgreSQL reads the class of operators, since it reflects the index
# as one of a column.
Index(
    "ix_members_member_id_characters", members.c.member_id,
    postgresql_ops={"member_id": 'COLLATE "C"'},
).ddl_if(dialect="postgresql")  # fmt: skip
