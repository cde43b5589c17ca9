"""Keeps where the business is told, and shows what became of each message.

Each use case owns its transaction. A secret is drawn here, given once, and never shown again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.errors import UnknownMessage, UnknownWebhook
from experiments.errors import InvalidValues, Problem
from experiments.store.audit import COMMAND_LINE, Change, SubjectKind, differing, note_change
from experiments.store.engine import reading, writing
from experiments.store.webhook_endpoints import (
    delete_endpoint,
    find_endpoint,
    read_endpoints,
    save_endpoint,
)
from experiments.store.webhooks import announce_to, read_deliveries, redeliver
from experiments.webhooks import (
    MAX_ENDPOINTS,
    DeliveryState,
    Endpoint,
    EventKind,
    check_endpoint,
    new_secret,
    old_secret_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.store.webhooks import Place
    from experiments.webhooks import Delivery

MOST_REDELIVERED: Final = 1_000

_BY_HAND: Final = "It was disabled by hand."


@dataclass(frozen=True, slots=True)
class KeptEndpoint:
    """An endpoint as it was kept.

    Attributes:
        secret: The one that was drawn just now, to be handed over once; None where it stands.
        is_new: Whether there was none of this key.
    """

    endpoint: Endpoint
    secret: str | None = field(repr=False)
    is_new: bool = False


def put_webhook(  # noqa: PLR0913  # named at the call, as an endpoint has them
    engine: Engine,
    key: str,
    url: str,
    kinds: Iterable[EventKind],
    now: datetime,
    *,
    enabled: bool = True,
    secret: str | None = None,
    any_address: bool = False,
    actor: str = COMMAND_LINE,
) -> KeptEndpoint:
    """Keep an endpoint in place of what was known under its key.

    Args:
        engine: The store.
        key: The operator's name for it.
        url: Where messages are posted.
        kinds: What it is told; none for everything.
        now: Aware UTC.
        enabled: Whether it is told anything.
        secret: Signs from now on, and the one before for another day; None keeps what there is, or
            draws one.
        any_address: Whether plain HTTP and addresses of the own network are allowed.
        actor: Who keeps it.

    Raises:
        InvalidValues: It could not be told anything, or there are too many.
    """
    check_endpoint(key, url, secret, any_address=any_address)
    with writing(engine) as connection:
        before = find_endpoint(connection, key)
        if before is None:
            _require_room(connection)
            drawn = new_secret() if secret is None else None
            kept = Endpoint(key, url, frozenset(kinds), secret or drawn or "", now, now)
        else:
            drawn = None
            kept = replace(before, url=url, kinds=frozenset(kinds), updated_at=now)
            kept = _with_secret(kept, secret or before.secret, now)
        kept = _switched(kept, now, enabled=enabled)
        save_endpoint(connection, kept)
        _note(connection, "set", before, kept, now, actor)
    return KeptEndpoint(kept, drawn, before is None)


def change_secret(
    engine: Engine, key: str, now: datetime, secret: str | None = None, actor: str = COMMAND_LINE
) -> KeptEndpoint:
    """Sign by another secret from now on, and by the one before for another day.

    Raises:
        UnknownWebhook: There is none of this key.
        InvalidValues: The secret is none.
    """
    with writing(engine) as connection:
        before = _found(connection, key)
        check_endpoint(key, before.url, secret, any_address=True)
        drawn = new_secret() if secret is None else None
        kept = _with_secret(replace(before, updated_at=now), secret or drawn or "", now)
        save_endpoint(connection, kept)
        _note(connection, "change_secret", before, kept, now, actor)
    return KeptEndpoint(kept, drawn)


def find_webhook(engine: Engine, key: str) -> Endpoint:
    """Give an endpoint.

    Raises:
        UnknownWebhook: There is none of this key.
    """
    with reading(engine) as connection:
        return _found(connection, key)


def list_webhooks(engine: Engine) -> tuple[Endpoint, ...]:
    """Give all endpoints, by key."""
    with reading(engine) as connection:
        return read_endpoints(connection)


def remove_webhook(engine: Engine, key: str, now: datetime, actor: str = COMMAND_LINE) -> None:
    """Forget an endpoint, and what was to be told it.

    Raises:
        UnknownWebhook: There is none of this key.
    """
    with writing(engine) as connection:
        before = _found(connection, key)
        delete_endpoint(connection, key)
        _note(connection, "delete", before, None, now, actor)


def send_test(engine: Engine, key: str, now: datetime) -> str:
    """Have a test message sent to an endpoint, and give its id.

    Raises:
        UnknownWebhook: There is none of this key.
    """
    with writing(engine) as connection:
        _found(connection, key)
        return announce_to(connection, key, EventKind.TEST, {"webhook": key}, now)


def list_deliveries(
    engine: Engine,
    key: str | None,
    *,
    state: DeliveryState | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> tuple[Delivery, ...]:
    """Give what was sent or is to be, the newest first.

    Args:
        engine: The store.
        key: Of the endpoint; None for all.
        state: Those that stand so alone.
        before: Those that follow the one at this place.
        limit: How many at most.

    Raises:
        UnknownWebhook: There is none of this key.
    """
    with reading(engine) as connection:
        if key is not None:
            _found(connection, key)
        return read_deliveries(connection, endpoint=key, state=state, before=before, limit=limit)


def send_again(engine: Engine, key: str, message_id: str, now: datetime) -> None:
    """Send a message again, from now on as if for the first time, under its id.

    Raises:
        UnknownWebhook: There is none of this key.
        UnknownMessage: No message of this id goes there.
    """
    with writing(engine) as connection:
        _found(connection, key)
        if not redeliver(connection, key, now, message_id=message_id):
            raise UnknownMessage(message_id)


def send_dead_again(engine: Engine, key: str, now: datetime) -> int:
    """Send the dead letters of an endpoint again, up to `MOST_REDELIVERED`; give how many.

    Raises:
        UnknownWebhook: There is none of this key.
    """
    with writing(engine) as connection:
        _found(connection, key)
        return redeliver(connection, key, now, most=MOST_REDELIVERED)


def _note(
    connection: Connection, action: str, before: Endpoint | None, after: Endpoint | None,
    now: datetime, actor: str,
) -> None:  # fmt: skip
    old, new = (None if one is None else _told(one) for one in (before, after))
    if before is not None and after is not None:
        old, new = differing(old, new)
        if before.secret != after.secret:
            new["secret"] = "changed"  # noqa: S105  # that it was, and no more
    subject = next(one.key for one in (after, before) if one is not None)
    change = Change(action, SubjectKind.WEBHOOK, subject, old, new)
    note_change(connection, change, now, actor)


def _told(endpoint: Endpoint) -> dict[str, object]:
    """Give what the audit log says of an endpoint: no secret, nor what an address may carry."""
    url = urlsplit(endpoint.url)
    place = url.hostname or ""
    return {
        "url": f"{url.scheme}://{place}{f':{url.port}' if url.port else ''}{url.path}",
        "kinds": sorted(map(str, endpoint.kinds)),
        "enabled": endpoint.is_enabled,
    }


def _found(connection: Connection, key: str) -> Endpoint:
    endpoint = find_endpoint(connection, key)
    if endpoint is None:
        raise UnknownWebhook(key, [one.key for one in read_endpoints(connection)])
    return endpoint


def _require_room(connection: Connection) -> None:
    count = len(read_endpoints(connection))
    if count >= MAX_ENDPOINTS:
        way_out = f"Remove one that is not needed any more; there are {count}."
        raise InvalidValues([Problem("key", count + 1, "is one webhook too many", way_out)])


def _with_secret(endpoint: Endpoint, secret: str, now: datetime) -> Endpoint:
    if secret == endpoint.secret:
        return endpoint
    return replace(
        endpoint,
        secret=secret,
        old_secret=endpoint.secret,
        old_secret_until=old_secret_until(now),
    )


def _switched(endpoint: Endpoint, now: datetime, *, enabled: bool) -> Endpoint:
    if enabled:
        return replace(endpoint, disabled_at=None, disabled_because=None)
    if not endpoint.is_enabled:
        return endpoint
    return replace(endpoint, disabled_at=now, disabled_because=_BY_HAND)
