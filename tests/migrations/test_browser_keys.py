"""The rules of revision 0005: keys that were there are servers', and browser keys end with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.auth import KeyKind, KeyRing, Scope, create_key
from app.errors import KeyRefused
from experiments.store import schema
from experiments.store.api_keys import read_api_keys
from experiments.store.engine import open_engine, reading, writing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


def test_a_key_from_before_is_a_servers(empty_database_url: str, backend: str) -> None:
    """It opens what it opened, at the rate of its kind."""
    schema.upgrade(empty_database_url, "0004")
    engine = open_engine(empty_database_url)
    moment = "1772366400123456" if backend == "sqlite" else "'2026-03-01T12:00:00.123456Z'"
    with writing(engine) as connection:
        connection.exec_driver_sql(
            f"INSERT INTO api_keys VALUES ('k', 'shop', '[\"offers:read\"]', 'h', {moment}, NULL)"  # noqa: S608  # ours
        )
    engine.dispose()

    schema.upgrade(empty_database_url)

    with reading(engine) as connection:
        (key,) = read_api_keys(connection)
    engine.dispose()
    assert (key.key_id, key.kind, key.rate, key.revoked_at) == ("k", "server", None, None)
    assert key.scopes == {"offers:read"}


def test_an_older_version_gets_no_browser_key(
    engine: Engine, database_url: str, now: datetime
) -> None:
    """It would take a key that everybody can read for a server's; it is revoked on the way down."""
    page = create_key(engine, "page", [Scope.OFFERS_READ], now, kind=KeyKind.BROWSER)
    shop = create_key(engine, "shop", [Scope.OFFERS_READ], now)
    engine.dispose()

    schema.downgrade(database_url, "0004")
    schema.upgrade(database_url)

    with reading(engine) as connection:
        keys = {key.name: key for key in read_api_keys(connection)}
    assert keys["page"].revoked_at is not None
    assert keys["page"].revoked_at.year >= 2026
    assert keys["shop"].revoked_at is None
    assert KeyRing(engine).authenticate(shop.text)
    with pytest.raises(KeyRefused):
        KeyRing(engine).authenticate(page.text)


def test_a_key_of_no_kind_is_refused_by_the_database(engine: Engine, now: datetime) -> None:
    """Whoever edits the table by hand cannot make a kind that nobody knows."""
    create_key(engine, "page", [Scope.OFFERS_READ], now, kind=KeyKind.BROWSER)

    with pytest.raises(Exception, match="kind_known"), writing(engine) as connection:
        connection.execute(text("UPDATE api_keys SET kind = 'anybody'"))
