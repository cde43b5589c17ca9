"""A shop whose pages show offers, and a visit to it, for the tests of the example page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jwt

from tests.app.serving import free_port
from tests.conftest import missing
from tests.contracts.frontends import SECRET, Frontend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page, Request, Response, Route


ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "docs/how-to/frontend-page"
PROVIDER: Final = ROOT / "node_modules/@openfeature/ofrep-web-provider"
PATIENCE_S: Final = 20.0
SEEN_MS: Final = 1_000
"""How long the page's hook wants a slot to be in the window."""

BUNDLED: Final = "New in the tea house"
GIFT: Final = "A gift awaits"
GIFT_IN_CHINESE: Final = "好禮等您"
JS_ON_THE_PAGE: Final = re.findall(
    r"^```js\n(.*?)^```$",
    (ROOT / "docs/how-to/show-offers-in-a-page.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)
SHOWN: Final = {"hana": "A tea set awaits at Gold", "mei": BUNDLED, "kai": BUNDLED}
"""What the members of the example see: the gift, control, and who is not in the campaign."""

CLIMBS: Final = {
    "hana": "NT$3,600 to go by December 31, 2030",
    "mei": "NT$9,000 to go",
    "kai": "",
}
"""What they read of the next tier: the gift's deadline, the ladder's way, and the top."""

SENT: Final = ("authorization", "content-type", "if-none-match", "x-tierlift-member")
"""Headers of the provider and of the page that a browser asks for first."""

BULK: Final = "/ofrep/v1/evaluate/flags"
EXPOSURES: Final = "/v1/exposures"


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's own server, and the Tierlift that its page asks.

    Attributes:
        origin: Where the page is.
        served: The Tierlift.
        folder: Holds what the shop knows.
    """

    origin: str
    served: Frontend
    folder: Path


@dataclass(slots=True)
class Visit:
    """A page that a member has open, and what went between it and Tierlift.

    Attributes:
        page: The page.
        answers: Every answer of Tierlift, preflights included where the browser shows them.
        requests: Every request to it, answered or not.
        errors: What went wrong in the page's script.
    """

    page: Page
    answers: list[Response] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def title(self) -> str:
        """Give what stands in the slot."""
        return self.page.locator(".offer h2").inner_text()

    def wait_for_title(self, title: str) -> None:
        """Wait until the slot has this title."""
        self.page.wait_for_function(
            "title => document.querySelector('.offer h2').textContent === title",
            arg=title,
            timeout=PATIENCE_S * 1_000,
        )

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds, and let the page go on meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"{what}; {self.log()}"
            self.page.wait_for_timeout(50)

    def log(self) -> list[str]:
        """Give the lines that the page shows to developers."""
        return self.page.locator(".log li").all_inner_texts()

    def wait_for_line(self, words: str) -> None:
        """Wait until a line that the page shows to developers has these words."""
        self.wait_for(lambda: any(words in line for line in self.log()), f"no line says {words!r}")

    def refresh(self) -> None:
        """Come back to the tab, at which the provider asks again."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def to(self, path: str) -> list[Response]:
        """Give the answers of an address, in their order."""
        return [
            one
            for one in self.answers
            if urlsplit(one.url).path == path and one.request.method == "POST"
        ]

    def wait_for_answers(self, path: str, number: int) -> list[Response]:
        """Wait until an address has answered so many times."""
        self.wait_for(lambda: len(self.to(path)) >= number, f"{path} was not asked {number} times")
        return self.to(path)


@contextmanager
def shop_of(folder: Path, served: Frontend, port: int = 0) -> Iterator[Shop]:
    """Start the example's own server for a Tierlift that runs."""
    if not PROVIDER.exists():
        missing(f"{PROVIDER} is absent; install the npm packages with: make setup")
    known = {
        "tierlift": served.address,
        "browser_key": served.browser_key,
        "secret": SECRET,
        "members": [],
    }
    (folder / "shop.json").write_text(json.dumps(known), "utf-8")
    port = port or free_port()
    command = [sys.executable, EXAMPLE / "shop.py", "--folder", folder, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own
        assert process.stdout is not None
        assert b"http://" in process.stdout.readline()
        try:
            yield Shop(f"http://127.0.0.1:{port}", served, folder)
        finally:
            process.terminate()


def token_for(member_id: str) -> str:
    """Sign a member token, as the shop does."""
    now = int(time.time())
    return jwt.encode({"sub": member_id, "iat": now, "exp": now + 600}, SECRET, "HS256")


def session_of(shop: Shop, member_id: str, **changes: object) -> dict[str, Any]:
    """Give what the shop says of who is logged in."""
    member = {"id": member_id, "name": "Hana", "tier": "silver"}
    return {
        "tierlift": shop.served.address,
        "browser_key": shop.served.browser_key,
        "member": member,
        "members": [member],
        "token": token_for(member_id),
        "ends_at": int(time.time()) + 600,
        **changes,
    }


def visit(
    context: BrowserContext,
    shop: Shop,
    member_id: str,
    *,
    campaign: str = "gold-q3",
    height: int = 900,
    **changes: object,
) -> Visit:
    """Open the page as a member and watch it.

    Args:
        context: Of the browser; it keeps what the page stores.
        shop: Whose page.
        member_id: Who is logged in.
        campaign: Whose offer the slot shows.
        height: Of the window; the slot is below a low one.
        changes: Of the session.
    """
    page = context.new_page()
    page.set_viewport_size({"width": 1_200, "height": height})
    seen = Visit(page)
    tierlift = shop.served.address

    def session(route: Route) -> None:
        route.fulfill(json=session_of(shop, member_id, **changes))

    def script(route: Route) -> None:
        # the document itself must come over the network: a browser lets only a page from a local
        # address call a local address
        source = (EXAMPLE / "page.js").read_text("utf-8")
        slot = f'document.querySelector("[data-offer]").dataset.offer = "{campaign}";\n'
        route.fulfill(body=slot + source, content_type="text/javascript")

    def answered(response: Response) -> None:
        if response.url.startswith(tierlift):
            seen.answers.append(response)

    def asked(request: Request) -> None:
        if request.url.startswith(tierlift):
            seen.requests.append(request)

    page.route("**/session*", session)
    page.route(f"{shop.origin}/page.js", script)
    page.on("response", answered)
    page.on("request", asked)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.goto(f"{shop.origin}/")
    page.wait_for_selector(".log li")
    return seen


def member_with(served: Frontend, variant: str, prefix: str, campaign: str = "gold-q3") -> str:
    """Give a member whose published bucket leads to a variant."""
    members = (f"{prefix}-{number}" for number in range(99))
    return next(one for one in members if served.variant_of(one, campaign) == variant)


def count(served: Frontend, member_id: str) -> int:
    """Give how many exposures of a member are kept."""
    with served.engine.connect() as connection:
        query = "SELECT count(*) FROM exposures WHERE member_id = ?"
        found = connection.exec_driver_sql(query, (member_id,)).scalar()
        assert found is not None
        return int(found)
