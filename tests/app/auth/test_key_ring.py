"""Admitting requests by their key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from app.auth import BROWSER_SCOPES, KeyKind, KeyRing, Scope, create_key, revoke_key
from app.errors import KeyRefused, MissingScope
from app.settings import Settings
from experiments.errors import StoreError
from tests.app.auth.conftest import Elapsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from app.auth import NewKey
    from tests.app.auth.conftest import Outage


@pytest.fixture
def key(engine: Engine, now: datetime) -> NewKey:
    """Give a valid server key."""
    return create_key(engine, "the shop", [Scope.OFFERS_READ], now)


@pytest.fixture
def asked(engine: Engine) -> Callable[[], int]:
    """Give how often the database was asked for a key so far."""
    queries: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        if "api_keys" in str(arguments[2]):
            queries.append(str(arguments[2]))

    return lambda: len(queries)


def test_a_new_key_is_admitted_with_its_scopes(engine: Engine, now: datetime) -> None:
    """A key opens what it was made for."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ, Scope.EVENTS_WRITE], now)

    admitted = KeyRing(engine).authenticate(key.text)

    assert (admitted.key_id, admitted.name) == (key.key_id, "the shop")
    assert admitted.scopes == {"offers:read", "events:write"}
    admitted.require(Scope.OFFERS_READ)


def test_a_missing_scope_is_named(engine: Engine, now: datetime) -> None:
    """Whoever is refused learns which scope is needed and which the key has."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)

    with pytest.raises(MissingScope, match=r"lacks the scope reports:read; it has offers:read"):
        KeyRing(engine).authenticate(key.text).require(Scope.REPORTS_READ)


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "tl_",
        "nonsense",
        "tl_0123456789ab_short",
        "tl_0123456789AB_" + "x" * 43,
        "tl_0123456789ab_" + "x" * 44,
        "tl_0123456789ab_" + "é" * 43,
        "tl_0123456789ab_" + "x" * 43 + "\n",
        "xx_0123456789ab_" + "x" * 43,
        "tl_0123456789ab_" + "\ud800" * 43,
    ],
)
def test_a_malformed_key_is_refused_without_asking_the_database(
    presented: str, engine: Engine
) -> None:
    """What is no key is told from an unknown one, and is never repeated."""
    engine.dispose()

    with pytest.raises(KeyRefused, match="malformed") as refused:
        KeyRing(engine).authenticate(presented)

    assert "xxx" not in str(refused.value)


def test_unknown_wrong_and_revoked_keys_are_refused_alike(engine: Engine, now: datetime) -> None:
    """Nobody learns from the answer whether a key id exists."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)
    revoked = create_key(engine, "the old shop", [Scope.OFFERS_READ], now)
    revoke_key(engine, revoked.key_id, now)
    ring = KeyRing(engine)

    for presented in (
        "tl_0123456789ab_" + "x" * 43,
        f"tl_{key.key_id}_" + "x" * 43,
        revoked.text,
    ):
        with pytest.raises(KeyRefused, match=r"The API key [0-9a-f]{12} is unknown or revoked\."):
            ring.authenticate(presented)


def test_a_revoked_key_stops_within_a_second(engine: Engine, now: datetime) -> None:
    """What a process knows of a key is at most one second old."""
    elapsed = Elapsed()
    ring = KeyRing(engine, elapsed)
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)
    ring.authenticate(key.text)

    revoke_key(engine, key.key_id, now)
    elapsed.seconds = 1.0

    with pytest.raises(KeyRefused):
        ring.authenticate(key.text)


def test_a_key_is_looked_up_once_a_second(engine: Engine, now: datetime) -> None:
    """A hot path does not ask the database for every request."""
    elapsed = Elapsed()
    ring = KeyRing(engine, elapsed)
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)
    ring.authenticate(key.text)

    with engine.begin() as connection:
        connection.execute(text("DELETE FROM api_keys"))
    elapsed.seconds = 0.79

    assert ring.authenticate(key.text).key_id == key.key_id


def test_guessed_key_ids_are_not_remembered(engine: Engine) -> None:
    """Nobody fills the memory of a process by guessing."""
    ring = KeyRing(engine)

    for number in range(20):
        with pytest.raises(KeyRefused):
            ring.authenticate(f"tl_{number:012x}_" + "x" * 43)

    assert ring._known == {}  # noqa: SLF001  # the memory is what the rule is about


def test_a_guess_is_refused_while_the_key_is_known(engine: Engine, key: NewKey) -> None:
    """That the right secret came a moment ago lets no other one in."""
    ring = KeyRing(engine)
    ring.authenticate(key.text)

    with pytest.raises(KeyRefused):
        ring.authenticate(f"tl_{key.key_id}_" + "x" * 43)


def test_what_is_known_of_a_key_is_no_key(engine: Engine, key: NewKey) -> None:
    """Whoever reads the memory of a process by accident finds no secret in what the ring keeps."""
    ring = KeyRing(engine)
    ring.authenticate(key.text)

    assert key.text.split("_", 2)[2] not in repr(vars(ring))


def test_a_browser_key_says_so_and_has_its_rate(engine: Engine, now: datetime) -> None:
    """Without a rate of its own it has the one that the settings give its kind."""
    ring = KeyRing(engine, settings=Settings(rate_limit_browser=7, rate_limit_server=9))
    shop = create_key(engine, "shop", [Scope.OFFERS_READ], now)
    page = create_key(engine, "page", BROWSER_SCOPES, now, kind=KeyKind.BROWSER)
    busy = create_key(engine, "busy page", BROWSER_SCOPES, now, kind=KeyKind.BROWSER, rate=0)

    admitted = [ring.authenticate(key.text) for key in (shop, page, busy)]

    assert [(key.browser, key.rate) for key in admitted] == [(False, 9), (True, 7), (True, 0)]


def test_a_browser_key_never_opens_more(engine: Engine, now: datetime) -> None:
    """Also where somebody changed its row by hand."""
    page = create_key(engine, "page", [Scope.OFFERS_READ], now, kind=KeyKind.BROWSER)
    with engine.begin() as connection:
        scopes = '["offers:read","reports:read","campaigns:write"]'
        connection.execute(text("UPDATE api_keys SET scopes = :scopes"), {"scopes": scopes})

    assert KeyRing(engine).authenticate(page.text).scopes == {"offers:read"}


@pytest.mark.parametrize("age", [0.9, 1.0, 20.0])
def test_one_thread_asks_when_a_key_grows_old(
    age: float, engine: Engine, elapsed: Elapsed, key: NewKey, asked: Callable[[], int]
) -> None:
    """Sixteen requests at once cost the database one question."""
    ring = KeyRing(engine, elapsed)
    ring.authenticate(key.text)
    before = asked()
    elapsed.seconds = age
    barrier = Barrier(16)

    def present(_: int) -> str:
        barrier.wait()
        return ring.authenticate(key.text).key_id

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(present, range(16))) == {key.key_id}

    assert asked() - before == 1


def test_a_key_outlives_the_database(
    engine: Engine, elapsed: Elapsed, key: NewKey, outage: Outage
) -> None:
    """While the database cannot be asked, a key that was valid lately opens what it opened."""
    ring = KeyRing(engine, elapsed, Settings(stale_s=30))
    ring.authenticate(key.text)

    with outage():
        for elapsed.seconds in (0.9, 1.5, 10.0, 29.9):
            assert ring.authenticate(key.text).key_id == key.key_id


def test_a_key_does_not_outlive_the_database_for_long(
    engine: Engine, elapsed: Elapsed, key: NewKey, outage: Outage
) -> None:
    """Then the fault of the database is told, and a request may be tried again."""
    ring = KeyRing(engine, elapsed, Settings(stale_s=30))
    ring.authenticate(key.text)
    elapsed.seconds = 30.0

    with outage(), pytest.raises(StoreError):
        ring.authenticate(key.text)

    assert ring.authenticate(key.text).key_id == key.key_id


def test_a_key_need_not_outlive_the_database(
    engine: Engine, elapsed: Elapsed, key: NewKey, outage: Outage
) -> None:
    """An operator may choose that nothing is opened without asking."""
    ring = KeyRing(engine, elapsed, Settings(stale_s=0))
    ring.authenticate(key.text)
    elapsed.seconds = 1.0

    with outage(), pytest.raises(StoreError):
        ring.authenticate(key.text)


def test_a_key_that_was_not_known_needs_the_database(
    engine: Engine, key: NewKey, outage: Outage
) -> None:
    """Nobody is let in unasked."""
    with outage(), pytest.raises(StoreError):
        KeyRing(engine).authenticate(key.text)


def test_a_key_revoked_in_an_outage_stops_soon_after(
    engine: Engine, elapsed: Elapsed, key: NewKey, outage: Outage, now: datetime
) -> None:
    """A database that failed is left alone for a second, and believed from then on."""
    ring = KeyRing(engine, elapsed)
    ring.authenticate(key.text)
    elapsed.seconds = 5.0
    with outage():
        ring.authenticate(key.text)
    revoke_key(engine, key.key_id, now)

    elapsed.seconds = 5.9
    assert ring.authenticate(key.text).key_id == key.key_id
    elapsed.seconds = 6.0
    with pytest.raises(KeyRefused):
        ring.authenticate(key.text)
