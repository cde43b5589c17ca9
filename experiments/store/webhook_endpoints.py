"""Keeps the addresses that the business is told at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from experiments.store.tables import webhook_endpoints
from experiments.store.writes import insert_into
from experiments.webhooks import Endpoint, EventKind

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


def read_endpoints(connection: Connection) -> tuple[Endpoint, ...]:
    """Give all endpoints, by key."""
    query = select(webhook_endpoints).order_by(webhook_endpoints.c.key)
    return tuple(map(_endpoint, connection.execute(query).mappings()))


def find_endpoint(connection: Connection, key: str) -> Endpoint | None:
    """Give an endpoint, or None where there is none of this key."""
    query = select(webhook_endpoints).where(webhook_endpoints.c.key == key)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _endpoint(row)


def save_endpoint(connection: Connection, endpoint: Endpoint) -> None:
    """Keep an endpoint in place of what was known under its key."""
    values = {
        "url": endpoint.url,
        "kinds": sorted(map(str, endpoint.kinds)),
        "secret": endpoint.secret,
        "old_secret": endpoint.old_secret,
        "old_secret_until": endpoint.old_secret_until,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
        "disabled_at": endpoint.disabled_at,
        "disabled_because": endpoint.disabled_because,
    }
    connection.execute(
        insert_into(connection, webhook_endpoints)
        .values(key=endpoint.key, **values)
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )


def delete_endpoint(connection: Connection, key: str) -> bool:
    """Forget an endpoint and what was to be told it; say whether there was one."""
    query = delete(webhook_endpoints).where(webhook_endpoints.c.key == key)
    return connection.execute(query).rowcount > 0


def _endpoint(row: RowMapping) -> Endpoint:
    return Endpoint(
        key=row["key"],
        url=row["url"],
        kinds=frozenset(map(EventKind, row["kinds"])),
        secret=row["secret"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        old_secret=row["old_secret"],
        old_secret_until=row["old_secret_until"],
        disabled_at=row["disabled_at"],
        disabled_because=row["disabled_because"],
    )
