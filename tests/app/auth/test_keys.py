"""Who may do what."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.auth import KeyRing, Scope, create_key, hash_of, list_keys, revoke_key
from app.errors import KeyRefused, MissingScope, UnknownApiKey
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


class Elapsed:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Give the seconds passed."""
        return self.seconds


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


def test_the_secret_is_not_kept(engine: Engine, now: datetime) -> None:
    """Whoever reads the database cannot present a key."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)

    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM api_keys")).all())

    secret = key.text.split("_", 2)[2]
    assert secret not in kept
    assert hashlib.sha256(secret.encode()).hexdigest() in kept


def test_a_new_key_prints_without_its_text(engine: Engine, now: datetime) -> None:
    """A key that ends up in a log line by mistake opens nothing."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)

    assert key.text not in repr(key)


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


def test_keys_are_listed_oldest_first_and_revoked_ones_stay(engine: Engine, now: datetime) -> None:
    """An operator sees every key that ever was."""
    first = create_key(engine, "the shop", [Scope.OFFERS_READ], now)
    revoke_key(engine, first.key_id, now)

    (listed,) = list_keys(engine)

    assert (listed.key_id, listed.name, listed.revoked_at) == (first.key_id, "the shop", now)


def test_revoking_twice_says_so_and_keeps_the_first_moment(engine: Engine, now: datetime) -> None:
    """A second revocation changes nothing."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)

    assert revoke_key(engine, key.key_id, now) is True
    assert revoke_key(engine, key.key_id, now.replace(year=2030)) is False
    assert list_keys(engine)[0].revoked_at == now


def test_revoking_an_unknown_key_names_those_there_are(engine: Engine, now: datetime) -> None:
    """A mistyped key id is answered with the right ones."""
    key = create_key(engine, "the shop", [Scope.OFFERS_READ], now)

    with pytest.raises(UnknownApiKey, match=key.key_id):
        revoke_key(engine, "0123456789ab", now)


@pytest.mark.parametrize("name", ["", "   ", "x" * 256])
def test_a_key_needs_a_name_and_a_scope(name: str, engine: Engine, now: datetime) -> None:
    """Both faults are named at once, and nothing is kept."""
    with pytest.raises(InvalidValues) as refused:
        create_key(engine, name, [], now)

    assert [problem.field for problem in refused.value.problems] == ["name", "scopes"]
    assert list_keys(engine) == ()


def test_the_hash_is_plain_sha256() -> None:
    """An operator can check a secret against the database with stock tools.

    Source: FIPS 180-4 test vector, ``printf abc | sha256sum``.
    """
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_of("abc") == expected
