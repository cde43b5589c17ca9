"""Repeats: how long a scorecard takes once members were exposed a million times more.

``python bench/repeats.py [--repeats N] [--rounds N] [--postgresql]``. The repeats come under ids of
their own, so every one of them is kept; analysis reads the first per member and variant. The same
scorecard is computed in turns on two databases, of which one has the repeats, once they are folded,
which the server does beside its requests. Before that, reading the facts sums them up by itself.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import machine
import offers
import programme
from measurement import Subject, measure
from programme import ANALYSED
from stores import postgresql_store, sqlite_store

from app.analysis import scorecard_of
from experiments.campaign import UnitKind
from experiments.exposure import Exposure
from experiments.store.engine import open_engine, writing
from experiments.store.exposures import append_exposures
from experiments.store.facts import read_facts
from experiments.store.folding import Folded, fold_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from programme import Filled
    from sqlalchemy import Engine

BEFORE: Final = "scorecard"
AFTER: Final = "scorecard, with the repeats"
FACTS: Final = "its facts read"
FACTS_AFTER: Final = "its facts read, with the repeats"
BATCH: Final = 10_000


def main() -> None:
    """Fill two databases, repeat exposures in one, and print the times of both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asked = parser.parse_args()
    make = postgresql_store if asked.postgresql else sqlite_store
    with ExitStack() as cleanup:
        engines = []
        for _ in range(2):
            folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tierlift-bench-"))
            store = cleanup.enter_context(make(Path(folder)))
            filled = programme.fill(store.url, offers.campaigns(0))
            engines.append(open_engine(store.url))
            cleanup.callback(engines[-1].dispose)
        described = machine.describe(store.description)
        print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
        began = perf_counter()
        _repeat(engines[1], filled, asked.repeats)
        print(f"{asked.repeats:,} repeats kept in {perf_counter() - began:.0f} s", flush=True)
        print(
            f"facts read with all of them in the tail in {1_000 / _reading(engines[1])(0):.0f} ms"
        )
        began = perf_counter()
        while fold_all(engines[1], within_s=60) is not Folded.ALL:
            pass
        print(f"folded in {perf_counter() - began:.0f} s, half of it left to others", flush=True)
        for result in measure(
            [
                Subject(BEFORE, _scoring(engines[0], filled)),
                Subject(AFTER, _scoring(engines[1], filled), (BEFORE,)),
                Subject(FACTS, _reading(engines[0])),
                Subject(FACTS_AFTER, _reading(engines[1]), (FACTS,)),
            ],
            unit="times/s",
            rounds=asked.rounds,
        ):
            print(f"{result.name:<32} {1_000 / median(result.rates):>9.0f} ms")
            for limit, ratios in result.ratios.items():
                print(f"    {median(ratios):.2f} times as fast as: {limit}")


def _repeat(engine: Engine, filled: Filled, count: int) -> None:
    """Expose the members of the analysed campaign again and again, a second later each time."""
    rows = islice(enumerate(cycle(filled.exposures)), count)
    while some := list(islice(rows, BATCH)):
        facts = [
            Exposure(
                f"repeat-{number}",
                row["campaign_key"],
                row["phase"],
                row["variant"],
                row["member_id"],
                row["unit_id"],
                min(row["exposed_at"] + timedelta(seconds=number % 3_600), filled.end),
                filled.end,
            )
            for number, row in some
        ]
        with writing(engine) as connection:
            append_exposures(connection, facts)


def _scoring(engine: Engine, filled: Filled) -> Callable[[int], float]:
    def run(_number: int) -> float:
        began = perf_counter()
        scorecard_of(engine, ANALYSED, now=filled.end, as_of=filled.end)
        return 1 / (perf_counter() - began)

    return run


def _reading(engine: Engine) -> Callable[[int], float]:
    def run(_number: int) -> float:
        began = perf_counter()
        read_facts(engine, ANALYSED, 1, unit=UnitKind.MEMBER, events=["order"])
        return 1 / (perf_counter() - began)

    return run


if __name__ == "__main__":
    main()
