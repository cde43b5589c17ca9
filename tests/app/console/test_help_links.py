"""Every tab of a campaign and every step of the form leads to its page of the help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from app.console import help_pages
from app.console.campaigns.frame import TabName
from app.console.help_links import HELP
from app.console.new.steps import STEPS
from tests.app.console.running import launched
from tests.app.permissions import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", sorted(set(HELP.values())))
def test_every_page_that_is_named_exists(page: str) -> None:
    """With the heading that is named."""
    name, _, anchor = page.partition("#")
    found = help_pages.page_of(DOCS, name)
    assert found is not None
    assert not anchor or anchor in {heading.anchor for heading in found.headings}


def test_every_view_and_step_that_is_named_exists() -> None:
    """And every step has a page."""
    views = {name.partition("/")[0] for name in HELP}
    assert views <= set(CONSOLE)
    assert {f"form.show_step/{step.key}" for step in STEPS} <= set(HELP)


def test_every_tab_of_a_campaign_has_help(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The link has a name for those who hear the page."""
    launched(wiring, "gold-q3")
    client = client_of(Role.ADMIN)
    client.get("/console/campaigns/gold-q3")
    tabs = pages[-1].frame.tabs
    assert len(tabs) >= len(TabName) - 1
    for tab in tabs:
        text = client.get(tab.address).get_data(as_text=True)
        assert 'aria-label="Help about this page"' in text, tab.address
