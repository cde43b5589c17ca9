"""Measures what frontends wait for, beside an empty Flask route and Unleash; says which bars hold.

``python bench/frontends.py [--rounds N] [--only serving,growth,events] [--peer FOLDER] [--quick]``
One server process each, SQLite, every server asked by turns within a round; `--threads 4,16,32`
compares that many threads of a worker instead. Unleash is installed by npm into FOLDER, by default
a temporary one, and where it cannot be had a line says why.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import events
import machine
import programme
from frontends_inside import evaluations_inside, offers_inside
from frontends_requests import context_of, exposures_of, offers_of, singles_of
from frontends_runs import CONNECTIONS, Bar, Runs
from frontends_store import ADMITTED, campaign_key, make_club
from load import get, load, post
from measurement import Result, Subject, chosen_from, measure
from offers import campaigns as offer_campaigns
from run import lines
from serving import PRODUCT, served
from stores import sqlite_store
from unleash.server import VERSION, Unavailable, unleash_served
from unleash.server import request as unleash_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from frontends_store import Club

PARTS: Final = ("serving", "growth", "events")

MANY_CONNECTIONS: Final = 64
"""Of single exposures, and of the offers that they are held against."""

REMEMBERED: Final = 2_000
SINGLES: Final = 2_000
BULK: Final = 50
MANY_CAMPAIGNS: Final = 1_000
FEW_MEMBERS: Final = 10_000
MANY_MEMBERS: Final = 10_000_000
FEW_REMEMBERED: Final = 100
FLAT: Final = 1.25
"""What still counts as flat: the noise between two rounds is about that."""

FLASK: Final = "empty Flask route"
OFFER: Final = "GET offer"
SINGLE: Final = "OFREP single"
UNLEASH: Final = f"Unleash {VERSION}, GET /api/frontend"
OFFER_MANY: Final = f"GET offer, {MANY_CONNECTIONS} connections"
EXPOSURE: Final = f"POST one exposure, {MANY_CONNECTIONS} connections"
FIRST: Final = f"GET offer, first assignment, {MANY_CONNECTIONS} connections"
INSIDE: Final = ", in process"
READ: Final = "GET offer, every member read"
SINGLE_ALONE: Final = "OFREP single, 1 connection"
BULK_ALONE: Final = f"OFREP bulk of {BULK}, 1 connection"
SINGLE_INSIDE: Final = "OFREP single, in process"
BULK_INSIDE: Final = f"OFREP bulk of {BULK}, in process"


def main() -> None:
    """Measure the parts asked for, print a table each, and all bars at the end."""
    asked = _arguments()
    began = perf_counter()
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(prefix="tierlift-bench-") as name:
        directory = Path(name)
        described = machine.describe("SQLite")
        print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
        if asked.threads:
            _print("threads of one worker", measure_threads(directory, asked.threads, asked.rounds))
            return
        for part in asked.only:
            match part:
                case "serving":
                    results, some = measure_serving(
                        directory, asked.peer or directory / "unleash", asked.rounds
                    )
                case "growth":
                    members = FEW_MEMBERS * 10 if asked.quick else MANY_MEMBERS
                    results, some = measure_growth(directory, asked.rounds, members)
                case _:
                    results, some = measure_events(directory, asked.rounds)
            _print(part, results)
            bars += some
    print(f"\n{'bar':<88} {'figure':>8} {'wanted':>8}")
    for bar in bars:
        wanted = f"{'≥' if bar.at_least else '≤'} {bar.wanted:g}"
        met = "met" if bar.is_met else "NOT MET"
        print(f"{bar.name:<88} {bar.figure:>8.2f} {wanted:>8}  {met}")
    print(f"\n{perf_counter() - began:.0f} seconds, {asked.rounds} rounds")


def measure_serving(directory: Path, peer: Path, rounds: int) -> tuple[list[Result], list[Bar]]:
    """Measure offers, single and bulk evaluation, first assignments and single exposures.

    Args:
        directory: For the database and the logs.
        peer: Where Unleash is, or is installed.
        rounds: How often.
    """
    club = make_club(directory / "serving.db", campaigns=BULK, members=FEW_MEMBERS)
    members = club.admitted(FEW_MEMBERS // 2)
    known, fresh = members[:REMEMBERED], members[REMEMBERED:]
    offers, singles = offers_of(club, known), singles_of(club, known)
    bulk = [post("/ofrep/v1/evaluate/flags", club.token, context_of(one)) for one in known]
    new_exposures = exposures_of(club, known)
    runs = Runs()
    with ExitStack() as stack:
        product = stack.enter_context(_served(club, directory, "product"))
        flask = stack.enter_context(_served(club, directory, "flask", target="limits:flask_route"))
        load(product, bulk, connections=CONNECTIONS)  # all is assigned, and remembered
        subjects = [
            runs.subject(FLASK, flask, lambda _: [get("/empty", club.token)]),
            runs.subject(OFFER, product, lambda _: offers, limits=(FLASK,)),
            runs.subject(SINGLE, product, lambda _: singles, limits=(FLASK,)),
        ]
        unleash = _unleash(stack, peer)
        if unleash is not None:
            users = [unleash_request(one, ADMITTED) for one in known]
            load(unleash, users, connections=CONNECTIONS)
            subjects.append(runs.subject(UNLEASH, unleash, lambda _: users))
            held = (FLASK, UNLEASH)
            subjects[1:3] = [Subject(one.name, one.run, held) for one in subjects[1:3]]
        subjects += [
            runs.subject(SINGLE_ALONE, product, lambda _: singles, connections=1),
            runs.subject(
                BULK_ALONE, product, lambda _: bulk, connections=1, limits=(SINGLE_ALONE,)
            ),
            *evaluations_inside(
                club,
                known,
                remembered=FEW_MEMBERS,
                single_name=SINGLE_INSIDE,
                bulk_name=BULK_INSIDE,
            ),
            runs.subject(OFFER_MANY, product, lambda _: offers, connections=MANY_CONNECTIONS),
            runs.subject(
                EXPOSURE,
                product,
                lambda _: list(islice(new_exposures, SINGLES)),
                connections=MANY_CONNECTIONS,
                seconds=None,
                limits=(OFFER_MANY,),
            ),
            runs.subject(
                FIRST,
                product,
                lambda number: offers_of(club, fresh, campaign_key(number)),
                connections=MANY_CONNECTIONS,
                seconds=None,
                limits=(OFFER_MANY,),
            ),
        ]
        results = measure(subjects, unit="answers/s", rounds=rounds, detail=runs.detail)
    bars = []
    for name in (OFFER, SINGLE):
        bars.append(Bar(f"{name}: rate, of {FLASK}", _ratio(results, name, FLASK), 0.5))
        bars.append(Bar(f"{name}: p99, of {FLASK}", runs.p99_ratio(name, FLASK), 3, at_least=False))
        if unleash is not None:
            bars.append(Bar(f"{name}: rate, of Unleash", _ratio(results, name, UNLEASH), 2))
    return results, [
        *bars,
        Bar(
            f"{BULK_ALONE}: time, of a single one",
            1 / _ratio(results, BULK_ALONE, SINGLE_ALONE),
            4,
            at_least=False,
        ),
        Bar(f"{EXPOSURE}: rate, of offers", _ratio(results, EXPOSURE, OFFER_MANY), 0.3),
    ]


def measure_growth(
    directory: Path, rounds: int, many_members: int
) -> tuple[list[Result], list[Bar]]:
    """Measure one offer among few and many campaigns, and among few and many members."""
    small = make_club(directory / "small.db", campaigns=1, members=FEW_MEMBERS)
    full = make_club(directory / "full.db", campaigns=MANY_CAMPAIGNS, members=FEW_MEMBERS)
    large = make_club(directory / "large.db", campaigns=1, members=many_members)
    cases = [
        ("remembered", small.admitted(REMEMBERED), FEW_MEMBERS, small),
        ("remembered", full.admitted(REMEMBERED), FEW_MEMBERS, full),
        ("remembered", large.admitted(REMEMBERED), FEW_MEMBERS, large),
        # so few are remembered that every request reads its member
        ("read", small.refused(REMEMBERED), FEW_REMEMBERED, small),
        ("read", large.refused(REMEMBERED), FEW_REMEMBERED, large),
    ]
    runs = Runs()
    subjects = []
    with ExitStack() as stack:
        for how, members, remembered, club in cases:
            settings = {"TIERLIFT_REMEMBERED_MEMBERS": str(remembered)}
            port = stack.enter_context(_served(club, directory, how, settings))
            asked = offers_of(club, members)
            load(port, asked, connections=CONNECTIONS)  # assigned, and in the system's memory
            limit = "" if club is small else _named(how, small)
            name = _named(how, club)
            subjects += [
                runs.subject(
                    name, port, lambda _, asked=asked: asked, limits=(limit,) if limit else ()
                ),
                Subject(
                    f"{name}{INSIDE}",
                    offers_inside(club, members, remembered),
                    (f"{limit}{INSIDE}",) if limit else (),
                ),
            ]
        results = measure(subjects, unit="answers/s", rounds=rounds, detail=runs.detail)
    return results, [
        Bar(
            f"{_named(how, club)}{where}: time, of {small.campaigns} and {small.members:,}",
            1 / _ratio(results, f"{_named(how, club)}{where}", f"{_named(how, small)}{where}"),
            FLAT,
            at_least=False,
        )
        for how, _, _, club in cases
        if club is not small
        for where in ("", INSIDE)
    ]


def measure_events(directory: Path, rounds: int) -> tuple[list[Result], list[Bar]]:
    """Measure events in batches beside bare inserts; `bench/events.py` says how."""
    folder = directory / "events"
    folder.mkdir()
    with sqlite_store(folder) as store:
        filled = programme.fill(store.url, offer_campaigns(0))
        results = events.measure_events(
            filled, store.url, store.copy(), rounds=rounds, workers=1, directory=folder
        )
    return results, [
        Bar(f"{result.name}: rate, of {limit}", median(ratios), 0.5)
        for result in results
        if f"batches of {events.BATCH}" in result.name
        for limit, ratios in result.ratios.items()
    ]


def measure_threads(directory: Path, numbers: Sequence[int], rounds: int) -> list[Result]:
    """Measure offers, exposures and first assignments at several numbers of threads."""
    runs = Runs()
    subjects = []
    with ExitStack() as stack:
        for threads in numbers:
            club = make_club(
                directory / f"threads-{threads}.db", campaigns=BULK, members=FEW_MEMBERS
            )
            members = club.admitted(FEW_MEMBERS // 2)
            offers = offers_of(club, members[:REMEMBERED])
            fresh = members[REMEMBERED:]
            new = exposures_of(club, members)
            settings = {"TIERLIFT_THREADS": str(threads)}
            port = stack.enter_context(_served(club, directory, f"threads-{threads}", settings))
            load(port, offers, connections=CONNECTIONS)
            little = settings | {"TIERLIFT_REMEMBERED_MEMBERS": str(FEW_REMEMBERED)}
            reading = stack.enter_context(_served(club, directory, f"reads-{threads}", little))
            reads = offers_of(club, club.refused(FEW_MEMBERS // 2))
            before = f"{threads} threads"
            many = f"{before}: {OFFER_MANY}"
            subjects += [
                runs.subject(f"{before}: {OFFER}", port, lambda _, offers=offers: offers),
                runs.subject(f"{before}: {READ}", reading, lambda _, reads=reads: reads),
                runs.subject(
                    many, port, lambda _, offers=offers: offers, connections=MANY_CONNECTIONS
                ),
                runs.subject(
                    f"{before}: {EXPOSURE}",
                    port,
                    lambda _, new=new: list(islice(new, SINGLES)),
                    connections=MANY_CONNECTIONS,
                    seconds=None,
                    limits=(many,),
                ),
                runs.subject(
                    f"{before}: {FIRST}",
                    port,
                    lambda number, club=club, fresh=fresh: offers_of(
                        club, fresh, campaign_key(number + 1)
                    ),
                    connections=MANY_CONNECTIONS,
                    seconds=None,
                    limits=(many,),
                ),
            ]
        return measure(subjects, unit="answers/s", rounds=rounds, detail=runs.detail)


def _served(
    club: Club,
    directory: Path,
    name: str,
    settings: Mapping[str, str] | None = None,
    *,
    target: str = PRODUCT,
) -> Any:  # noqa: ANN401  # what `served` gives
    log = directory / f"{name}-{club.campaigns}-{club.members}.log"
    return served(target, url=club.url, workers=1, log=log, settings=settings)


def _unleash(stack: ExitStack, folder: Path) -> int | None:
    try:
        return stack.enter_context(unleash_served(folder))
    except Unavailable as error:
        print(f"\nUnleash {VERSION} is not measured: {error}", flush=True)
        return None


def _named(how: str, club: Club) -> str:
    campaigns = "campaign" if club.campaigns == 1 else "campaigns"
    return f"{how} member, {club.campaigns:,} {campaigns}, {club.members:,} members"


def _ratio(results: Sequence[Result], name: str, limit: str) -> float:
    return next(median(one.ratios[limit]) for one in results if one.name == name)


def _print(title: str, results: Sequence[Result]) -> None:
    print(*lines(title, results), sep="\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", type=chosen_from(PARTS), default=PARTS, help=", ".join(PARTS))
    parser.add_argument("--peer", type=Path, help="a folder where Unleash is, or is installed")
    parser.add_argument("--quick", action="store_true", help="100,000 members for 10 million")
    parser.add_argument("--threads", type=_numbers, help="compare numbers of threads: 4,16,32")
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


if __name__ == "__main__":
    main()
