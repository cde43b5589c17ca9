"""The rules of keeping webhooks: a message with its change, a lease for one, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import func, select

from experiments.store.engine import reading, writing
from experiments.store.tables import webhook_deliveries, webhook_messages
from experiments.store.webhook_endpoints import (
    delete_endpoint,
    find_endpoint,
    read_endpoints,
    save_endpoint,
)
from experiments.store.webhooks import (
    Leased,
    announce,
    announced_event,
    forget_member,
    forget_messages,
    lease,
    next_due,
    read_deliveries,
    redeliver,
    settle,
)
from experiments.webhooks import DeliveryState, Endpoint, EventKind, new_secret
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from sqlalchemy import Engine

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
KIND = EventKind.GRANT_REDEEMED


def keep(store: Engine, key: str = "shop", *kinds: EventKind, enabled: bool = True) -> None:
    """Keep an endpoint."""
    endpoint = Endpoint(key, "https://shop.example/", frozenset(kinds), new_secret(), NOW, NOW,
                        disabled_at=None if enabled else NOW)  # fmt: skip
    with writing(store) as connection:
        save_endpoint(connection, endpoint)


def tell(store: Engine, count: int = 1, member_id: str = "ada") -> list[str]:
    """Announce some events, and give the ids of their messages."""
    with writing(store) as connection:
        ids = [announce(connection, KIND, {"grant_id": str(n), "member_id": member_id}, NOW)
               for n in range(count)]  # fmt: skip
    return [one for one in ids if one is not None]


def take(store: Engine, holder: str = "me", most: int = 10, each: int = 10) -> tuple[Leased, ...]:
    """Lease what is due for a minute."""
    with writing(store) as connection:
        return lease(connection, holder, NOW, NOW + MINUTE, most=most, each=each)


def messages(store: Engine) -> int:
    """Give how many messages are kept."""
    with reading(store) as connection:
        return connection.scalar(select(func.count()).select_from(webhook_messages)) or 0


def test_an_endpoint_comes_back_as_it_was_kept(engine: Engine) -> None:
    """And by the second time as it was changed."""
    keep(engine, "shop", KIND)
    keep(engine, "crm")
    with reading(engine) as connection:
        crm, shop = read_endpoints(connection)
        assert find_endpoint(connection, "shop") == shop
        assert find_endpoint(connection, "other") is None
    assert (crm.kinds, shop.kinds) == (frozenset(), frozenset({KIND}))
    assert "whsec" not in repr(shop)


def test_a_message_is_kept_for_everybody_who_wants_it(engine: Engine) -> None:
    """Once each; not for those who want other kinds, or nothing."""
    keep(engine, "all")
    keep(engine, "grants", KIND)
    keep(engine, "moves", EventKind.CAMPAIGN_STOPPED)
    keep(engine, "off", enabled=False)
    (message_id,) = tell(engine)
    with reading(engine) as connection:
        found = read_deliveries(connection, limit=10)
    assert {(one.endpoint, one.message_id, one.state) for one in found} == {
        ("all", message_id, DeliveryState.PENDING),
        ("grants", message_id, DeliveryState.PENDING),
    }
    (leased, _) = take(engine)
    assert orjson.loads(leased.body) == {
        "type": "grant.redeemed",
        "timestamp": "2026-03-01T12:00:00Z",
        "data": {"grant_id": "0", "member_id": "ada"},
    }


def test_nobody_wants_to_be_told(engine: Engine) -> None:
    """Then nothing is kept."""
    assert tell(engine) == []
    assert messages(engine) == 0


def test_a_message_goes_back_with_its_change(engine: Engine) -> None:
    """What was undone is told to nobody."""
    keep(engine)

    def fail_half_way() -> None:
        with writing(engine) as connection:
            announce(connection, KIND, {}, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert messages(engine) == 0


def test_whoever_sends_is_told_that_there_is_something(engine: Engine) -> None:
    """In the same process at once."""
    keep(engine)
    event = announced_event(engine, Event())
    tell(engine)
    assert event.is_set()


def test_a_delivery_is_leased_to_one(engine: Engine) -> None:
    """Processes that ask at once share what is due, and none has the same."""
    keep(engine)
    ids = tell(engine, 40)
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda n: take(engine, f"holder-{n}", most=10), range(12)))
    found = [one.message_id for some in taken for one in some]
    assert len(found) == len(set(found))
    assert set(found) <= set(ids)
    rest = take(engine, "last", most=40, each=40)
    assert {*found, *(one.message_id for one in rest)} == set(ids)


def test_a_slow_endpoint_leaves_places_to_others(engine: Engine) -> None:
    """At most so many to each, however many wait."""
    keep(engine, "slow", KIND)
    tell(engine, 30)
    keep(engine, "quick", KIND)
    tell(engine, 1)
    assert [one.endpoint.key for one in take(engine, most=8, each=2)].count("slow") == 2
    tell(engine, 1)
    with writing(engine) as connection:
        busy = {"slow": 2}
        more = lease(connection, "me", NOW, NOW + MINUTE, most=8, each=2, busy=busy)
    assert {one.endpoint.key for one in more} == {"quick"}


def test_what_is_disabled_waits(engine: Engine) -> None:
    """And goes on once it is enabled again."""
    keep(engine)
    tell(engine)
    keep(engine, enabled=False)
    assert take(engine) == ()
    with reading(engine) as connection:
        assert next_due(connection) is None
    keep(engine)
    assert len(take(engine)) == 1


def test_a_lease_ends_by_itself(engine: Engine) -> None:
    """Who was killed keeps nothing from being sent, and who comes too late is not heard."""
    keep(engine)
    tell(engine)
    (late,) = take(engine, "killed")
    assert take(engine, "other") == ()
    with writing(engine) as connection:
        after = NOW + MINUTE
        (mine,) = lease(connection, "other", after, after + MINUTE, most=1, each=1)
        assert not settle(connection, "killed", late, after, state=DeliveryState.DELIVERED)
        assert settle(connection, "other", mine, after, state=DeliveryState.DELIVERED, status=200)
    with reading(engine) as connection:
        (found,) = read_deliveries(connection, limit=10)
    assert (found.state, found.attempts, found.settled_at) == (DeliveryState.DELIVERED, 1, after)
    assert take(engine) == ()


def test_what_failed_comes_again_when_it_is_due(engine: Engine) -> None:
    """With what went wrong."""
    keep(engine)
    tell(engine)
    (leased,) = take(engine)
    with writing(engine) as connection:
        settle(connection, "me", leased, NOW, state=DeliveryState.PENDING, status=500,
               next_attempt_at=NOW + SECOND, fault="answered 500" + "!" * 600)  # fmt: skip
        assert next_due(connection) == NOW + SECOND
        (found,) = read_deliveries(connection, endpoint="shop", limit=10)
    assert (found.attempts, found.last_status, len(found.last_fault or "")) == (1, 500, 500)
    assert take(engine) == ()


def test_the_dead_are_sent_again_when_asked_for(engine: Engine) -> None:
    """All of an endpoint, or one message, from the first attempt on."""
    keep(engine)
    ids = tell(engine, 3)
    leased = take(engine)
    with writing(engine) as connection:
        for one in leased:
            settle(connection, "me", one, NOW, state=DeliveryState.DEAD)
        assert len(read_deliveries(connection, state=DeliveryState.DEAD, limit=10)) == 3
        assert redeliver(connection, "shop", NOW, message_id="msg_other") == 0
        assert redeliver(connection, "shop", NOW, message_id=ids[0]) == 1
        assert redeliver(connection, "shop", NOW, most=10) == 2
    assert {(one.message_id, one.attempts) for one in take(engine)} == {(one, 0) for one in ids}


def test_pages_follow_one_another(engine: Engine) -> None:
    """Each delivery stands on one page, also where several are of one moment and message."""
    keep(engine, "a")
    keep(engine, "b")
    tell(engine, 5)
    seen: list[tuple[str, str]] = []
    place = None
    while True:
        with reading(engine) as connection:
            found = read_deliveries(connection, before=place, limit=3)
        if not found:
            break
        seen += [(one.message_id, one.endpoint) for one in found]
        place = (found[-1].created_at, found[-1].message_id, found[-1].endpoint)
    assert len(seen) == len(set(seen)) == 10


def test_old_messages_are_forgotten_once_nothing_is_pending(engine: Engine) -> None:
    """With their deliveries."""
    keep(engine)
    tell(engine, 2)
    (leased,) = take(engine, most=1)
    with writing(engine) as connection:
        settle(connection, "me", leased, NOW, state=DeliveryState.DELIVERED)
        assert forget_messages(connection, NOW, most=10) == 0
        assert forget_messages(connection, NOW + SECOND, most=10) == 1
        assert len(read_deliveries(connection, limit=10)) == 1


def test_a_member_is_forgotten(engine: Engine) -> None:
    """Every message about them, pending ones, too."""
    keep(engine)
    tell(engine, 2, "ada")
    tell(engine, 1, "bo")
    with writing(engine) as connection:
        assert forget_member(connection, "ada") == 2
    assert messages(engine) == 1


def test_an_endpoint_takes_along_what_was_to_be_told_it(engine: Engine) -> None:
    """Nothing is left that nobody can send."""
    keep(engine)
    tell(engine)
    with writing(engine) as connection:
        assert delete_endpoint(connection, "shop")
        assert not delete_endpoint(connection, "shop")
        assert connection.execute(select(webhook_deliveries)).all() == []
