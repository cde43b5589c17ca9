"""Measures analysis beside SQL written by hand in the same run: members, events, growth, memory.

``python bench/analysis.py [--quick] [--members N] [--exposures N] [--rounds N] [--only ...]``. A
second engine, tea-tasting on DuckDB, is measured where it is installed. All tables are made in
place, in a temporary directory. Absolute times of two runs do not compare, ratios do: each is taken
within a round, and its median stands. Memory is that of a fresh process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final

import analysis_memory
import machine
from analysed import (
    AS_OF,
    COLUMNS,
    CUBE,
    METRICS,
    PLAN,
    Facts,
    compare_events,
    compare_members,
    events_by_hand,
    make_facts,
    make_members,
    members_by_hand,
)

from stats.aggregation.aggregate import aggregate
from stats.aggregation.duckdb_engine import DuckDBSettings
from stats.aggregation.statements import EVERYTHING, SUMS_ALONE, Detail
from stats.aggregation.unit_values import aggregate_units
from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.point import mean_point
from stats.summary import MeanSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stats.plan import AnalysisPlan

PARTS: Final = ("members", "events", "limited", "growth", "memory", "peer", "comparison")
WITH_CUBE: Final = Detail(days=True, horizons=False, top_shares=False, checks=False)
RAW_BAR, CUBE_BAR, MEMORY_BAR, COMPARISON_BAR = 1.2, 1.5, 160.0, 20.0
LIMITED: Final = analysis_memory.LIMIT
MEMORY: Final = Path(analysis_memory.__file__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        what: What was measured.
        ours: Its value.
        limit: What it is held against.
        unit: Of both.
        bar: The highest ratio (or value, where there is no limit) allowed; `None` without one.
        processor: The ratio of processor times, which a busy machine does not change.
    """

    what: str
    ours: float
    limit: float | None
    unit: str
    bar: float | None = None
    ratio: float | None = None
    processor: float | None = None

    def __str__(self) -> str:
        """Give the line as it is printed."""
        held = self.ratio if self.limit is not None else self.ours
        verdict = "" if self.bar is None or held is None else "ok" if held <= self.bar else "not ok"
        ratios = f"{_text(self.ratio, 7, 2)}{_text(self.processor, 7, 2)}{_text(self.bar, 8, 2)}"
        limit = _text(self.limit, 9, 3)
        return f"{self.what:<58}{self.ours:>9.3f}{limit} {self.unit:<4}{ratios}  {verdict}"


def _text(value: float | None, width: int, places: int) -> str:
    return " " * width if value is None else f"{value:>{width}.{places}f}"


def main() -> None:
    """Run what was asked for and print a line each."""
    asked = _arguments()
    described = machine.describe("DuckDB, embedded")
    print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
    print(f"{asked.members:,} members, {asked.exposures:,} exposures, {asked.rounds} rounds")
    head = ("what", "ours", "limit", "unit", "ratio", "cpu", "bar")
    print("\n{:<58}{:>9}{:>9} {:<4}{:>7}{:>7}{:>8}".format(*head), flush=True)
    with tempfile.TemporaryDirectory(prefix="tierlift-bench-") as directory:
        for line in _measured(asked, Path(directory)):
            print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=10_000_000)
    parser.add_argument("--exposures", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    parser.add_argument("--only", default=",".join(PARTS), help=", ".join(PARTS))
    asked = parser.parse_args()
    if asked.quick:
        asked.members //= 10
        asked.exposures //= 10
    unknown = set(asked.only.split(",")) - set(PARTS)
    if unknown:
        parser.error(f"{', '.join(unknown)}: use some of {', '.join(PARTS)}")
    return asked


def _measured(asked: argparse.Namespace, folder: Path) -> Iterator[Line]:
    wanted = asked.only.split(",")
    if {"members", "memory", "peer"} & set(wanted):
        members = make_members(folder, asked.members)
    if {"events", "limited", "memory"} & set(wanted):
        facts = make_facts(folder, asked.exposures)
    for part in wanted:
        match part:
            case "members":
                yield from _members(members, asked.rounds)
            case "events":
                yield from _events(facts, asked.rounds)
            case "limited":
                yield from _limited(facts, asked.rounds)
            case "growth":
                yield from _growth(folder, asked)
            case "memory":
                yield from _memory(members, facts)
            case "peer":
                yield from _peer(members, asked.rounds)
            case _:
                yield _comparison()


def _taken(
    subjects: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Take wall and processor seconds of every subject in turns, every other round backwards."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name in list(subjects) if number % 2 == 0 else reversed(list(subjects)):
            wall, processor = perf_counter(), process_time()
            subjects[name]()
            taken[name].append((perf_counter() - wall, process_time() - processor))
    return taken


def _held(
    what: str,
    taken: Mapping[str, list[tuple[float, float]]],
    name: str,
    limit: str,
    bar: float | None,
) -> Line:
    ours, theirs = taken[name], taken[limit]
    return Line(
        what,
        median(wall for wall, _ in ours),
        median(wall for wall, _ in theirs),
        "s",
        bar,
        median(mine[0] / other[0] for mine, other in zip(ours, theirs, strict=True)),
        median(mine[1] / other[1] for mine, other in zip(ours, theirs, strict=True)),
    )


def _members(path: Path, rounds: int) -> Iterator[Line]:
    compare_members(members_by_hand(path), aggregate_units(path, COLUMNS).metrics)
    taken = _taken(
        {
            "by hand": lambda: members_by_hand(path),
            "ours": lambda: aggregate_units(path, COLUMNS),
            "cube": lambda: aggregate_units(path, CUBE),
        },
        rounds + 4,
    )
    yield _held("members x 5 metrics, Parquet", taken, "ours", "by hand", RAW_BAR)
    yield _held("  with variant x segment x day cube", taken, "cube", "by hand", CUBE_BAR)


def _aggregated(
    facts: Facts, detail: Detail, memory_limit: str | None = None, plan: AnalysisPlan = PLAN
) -> object:
    settings = DuckDBSettings(
        memory_limit=memory_limit, spill_directory=facts.exposures.parent / "spill"
    )
    return aggregate(facts.files, plan, AS_OF, settings=settings, detail=detail)


def _events(facts: Facts, rounds: int) -> Iterator[Line]:
    ours = aggregate(facts.files, PLAN, AS_OF, detail=SUMS_ALONE)
    compare_events(events_by_hand(facts), ours.metrics)
    taken = _taken(
        {
            "by hand": lambda: events_by_hand(facts),
            "sums": lambda: _aggregated(facts, SUMS_ALONE),
            "cube": lambda: _aggregated(facts, WITH_CUBE),
            "everything": lambda: _aggregated(facts, EVERYTHING),
        },
        rounds,
    )
    yield _held("exposures and conversions to sums, Parquet", taken, "sums", "by hand", RAW_BAR)
    yield _held("  with variant x day cube", taken, "cube", "by hand", CUBE_BAR)
    yield _held("  with all that checks and reports read", taken, "everything", "by hand", None)


def _limited(facts: Facts, rounds: int) -> Iterator[Line]:
    taken = _taken(
        {
            "by hand": lambda: events_by_hand(facts, LIMITED),
            "sums": lambda: _aggregated(facts, SUMS_ALONE, LIMITED),
        },
        rounds,
    )
    what = f"exposures and conversions, memory_limit {LIMITED}"
    yield _held(what, taken, "sums", "by hand", RAW_BAR)


def _growth(folder: Path, asked: argparse.Namespace) -> Iterator[Line]:
    """Show what a row costs at ever larger sizes, up to the largest, and so how that grows."""
    per_row: list[tuple[float, float]] = []
    for exposures in (asked.exposures * share // 30 for share in (1, 3, 10, 30)):
        with tempfile.TemporaryDirectory(dir=folder) as own:
            facts = make_facts(Path(own), exposures)
            subjects = {
                "by hand": partial(events_by_hand, facts),
                "sums": partial(_aggregated, facts, SUMS_ALONE),
            }
            taken = _taken(subjects, asked.rounds)
        theirs, ours = (
            min(processor for _, processor in taken[name]) / facts.rows * 1e6 for name in subjects
        )
        per_row.append((theirs, ours))
        ratio = ours / theirs
        what = f"a row of {facts.rows:,}, processor time"
        yield Line(what, ours, theirs, "us", RAW_BAR, ratio, ratio)
    theirs, ours = (last / first for first, last in zip(per_row[0], per_row[-1], strict=True))
    yield Line("  times as much at the largest size", ours, theirs, "", None, ours / theirs)


def _memory(members: Path, facts: Facts) -> Iterator[Line]:
    """Run each in a fresh process, which says what it held at most, and after its imports."""
    events = [str(facts.exposures), str(facts.conversions)]
    for what, arguments, bar in (
        ("members x 5 metrics: the whole process", ["members", str(members)], MEMORY_BAR),
        ("  with cube", ["cube", str(members)], MEMORY_BAR),
        ("  the same by hand, after the same imports", ["hand", str(members)], None),
        ("exposures and conversions: the whole process", ["events", *events], None),
        (f"  at memory_limit {LIMITED}", ["limited", *events], None),
    ):
        command = [sys.executable, str(MEMORY), *arguments]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # our own script
        base, peak = map(float, answer.split())
        yield Line(what, peak, None, "MB", bar)
        yield Line(f"    beyond imports, which take {base:.0f} MB", peak - base, None, "MB")


def _peer(members: Path, rounds: int) -> Iterator[Line]:
    if find_spec("tea_tasting") is None:
        print("tea-tasting is not installed: pip install tea-tasting, beside the requirements")
        return
    import ibis  # noqa: PLC0415  # for the peer alone
    import tea_tasting  # noqa: PLC0415  # optional

    def peer() -> object:
        connection = ibis.duckdb.connect()
        table = connection.read_parquet(str(members))
        metrics = {
            name: tea_tasting.Mean(name, "spend_before" if name == "spend" else None)
            for name in METRICS
        }
        return tea_tasting.Experiment(metrics).analyze(table, control="control")

    taken = _taken({"peer": peer, "ours": lambda: aggregate_units(members, COLUMNS)}, rounds)
    yield _held("members x 5 metrics, limit: tea-tasting", taken, "ours", "peer", None)


def _comparison(times: int = 20_000) -> Line:
    control = MeanSummary(10_000, 1_200_000, 9.1e9)
    treatment = MeanSummary(10_100, 1_260_000, 9.4e9)

    def one() -> None:
        left, right = mean_point(control), mean_point(treatment)
        point_difference(left, right, alpha=0.05)
        lift(left, right, alpha=0.05)

    one()
    runs = []
    for _ in range(7):
        began = process_time()
        for _ in range(times // 7):
            one()
        runs.append((process_time() - began) / (times // 7) * 1e6)
    return Line("a comparison: difference and lift", median(runs), None, "us", COMPARISON_BAR)


if __name__ == "__main__":
    main()
