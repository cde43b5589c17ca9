"""The rules of first exposures: what analysis reads says of all exposures what it must know."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from experiments.campaign import UnitKind
from experiments.exposure import Exposure
from experiments.store import facts as facts_module
from experiments.store import schema
from experiments.store.engine import open_engine, reading, writing
from experiments.store.exposures import append_exposures
from experiments.store.facts import read_facts
from experiments.store.tables import exposures, first_exposures
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa
    from sqlalchemy import Engine

HOUR = timedelta(hours=1)
FIRST = Exposure("e0", "gold-q3", 1, "gift", "ada", "ada", NOW, NOW, "key-1")


def keep(store: Engine, facts: Sequence[Exposure]) -> None:
    """Append exposures in a transaction of their own."""
    with writing(store) as connection:
        append_exposures(connection, facts)


def some_exposures(count: int, seed: int = 1) -> list[Exposure]:
    """Give exposures of a few members in households, most of them repeats, in no order of time."""
    chance = random.Random(seed)  # noqa: S311  # a fixed draw
    return [
        replace(
            FIRST,
            exposure_id=f"e{seed}-{number}",
            phase=chance.choice([1, 1, 2]),
            variant=chance.choice(["gift", "control"]),
            member_id=chance.choice("abcdef"),
            unit_id=chance.choice([None, "north", "south"]),
            exposed_at=NOW - chance.randrange(100) * HOUR,
        )
        for number in range(count)
    ]


def summed(facts: Iterable[Exposure]) -> list[tuple[Any, ...]]:
    """Give what the first exposures must be, reckoned here."""
    moments = defaultdict(list)
    for one in facts:
        key = (one.campaign, one.phase, one.variant, one.member_id, one.unit_id or "")
        moments[key].append(one.exposed_at)
    return [(*key, min(at), max(at), len(at)) for key, at in sorted(moments.items())]


def kept_firsts(store: Engine) -> list[tuple[Any, ...]]:
    """Give the first exposures that are kept."""
    with reading(store) as connection:
        return sorted(tuple(row) for row in connection.execute(select(first_exposures)))


def told(table: pa.Table) -> Counter[tuple[Any, ...]]:
    """Give a relation's rows, counted."""
    return Counter(tuple(row.values()) for row in table.to_pylist())


def judged(table: pa.Table, as_of: datetime) -> dict[tuple[Any, ...], tuple[datetime, int]]:
    """Give first moment and number of exposures up to a time, by member, unit and variant."""
    seen: dict[tuple[Any, ...], list[datetime]] = defaultdict(list)
    for member_id, unit_id, variant, at in told(table).elements():
        if at <= as_of:
            seen[member_id, unit_id, variant].append(at)
    return {key: (min(at), len(at)) for key, at in seen.items()}


def test_they_are_the_sum_of_all_exposures(store: Engine) -> None:
    """First, last and number, by household too, however the exposures came."""
    facts = some_exposures(500)
    for start in range(0, 500, 100):
        keep(store, facts[start : start + 100])
    keep(store, facts[:250])  # sent again under the same ids: nothing more
    keep(store, [replace(facts[0], variant="other", exposed_at=NOW - 999 * HOUR)])  # conflicting
    assert kept_firsts(store) == summed(facts)


def test_they_go_back_with_their_transaction(store: Engine) -> None:
    """Exposures and their sum are kept together or not at all."""

    def fail_half_way() -> None:
        with writing(store) as connection:
            append_exposures(connection, [FIRST])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert kept_firsts(store) == []


def test_writers_at_once_count_every_exposure_once(store: Engine) -> None:
    """The same ids from several threads, in any order and mixed, are each counted once."""
    facts = some_exposures(200)

    def send(seed: int) -> None:
        mine = random.Random(seed).sample(facts, len(facts))  # noqa: S311  # a fixed draw
        for start in range(0, len(mine), 25):
            keep(store, mine[start : start + 25])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(6)))
    assert kept_firsts(store) == summed(facts)
    with reading(store) as connection:
        assert len(connection.execute(select(exposures.c.exposure_id)).all()) == 200


def test_analysis_is_told_first_last_and_number(store: Engine) -> None:
    """A row for every exposure: the first, the last, and what lies between at the first's time."""
    keep(store, [replace(FIRST, exposure_id=f"e{n}", exposed_at=NOW + n * HOUR) for n in range(4)])
    keep(store, [replace(FIRST, exposure_id="bo", member_id="bo", unit_id=None)])
    found = read_facts(store, "gold-q3", 1, unit=UnitKind.HOUSEHOLD, events=[])
    assert told(found.exposures) == {
        ("ada", "ada", "gift", NOW): 3,
        ("ada", "ada", "gift", NOW + 3 * HOUR): 1,
        ("bo", None, "gift", NOW): 1,
    }


@pytest.mark.parametrize("ago", [0, 1, 37, 98, 200])
def test_a_moment_of_the_past_is_told_exactly(store: Engine, ago: int) -> None:
    """Up to then, analysis counts and times what it would from all exposures."""
    facts, as_of = some_exposures(400), NOW - ago * HOUR
    keep(store, facts)
    found = read_facts(
        store, "gold-q3", 1, unit=UnitKind.HOUSEHOLD, events=[], as_of=as_of
    ).exposures
    wanted: dict[tuple[Any, ...], list[datetime]] = defaultdict(list)
    for one in facts:
        if one.phase == 1 and one.exposed_at <= as_of:
            wanted[one.member_id, one.unit_id, one.variant].append(one.exposed_at)
    assert judged(found, as_of) == {key: (min(at), len(at)) for key, at in wanted.items()}


def test_repeats_are_not_read(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two thousand exposures of one member, a single row leaves the database."""
    members = [replace(FIRST, exposure_id=f"m{n}", member_id=f"m{n}", unit_id=f"m{n}")
               for n in range(20)]  # fmt: skip
    keep(store, members)
    keep(store, [replace(FIRST, exposure_id=f"r{n}", exposed_at=NOW + timedelta(seconds=n))
                 for n in range(2_000)])  # fmt: skip
    read: list[int] = []
    one_by_one = facts_module._one_by_one  # noqa: SLF001  # the step between database and analysis

    def counting(table: pa.Table) -> pa.Table:
        read.append(table.num_rows)
        return one_by_one(table)

    monkeypatch.setattr(facts_module, "_one_by_one", counting)
    found = read_facts(store, "gold-q3", 1, unit=UnitKind.MEMBER, events=["order"])
    assert read == [21]
    assert found.exposures.num_rows == 2_020


def test_the_migration_sums_up_what_is_there(store: Engine, database_url: str) -> None:
    """Up, down and up again, the first exposures are those of the exposures that were kept."""
    facts = some_exposures(300)
    keep(store, facts)
    store.dispose()
    schema.downgrade(database_url, "0005")
    older = open_engine(database_url)
    with reading(older) as connection:
        assert connection.scalar(text("SELECT count(*) FROM exposures")) == 300
    older.dispose()
    schema.upgrade(database_url)
    assert kept_firsts(store) == summed(facts)
    keep(store, some_exposures(50, seed=2))
    assert kept_firsts(store) == summed([*facts, *some_exposures(50, seed=2)])
