"""Keeps what the business is told over webhooks: messages, and how each was delivered.

A message is written in the transaction of the change that it tells of, once for each endpoint that
wants it, so that it is told at least once. Whoever sends takes a lease: the next attempt is put off
until the sender must have come to an end, and what a sender says after that is not heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import delete, func, insert, select, update

from experiments.store.tables import webhook_deliveries, webhook_endpoints, webhook_messages
from experiments.store.webhook_endpoints import find_endpoint, read_endpoints
from experiments.store.writes import in_chunks
from experiments.webhooks import Delivery, DeliveryState, EventKind, new_message_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from threading import Event

    from sqlalchemy import Connection, Engine, RowMapping

    from experiments.webhooks import Endpoint

MAX_FAULT_LENGTH: Final = 500

_LOOKED_AT: Final = 20
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})

_announced: Final[WeakKeyDictionary[Engine, Event]] = WeakKeyDictionary()


Place: TypeAlias = "tuple[datetime, str, str]"
"""Where a delivery stands among all: when it was made, its message, its endpoint."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that its holder is to attempt now.

    Attributes:
        body: The bytes to send.
        attempts: How many were made before.
        endpoint: Where to.
    """

    message_id: str
    body: bytes
    attempts: int
    endpoint: Endpoint


def announce(
    connection: Connection, kind: EventKind, payload: Mapping[str, Any], now: datetime
) -> str | None:
    """Tell the business of a change, in the transaction that makes it: the one way to do so.

    Nothing is sent here. Where the transaction is undone, nobody is told; where it is committed,
    every endpoint that wants such events is told at least once. Costs one read of the endpoints,
    and nothing more where there are none.

    Args:
        connection: In a write transaction, that of the change itself.
        kind: What happened.
        payload: JSON values: the `data` of the message. `member_id`, where it is about a member, so
            that an erasure finds it.
        now: When it happened, aware UTC.

    Returns:
        The id of the message; None where nobody wants to be told.
    """
    wanting = [one.key for one in read_endpoints(connection) if one.is_enabled and one.wants(kind)]
    return _keep(connection, kind, payload, now, wanting) if wanting else None


def announce_to(
    connection: Connection,
    endpoint: str,
    kind: EventKind,
    payload: Mapping[str, Any],
    now: datetime,
) -> str:
    """Tell one endpoint of something, whatever it wants to be told; see `announce`."""
    return _keep(connection, kind, payload, now, [endpoint])


def _keep(
    connection: Connection,
    kind: EventKind,
    payload: Mapping[str, Any],
    now: datetime,
    endpoints: Sequence[str],
) -> str:
    message_id = new_message_id()
    body = {"type": kind, "timestamp": now, "data": dict(payload)}
    member_id = payload.get("member_id")
    connection.execute(
        insert(webhook_messages).values(
            message_id=message_id,
            kind=str(kind),
            member_id=member_id if isinstance(member_id, str) else None,
            body=orjson.dumps(body, option=orjson.OPT_UTC_Z).decode(),
            created_at=now,
        )
    )
    connection.execute(
        insert(webhook_deliveries),
        [
            {
                "message_id": message_id,
                "endpoint_key": endpoint,
                "state": str(DeliveryState.PENDING),
                "attempts": 0,
                "next_attempt_at": now,
                "created_at": now,
            }
            for endpoint in endpoints
        ],
    )
    _tell(connection)
    return message_id


def _tell(connection: Connection) -> None:
    event = _announced.get(connection.engine)
    if event is not None:
        event.set()


def announced_event(engine: Engine, event: Event) -> Event:
    """Give what is set whenever this process announces something; `event` where there is none."""
    return _announced.setdefault(engine, event)


def lease(
    connection: Connection,
    holder: str,
    now: datetime,
    until: datetime,
    *,
    most: int,
    each: int,
    busy: Mapping[str, int] = _NOTHING,
) -> tuple[Leased, ...]:
    """Take deliveries that are due, so that nobody else attempts them before `until`.

    Args:
        connection: In a write transaction.
        holder: Whoever attempts them, by a name that nobody else has.
        now: Aware UTC.
        until: When others may take them, because the holder must have come to an end.
        most: How many.
        each: How many to one endpoint, so that a slow one does not keep the others waiting.
        busy: How many the holder attempts already, by endpoint.
    """
    table = webhook_deliveries.c
    enabled = select(webhook_endpoints.c.key).where(webhook_endpoints.c.disabled_at.is_(None))
    due = (
        select(table.message_id, table.endpoint_key)
        .where(
            table.state == str(DeliveryState.PENDING),
            table.next_attempt_at <= now,
            table.endpoint_key.in_(enabled),
            table.endpoint_key.not_in([key for key, number in busy.items() if number >= each]),
        )
        .order_by(table.next_attempt_at, table.message_id)
        # enough that those to one endpoint do not hide the others
        .limit(most * _LOOKED_AT)
        .with_for_update(skip_locked=True)
    )
    taken: dict[str, list[str]] = {}
    for message_id, endpoint in connection.execute(due):
        some = taken.setdefault(endpoint, [])
        if len(some) + busy.get(endpoint, 0) < each and sum(map(len, taken.values())) < most:
            some.append(message_id)
    leased: list[Leased] = []
    for key, messages in taken.items():
        endpoint = find_endpoint(connection, key)
        if endpoint is None or not messages:
            continue
        these = (table.endpoint_key == key) & table.message_id.in_(messages)
        values = {"leased_by": holder, "next_attempt_at": until}
        connection.execute(update(webhook_deliveries).where(these).values(values))
        query = (
            select(table.message_id, table.attempts, webhook_messages.c.body)
            .join(webhook_messages, webhook_messages.c.message_id == table.message_id)
            .where(these)
        )
        leased += [
            Leased(row.message_id, row.body.encode(), row.attempts, endpoint)
            for row in connection.execute(query)
        ]
    return tuple(leased)


def settle(
    connection: Connection,
    holder: str,
    leased: Leased,
    now: datetime,
    *,
    state: DeliveryState,
    next_attempt_at: datetime | None = None,
    status: int | None = None,
    fault: str | None = None,
) -> bool:
    """Keep what came of an attempt; say whether the lease still held, without which nothing is."""
    table = webhook_deliveries.c
    kept = connection.execute(
        update(webhook_deliveries)
        .where(
            table.message_id == leased.message_id,
            table.endpoint_key == leased.endpoint.key,
            table.leased_by == holder,
            table.state == str(DeliveryState.PENDING),
        )
        .values(
            state=str(state),
            attempts=leased.attempts + 1,
            next_attempt_at=next_attempt_at,
            leased_by=None,
            settled_at=None if state is DeliveryState.PENDING else now,
            last_status=status,
            last_fault=None if fault is None else fault[:MAX_FAULT_LENGTH],
        )
    )
    return kept.rowcount > 0


def redeliver(
    connection: Connection,
    endpoint: str,
    now: datetime,
    *,
    message_id: str | None = None,
    most: int = 1,
) -> int:
    """Send again what an endpoint was told or not, as if for the first time; give how much.

    Args:
        connection: In a write transaction.
        endpoint: Its key.
        now: Aware UTC.
        message_id: This one, however it stands; an attempt that is being made goes on. None for
            those that are dead.
        most: How many.
    """
    table = webhook_deliveries.c
    which = (
        table.state == str(DeliveryState.DEAD)
        if message_id is None
        else table.message_id == message_id
    )
    query = select(table.message_id).where(table.endpoint_key == endpoint, which).limit(most)
    found = connection.scalars(query.order_by(table.created_at, table.message_id)).all()
    for some in in_chunks(found):
        connection.execute(
            update(webhook_deliveries)
            .where(table.endpoint_key == endpoint, table.message_id.in_(some))
            .where(table.leased_by.is_(None))
            .values(
                state=str(DeliveryState.PENDING),
                attempts=0,
                next_attempt_at=now,
                settled_at=None,
            )
        )
    if found:
        _tell(connection)
    return len(found)


def next_due(connection: Connection) -> datetime | None:
    """Give when the next attempt is due; None where nothing is pending."""
    table = webhook_deliveries.c
    enabled = select(webhook_endpoints.c.key).where(webhook_endpoints.c.disabled_at.is_(None))
    query = select(func.min(table.next_attempt_at)).where(
        table.state == str(DeliveryState.PENDING), table.endpoint_key.in_(enabled)
    )
    found: datetime | None = connection.scalar(query)
    return found


def read_deliveries(
    connection: Connection,
    *,
    endpoint: str | None = None,
    state: DeliveryState | None = None,
    before: Place | None = None,
    limit: int,
) -> tuple[Delivery, ...]:
    """Give deliveries, the newest first.

    Args:
        connection: In a read transaction.
        endpoint: To this one alone.
        state: Those that stand so alone.
        before: Those that follow the one at this place.
        limit: How many at most.
    """
    table = webhook_deliveries.c
    query = (
        select(webhook_deliveries, webhook_messages.c.kind)
        .join(webhook_messages, webhook_messages.c.message_id == table.message_id)
        .order_by(table.created_at.desc(), table.message_id.desc(), table.endpoint_key.desc())
        .limit(limit)
    )
    if endpoint is not None:
        query = query.where(table.endpoint_key == endpoint)
    if state is not None:
        query = query.where(table.state == str(state))
    if before is not None:
        at, message_id, key = before
        later = table.message_id < message_id
        later |= (table.message_id == message_id) & (table.endpoint_key < key)
        query = query.where((table.created_at < at) | ((table.created_at == at) & later))
    return tuple(map(_delivery, connection.execute(query).mappings()))


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        message_id=row["message_id"],
        endpoint=row["endpoint_key"],
        kind=EventKind(row["kind"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"],
        settled_at=row["settled_at"],
        last_status=row["last_status"],
        last_fault=row["last_fault"],
    )


def forget_messages(connection: Connection, before: datetime, *, most: int) -> int:
    """Forget messages from before a moment of which nothing is pending; give how many.

    Args:
        connection: In a write transaction.
        before: Messages that are younger stay.
        most: How many at once, since others wait meanwhile.
    """
    table = webhook_messages.c
    pending = select(webhook_deliveries.c.message_id).where(
        webhook_deliveries.c.message_id == table.message_id,
        webhook_deliveries.c.state == str(DeliveryState.PENDING),
    )
    old = select(table.message_id).where(table.created_at < before, ~pending.exists()).limit(most)
    return _forget(connection, connection.scalars(old).all())


def forget_member(connection: Connection, member_id: str) -> int:
    """Forget every message about a member, delivered or not; give how many."""
    table = webhook_messages.c
    query = select(table.message_id).where(table.member_id == member_id)
    return _forget(connection, connection.scalars(query).all())


def _forget(connection: Connection, messages: Sequence[str]) -> int:
    for some in in_chunks(messages):
        query = delete(webhook_messages).where(webhook_messages.c.message_id.in_(some))
        connection.execute(query)  # and their deliveries
    return len(messages)
