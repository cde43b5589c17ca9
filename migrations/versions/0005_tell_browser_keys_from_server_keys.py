"""Tell keys that stand in web pages from keys of servers, and keep what overrides are signed with.

Why: whoever opens a page can read the key in it, so such a key opens one member's offers only; a
key may have a rate of its own; an override for quality assurance is signed by the installation.
Locks: the table of keys on PostgreSQL for a moment, since both defaults are evaluated once; SQLite
copies it. Going down revokes every browser key, which an older version would let read every member,
and forgets the rates and the secret: overrides that were handed out end.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
NOW = {"sqlite": "CAST(strftime('%s', 'now') AS INTEGER) * 1000000", "postgresql": "now()"}


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="server"))
        table.add_column(sa.Column("rate", sa.Integer))
        table.create_check_constraint(
            op.f("ck_api_keys_kind_known"), "kind IN ('server', 'browser')"
        )
        table.create_check_constraint(op.f("ck_api_keys_rate_range"), "rate >= 0")
    op.create_table(
        "signing_secrets",
        sa.Column("purpose", sa.String(128), nullable=False),
        sa.Column("secret", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_signing_secrets")),
    )


def downgrade() -> None:
    op.drop_table("signing_secrets")
    now = NOW[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE api_keys SET revoked_at = {now} WHERE kind = 'browser' AND revoked_at IS NULL"  # noqa: S608  # ours
    )
    with op.batch_alter_table("api_keys") as table:
        table.drop_constraint(op.f("ck_api_keys_rate_range"), type_="check")
        table.drop_constraint(op.f("ck_api_keys_kind_known"), type_="check")
        table.drop_column("rate")
        table.drop_column("kind")
