"""A shop and a visitor for each test of the example page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.shops import Shop, shop_of
from tests.contracts.frontends import frontend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Shop]:
    """Give a shop and its Tierlift, of which every test sees members of its own."""
    folder = tmp_path_factory.mktemp("shop")
    with frontend(folder, sqlite_template) as served, shop_of(folder, served) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser that has never been here, whose reader speaks English."""
    context = browser.new_context(locale="en-GB")
    yield context
    context.close()
