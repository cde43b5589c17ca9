"""Keep what the business is told over webhooks, until it has taken it.

Why: a message is written with the change that it tells of, so that neither is there without the
other; what was not taken is sent again.
Locks: nothing that exists. Going down forgets the endpoints and what was not delivered.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.String(128)
ID = sa.String(255)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
JSON = postgresql.JSONB().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("key", KEY, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("secret", ID, nullable=False),
        sa.Column("old_secret", ID),
        sa.Column("old_secret_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_because", sa.Text),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_webhook_endpoints")),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("member_id", ID),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_webhook_messages")),
    )
    op.create_index(op.f("ix_webhook_messages_created_at"), "webhook_messages", ["created_at"])
    op.create_index(op.f("ix_webhook_messages_member_id"), "webhook_messages", ["member_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("endpoint_key", KEY, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("leased_by", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_fault", sa.Text),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'dead')",
            name=op.f("ck_webhook_deliveries_known_state"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_webhook_deliveries_attempts_range")),
        sa.PrimaryKeyConstraint("message_id", "endpoint_key", name=op.f("pk_webhook_deliveries")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["webhook_messages.message_id"],
            name=op.f("fk_webhook_deliveries_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_key"],
            ["webhook_endpoints.key"],
            name=op.f("fk_webhook_deliveries_endpoint_key"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_state_next_attempt_at"),
        "webhook_deliveries",
        ["state", "next_attempt_at"],
    )
    op.create_index(
        op.f("ix_webhook_deliveries_endpoint_key_created_at"),
        "webhook_deliveries",
        ["endpoint_key", "created_at"],
    )


def downgrade() -> None:
    for table in ("webhook_deliveries", "webhook_messages", "webhook_endpoints"):
        op.drop_table(table)
