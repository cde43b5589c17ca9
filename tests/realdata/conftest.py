"""Runs each job once per database and gives its tests what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.conftest import BACKENDS, drop_postgresql_database, make_postgresql_database
from tests.realdata import oracle
from tests.realdata.invoices import FILE, Shop, read_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True, slots=True)
class Raw:
    """The file as the oracle reads it."""

    lines: pd.DataFrame
    invoices: pd.DataFrame
    members: pd.DataFrame


@pytest.fixture(scope="session")
def invoice_file() -> Path:
    """Give the file of the shop's invoices."""
    if not FILE.exists():
        pytest.skip(f"the shop's invoices are not at {FILE}")
    return FILE


@pytest.fixture(scope="session")
def shop(invoice_file: Path) -> Shop:
    """Give the members and their later invoices, as the sender reads them."""
    return read_shop(invoice_file)


@pytest.fixture(scope="session")
def raw(invoice_file: Path) -> Raw:
    """Give the same as the oracle reads it."""
    lines = oracle.read_lines(invoice_file)
    invoices = oracle.read_invoices(lines)
    return Raw(lines, invoices, oracle.find_members(invoices))


@pytest.fixture(scope="module", params=BACKENDS)
def fresh_database(
    request: pytest.FixtureRequest,
    invoice_file: Path,  # noqa: ARG001  # nothing to make a database for without it
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Give the address of a database without tables, on each backend in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('realdata') / 'tierlift.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"realdata_{request.module.__name__.rpartition('.')[2]}"
    yield make_postgresql_database(server, name)
    drop_postgresql_database(server, name)


@pytest.fixture(scope="session")
def snapshots() -> dict[str, str]:
    """Keep the snapshot hash of each campaign, by key, from one database to the next."""
    return {}


@pytest.fixture(scope="session")
def tell() -> Callable[[str], None]:
    """Print progress; pytest -s shows it."""
    began = time.monotonic()
    return lambda message: print(f"{time.monotonic() - began:6.1f} s  {message}", flush=True)  # noqa: T201  # progress of a long run
