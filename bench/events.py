"""Events: how many a second are kept, over HTTP and from a file, beside inserting the same rows.

The limit is the driver's own ``executemany`` of the same rows into the same table, with the same
settings and as many commits, in a copy of the same database. It checks nothing, knows no repeats
and answers nobody.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import orjson
from load import load, post
from measurement import Subject, measure
from serving import PRODUCT, served

from app.importing import ImportKind, Order, import_file
from app.importing.records import BATCH_ROWS
from experiments.store.engine import open_engine
from experiments.store.tables import conversions, exposures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from measurement import Result
    from programme import Filled
    from sqlalchemy import Engine, Table
    from stores import Inserter

BATCH: Final = 1_000
BATCHES: Final = 10
SINGLES: Final = 200

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
    kinds = (
        (exposures, _renamed(filled.exposures, "exposure_id"), _sent_exposure),
        (conversions, _renamed(filled.conversions, "conversion_id"), _sent_conversion),
    )
    subjects = []
    engine = open_engine(url)
    with served(PRODUCT, url=url, workers=workers, log=directory / "events.log") as port:
        for table, rows, as_sent in kinds:
            for count, size in ((BATCH * BATCHES, BATCH), (SINGLES, 1)):
                bare = f"{table.name}: executemany, {size} a commit"
                subjects += [
                    Subject(bare, _inserting(limit, table, rows, count, size)),
                    Subject(
                        f"{table.name}: POST, {size} a request",
                        _posting(port, table.name, filled.token, map(as_sent, rows), count, size),
                        (bare,),
                    ),
                ]
        bare = f"conversions: executemany, {BATCH_ROWS} a commit"
        subjects += [
            Subject(bare, _inserting(limit, conversions, kinds[1][1], BATCH_ROWS, BATCH_ROWS)),
            Subject(
                "conversions: import of a CSV file",
                _importing(engine, directory / "conversions.csv", kinds[1][1]),
                (bare,),
            ),
        ]
        try:
            return measure(subjects, unit="events/s", rounds=rounds)
        finally:
            engine.dispose()


def _posting(  # what a request is made of, and how many there are
    port: int, name: str, token: str, items: Iterator[Row], count: int, size: int
) -> Callable[[int], float]:
    """Give a run that sends new events, one request after another."""

    def run(_number: int) -> float:
        some = list(islice(items, count))
        bodies = some if size == 1 else [some[at : at + size] for at in range(0, count, size)]
        requests = [post(f"/v1/{name}", token, orjson.dumps(body)) for body in bodies]
        return count / load(port, requests, connections=1).seconds

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
    limit: Inserter, table: Table, rows: Iterator[Row], count: int, size: int
) -> Callable[[int], float]:
    """Give a run that inserts new rows."""

    def run(_number: int) -> float:
        insert = limit.prepare(table, list(islice(rows, count)), size)
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
