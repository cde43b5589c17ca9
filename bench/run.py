"""Measures Tierlift beside bare limits in the same run: offers, events, scorecards.

``python bench/run.py [--rounds N] [--workers N] [--only scorecard,offers,events] [--postgresql]
[--json FILE]``. Figures of two runs, or of two machines, compare by their ratios alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import events
import machine
import offers
import programme
import scorecard
from measurement import chosen_from
from stores import postgresql_store, sqlite_store

from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from measurement import Result

PARTS: Final = ("scorecard", "offers", "events")
"""In this order: events add to what a scorecard reads."""


def main() -> None:
    """Run what was asked for, print a table a part, and write the JSON file."""
    asked = _arguments()
    began = perf_counter()
    results: dict[str, list[Result]] = {}
    make = postgresql_store if asked.postgresql else sqlite_store
    with (
        tempfile.TemporaryDirectory(prefix="tierlift-bench-") as directory,
        make(Path(directory)) as store,
    ):
        described = machine.describe(store.description)
        print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
        filled = programme.fill(store.url, offers.campaigns(asked.rounds))
        limit = store.copy()
        served = {"rounds": asked.rounds, "workers": asked.workers, "directory": Path(directory)}
        for part in (part for part in PARTS if part in asked.only):
            match part:
                case "offers":
                    results[part] = offers.measure_offers(filled, store.url, **served)
                case "events":
                    results[part] = events.measure_events(filled, store.url, limit, **served)
                case _:
                    results[part] = scorecard.measure_scorecard(
                        store.url, filled.end, rounds=asked.rounds
                    )
            print(*lines(part, results[part]), sep="\n", flush=True)
    print(f"\n{perf_counter() - began:.0f} seconds, {asked.rounds} rounds")
    if asked.json:
        document = {
            "machine": described,
            "rounds": asked.rounds,
            "workers": asked.workers,
            "results": {part: [one.to_json() for one in some] for part, some in results.items()},
        }
        asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--workers", type=int, default=Settings().workers)
    parser.add_argument("--only", type=chosen_from(PARTS), default=PARTS, help=", ".join(PARTS))
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--json", type=Path, help="where to write every figure")
    return parser.parse_args()


def lines(title: str, results: Sequence[Result]) -> Iterator[str]:
    """Give a table as lines that keep their form in a file."""
    yield f"\n{title}"
    for result in results:
        yield f"  {result.name:<52} {median(result.rates):>10,.1f} {result.unit}"
        for limit, ratios in result.ratios.items():
            shares = f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
            yield f"      {shares} of: {limit}"
        if result.detail:
            yield "      " + ", ".join(f"{name} {value}" for name, value in result.detail.items())


if __name__ == "__main__":
    main()
