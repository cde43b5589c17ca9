"""Events: how many a second are kept, beside inserting the same rows as barely as the driver can.

The limit inserts the same rows into the same tables, with the same settings and as many commits, in
a copy of the same database: ``executemany``, and on PostgreSQL one INSERT of all rows of a batch,
too. It checks nothing, knows no repeats and answers nobody. In process is from a body of JSON to
what became of every item; over HTTP is beside, and exposures one a request are held against offers.
The server folds exposures into first ones a second after they came, so a sustained run is long
enough for that to go on meanwhile, which is looked at.
"""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import offers
import orjson
from load import get, load, post
from measurement import Subject, measure
from serving import PRODUCT, served
from sqlalchemy import func, select
from stores import Insert

from app.importing import ImportKind, Order, import_file
from app.importing.records import BATCH_ROWS
from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.outcomes import Outcome
from experiments.recording import record_conversions, record_exposures
from experiments.store.engine import open_engine, reading
from experiments.store.folding import Folded, fold_all
from experiments.store.tables import conversions, exposures, first_exposures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from measurement import Result
    from programme import Filled
    from sqlalchemy import Engine, Table
    from stores import Inserter

BATCH: Final = 1_000
BATCHES: Final = 10
SINGLES: Final = 2_000
CONNECTIONS: Final = 64
SUSTAINED: Final = 200
"""Batches one after the other, some seconds of them."""

OFFERS: Final = f"offers, {CONNECTIONS} connections"

Row = dict[str, Any]


def measure_events(
    filled: Filled, url: str, limit: Inserter, *, rounds: int, workers: int, directory: Path
) -> list[Result]:
    """Measure exposures and conversions, many, one and from a file, each beside its limit.

    Every event is new: the demonstration's own, under ids of this run.

    Args:
        filled: What the database holds.
        url: Its address.
        limit: Inserts into a copy of it.
        rounds: How often.
        workers: Server processes.
        directory: For the server's log and for files.
    """
    shown = _renamed(filled.exposures, "exposure_id")
    bought = _renamed(filled.conversions, "conversion_id")
    engine = open_engine(url)
    subjects: list[Subject] = []
    with served(PRODUCT, url=url, workers=workers, log=directory / "events.log") as port:
        for way in limit.ways:
            subjects += [
                Subject(f"exposures: {way}", _inserting(limit, way, exposures, shown)),
                Subject(f"conversions: {way}", _inserting(limit, way, conversions, bought)),
            ]
        names = [subject.name for subject in subjects]
        for name, rows, as_sent in (
            ("exposures", shown, _sent_exposure),
            ("conversions", bought, _sent_conversion),
        ):
            limits = tuple(one for one in names if one.startswith(name))
            subjects += [
                Subject(
                    f"{name}: in process, batches of {BATCH}",
                    _recording(engine, name, map(as_sent, rows)),
                    limits,
                ),
                Subject(
                    f"{name}: POST, batches of {BATCH}",
                    _posting(port, name, filled.token, map(as_sent, rows), size=BATCH),
                    limits,
                ),
            ]
        subjects += _sustained(engine, port, filled, limit, shown)
        subjects += _one_by_one(engine, port, filled, shown)
        bare = f"conversions: {limit.ways[-1]}, {BATCH_ROWS} a commit"
        subjects += [
            Subject(
                bare,
                _inserting(limit, limit.ways[-1], conversions, bought, BATCH_ROWS, BATCH_ROWS),
            ),
            Subject(
                "conversions: import of a CSV file",
                _importing(engine, directory / "conversions.csv", bought),
                (bare,),
            ),
        ]
        try:
            return measure(subjects, unit="events/s", rounds=rounds)
        finally:
            engine.dispose()


def _sustained(
    engine: Engine, port: int, filled: Filled, limit: Inserter, rows: Iterator[Row]
) -> list[Subject]:
    """Give exposures in batches for so long that the server folds meanwhile."""
    way, count = limit.ways[0], BATCH * SUSTAINED
    bare = f"exposures, sustained: {way}"
    post_all = _posting(
        port, "exposures", filled.token, map(_sent_exposure, rows), size=BATCH, count=count
    )

    def run(number: int) -> float:
        before = _folded(engine)
        rate = post_all(number)
        if _folded(engine) == before:
            message = "the server folded nothing meanwhile"
            raise RuntimeError(message)
        while fold_all(engine, within_s=60) is not Folded.ALL:
            pass  # the next subject has the machine for itself
        return rate

    return [
        Subject(bare, _inserting(limit, way, exposures, rows, count)),
        Subject(f"exposures, sustained: POST, batches of {BATCH}, folded meanwhile", run, (bare,)),
    ]


def _folded(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.sum(first_exposures.c.exposures))) or 0


def _one_by_one(engine: Engine, port: int, filled: Filled, rows: Iterator[Row]) -> list[Subject]:
    """Give exposures of which each is committed before it is answered, beside offers."""
    campaign, members = offers.campaigns(0)[0], filled.member_ids[: offers.REMEMBERED_MEMBERS]
    paths = [f"/v1/members/{quote(one, safe='')}/offer?campaign={campaign}" for one in members]
    asked = [get(path, filled.token) for path in paths]
    load(port, asked, connections=CONNECTIONS)  # each is remembered from now on
    items = map(_sent_exposure, rows)
    return [
        Subject(OFFERS, lambda _: load(port, asked, connections=CONNECTIONS, seconds=1.5).rate),
        Subject(
            f"exposures: POST, one a request, {CONNECTIONS} connections",
            _posting(port, "exposures", filled.token, items, size=1),
            (OFFERS,),
        ),
        Subject(
            f"exposures: in process, one by one, {CONNECTIONS} threads",
            _recording_singly(engine, items),
            (OFFERS,),
        ),
    ]


def _recording(engine: Engine, name: str, items: Iterator[Row]) -> Callable[[int], float]:
    """Give a run that takes in new events as the server does, without HTTP."""
    directory = Directory()

    def run(_number: int) -> float:
        bodies = [orjson.dumps(list(islice(items, BATCH))) for _ in range(BATCHES)]
        began = perf_counter()
        for body in bodies:
            arrival = Arrival(datetime.now(UTC), "bench")
            came = orjson.loads(body)
            results = (
                record_exposures(engine, directory, came, arrival)
                if name == "exposures"
                else record_conversions(engine, came, arrival)
            )
            if any(outcome is not Outcome.ACCEPTED for outcome in results.outcomes):
                message = f"not every event was accepted: {results[0]}"
                raise RuntimeError(message)
        return BATCH * BATCHES / (perf_counter() - began)

    return run


def _recording_singly(engine: Engine, items: Iterator[Row]) -> Callable[[int], float]:
    """Give a run of many threads that each wait until their exposure is committed."""
    directory = Directory()
    with reading(engine) as connection:
        listing = directory.current(connection)

    def record(body: bytes) -> None:
        arrival = Arrival(datetime.now(UTC), "bench")
        item = orjson.loads(body)
        record_exposures(engine, directory, [item], arrival, alone=True, listing=listing)

    def run(_number: int) -> float:
        bodies = [orjson.dumps(item) for item in islice(items, SINGLES)]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda _: None, range(CONNECTIONS)))
            began = perf_counter()
            list(pool.map(record, bodies))
            return SINGLES / (perf_counter() - began)

    return run


def _posting(
    port: int,
    name: str,
    token: str,
    items: Iterator[Row],
    *,
    size: int,
    count: int = BATCH * BATCHES,
) -> Callable[[int], float]:
    """Give a run that sends new events: batches in turn, single ones on many connections."""
    if size == 1:
        count = SINGLES
    connections = CONNECTIONS if size == 1 else 1

    def run(_number: int) -> float:
        some = list(islice(items, count))
        bodies = some if size == 1 else [some[at : at + size] for at in range(0, count, size)]
        requests = [post(f"/v1/{name}", token, orjson.dumps(body)) for body in bodies]
        return count / load(port, requests, connections=connections).seconds

    return run


def _importing(engine: Engine, path: Path, rows: Iterator[Row]) -> Callable[[int], float]:
    """Give a run that imports a file of new events, as large as one transaction."""

    def run(_number: int) -> float:
        with path.open("w", newline="", encoding="utf-8") as stream:
            file = csv.writer(stream)
            file.writerow(["conversion_id", "member_id", "event", "occurred_at", "amount",
                           "currency", "order_id"])  # fmt: skip
            file.writerows(_line(row) for row in islice(rows, BATCH_ROWS))
        order = Order(ImportKind.CONVERSIONS, path)
        summary = import_file(engine, order, clock=lambda: datetime.now(UTC))
        if summary.accepted != BATCH_ROWS:
            message = f"not every row was accepted: {summary}"
            raise RuntimeError(message)
        return summary.rows_per_second

    return run


def _inserting(
    limit: Inserter,
    way: str,
    table: Table,
    rows: Iterator[Row],
    count: int = BATCH * BATCHES,
    size: int = BATCH,
) -> Callable[[int], float]:
    """Give a run that inserts new rows."""

    def run(_number: int) -> float:
        some = list(islice(rows, count))
        insert = limit.prepare(way, [Insert(table, some)], size)
        began = perf_counter()
        insert()
        return count / (perf_counter() - began)

    return run


def _renamed(rows: tuple[Row, ...], id_name: str) -> Iterator[Row]:
    """Give rows without end, each under an id that was never used."""
    for number, row in enumerate(cycle(rows)):
        yield row | {id_name: f"bench-{row[id_name]}-{number}"}


def _sent_exposure(row: Row) -> Row:
    return {
        "exposure_id": row["exposure_id"],
        "campaign": row["campaign_key"],
        "variant": row["variant"],
        "member_id": row["member_id"],
        "occurred_at": row["exposed_at"],
    }


def _sent_conversion(row: Row) -> Row:
    names = ("conversion_id", "member_id", "event", "occurred_at", "amount_minor", "currency",
             "properties")  # fmt: skip
    return {name: row[name] for name in names if row[name] is not None}


def _line(row: Row) -> list[object]:
    """Give a line of a file; the demonstration's currency has two decimals."""
    minor = row["amount_minor"]
    return [
        row["conversion_id"],
        row["member_id"],
        row["event"],
        row["occurred_at"].isoformat(),
        None if minor is None else f"{minor // 100}.{minor % 100:02}",
        row["currency"],
        (row["properties"] or {}).get("order_id"),
    ]
