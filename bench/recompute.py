"""Recomputing the programme, beside bare SQL of the same sums over the same Parquet files.

Run it alone: ``python bench/recompute.py --members 10000000 --facts 100000000``, or `--quick`. The
limit sums the same windows by member and ranks the same three fifths, and nothing else; the product
adds measures, score, ways to tiers, validity, next tier, lifecycle, the JSON of every member and
who changed. Each runs in a process of its own, whose peak memory is told. ``--store`` also times a
whole run on SQLite: members read, all written, and again with nothing to write.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import duckdb
import machine

from experiments.programme import Programme
from experiments.programme_run.attributes import write_attributes
from experiments.programme_run.days import Days
from experiments.programme_run.judging import judge_members
from experiments.programme_run.opening import MEMORY_LIMIT, Room, opened
from experiments.programme_run.ranks import rank_members
from experiments.programme_run.recomputing import Source, recompute
from experiments.programme_run.sources import load_facts
from experiments.programme_run.totals import sum_facts
from experiments.store import schema
from experiments.store.engine import open_engine, writing
from experiments.store.programme import put_programme
from experiments.store.tables import conversions, members

if TYPE_CHECKING:
    from collections.abc import Callable

AS_OF: Final = datetime(2026, 7, 1, tzinfo=UTC)
DAYS: Final = 730
FILES: Final = 16
MOST_STORED: Final = 200_000

PROGRAMME: Final = {
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "score": {
        "measures": [
            {"measure": "spend", "weight": 3, "full_at": 2_000_000},
            {"measure": "frequency", "weight": 1, "window_days": 90, "full_at": 10},
            {"measure": "tenure", "weight": 0.5, "full_at": 730},
        ]
    },
    "tier_validity_days": 365,
    "tiers": [
        {"key": "bronze"},
        {"key": "silver", "entry_threshold_minor": 200_000, "entry_score": 40},
        {"key": "gold", "entry_threshold_minor": 500_000, "entry_score": 60},
        {"key": "diamond", "entry_threshold_minor": 900_000},
    ],
    "gross_margin_rate": 0.35,
}


def make_facts(folder: Path, count: int, members_: int) -> list[str]:
    """Write Parquet files of the archive's columns; seven in ten facts are orders."""
    paths = []
    with duckdb.connect() as connection:
        for number in range(FILES):
            path = folder / f"facts-{number}.parquet"
            rows = count // FILES
            seconds = DAYS * 86_400
            connection.execute(
                f"COPY (SELECT 'c-' || ({number * rows} + i) AS conversion_id, "  # noqa: S608
                f"'m-' || (hash(i, {number}) % {members_}) AS member_id, "
                "CASE WHEN i % 10 < 7 THEN 'order' WHEN i % 10 = 7 THEN 'refund' "
                "ELSE 'activity' END AS event, "
                f"TIMESTAMPTZ '{AS_OF.isoformat()}' - "
                f"to_seconds((hash(i, {number}, 1) % {seconds})::INTEGER) AS occurred_at, "
                "CASE WHEN i % 10 < 8 THEN (hash(i, 2) % 90000)::BIGINT END AS amount_minor, "
                "'TWD' AS currency, NULL::VARCHAR AS properties "
                f"FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
            )
            paths.append(str(path))
    return paths


def limit(paths: list[str], members_: int, room: Room) -> float:
    """Sum and rank, and nothing else; give the seconds."""
    del members_
    with opened(room) as connection:
        begins = perf_counter()
        days = Days("Asia/Taipei", AS_OF)
        sums = ", ".join(
            f"count(*) FILTER (o AND t >= TIMESTAMPTZ '{days.window_begins(n).isoformat()}'), "
            f"sum(a) FILTER (t >= TIMESTAMPTZ '{days.window_begins(n).isoformat()}')"
            for n in (30, 90, 365)
        )
        listed = ", ".join(f"'{path}'" for path in paths)
        connection.execute(
            "CREATE TABLE sums AS SELECT member_id, count(*) FILTER (o) AS orders, "  # noqa: S608
            "sum(a) AS revenue, min(t) FILTER (o), max(t) FILTER (o) AS latest, max(t), min(t), "
            f"{sums} FROM (SELECT member_id, occurred_at AS t, event = 'order' AS o, "
            "CASE event WHEN 'order' THEN amount_minor WHEN 'refund' THEN -amount_minor END AS a "
            f"FROM read_parquet([{listed}]) WHERE currency = 'TWD') GROUP BY member_id"
        )
        connection.execute(
            "CREATE TABLE fifths AS SELECT member_id, ntile(5) OVER (ORDER BY latest, member_id), "
            "ntile(5) OVER (ORDER BY orders, member_id), "
            "ntile(5) OVER (ORDER BY revenue, member_id) FROM sums WHERE orders > 0"
        )
        return perf_counter() - begins


def product(paths: list[str], members_: int, room: Room) -> float:
    """Compute every member, up to who changed; give the seconds."""
    programme = Programme.model_validate(PROGRAMME)
    days = Days(programme.time_zone, AS_OF)
    engine = open_engine("sqlite:////nowhere")  # only asked where there are no files
    with opened(room) as connection:
        connection.execute(
            "CREATE TABLE people AS SELECT 'm-' || i AS member_id, NULL::VARCHAR AS imported_tier, "  # noqa: S608
            f"NULL::VARCHAR AS joined_on, NULL::VARCHAR AS computed FROM range({members_}) t(i)"
        )
        begins = perf_counter()
        load_facts(connection, engine, paths, AS_OF)
        steps: tuple[Callable[[], None], ...] = (
            lambda: sum_facts(connection, programme, days),
            lambda: rank_members(connection),
            lambda: judge_members(connection, programme, days),
            lambda: write_attributes(connection, programme, days),
        )
        for step in steps:
            began = perf_counter()
            step()
            print(f"  {perf_counter() - began:.1f} s", file=sys.stderr)
        return perf_counter() - begins


def measured(name: str, folder: str, members_: int, memory: str) -> dict[str, float]:
    """Run one of both in a process of its own."""
    command = [sys.executable, __file__, "--only", name, "--folder", folder]
    command += ["--members", str(members_), "--memory", memory]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    sys.stderr.write(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def store_run(count: int) -> None:
    """Time whole runs on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/club.db"
        schema.upgrade(url)
        engine = open_engine(url)
        at = AS_OF - timedelta(days=40)
        with writing(engine) as store:
            put_programme(store, Programme.model_validate(PROGRAMME), at)
            known = {"attributes": {"region": "north"}, "personalisation_consent": True,
                     "created_at": at, "updated_at": at}  # fmt: skip
            store.execute(
                members.insert(), [{"member_id": f"m-{i}", **known} for i in range(count)]
            )
            store.execute(
                conversions.insert(),
                [
                    {"conversion_id": f"c-{i}", "member_id": f"m-{i % count}", "event": "order",
                     "occurred_at": at + timedelta(seconds=i), "received_at": at,
                     "amount_minor": i % 90_000, "currency": "TWD", "written_by": 2}
                    for i in range(2 * count)
                ],
            )  # fmt: skip
        for name in ("all members change", "no member changes"):
            began = perf_counter()
            run = recompute(engine, Source(), now=AS_OF)
            seconds = perf_counter() - began
            changed = run.counts["changed"]
            print(f"{name}: {seconds:.1f} s, {count / seconds:,.0f} members/s, {changed:,} written")
        engine.dispose()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default=MEMORY_LIMIT)
    parser.add_argument("--quick", action="store_true", help="50,000 members, 500,000 facts")
    parser.add_argument("--store", action="store_true", help="whole runs on SQLite, too")
    parser.add_argument("--only", choices=("limit", "product"))
    parser.add_argument("--folder")
    asked = parser.parse_args()
    if asked.only:
        paths = sorted(map(str, Path(asked.folder).glob("*.parquet")))
        run = limit if asked.only == "limit" else product
        seconds = run(paths, asked.members, Room(asked.memory, Path(asked.folder)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
        print(json.dumps({"seconds": seconds, "peak_mb": peak}))
        return
    count, facts = (50_000, 500_000) if asked.quick else (asked.members, asked.facts)
    print(machine.describe(f"DuckDB {duckdb.__version__}"))
    with tempfile.TemporaryDirectory() as folder:
        make_facts(Path(folder), facts, count)
        rounds: list[tuple[dict[str, float], dict[str, float]]] = []
        for number in range(asked.rounds):
            names = ("limit", "product") if number % 2 == 0 else ("product", "limit")
            found = {name: measured(name, folder, count, asked.memory) for name in names}
            rounds.append((found["limit"], found["product"]))
            print({name: round(one["seconds"], 1) for name, one in found.items()}, flush=True)
    ratios = sorted(bare["seconds"] / full["seconds"] for bare, full in rounds)
    print(f"{count:,} members, {facts:,} facts, memory limit {asked.memory}")
    print(f"product: {median(full['seconds'] for _, full in rounds):.1f} s, "
          f"peak {max(full['peak_mb'] for _, full in rounds):,.0f} MB")  # fmt: skip
    print(f"limit:   {median(bare['seconds'] for bare, _ in rounds):.1f} s, "
          f"peak {max(bare['peak_mb'] for bare, _ in rounds):,.0f} MB")  # fmt: skip
    print(f"ratio of speeds {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    if asked.store:
        store_run(min(count, MOST_STORED))


if __name__ == "__main__":
    main()
