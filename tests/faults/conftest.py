"""A shop for each test: campaigns that run, on each of the two databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.shop import Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """Give a shop on a database of this test alone, on each backend in turn."""
    shop = open_shop(database_url)
    yield shop
    shop.engine.dispose()
