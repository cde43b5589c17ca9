"""A console with the demonstration in it, and a reader who walks through every page of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING, Final, Literal, cast
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from app.api import build
from app.auth.people import create_user
from app.auth.roles import Role
from app.console import open_console
from app.demonstration.loading import load
from app.demonstration.programme import DemonstrationPlan
from app.demonstration.reporting import write_reports
from app.settings import LogFormat, Settings
from app.wiring import utc_now, wire
from experiments.memo import Prose
from experiments.memo_writing import Writing, write_memo
from experiments.share_link import USUAL_TIME, ShareOrder
from experiments.sharing import make_share_link
from experiments.store import schema
from experiments.store.engine import open_engine
from tests.app.serving import RunningServer, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine
    from werkzeug.routing import MapAdapter, Rule

    from app.wiring import Wiring

PASSWORD: Final = "four words are enough"  # noqa: S105  # of people in tests
Theme = Literal["light", "dark"]
PATIENCE_MS: Final = 120_000
"""What one address may take, files that are made on request among them, on a busy machine."""
SAME_RULE: Final = 2
"""Pages of one rule that are walked through: two campaigns, two members."""


@dataclass(frozen=True, slots=True)
class Site:
    """A console that is served.

    Attributes:
        server: Where.
        rules: Knows which rule an address belongs to.
    """

    server: RunningServer
    rules: MapAdapter

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.server.address

    def rule_of(self, path: str) -> str | None:
        """Give the rule of a path, or None where it is no page of the console."""
        try:
            rule = self.rules.match(path, method="GET", return_rule=True)[0]
        except Exception:  # noqa: BLE001  # whatever Werkzeug raises for redirects and wrong paths
            return None
        return str(cast("Rule", rule).rule)


@contextmanager
def site_of(folder: Path, *, members: int = 3_000) -> Iterator[Site]:
    """Serve a demonstration of its own, with somebody of every role; no members: nothing at all."""
    url = f"sqlite:///{folder / 'tierlift.db'}"
    schema.upgrade(url)
    now = utc_now()
    engine = open_engine(url)
    if members:
        load(engine, DemonstrationPlan.ending_today(now, members=members), lambda *_: None)
        write_reports(engine, folder, now)
        _publish(engine, now)
    for role in Role:
        create_user(
            engine, f"{role}@example.com", str(role).title(), role, PASSWORD, now,
            must_change_password=False,
        )  # fmt: skip
    engine.dispose()
    settings = Settings(
        database_url=url, workers=1, threads=8, rate_limit_browser=0, log_format=LogFormat.JSON
    )
    wiring = wire(settings)
    application = build(wiring)
    open_console(application, wiring)
    wiring.engine.dispose()
    with started(replace(settings), folder / "log") as server:
        yield Site(server, application.url_map.bind("127.0.0.1"))


def _publish(engine: Engine, now: datetime) -> None:
    """Keep two versions of a memo and a share link, so that there are pages about them."""
    key, who = "gold-trial", "command line"
    for version, learned in enumerate(("The trial lifts.", "The trial lifts, and pays.")):
        prose = Prose(learned, "The interval lies above 0.", "Try it for bronze.", "Mei-Ling")
        memo = write_memo(engine, key, Writing(prose, version), who, now)
    order = ShareOrder(memo.snapshot_hash, "en", now + USUAL_TIME, "For the board")
    make_share_link(engine, key, order, who, now)


@contextmanager
def console_at(wiring: Wiring) -> Iterator[str]:
    """Serve API and console of an installation from this process, and give the home's address."""
    app = build(wiring)
    open_console(app, wiring)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/console/"
    server.shutdown()
    thread.join()
    server.server_close()
    wiring.engine.dispose()


@contextmanager
def reader(
    browser: Browser,
    site: Site,
    role: Role = Role.ADMIN,
    *,
    language: str = "en",
    theme: Theme = "light",
    width: int = 1280,
) -> Iterator[Page]:
    """Sign somebody in, in a browser of their own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies(
        [
            {"name": name, "value": value, "url": f"{site.address}/console"}
            for name, value in (("tierlift-language", language), ("tierlift-theme", theme))
        ]
    )
    page = context.new_page()
    page.goto(f"{site.address}/console/sign-in")
    page.fill("[name=email]", f"{role}@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/console/")
    yield page
    context.close()


def addresses(page: Page, site: Site) -> dict[str, list[str]]:
    """Follow every link, and give the addresses of pages by rule, two of each."""
    found: dict[str, list[str]] = {}
    waiting = ["/console/"]
    seen = set(waiting)
    files: set[str] = set()
    while waiting:
        address = waiting.pop(0)
        rule = site.rule_of(urlsplit(address).path)
        if rule is None or rule in files or len(found.get(rule, [])) >= SAME_RULE:
            continue
        answer = page.request.get(f"{site.address}{address}", max_redirects=0, timeout=PATIENCE_MS)
        if answer.status == 200 and "attachment" in answer.headers.get("content-disposition", ""):
            files.add(rule)  # one is enough: making some of them takes a while
            continue
        if answer.status != 200 or "text/html" not in answer.headers.get(
            "content-type", ""
        ):  # what a page answers
            if answer.status >= 400:  # a link that leads nowhere
                found.setdefault(f"broken: {answer.status}", []).append(address)
            continue
        found.setdefault(rule, []).append(address)
        page.goto(f"{site.address}{address}")
        for link in page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"):
            if not link.startswith(f"{site.address}/console"):
                continue
            target = link.removeprefix(site.address).partition("#")[0]
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return found
