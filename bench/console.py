"""Pages of the console: processor time and statements of each, beside the bar of 100 ms; its size.

``python bench/console.py [--members N] [--copies N] [--rounds N] [--slowest N] [--database FILE]``.
The demonstration is loaded into a scratch folder (or a database that holds it is copied there), and
its campaigns and scorecards are copied until there are as many more as asked for. An administrator
signs in, begins a form, and asks for every page that links lead to, for every step of the form, its
counts, the launch and the threshold preview; then for all of them by turns. All of it happens in
this process and in one thread, so no network is in the figures.

What is printed is the processor time of the thread that answers, which neighbours on the same
machine disturb less than the time on the clock; that stands beside it. What a page has computed
beside the request is not in it. The first look at each page is told
apart: once as the very first request of a server process that has just begun, for the few pages of
`ALONE`, and once within this process. A page's size is its own, compressed, and what it links to
but for the plots.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import machine
from sqlalchemy import Engine, event, text

from app import create_app
from app.auth.people import create_user
from app.auth.roles import Role
from app.console.warming import warm
from app.demonstration.loading import load
from app.demonstration.programme import DemonstrationPlan
from app.demonstration.reporting import write_reports
from app.settings import LogLevel, Settings
from app.wiring import utc_now, wire
from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import Connection

BAR_MS: Final = 100
BAR_KB: Final = 300
EMAIL: Final = "bench@example.com"
PASSWORD: Final = "four words are enough"  # noqa: S105  # of nobody's database
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK: Final = re.compile(r'href="(/console[^"#]*)')
ASSET: Final = re.compile(r'(?:href|src)="(/console/assets/[^"]+)"')
THRESHOLD: Final = re.compile(r'name="((?:spend|score)\.[^"]+)"[^>]*value="([^"]*)"')
OK: Final = 200
SAME_RULE: Final = 2
"""Pages of one rule that are asked for: two campaigns, two members."""

ALONE: Final = ("/console/", "/console/campaigns", "/console/campaigns/{key}/results")
"""Pages that are asked for as the first request of a process, too; of the first scorecard's."""

WHEN: Final = {False: "that has just begun", True: "that has warmed"}


@dataclass
class Look:
    """One request: milliseconds of the processor and on the clock, statements, the page."""

    cpu_ms: float
    wall_ms: float
    statements: int
    page: str | None


@dataclass
class Timed:
    """What came of one page."""

    address: str
    first: Look
    packed: int
    linked: int
    looks: list[Look] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """The median of the later looks."""
        return median(look.cpu_ms for look in self.looks)

    @property
    def wall_ms(self) -> float:
        """Likewise, on the clock."""
        return median(look.wall_ms for look in self.looks)


class Asker:
    """A browser in which an administrator is signed in, and what its requests cost."""

    def __init__(self, application: Flask) -> None:
        self.client: FlaskClient = application.test_client()
        self.statements = 0
        token = TOKEN.search(self.client.get("/console/sign-in").text)
        form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        self.client.post("/console/sign-in", data=form)

    def count(self, *_: object) -> None:
        """Count a statement."""
        self.statements += 1

    def get(self, address: str) -> Look:
        """Ask for a page."""
        before, began, began_cpu = self.statements, perf_counter(), thread_time()
        answer = self.client.get(address)
        data = answer.get_data()
        cpu_ms, wall_ms = (thread_time() - began_cpu) * 1000, (perf_counter() - began) * 1000
        is_page = answer.status_code == OK and answer.mimetype == "text/html"
        page = data.decode() if is_page else None
        return Look(cpu_ms, wall_ms, self.statements - before, page)

    def post(self, address: str, page: str, **fields: str) -> str:
        """Send a form of a page, and give where it leads."""
        token = TOKEN.search(self.client.get(page).text)
        form = {"csrf_token": token[1] if token else "", **fields}
        return str(self.client.post(address, data=form).headers.get("Location", ""))


def prepare(url: str, database: Path | None, members: int) -> None:
    """Fill the database at `url` with the demonstration, and add the administrator."""
    path = Path(url.removeprefix("sqlite:///"))
    if database is not None:
        shutil.copy(database, path)
    schema.upgrade(url)
    engine, now = open_engine(url), utc_now()
    if database is None:
        load(engine, DemonstrationPlan.ending_today(now, members=members), lambda *_: None)
        write_reports(engine, path.parent, now)
    create_user(engine, EMAIL, "Bench", Role.ADMIN, PASSWORD, now, must_change_password=False)
    engine.dispose()


def copy_campaigns(engine: Engine, copies: int) -> None:
    """Add campaigns that are copies of those there: two thirds decided, with their scorecards."""
    with engine.begin() as connection:
        analysed = list(
            connection.execute(text("SELECT DISTINCT campaign_key FROM scorecards")).scalars()
        )
        every = list(connection.execute(text('SELECT "key" FROM campaigns')).scalars())
        others = [key for key in every if key not in analysed]
        for number in range(copies):
            sources = analysed if number % 3 < 2 else others  # noqa: PLR2004  # two thirds
            source, new = sources[number % len(sources)], f"copy-{number:04}"
            for table in ("campaigns", "phases", "campaign_moves", "scorecards"):
                _copy_rows(connection, table, source, new)
            if sources is analysed and number % 15:
                connection.execute(
                    text("UPDATE campaigns SET state = 'decided' WHERE \"key\" = :new"),
                    {"new": new},
                )


def _copy_rows(connection: Connection, table: str, source: str, new: str) -> None:
    """Copy the rows of one campaign in one table, under another key."""
    names = [one[1] for one in connection.execute(text(f"PRAGMA table_info({table})"))]
    key = "key" if table == "campaigns" else "campaign_key"
    taken = [name for name in names if name not in {"id", key}]
    columns = ", ".join(f'"{name}"' for name in taken)
    values = ", ".join(
        f"""replace("{name}", '"key":"{source}"', '"key":"{new}"')""" if name == "design"
        else f'"{name}"'
        for name in taken
    )  # fmt: skip
    connection.execute(
        text(
            f'INSERT INTO {table} ("{key}", {columns}) '  # noqa: S608  # names of our own tables
            f'SELECT :new, {values} FROM {table} WHERE "{key}" = :source'
        ),
        {"new": new, "source": source},
    )


def timed(asker: Asker, address: str) -> Timed | None:
    """Give a page after its first look, or None where there is none."""
    look = asker.get(address)
    if look.page is None:
        return None
    assets = [one for one in ASSET.findall(look.page) if "vega" not in one]
    linked = sum(
        len(asker.client.get(one, headers={"Accept-Encoding": "gzip"}).get_data()) for one in assets
    )
    return Timed(address, look, len(gzip.compress(look.page.encode(), 6)), linked)


def walk(asker: Asker, application: Flask, first: list[str]) -> Iterator[Timed]:
    """Follow every link from the first addresses on, two pages of a rule; those always."""
    rules, counts = application.url_map.bind("localhost"), Counter[str]()
    waiting = [*first]
    seen = {*first}
    while waiting:
        address = waiting.pop(0)
        try:
            rule = str(rules.match(address.partition("?")[0], return_rule=True)[0])
        except Exception:  # noqa: BLE001, S112  # no page of ours
            continue
        if counts[rule] >= SAME_RULE and address not in first:
            continue
        page = timed(asker, address)
        if page is None:
            continue
        counts[rule] += 1
        yield page
        for link in LINK.findall(page.first.page or ""):
            target = urljoin(address, link.replace("&amp;", "&"))
            if target not in seen and "/assets/" not in target:
                seen.add(target)
                waiting.append(target)


def hidden_pages(asker: Asker, engine: Engine) -> Iterator[str]:
    """Begin a form on a draft, and give the pages that no link leads to as they are meant."""
    with engine.connect() as connection:
        draft = connection.execute(
            text("SELECT \"key\" FROM campaigns WHERE state = 'draft'")
        ).scalar_one()
    begun = asker.post(f"/console/campaigns/{draft}/edit", f"/console/campaigns/{draft}/setup")
    yield from re.findall(rf'href="({begun.rpartition("/")[0]}/\w+)"', asker.get(begun).page or "")
    yield f"{begun.rpartition('/')[0]}/audience?asked=count"
    for page in ("launch", "approval", "preview"):
        yield f"/console/campaigns/{draft}/{page}"
    thresholds = THRESHOLD.findall(asker.get("/console/programme/preview").page or "")
    asked = "&".join(f"{name}={value}" for name, value in thresholds)
    yield f"/console/programme/preview?{asked}"


def first_of_process(url: str, address: str, *, warmed: bool) -> tuple[float, float]:
    """Give processor and clock milliseconds of a page as the first request of a process.

    Args:
        url: Of the database.
        address: Of the page.
        warmed: Some seconds after the start, when the process has warmed; at once otherwise.
    """
    answer = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, __file__, "--alone", address, "--at", url]
        + ["--warmed"] * warmed,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    cpu_ms, wall_ms = answer.stdout.split()
    return float(cpu_ms), float(wall_ms)


def alone(url: str, address: str, *, warmed: bool) -> None:
    """Print what `first_of_process` gives."""
    application = create_app(_settings(url))
    if warmed:
        warm(application, wire(_settings(url)))
    asker = Asker(application)
    look = asker.get(address)
    print(look.cpu_ms, look.wall_ms)


def _settings(url: str) -> Settings:
    return Settings(database_url=url, log_level=LogLevel.ERROR)


def measure(url: str, rounds: int) -> list[Timed]:
    """Look at every page, first once and then by turns."""
    application = create_app(_settings(url))
    asker, engine = Asker(application), open_engine(url)
    event.listen(Engine, "before_cursor_execute", asker.count)
    pages = list(walk(asker, application, ["/console/", *hidden_pages(asker, engine)]))
    for _ in range(rounds):
        for page in pages:
            page.looks.append(asker.get(page.address))
    engine.dispose()
    return pages


def tell(pages: list[Timed], slowest: int) -> None:
    """Print the slowest pages, the first looks, the largest pages and what is over a bar."""
    pages.sort(key=lambda page: -page.cpu_ms)
    print(f"\n{len(pages)} pages, median of {len(pages[0].looks)} looks after the first")
    print("  cpu ms  of bar  clock ms  first cpu  statements   page kB  with assets kB")
    for page in pages[:slowest]:
        print(
            f"{page.cpu_ms:8.1f} {page.cpu_ms / BAR_MS:7.2f} {page.wall_ms:9.1f} "
            f"{page.first.cpu_ms:10.1f} {page.looks[-1].statements:11} {page.packed / 1000:9.1f} "
            f"{(page.packed + page.linked) / 1000:15.1f}  {page.address}"
        )
    for name, over in (
        (f"over {BAR_MS} ms", [one for one in pages if one.cpu_ms > BAR_MS]),
        (f"first look over {BAR_MS} ms", [one for one in pages if one.first.cpu_ms > BAR_MS]),
        (
            f"over {BAR_KB} kB",
            [one for one in pages if one.packed + one.linked > BAR_KB * 1000],
        ),
    ):
        print(f"{name}: {len(over)} of {len(pages)}")
        for one in sorted(over, key=lambda one: -one.first.cpu_ms):
            print(f"  {one.first.cpu_ms:8.1f} first {one.cpu_ms:8.1f} then  {one.address}")
    largest = max(pages, key=lambda one: one.packed + one.linked)
    print(f"largest: {(largest.packed + largest.linked) / 1000:.1f} kB  {largest.address}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=30_000)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=15)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--at", help=argparse.SUPPRESS)
    parser.add_argument("--warmed", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone:
        alone(chosen.at, chosen.alone, warmed=chosen.warmed)
        return
    for name, value in machine.describe("SQLite").items():
        print(f"{name:<16} {value}")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tierlift.db'}"
        prepare(url, chosen.database, chosen.members)
        engine = open_engine(url)
        copy_campaigns(engine, chosen.copies)
        with engine.connect() as connection:
            key = connection.execute(text("SELECT campaign_key FROM scorecards")).scalars().first()
        engine.dispose()
        for warmed in (False, True):
            print(f"\nthe first request of a process {WHEN[warmed]}:")
            for address in (one.format(key=key) for one in ALONE):
                cpu_ms, wall_ms = first_of_process(url, address, warmed=warmed)
                print(f"{cpu_ms:8.1f} ms cpu {wall_ms:8.1f} ms on the clock  {address}")
        tell(measure(url, chosen.rounds), chosen.slowest)


if __name__ == "__main__":
    main()
