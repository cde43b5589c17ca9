"""The archive: bytes per fact in the database and in files, and what following the database costs.

Run it alone: ``python bench/archive.py --rows 300000 --database postgresql``. Facts are as backends
send them: random 128-bit ids, members in no order, one order of money with a property, over thirty
days. ``docs/explanation/scale.md`` quotes what it prints.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import UUID

import duckdb
from sqlalchemy import text
from stores import postgresql_store, sqlite_store

from experiments.archive.compacting import compact
from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.archive.reading import open_archive
from experiments.archive.verifying import verify
from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.store.arrivals import FactKind
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.campaigns import add_campaign
from experiments.store.conversions import append_conversions
from experiments.store.engine import open_engine, reading, writing
from experiments.store.exposures import append_exposures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
DAYS: Final = 30
BATCH: Final = 10_000
DESIGN: Final = {
    "key": "gold-q3",
    "name": "Gold before the summer",
    "variants": [{"key": "control", "planned_share": 50}, {"key": "gift", "planned_share": 50}],
    "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
}


def main() -> None:
    """Fill, archive, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000, help="of each kind")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    make = sqlite_store if options.database == "sqlite" else postgresql_store
    with tempfile.TemporaryDirectory(prefix="tierlift-bench-") as directory:
        folder = Path(directory)
        with make(folder) as store, opened(store.url) as engine:
            print(f"{store.description}, {options.rows:,} facts of each kind over {DAYS} days")
            measure(engine, folder / "archive", options.rows)


def measure(engine: Engine, folder: Path, rows: int) -> None:
    """Print sizes and times."""
    add_campaigns(engine)
    for kind in (FactKind.EXPOSURES, FactKind.CONVERSIONS, FactKind.ASSIGNMENTS):
        before = size_of(engine, kind)
        began = perf_counter()
        fill(engine, kind, rows)
        spent = perf_counter() - began
        size = (size_of(engine, kind) - before) / rows
        print(f"{kind}: {size:.0f} bytes a row in the database, {rows / spent:,.0f} rows/s kept")
    place = open_place(str(folder))
    now = datetime.now(UTC)
    began = perf_counter()
    extend(engine, place, now=now)
    spent = perf_counter() - began
    print(f"first run: {3 * rows / spent:,.0f} rows/s archived")
    compact(engine, place, now=now)
    for kind in FactKind:
        files = [
            file for file in open_archive(str(folder)).manifest.files if file.partition.kind is kind
        ]
        if files:
            size = sum(file.size for file in files) / sum(file.rows for file in files)
            print(f"{kind}: {size:.1f} bytes a row in {len(files)} files")
    print(f"nothing new: {median_ms(lambda: extend(engine, place, now=now)):.1f} ms")
    print(f"opening: {median_ms(lambda: open_archive(str(folder))):.1f} ms")
    began = perf_counter()
    sound = verify(engine, place, now=now).is_sound
    print(f"verify: {perf_counter() - began:.1f} s, sound: {sound}")
    facts = open_archive(str(folder))
    with closing(duckdb.connect()) as connection:
        began = perf_counter()
        connection.execute(
            "SELECT variant, count(DISTINCT e.member_id), sum(c.amount_minor) "
            "FROM read_parquet($exposures) e JOIN read_parquet($conversions) c USING (member_id) "
            "WHERE c.occurred_at >= e.exposed_at GROUP BY variant",
            {
                "exposures": list(facts.exposures("gold-q3", 1)),
                "conversions": list(facts.conversions()),
            },
        ).fetchall()
        print(f"join of exposures and conversions in DuckDB: {perf_counter() - began:.2f} s")


def fill(engine: Engine, kind: FactKind, rows: int) -> None:
    """Keep facts of one kind, `BATCH` in a transaction."""
    chance = Random(f"{kind}")  # noqa: S311  # a seed, not a secret
    for first in range(0, rows, BATCH):
        count = min(BATCH, rows - first)
        with writing(engine) as connection:
            match kind:
                case FactKind.EXPOSURES:
                    append_exposures(connection, list(exposures(chance, count)))
                case FactKind.CONVERSIONS:
                    append_conversions(connection, list(orders(chance, count)))
                case _:
                    remember_all(connection, list(assignments(chance, count)))


def exposures(chance: Random, count: int) -> Iterator[Exposure]:
    """Give exposures of one campaign."""
    for _ in range(count):
        member, at = member_of(chance), moment_of(chance)
        yield Exposure(id_of(chance), "gold-q3", 1, chance.choice(("control", "gift")), member,
                       member, at, at, "key-1")  # fmt: skip


def orders(chance: Random, count: int) -> Iterator[Conversion]:
    """Give orders."""
    for _ in range(count):
        at = moment_of(chance)
        yield Conversion(
            conversion_id=id_of(chance),
            member_id=member_of(chance),
            event="order",
            occurred_at=at,
            received_at=at,
            amount_minor=chance.randint(500, 20_000),
            currency="GBP",
            properties={"order_id": f"{chance.getrandbits(40):x}"},
            sender="key-1",
        )


def assignments(chance: Random, count: int) -> Iterator[RecordedAssignment]:
    """Give assignments, with the attributes that decided."""
    for _ in range(count):
        unit = f"m-{chance.getrandbits(60):x}"
        attributes = {"tier": chance.choice(("silver", "gold")), "points": chance.randint(0, 999)}
        yield RecordedAssignment("gold-q3", 1, unit, "gift", unit, moment_of(chance), attributes)


def add_campaigns(engine: Engine) -> None:
    """Add the campaign that the facts are of."""
    design = CampaignDesign.model_validate(DESIGN)
    phases = (Phase(1, design, START),)
    made = Campaign(design, State.RUNNING, created_at=START, updated_at=START, phases=phases)
    with writing(engine) as connection:
        add_campaign(connection, made)


def size_of(engine: Engine, kind: FactKind) -> int:
    """Give the bytes of a table with its indexes; of SQLite, of the whole file."""
    if engine.dialect.name == "sqlite":
        with reading(engine) as connection:
            pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            return int(connection.scalar(text(pages)) or 0)
    with reading(engine) as connection:
        query = text(f"SELECT pg_total_relation_size('{kind}')")
        return int(connection.scalar(query) or 0)


def median_ms(run: Callable[[], object]) -> float:
    """Give the median of 21 runs in milliseconds."""
    times = []
    for _ in range(21):
        began = perf_counter()
        run()
        times.append(perf_counter() - began)
    return sorted(times)[10] * 1_000


def id_of(chance: Random) -> str:
    """Give a random id as senders make them."""
    return str(UUID(int=chance.getrandbits(128)))


def member_of(chance: Random) -> str:
    """Give one of a hundred thousand members."""
    return f"m-{chance.randrange(100_000):06}"


def moment_of(chance: Random) -> datetime:
    """Give a moment within the days."""
    return START + timedelta(microseconds=chance.randrange(DAYS * 86_400_000_000))


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Give an engine and close its connections."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
