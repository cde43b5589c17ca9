"""What the console shows when there is nothing to show, and when it must refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from app.auth.roles import Role
from tests.browser.console_site import Site, addresses, reader, site_of
from tests.browser.test_console import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NEXT: Final = "main a[href], main button"
"""What somebody can do on a page, beside its navigation."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a console in which nothing was ever done, but for its users."""
    with site_of(tmp_path_factory.mktemp("empty"), members=0) as served:
        yield served


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MARKETER, Role.VIEWER])
def test_an_empty_installation_leads_on_from_every_page(
    browser: Browser, axe: str, site: Site, role: Role
) -> None:
    """Each page says that nothing is there and what to do next, and leads nowhere broken."""
    wrong: list[object] = []
    with reader(browser, site, role, language="zh-Hant-TW", width=390) as page:
        found = addresses(page, site)
        wrong += [one for rule, one in found.items() if rule.startswith("broken")]
        for one in (each[0] for each in found.values()):
            page.goto(f"{site.address}{one}")
            page.evaluate(axe)
            wrong += [(one, *fault) for fault in faults(page)]
            if not page.locator(NEXT).count():
                wrong.append((one, "nothing can be done"))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_forbidden_names_who_may(browser: Browser, axe: str, site: Site) -> None:
    """The page names the missing permission, the roles that have it, and a way back."""
    with reader(browser, site, Role.VIEWER) as page:
        answer = page.goto(f"{site.address}/console/settings/users")
        assert answer is not None
        assert answer.status == 403
        expect(page.locator("main")).to_contain_text("users:write")
        expect(page.locator("main")).to_contain_text("Administrator")
        page.evaluate(axe)
        assert not faults(page)
        page.locator(NEXT).first.click()
        expect(page.locator("h1")).to_be_visible()


def test_an_address_that_nothing_has_leads_back(browser: Browser, axe: str, site: Site) -> None:
    """Neither a page nor a campaign."""
    with reader(browser, site) as page:
        for address in ("/console/nothing", "/console/campaigns/nothing/results"):
            answer = page.goto(f"{site.address}{address}")
            assert answer is not None
            assert answer.status == 404
            page.evaluate(axe)
            assert not faults(page)
            assert page.locator(NEXT).count()


def test_a_form_of_another_sign_in_is_refused_and_keeps_what_was_typed(
    browser: Browser, axe: str, site: Site
) -> None:
    """Nothing is stored, and what was typed can be copied from the page that says so."""
    with reader(browser, site) as page:
        page.goto(f"{site.address}/console/settings/users/new")
        page.fill("[name=name]", "Grace")
        page.locator("main [name=csrf_token]").evaluate("one => one.value = 'of-somebody-else'")
        page.locator("main form .btn-primary").first.click()
        expect(page.locator("h1")).to_be_visible()
        page.evaluate(axe)
        assert not faults(page)
        expect(page.locator("dd").first).to_have_text("Grace")
