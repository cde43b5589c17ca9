"""Assigning all members at once, beside DuckDB that computes the bare bucket of the same file.

Run it alone: ``python bench/assign.py --members 10000000``. The members are a Parquet file that is
made in place. The limit reads it, computes one MD5 bucket a member and writes id and bucket; the
product applies consent, holdout, a rule, the traffic share and the split, finds each member's
locale, refuses a repeated id, and writes the columns of an export. Beside the ratios it prints the
peak memory of a process that does nothing else, and how fast assignments are remembered.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import duckdb
import machine
from measurement import Subject, measure
from stores import postgresql_store, sqlite_store

from experiments.bulk.assigning import MEMORY_LIMIT, Order, assign_all
from experiments.bulk.delivering import FileFormat
from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.programme import Programme
from experiments.store.campaigns import add_campaign
from experiments.store.engine import open_engine, writing
from experiments.store.programme import put_programme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
KEY: Final = "gold-q3"
BAR: Final = 3.0
REMEMBERED: Final = 500_000

DESIGN: Final = {
    "key": KEY,
    "audience": {
        "any_of": [
            {
                "all_of": [
                    {"attribute": "tier", "operator": "ONE_OF", "value": ["silver", "gold"]},
                    {"attribute": "points", "operator": "GTE", "value": 500},
                ]
            }
        ]
    },
    "variants": [
        {"key": "control", "planned_share": 50},
        {
            "key": "gift",
            "planned_share": 50,
            "offer": {
                "kind": "gift",
                "gift": "A tea set",
                "unit_cost_minor": 30_000,
                "currency": "TWD",
                "expires_at": "2026-07-01T00:00:00+08:00",
                "texts": {"en": {"title": "A gift awaits"}, "zh-Hant-TW": {"title": "好禮等您"}},
            },
        },
    ],
    "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
}
PROGRAMME: Final = {
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "locales": ["zh-Hant-TW", "en"],
    "holdout_share": 5,
}

_MEMBERS: Final = """
COPY (SELECT 'm-' || lpad((i * 7919 % {count})::VARCHAR, 8, '0') AS member_id,
    hash(i) % 20 <> 0 AS personalisation_consent,
    ['bronze', 'silver', 'gold', 'diamond'][(hash(i + 1) % 4)::INTEGER + 1] AS tier,
    (hash(i + 2) % 10000)::BIGINT AS points,
    ['zh-Hant-TW', 'zh-Hans-CN', 'en-GB', 'en'][(hash(i + 3) % 4)::INTEGER + 1] AS locale
FROM range({count}) numbers(i)) TO '{path}'
"""
_BARE: Final = """
COPY (SELECT member_id,
    ('0x' || substr(md5('gold-q3:1:split-' || member_id), 1, 8))::BIGINT % 10000 AS bucket
FROM '{members}') TO '{path}'
"""


def main() -> None:
    """Make the members, measure, and print."""
    options = _arguments()
    make = postgresql_store if options.postgresql else sqlite_store
    with tempfile.TemporaryDirectory(prefix="tierlift-bench-") as directory:
        folder = Path(directory)
        if options.only:
            _assign_once(Path(options.only), options.url, FileFormat(options.format))
            return
        with make(folder) as store, opened(store.url) as engine:
            described = machine.describe(store.description)
            print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n")
            configure(engine)
            members = folder / "members.parquet"
            make_members(members, options.members)
            size = members.stat().st_size / 1e6
            print(f"{options.members:,} members in {size:,.0f} MB of Parquet", flush=True)
            compare(engine, members, options.members, options.rounds)
            for form in FileFormat:
                peak = peak_mb(members, store.url, form)
                print(f"peak memory, {form}: {peak:,.0f} MB (DuckDB's limit {MEMORY_LIMIT})")
            remember(engine, folder, store.description)


def compare(engine: Engine, members: Path, count: int, rounds: int) -> None:
    """Print how long each takes, and how much longer than its limit."""
    subjects = []
    for form in FileFormat:
        limit = f"bare bucket, {form}"
        subjects += [
            Subject(limit, _bare(members, form, count)),
            Subject(f"assign, {form}", _assigning(engine, members, form, count), (limit,)),
        ]
    for result in measure(subjects, unit="members/s", rounds=rounds):
        seconds = count / median(result.rates)
        print(f"{result.name:<24} {seconds:6.1f} s  {median(result.rates):>12,.0f} members/s")
        for limit, ratios in result.ratios.items():
            slower = sorted(1 / ratio for ratio in ratios)
            shown = f"{median(slower):.2f} ({slower[0]:.2f} to {slower[-1]:.2f})"
            print(f"    takes {shown} times as long as: {limit}; at most {BAR}", flush=True)


def _bare(members: Path, form: FileFormat, count: int) -> Callable[[int], float]:
    out = members.with_name(f"bare.{form}")

    def run(_number: int) -> float:
        with closing(duckdb.connect()) as connection:
            began = perf_counter()
            connection.execute(_BARE.format(members=members, path=out))
            return count / (perf_counter() - began)

    return run


def _assigning(
    engine: Engine, members: Path, form: FileFormat, count: int
) -> Callable[[int], float]:
    def run(_number: int) -> float:
        began = perf_counter()
        assign_all(engine, rehearsal(members, form), now=NOW)
        return count / (perf_counter() - began)

    return run


def rehearsal(members: Path, form: FileFormat) -> Order:
    """Give the order that decides and writes, and remembers nothing."""
    out = members.with_name(f"assigned.{form}")
    return Order(KEY, out, form, members=members, remembers=False)


def peak_mb(members: Path, url: str, form: FileFormat) -> float:
    """Give the peak memory of a process of its own that assigns all, in megabytes."""
    told = subprocess.run(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, __file__, "--only", members, "--url", url, "--format", form],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(told.stdout) / 1_000


def _assign_once(members: Path, url: str, form: FileFormat) -> None:
    with opened(url) as engine:
        assign_all(engine, rehearsal(members, form), now=NOW)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def remember(engine: Engine, folder: Path, database: str) -> None:
    """Print how fast assignments are remembered and written, a first time and again."""
    members = folder / "some.parquet"
    make_members(members, REMEMBERED)
    for name in ("first", "again"):
        order = Order(KEY, folder / "out.csv", FileFormat.CSV, members=members)
        done = assign_all(engine, order, now=NOW)
        rate = done.remembered / done.seconds
        print(
            f"{name}: {done.members:,} members decided and {done.remembered:,} assignments kept in "
            f"{database} in {done.seconds:.1f} s ({rate:,.0f}/s)"
        )


def make_members(path: Path, count: int) -> None:
    """Write members in an order that is not that of their ids."""
    with closing(duckdb.connect()) as connection:
        connection.execute(_MEMBERS.format(count=count, path=path))


def configure(engine: Engine) -> None:
    """Keep the programme and the running campaign."""
    design = CampaignDesign.model_validate(DESIGN)
    phases = (Phase(1, design, NOW),)
    made = Campaign(design, State.RUNNING, created_at=NOW, updated_at=NOW, phases=phases)
    with writing(engine) as connection:
        put_programme(connection, Programme.model_validate(PROGRAMME), NOW)
        add_campaign(connection, made)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Give an engine and close its connections."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--only", help=argparse.SUPPRESS)  # the process whose memory is measured
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--format", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
