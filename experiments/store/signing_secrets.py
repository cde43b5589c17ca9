"""Keeps the secrets that this installation signs with, one for each purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.store.tables import signing_secrets
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def add_signing_secret(connection: Connection, purpose: str, secret: str, now: datetime) -> None:
    """Keep a secret, unless there is one for the purpose: of two that are made at once, the first.

    Read it afterwards with `find_signing_secret`.
    """
    connection.execute(
        insert_into(connection, signing_secrets)
        .values(purpose=purpose, secret=secret, created_at=now)
        .on_conflict_do_nothing(index_elements=["purpose"])
    )


def find_signing_secret(connection: Connection, purpose: str) -> str | None:
    """Give the secret of a purpose, or None where none was made yet."""
    query = select(signing_secrets.c.secret).where(signing_secrets.c.purpose == purpose)
    secret: str | None = connection.scalar(query)
    return secret
