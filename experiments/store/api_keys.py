"""Keeps API keys: the hash of the secret, never the secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from experiments.store.tables import api_keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key.

    Attributes:
        key_id: The public part, by which it is found.
        name: What the operator calls it.
        scopes: What it may do.
        secret_hash: From which the secret cannot be had back.
        revoked_at: When it stopped being valid; None while it is.
        kind: Where it is kept: ``server`` or ``browser``.
        rate: Requests that it may make in a second, 0 for any number; None for the rate that the
            settings give its kind.
    """

    key_id: str
    name: str
    scopes: frozenset[str]
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None
    kind: str = "server"
    rate: int | None = None


def add_api_key(connection: Connection, key: ApiKey) -> None:
    """Keep a new key."""
    connection.execute(
        insert(api_keys).values(
            key_id=key.key_id,
            name=key.name,
            scopes=sorted(key.scopes),
            secret_hash=key.secret_hash,
            created_at=key.created_at,
            revoked_at=key.revoked_at,
            kind=key.kind,
            rate=key.rate,
        )
    )


def find_api_key(connection: Connection, key_id: str) -> ApiKey | None:
    """Give the key, revoked or not, or None."""
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).mappings().first()
    return None if row is None else _key(row)


def read_api_keys(connection: Connection) -> tuple[ApiKey, ...]:
    """Give every key, the oldest first."""
    query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
    return tuple(_key(row) for row in connection.execute(query).mappings())


def revoke_api_key(connection: Connection, key_id: str, now: datetime) -> bool:
    """End a key's validity; say whether it was valid until now."""
    changed = connection.execute(
        update(api_keys)
        .where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return changed.rowcount == 1


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        key_id=row["key_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        secret_hash=row["secret_hash"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        kind=row["kind"],
        rate=row["rate"],
    )
