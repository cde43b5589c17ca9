"""Grants: how many a second are given, beside the bare statements that keep them.

``python bench/grants.py [--rounds N] [--workers N] [--postgresql] [--json FILE]``. The limit writes
the same rows into the same tables by the same driver, with as many commits: a grant, its two steps,
their two events, and the counter of its budget. It looks nothing up, decides nothing and answers
nobody. Beside batches stands ``executemany``; beside single orders, which 64 connections send at
once and the server commits together, one bare transaction each.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import machine
import orjson
from load import load, post
from measurement import Subject, measure
from run import lines
from serving import PRODUCT, served
from sqlalchemy import insert, update
from stores import postgresql_store, sqlite_store

from app.auth import Scope, create_key
from app.settings import Settings
from experiments.arrival import Arrival
from experiments.budget import Tally
from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.directory import Directory
from experiments.granting import GrantOutcome, settle_grants
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.budgets import put_tallies
from experiments.store.campaigns import add_campaign
from experiments.store.engine import open_engine, writing
from experiments.store.tables import budgets, conversions, grant_moves, grants
from experiments.store.writes import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, Table

KEY: Final = "bench"
BATCH: Final = 1_000
BATCHES: Final = 3
SINGLES: Final = 1_000
CONNECTIONS: Final = 64
CHUNK: Final = 10_000

_DESIGN: Final[dict[str, Any]] = {
    "variants": [
        {"key": "control", "planned_share": 50},
        {
            "key": "gift",
            "planned_share": 50,
            "offer": {
                "kind": "gift",
                "gift": "A tea set",
                "unit_cost_minor": 300,
                "currency": "TWD",
                "stock": 10**9,
            },
        },
    ],
    "caps": {"budget_minor": 10**12},
}

_numbers: Final = count()


def main() -> None:
    """Measure, print a table and write the JSON file."""
    asked = _arguments()
    make = postgresql_store if asked.postgresql else sqlite_store
    with (
        tempfile.TemporaryDirectory(prefix="tierlift-bench-") as directory,
        make(Path(directory)) as store,
    ):
        described = machine.describe(store.description)
        print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
        engine = open_engine(store.url)
        now = datetime.now(UTC)
        token = create_key(engine, "bench", [Scope.GRANTS_WRITE], now).text
        members = _fill(engine, now, asked.rounds)
        with served(
            PRODUCT, url=store.url, workers=asked.workers, log=Path(directory, "log")
        ) as port:
            results = measure(
                _subjects(engine, port, token, members), unit="grants/s", rounds=asked.rounds
            )
        engine.dispose()
    print(*lines("grants", results), sep="\n", flush=True)
    if asked.json:
        document = {"machine": described, "results": [one.to_json() for one in results]}
        asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=Settings().workers)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--json", type=Path, help="where to write every figure")
    return parser.parse_args()


def _fill(engine: Engine, now: datetime, rounds: int) -> Iterator[str]:
    """Make two campaigns, one for the limit, and assign members enough for every round."""
    started = now - timedelta(days=1)
    for key in (KEY, "bare"):
        design = CampaignDesign.model_validate({"key": key, **_DESIGN})
        campaign = Campaign(design, State.RUNNING, started, started, (Phase(1, design, started),))
        with writing(engine) as connection:
            add_campaign(connection, campaign)
    with writing(engine) as connection:
        put_tallies(connection, [Tally("bare", 1, "gift", "bare.gift", "TWD")])
    members = [f"m{number}" for number in range(rounds * (2 * BATCH * BATCHES + SINGLES))]
    for start in range(0, len(members), CHUNK):
        some = members[start : start + CHUNK]
        with writing(engine) as connection:
            remember_all(
                connection, [RecordedAssignment(KEY, 1, one, "gift", one, now) for one in some]
            )
    return iter(members)


def _subjects(engine: Engine, port: int, token: str, members: Iterator[str]) -> list[Subject]:
    directory = Directory()
    many, one = f"executemany, {BATCH} a commit", "bare transactions, one grant each"

    def in_process(_round: int) -> float:
        batches = [_orders(members, BATCH) for _ in range(BATCHES)]
        began = perf_counter()
        for batch in batches:
            arrival = Arrival(datetime.now(UTC), "bench")
            results = settle_grants(engine, directory, batch, arrival)
            _require(all(result.outcome is GrantOutcome.ACCEPTED for result in results))
        return BATCH * BATCHES / (perf_counter() - began)

    def posted(_round: int) -> float:
        bodies = [orjson.dumps(_orders(members, BATCH)) for _ in range(BATCHES)]
        requests = [post("/v1/grants", token, body) for body in bodies]
        return BATCH * load(port, requests, connections=1).rate

    def singly(_round: int) -> float:
        orders = _orders(members, SINGLES)
        requests = [post("/v1/grants", token, orjson.dumps(order)) for order in orders]
        return load(port, requests, connections=CONNECTIONS).rate

    return [
        Subject(many, lambda _round: _bare(engine, BATCHES, BATCH)),
        Subject(one, lambda _round: _bare(engine, SINGLES // 4, 1)),
        Subject(f"in process, batches of {BATCH}", in_process, (many,)),
        Subject(f"POST, batches of {BATCH}", posted, (many,)),
        Subject(f"POST, one a request, {CONNECTIONS} connections", singly, (one,)),
    ]


def _orders(members: Iterator[str], number: int) -> list[dict[str, str]]:
    return [
        {"grant_id": f"g-{member}", "action": "grant", "campaign": KEY, "member_id": member}
        for member in islice(members, number)
    ]


def _require(condition: bool) -> None:  # noqa: FBT001  # what has to be true
    if not condition:
        message = "a grant was refused: the run measures something else"
        raise RuntimeError(message)


def _bare(engine: Engine, transactions: int, size: int) -> float:
    """Give the rate at which rows like the ledger's are written, with nothing looked up."""
    prepared = [_rows(size) for _ in range(transactions)]
    began = perf_counter()
    for rows in prepared:
        with writing(engine) as connection:
            for table, values in rows:
                connection.execute(insert(table), list(_with_number(connection, table, values)))
            _count(connection, size)
    return transactions * size / (perf_counter() - began)


def _with_number(
    connection: Connection, table: Table, values: Sequence[dict[str, Any]]
) -> Sequence[Any]:
    return values if table is grants else numbered(connection, values)


def _count(connection: Connection, size: int) -> None:
    connection.execute(
        update(budgets)
        .where(budgets.c.campaign_key == "bare")
        .values(redeemed=budgets.c.redeemed + size)
    )


def _rows(size: int) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Give a grant, two steps and two events, so many times."""
    now = datetime.now(UTC)
    made: list[dict[str, Any]] = []
    for number in islice(_numbers, size):
        about = {"grant_id": f"b-{number}", "campaign_key": "bare", "phase": 1, "variant": "gift"}
        offer = {"offer_id": "bare.gift", "offer_kind": "gift", "cost_minor": 300}
        made.append({**about, **offer, "member_id": f"b{number}", "currency": "TWD"})
    states = {"breakage": 0, "state": "redeemed", "reserved_at": now, "redeemed_at": now}
    told = {"received_at": now, "sender": "bench"}
    moves = [
        {**one, "step": step, "moved_at": now, **told}
        for one in made
        for step in ("reserve", "redeem")
    ]
    events = [
        {
            "conversion_id": f"{event}-{one['grant_id']}",
            "member_id": one["member_id"],
            "event": event,
            "occurred_at": now,
            "amount_minor": 300,
            "currency": "TWD",
            "properties": {"grant_id": one["grant_id"], "campaign": "bare", "variant": "gift"},
            **told,
        }
        for one in made
        for event in ("reward_issue", "reward_redeem")
    ]
    kept = [{**one, **states, **told} for one in made]
    return [(grants, kept), (grant_moves, moves), (conversions, events)]


if __name__ == "__main__":
    main()
