"""Keep opt-outs with their history, erasures, and who read rows of single members.

Why: members may opt out, see what is held of them and have it erased; each has to be shown later,
without keeping whom it was about. Late events of an erased member are known by a keyed hash.
Locks: none that anybody waits for; the tables are new. Going down forgets the history, and with it
which late events are to be discarded; consent itself stays with the members.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.String(255)
DIGEST = sa.String(64)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    number = sa.text(
        "NULL" if op.get_bind().dialect.name == "sqlite" else "(pg_current_xact_id()::text)::bigint"
    )
    op.create_table(
        "opt_outs",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("opted_out", sa.Boolean, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source", ID, nullable=False),
        sa.CheckConstraint(
            "length(member_id) BETWEEN 1 AND 255", name=op.f("ck_opt_outs_member_id_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_outs")),
    )
    op.create_index(op.f("ix_opt_outs_member_id"), "opt_outs", ["member_id"])
    op.create_table(
        "erasures",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("phases", JSON, nullable=False),
        sa.Column("pending", JSON),
        sa.Column("completed_at", MOMENT),
        sa.Column("suppressed_until", MOMENT),
        sa.Column("late_events", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("written_by", sa.BigInteger, nullable=False, server_default=number),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_erasures_digest_length")),
        sa.CheckConstraint("late_events >= 0", name=op.f("ck_erasures_late_events_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_digest"), "erasures", ["digest"])
    op.create_index(op.f("ix_erasures_written_by"), "erasures", ["written_by"])
    op.create_table(
        "erased_members",
        sa.Column("pseudonym", ID, nullable=False),
        sa.Column("household_id", ID, nullable=False),
        sa.CheckConstraint(
            "length(household_id) BETWEEN 1 AND 255",
            name=op.f("ck_erased_members_household_id_length"),
        ),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_erased_members")),
    )
    op.create_index(op.f("ix_erased_members_household_id"), "erased_members", ["household_id"])
    op.create_table(
        "access_log",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("digest", DIGEST),
        sa.Column("detail", JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_at"), "access_log", ["at"])
    op.create_index(op.f("ix_access_log_digest"), "access_log", ["digest"])


def downgrade() -> None:
    for table in ("access_log", "erased_members", "erasures", "opt_outs"):
        op.drop_table(table)
