"""Keep who works with the console, what they prepare and hand on, and who changed what.

Why: the console needs people with roles, drafts of forms, approvals, memos and links to reports;
and an audit log that holds for it, the API and the command line alike.
Locks: nothing that exists. Entries of the audit log can be neither changed nor removed: triggers
refuse both. Going down forgets all of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.String(128)
ID = sa.String(255)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MADE = (
    "share_links",
    "memos",
    "checklist_ticks",
    "approvals",
    "form_drafts",
    "audit_entries",
    "sign_ins",
    "users",
)


def upgrade() -> None:
    _people()
    _audit()
    _preparing()
    _publishing()


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("email", ID, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("password_hash", ID),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("provider_subject", ID),
        sa.Column("failed_attempts", sa.Integer, nullable=False),
        sa.Column("locked_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("signed_in_at", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.CheckConstraint("failed_attempts >= 0", name=op.f("ck_users_failed_attempts_range")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("provider_subject", name=op.f("uq_users_provider_subject")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_sign_ins_user_id")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"])


def _audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.String(16), nullable=False),
        sa.Column("actor", ID, nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("subject_kind", KEY, nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("before", JSON),
        sa.Column("after", JSON),
        sa.Column("trace_id", KEY),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    op.create_index(
        op.f("ix_audit_entries_subject_kind_subject"), "audit_entries", ["subject_kind", "subject"]
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entries_no_{act.lower()} BEFORE {act} ON audit_entries "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()"
    )


def _preparing() -> None:
    op.create_table(
        "form_drafts",
        sa.Column("draft_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("campaign_key", KEY),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_form_drafts_version_range")),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_form_drafts")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name=op.f("fk_form_drafts_user_id")
        ),
    )
    op.create_index(op.f("ix_form_drafts_campaign_key"), "form_drafts", ["campaign_key"])
    op.create_index(op.f("ix_form_drafts_user_id"), "form_drafts", ["user_id"])
    op.create_table(
        "approvals",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("campaign_version", sa.Integer, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("answer", sa.String(16)),
        sa.Column("answered_by", ID),
        sa.Column("answered_at", MOMENT),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint(
            "answer IN ('approved', 'refused', 'withdrawn')",
            name=op.f("ck_approvals_answer_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.ForeignKeyConstraint(
            ["campaign_key"], ["campaigns.key"], name=op.f("fk_approvals_campaign_key")
        ),
    )
    op.create_index(op.f("ix_approvals_campaign_key"), "approvals", ["campaign_key"])
    op.create_table(
        "checklist_ticks",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("item", KEY, nullable=False),
        sa.Column("ticked_by", ID, nullable=False),
        sa.Column("ticked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("campaign_key", "item", name=op.f("pk_checklist_ticks")),
        sa.ForeignKeyConstraint(
            ["campaign_key"], ["campaigns.key"], name=op.f("fk_checklist_ticks_campaign_key")
        ),
    )


def _publishing() -> None:
    op.create_table(
        "memos",
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("snapshot_hash", KEY, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("author", ID, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_memos_version_range")),
        sa.PrimaryKeyConstraint("campaign_key", "phase", "version", name=op.f("pk_memos")),
        _of_phase("memos"),
    )
    op.create_table(
        "share_links",
        sa.Column("link_id", KEY, nullable=False),
        sa.Column("token_hash", KEY, nullable=False),
        sa.Column("campaign_key", KEY, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("snapshot_hash", KEY, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("read_at", MOMENT),
        sa.Column("times_read", sa.Integer, nullable=False),
        sa.CheckConstraint("times_read >= 0", name=op.f("ck_share_links_times_read_range")),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_links_token_hash")),
        _of_phase("share_links"),
    )
    op.create_index(op.f("ix_share_links_campaign_key"), "share_links", ["campaign_key"])


def _of_phase(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["campaign_key", "phase"],
        ["phases.campaign_key", "phases.number"],
        name=op.f(f"fk_{table}_campaign_key_phase"),
    )


def downgrade() -> None:
    for table in MADE:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_entries_refuse()")
