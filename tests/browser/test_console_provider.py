"""Signing in with a real identity provider, in a real browser: there, back, and out of both."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from app.auth.people import list_users
from app.settings import LogFormat, Settings
from experiments.store import schema
from experiments.store.engine import open_engine
from tests.app.serving import free_port, started
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tests/browser/node/identity_provider.mjs"
PACKAGE: Final = ROOT / "node_modules/oidc-provider"
CLIENT: Final = "tierlift"
SECRET: Final = "hunter2 hunter2 hunter2"  # noqa: S105  # of the tests


@dataclass(frozen=True, slots=True)
class Place:
    """A console, the provider that people sign in with, and the database behind."""

    console: str
    issuer: str
    url: str


@contextmanager
def provider_for(console: str, port: int) -> Iterator[None]:
    """Run the provider."""
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    if node is None or not PACKAGE.is_dir():
        missing("Node.js or oidc-provider is absent; install the browser assets with: make setup")
    with subprocess.Popen(  # noqa: S603  # our own script
        [str(node), str(SCRIPT), str(port), console, CLIENT, SECRET],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield
        process.terminate()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give an empty console, in which whoever the provider knows may look."""
    folder, console_port, provider_port = tmp_path_factory.mktemp("oidc"), free_port(), free_port()
    url, issuer = f"sqlite:///{folder / 'tierlift.db'}", f"http://127.0.0.1:{provider_port}"
    console = f"http://127.0.0.1:{console_port}"
    schema.upgrade(url)
    settings = Settings(
        database_url=url, workers=1, threads=8, log_format=LogFormat.JSON, public_url=console,
        oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_name="Example Login", oidc_roles="admin=bosses; viewer", oidc_new_users=True,
    )  # fmt: skip
    with (
        provider_for(console, provider_port),
        started(settings, folder / "log", console_port),
    ):
        yield Place(console, issuer, url)


def prove(page: Page, name: str) -> None:
    """Sign in at the provider, and let it tell the console."""
    page.fill("[name=login]", name)
    page.fill("[name=password]", "whatever")
    page.click("[type=submit]")
    expect(page.locator("form")).to_be_visible()
    page.click("[type=submit]")


def test_somebody_signs_in_at_the_provider_and_out_of_both(
    browser: Browser, axe: str, place: Place
) -> None:
    """They come back to where they wanted to go, with a name and a role, and nothing is refused."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    complaints: list[tuple[str, str]] = []
    page.on("console", lambda one: complaints.append((one.location.get("url", ""), one.text)))
    page.goto(f"{place.console}/console/settings/users")
    page.evaluate(axe)
    assert page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
    page.get_by_role("link", name="Sign in with Example Login").click()
    page.wait_for_url(f"{place.issuer}/**")
    prove(page, "boss")
    page.wait_for_url(f"{place.console}/console/settings/users")
    expect(page.get_by_role("rowheader", name="boss (you)")).to_be_visible()
    expect(page.get_by_role("cell", name="identity provider", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(f"{place.issuer}/session/end**")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{place.console}/console/sign-in**")
    assert [one for one in complaints if one[0].startswith(place.console)] == []
    page.goto(f"{place.console}/console/")
    page.wait_for_url(f"{place.console}/console/sign-in**")
    context.close()


def test_an_unverified_address_and_a_used_code_do_not_enter(browser: Browser, place: Place) -> None:
    """The real provider says so, and nobody is made."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{place.console}/console/sign-in")
    page.get_by_role("link", name="Sign in with Example Login").click()
    page.wait_for_url(f"{place.issuer}/**")
    prove(page, "unverified-eve")
    expect(page.get_by_role("alert")).to_contain_text("has not verified your e-mail address")
    used = page.url
    page.goto(used)
    expect(page.get_by_role("alert")).to_contain_text("took too long")
    made_up = urlencode({"code": "guessed", "state": "guessed", "iss": place.issuer})
    page.goto(f"{place.console}/console/sign-in/provider/back?{made_up}")
    expect(page.get_by_role("alert")).to_contain_text("Begin again")
    context.close()
    engine = open_engine(place.url)
    assert not [one for one in list_users(engine) if one.email.startswith("unverified")]
    engine.dispose()
