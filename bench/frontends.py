"""Measures what frontends wait for, beside an empty Flask route and Unleash; says which bars hold.

``python bench/frontends.py [--rounds N] [--only serving,growth,events] [--peer FOLDER] [--quick]``
One server process each, SQLite, every server asked by turns within a round; `--threads 4,16,32`
compares that many threads of a worker instead. Unleash is installed by npm into FOLDER, by default
a temporary one, and where it cannot be had a line says why.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Final

import events
import machine
import orjson
import programme
from frontends_store import ADMITTED, campaign_key, make_club
from load import get, load, post
from measurement import Result, Subject, measure
from offers import campaigns as offer_campaigns
from run import lines
from serving import PRODUCT, served
from stores import sqlite_store
from unleash.server import VERSION, Unavailable, unleash_served
from unleash.server import request as unleash_request

from app.api import build
from app.settings import LogLevel, Settings
from app.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from frontends_store import Club
    from load import Load

PARTS: Final = ("serving", "growth", "events")

CONNECTIONS: Final = 16
MANY_CONNECTIONS: Final = 64
"""Of single exposures, and of the offers that they are held against."""

SLICE_S: Final = 1.5
REMEMBERED: Final = 2_000
SINGLES: Final = 2_000
BULK: Final = 50
MANY_CAMPAIGNS: Final = 1_000
FEW_MEMBERS: Final = 10_000
MANY_MEMBERS: Final = 10_000_000
IN_PROCESS: Final = 1_000
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


@dataclass(frozen=True, slots=True)
class Bar:
    """What was asked for, and what came."""

    name: str
    figure: float
    wanted: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        """Whether it holds."""
        return self.figure >= self.wanted if self.at_least else self.figure <= self.wanted


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a part, by subject and round."""

    loads: dict[str, dict[int, Load]] = field(default_factory=dict)

    def subject(
        self,
        name: str,
        port: int,
        requests: Callable[[int], Sequence[bytes]],
        *,
        connections: int = CONNECTIONS,
        seconds: float | None = SLICE_S,
        limits: tuple[str, ...] = (),
    ) -> Subject:
        """Give a subject that sends the requests of a round."""

        def run(number: int) -> float:
            came = load(port, requests(number), connections=connections, seconds=seconds)
            self.loads.setdefault(name, {})[number] = came
            return came.rate

        return Subject(name, run, limits)

    def detail(self, name: str) -> Mapping[str, float | str]:
        """Give the times of a subject."""
        runs = list(self.loads.get(name, {}).values())
        if not runs:
            return {}
        return {
            "median_ms": round(median(one.median_ms for one in runs), 2),
            "p99_ms": round(median(one.p99_ms for one in runs), 2),
            "client_core_share": round(median(one.client_core_share for one in runs), 2),
        }

    def p99_ratio(self, name: str, limit: str) -> float:
        """Give the median over the rounds of one subject's p99 over another's."""
        held = self.loads[limit]
        return median(one.p99_ms / held[number].p99_ms for number, one in self.loads[name].items())


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
    offers, singles = _offers(club, known), _singles(club, known)
    bulk = [post("/ofrep/v1/evaluate/flags", club.token, _context(one)) for one in known]
    new_exposures = _exposures(club, known)
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
            *_inside(club, known),
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
                lambda number: _offers(club, fresh, campaign_key(number)),
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
            asked = _offers(club, members)
            load(port, asked, connections=CONNECTIONS)  # assigned, and in the system's memory
            limit = "" if club is small else _named(how, small)
            name = _named(how, club)
            subjects += [
                runs.subject(
                    name, port, lambda _, asked=asked: asked, limits=(limit,) if limit else ()
                ),
                Subject(
                    f"{name}{INSIDE}",
                    _offer_inside(club, members, remembered),
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
            offers = _offers(club, members[:REMEMBERED])
            fresh = members[REMEMBERED:]
            new = _exposures(club, members)
            settings = {"TIERLIFT_THREADS": str(threads)}
            port = stack.enter_context(_served(club, directory, f"threads-{threads}", settings))
            load(port, offers, connections=CONNECTIONS)
            little = settings | {"TIERLIFT_REMEMBERED_MEMBERS": str(FEW_REMEMBERED)}
            reading = stack.enter_context(_served(club, directory, f"reads-{threads}", little))
            reads = _offers(club, club.refused(FEW_MEMBERS // 2))
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
                    lambda number, club=club, fresh=fresh: _offers(
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


def _inside(club: Club, members: Sequence[str]) -> list[Subject]:
    """Give single and bulk evaluation by the application itself, per second of processor time."""
    ask = _application(club, remembered=FEW_MEMBERS)
    contexts = [_context(one) for one in members]
    single, bulk = f"/ofrep/v1/evaluate/flags/{campaign_key(0)}", "/ofrep/v1/evaluate/flags"
    return [
        Subject(SINGLE_INSIDE, _timed(lambda body: ask("POST", single, body), contexts)),
        Subject(
            BULK_INSIDE, _timed(lambda body: ask("POST", bulk, body), contexts), (SINGLE_INSIDE,)
        ),
    ]


def _offer_inside(club: Club, members: Sequence[str], remembered: int) -> Callable[[int], float]:
    """Give a run of offers by the application itself, per second of processor time."""
    ask = _application(club, remembered=remembered)
    return _timed(lambda one: ask("GET", f"/v1/members/{one}/offer", b""), members)


def _timed(ask: Callable[[Any], None], asked: Sequence[object]) -> Callable[[int], float]:
    def run(_number: int) -> float:
        for one in asked:
            ask(one)  # read, and remembered where there is room
        began = process_time()
        for one in asked[:IN_PROCESS]:
            ask(one)
        return IN_PROCESS / (process_time() - began)

    return run


def _application(club: Club, *, remembered: int) -> Callable[[str, str, bytes], None]:
    """Give what asks an application of this process: method, path, body."""
    settings = Settings(
        database_url=club.url, log_level=LogLevel.WARNING, remembered_members=remembered
    )
    application = build(wire(settings)).wsgi_app

    def ask(method: str, path: str, body: bytes) -> None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": f"campaign={campaign_key(0)}&locale=zh-TW" if method == "GET" else "",
            "HTTP_AUTHORIZATION": f"Bearer {club.token}",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        statuses: list[str] = []
        b"".join(application(environ, lambda status, _headers: statuses.append(status)))  # type: ignore[arg-type]  # no writer is needed
        if statuses != ["200 OK"]:
            message = f"{path} was answered {statuses}"
            raise RuntimeError(message)

    return ask


def _offers(club: Club, members: Sequence[str], campaign: str = campaign_key(0)) -> list[bytes]:
    return [
        get(f"/v1/members/{one}/offer?campaign={campaign}&locale=zh-TW", club.token)
        for one in members
    ]


def _singles(club: Club, members: Sequence[str]) -> list[bytes]:
    path = f"/ofrep/v1/evaluate/flags/{campaign_key(0)}"
    return [post(path, club.token, _context(one)) for one in members]


def _context(member_id: str) -> bytes:
    return orjson.dumps({"context": {"targetingKey": member_id, "locale": "zh-TW"}})


def _exposures(club: Club, members: Sequence[str]) -> Iterator[bytes]:
    """Give exposures without end, none of them twice."""
    for number in count():
        exposure = {
            "exposure_id": f"bench-{number}",
            "campaign": campaign_key(0),
            "variant": "control",
            "member_id": members[number % len(members)],
        }
        yield post("/v1/exposures", club.token, orjson.dumps(exposure))


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
    parser.add_argument("--only", type=_parts, default=PARTS, help=", ".join(PARTS))
    parser.add_argument("--peer", type=Path, help="a folder where Unleash is, or is installed")
    parser.add_argument("--quick", action="store_true", help="100,000 members for 10 million")
    parser.add_argument("--threads", type=_numbers, help="compare numbers of threads: 4,16,32")
    return parser.parse_args()


def _parts(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if unknown := set(chosen) - set(PARTS):
        message = f"{', '.join(unknown)}: use some of {', '.join(PARTS)}"
        raise argparse.ArgumentTypeError(message)
    return chosen


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


if __name__ == "__main__":
    main()
