"""Pages of the console: the server's time for each, beside the bar of 100 ms, and its size.

``python bench/console.py [--members N] [--rounds N] [--slowest N]``. The demonstration is loaded
into a scratch folder, an administrator signs in, and every page that links lead to is asked for by
turns, in this process and one thread, so that no network is in the figures. The first request of
each page, which reads templates and stored results for the first time, is told apart.
"""

from __future__ import annotations

import argparse
import gzip
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import machine

from app.api import build
from app.auth.people import create_user
from app.auth.roles import Role
from app.console import open_console
from app.demonstration.loading import load
from app.demonstration.programme import DemonstrationPlan
from app.demonstration.reporting import write_reports
from app.settings import LogLevel, Settings
from app.wiring import utc_now, wire
from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask.testing import FlaskClient

BAR_MS: Final = 100
PASSWORD: Final = "four words are enough"  # noqa: S105  # of nobody's database
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK: Final = re.compile(r'href="(/console[^"#]*)')
OK: Final = 200


@dataclass
class Timed:
    """What came of one page."""

    address: str
    first_ms: float
    bytes_packed: int
    rounds_ms: list[float] = field(default_factory=list)


def opened(folder: Path, members: int) -> APIFlask:
    """Load the demonstration, and give the application that serves it."""
    url = f"sqlite:///{folder / 'tierlift.db'}"
    schema.upgrade(url)
    engine, now = open_engine(url), utc_now()
    load(engine, DemonstrationPlan.ending_today(now, members=members), lambda *_: None)
    write_reports(engine, folder, now)
    create_user(
        engine, "admin@example.com", "Admin", Role.ADMIN, PASSWORD, now, must_change_password=False
    )
    engine.dispose()
    wiring = wire(Settings(database_url=url, log_level=LogLevel.ERROR))
    application = build(wiring)
    open_console(application, wiring)
    return application


def signed_in(application: APIFlask) -> FlaskClient:
    """Give a browser in which the administrator is signed in."""
    client = application.test_client()
    found = TOKEN.search(client.get("/console/sign-in").text)
    token = found[1] if found else ""
    form = {"email": "admin@example.com", "password": PASSWORD, "csrf_token": token}
    client.post("/console/sign-in", data=form)
    return client


def asked(client: FlaskClient, address: str) -> tuple[float, str | None]:
    """Give the milliseconds of a request, and the page, or None where it is none."""
    began = perf_counter()
    answer = client.get(address)
    data = answer.get_data()
    ms = (perf_counter() - began) * 1000
    is_page = answer.status_code == OK and answer.mimetype == "text/html"
    return ms, data.decode() if is_page else None


def pages_of(client: FlaskClient, application: APIFlask) -> list[Timed]:
    """Follow every link, two pages of a rule, and time the first request of each."""
    rules = application.url_map.bind("localhost")
    waiting, seen, counts = ["/console/"], {"/console/"}, dict[str, int]()
    found = []
    while waiting:
        address = waiting.pop(0)
        try:
            rule = str(rules.match(address.partition("?")[0], return_rule=True)[0])
        except Exception:  # noqa: BLE001, S112  # no page of ours
            continue
        if counts.get(rule, 0) >= 2:  # noqa: PLR2004  # as said above
            continue
        ms, text = asked(client, address)
        if text is None:
            continue
        counts[rule] = counts.get(rule, 0) + 1
        found.append(Timed(address, ms, len(gzip.compress(text.encode()))))
        for link in LINK.findall(text):
            target = urljoin(address, link.replace("&amp;", "&"))
            if target not in seen and "/assets/" not in target:
                seen.add(target)
                waiting.append(target)
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=15)
    chosen = parser.parse_args()
    for name, value in machine.describe("SQLite").items():
        print(f"{name:<16} {value}")
    with tempfile.TemporaryDirectory() as folder:
        application = opened(Path(folder), chosen.members)
        client = signed_in(application)
        pages = pages_of(client, application)
        for _ in range(chosen.rounds):
            for page in pages:
                page.rounds_ms.append(asked(client, page.address)[0])
    pages.sort(key=lambda page: -median(page.rounds_ms))
    print(f"\n{len(pages)} pages, {chosen.rounds} rounds; the slowest:")
    for page in pages[: chosen.slowest]:
        ms = median(page.rounds_ms)
        print(
            f"{ms:7.1f} ms ({ms / BAR_MS:.2f} of the bar), first {page.first_ms:7.1f} ms, "
            f"{page.bytes_packed / 1000:5.1f} kB  {page.address}"
        )
    over = [page for page in pages if median(page.rounds_ms) > BAR_MS]
    print(f"\nover {BAR_MS} ms: {len(over)} of {len(pages)}")


if __name__ == "__main__":
    main()
