"""Making, listing and revoking API keys."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.auth import BROWSER_SCOPES, KeyKind, Scope, create_key, hash_of, list_keys, revoke_key
from app.errors import UnknownApiKey
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


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


def test_a_browser_key_is_kept_as_one(engine: Engine, now: datetime) -> None:
    """With its kind and its rate; a key is a server's unless it is said."""
    create_key(engine, "page", BROWSER_SCOPES, now, kind=KeyKind.BROWSER, rate=50)
    create_key(engine, "shop", [Scope.REPORTS_READ], now)

    kept = {key.name: (key.kind, key.rate) for key in list_keys(engine)}

    assert kept == {"page": ("browser", 50), "shop": ("server", None)}


@pytest.mark.parametrize("scope", sorted(set(Scope) - BROWSER_SCOPES))
def test_a_browser_key_has_no_scope_that_shows_more(
    scope: Scope, engine: Engine, now: datetime
) -> None:
    """What everybody can read may not read rules, members or results, nor write them."""
    with pytest.raises(InvalidValues, match="not for a browser key") as refused:
        create_key(engine, "page", [scope, Scope.OFFERS_READ], now, kind=KeyKind.BROWSER)

    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("scopes", scope)
    assert "offers:read, events:write" in problem.way_out
    assert list_keys(engine) == ()


@pytest.mark.parametrize("rate", [-1, 1_000_001])
def test_a_rate_that_is_none_is_refused(rate: int, engine: Engine, now: datetime) -> None:
    """A key without a usable rate is not made."""
    with pytest.raises(InvalidValues, match="rate"):
        create_key(engine, "shop", [Scope.OFFERS_READ], now, rate=rate)

    assert list_keys(engine) == ()
