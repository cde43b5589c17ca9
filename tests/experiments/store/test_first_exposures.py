"""The rules of first exposures: what analysis reads says of all exposures what it must know."""

from __future__ import annotations

import random
import threading
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
from experiments.store import folding, schema
from experiments.store.engine import open_engine, reading, writing
from experiments.store.exposures import append_exposures
from experiments.store.facts import read_facts
from experiments.store.folding import Folded, fold, fold_all, folded_until, has_long_tail
from experiments.store.tables import exposures, first_exposures
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa
    from sqlalchemy import Connection, Engine

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
    """Give the first exposures that are kept, once all are folded."""
    assert fold_all(store, within_s=60) is Folded.ALL
    with reading(store) as connection:
        return sorted(tuple(row) for row in connection.execute(select(first_exposures)))


def told(table: pa.Table) -> Counter[tuple[Any, ...]]:
    """Give how often each exposure is said to have been, by what it was."""
    said: Counter[tuple[Any, ...]] = Counter()
    for *what, times in (tuple(row.values()) for row in table.to_pylist()):
        said[tuple(what)] += times
    return said


def judged(table: pa.Table, as_of: datetime) -> dict[tuple[Any, ...], tuple[datetime, int]]:
    """Give first moment and number of exposures up to a time, by member, unit and variant."""
    seen: dict[tuple[Any, ...], list[datetime]] = defaultdict(list)
    for member_id, unit_id, variant, at in told(table).elements():
        if at <= as_of:
            seen[member_id, unit_id, variant].append(at)
    return {key: (min(at), len(at)) for key, at in seen.items()}


def lasts_of(table: pa.Table) -> dict[tuple[Any, ...], datetime]:
    """Give the last moment, by member, unit and variant."""
    seen: dict[tuple[Any, ...], datetime] = {}
    for member_id, unit_id, variant, at in told(table):
        key = (member_id, unit_id, variant)
        seen[key] = max(at, seen.get(key, at))
    return seen


def _broken_after(asked: Callable[[Connection, int], bool]) -> Callable[[Connection, int], bool]:
    """Give a question that is answered once, and then breaks."""
    answers = iter([asked])

    def ask(connection: Connection, since: int) -> bool:
        for one in answers:
            return one(connection, since)
        raise RuntimeError

    return ask


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
    """The first and the last have their moments, and what lies between counts at the first's."""
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
    """Of two thousand exposures of a member, one row leaves the database; two are analysed."""
    members = [replace(FIRST, exposure_id=f"m{n}", member_id=f"m{n}", unit_id=f"m{n}")
               for n in range(20)]  # fmt: skip
    keep(store, members)
    keep(store, [replace(FIRST, exposure_id=f"r{n}", exposed_at=NOW + timedelta(seconds=n))
                 for n in range(2_000)])  # fmt: skip
    read: list[int] = []
    told_apart = facts_module._firsts_and_lasts  # noqa: SLF001  # the step between database and analysis

    def counting(table: pa.Table) -> pa.Table:
        read.append(table.num_rows)
        return told_apart(table)

    monkeypatch.setattr(facts_module, "_firsts_and_lasts", counting)
    found = read_facts(store, "gold-q3", 1, unit=UnitKind.MEMBER, events=["order"])
    assert read == [21]
    assert found.exposures.num_rows == 22
    assert told(found.exposures).total() == 2_020


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_folded_analysis_is_told_the_same(store: Engine, seed: int) -> None:
    """Appends and folds in any order, late and repeated ones too: first, last and number hold."""
    chance = random.Random(seed)  # noqa: S311  # a fixed draw
    facts = some_exposures(240, seed=seed)
    kept: list[Exposure] = []
    for start in range(0, 240, 24):
        some = facts[start : start + 24]
        keep(store, [*some, *chance.sample(kept, min(len(kept), 5))])  # repeats change nothing
        kept += some
        for _ in range(chance.randrange(3)):
            fold(store, most_rows=chance.choice([1, 7, 40]))
        as_of = chance.choice([None, NOW - chance.randrange(100) * HOUR])
        found = read_facts(
            store, "gold-q3", 1, unit=UnitKind.HOUSEHOLD, events=[], as_of=as_of
        ).exposures
        wanted: dict[tuple[Any, ...], list[datetime]] = defaultdict(list)
        for one in kept:
            if one.phase == 1 and (as_of is None or one.exposed_at <= as_of):
                wanted[one.member_id, one.unit_id, one.variant].append(one.exposed_at)
        expected = {key: (min(at), len(at)) for key, at in wanted.items()}
        assert judged(found, as_of or NOW) == expected
        if as_of is None:
            lasts = {key: max(at) for key, at in wanted.items()}
            assert lasts_of(found) == lasts
    assert kept_firsts(store) == summed(kept)


def test_a_read_writes_nothing(store: Engine) -> None:
    """What is not folded is summed up on the way out, and stays as it is."""
    keep(store, some_exposures(30))
    read_facts(store, "gold-q3", 1, unit=UnitKind.MEMBER, events=["order"])
    with reading(store) as connection:
        assert connection.execute(select(first_exposures)).all() == []


def test_a_fold_is_bounded_by_rows_and_keeps_transactions_whole(store: Engine) -> None:
    """A step ends with the transaction in which it has as many as were asked for."""
    fold(store)  # a copy of another database, on PostgreSQL
    facts = some_exposures(100)
    for start in range(0, 100, 20):
        keep(store, facts[start : start + 20])
    assert fold(store, most_rows=30) is Folded.SOME
    with reading(store) as connection:
        counted = sum(row.exposures for row in connection.execute(select(first_exposures)))
    assert counted == 40
    assert fold(store, most_rows=60) is Folded.ALL
    assert fold(store) is Folded.ALL
    assert kept_firsts(store) == summed(facts)


def test_folders_at_once_count_every_exposure_once(store: Engine) -> None:
    """Several processes may fold while others write; the position says who has folded what."""
    facts = some_exposures(600)
    done = threading.Event()

    def go_on_folding() -> None:
        while not done.is_set():
            fold(store, most_rows=15)

    with ThreadPoolExecutor(6) as pool:
        folders = [pool.submit(go_on_folding) for _ in range(3)]
        writers = [
            pool.submit(keep, store, facts[start : start + 20]) for start in range(0, 600, 20)
        ]
        for writer in writers:
            writer.result()
        done.set()
        for folder in folders:
            folder.result()
    assert kept_firsts(store) == summed(facts)


def test_a_fold_that_is_broken_off_leaves_all_in_the_tail(store: Engine) -> None:
    """First exposures and the position move together, so nothing is lost or counted twice."""
    fold(store)
    facts = some_exposures(50)
    keep(store, facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "_has_tail", _broken_after(folding._has_tail))  # noqa: SLF001  # the last step of the transaction
        with pytest.raises(RuntimeError):
            fold(store)
    with reading(store) as connection:
        assert connection.execute(select(first_exposures)).all() == []
    assert kept_firsts(store) == summed(facts)


def test_a_long_tail_is_told(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An analysis folds first where there is much to fold."""
    monkeypatch.setattr(folding, "LONG_TAIL_ROWS", 50)
    fold(store)
    keep(store, some_exposures(50))
    assert not has_long_tail(store)
    keep(store, some_exposures(1, seed=2))
    assert has_long_tail(store)
    fold(store)
    assert not has_long_tail(store)


def test_what_an_open_transaction_wrote_waits_for_its_commit(store: Engine) -> None:
    """On PostgreSQL a later number may be committed earlier: it is not folded before the other."""
    if store.dialect.name == "sqlite":
        pytest.skip("SQLite's writers take turns")
    keep(store, some_exposures(3))
    fold(store)
    early, late = some_exposures(20, seed=2), some_exposures(20, seed=3)
    with writing(store) as connection:
        append_exposures(connection, early)
        keep(store, late)
        assert fold(store) is Folded.WAITING
        found = read_facts(store, "gold-q3", 1, unit=UnitKind.MEMBER, events=[]).exposures
        seen = [one for one in [*some_exposures(3), *late] if one.phase == 1]
        assert told(found).total() == len(seen)
    assert kept_firsts(store) == summed([*some_exposures(3), *early, *late])


def test_numbers_of_another_server_say_nothing(store: Engine) -> None:
    """A dump that was loaded into a younger PostgreSQL is folded anew, with what came since."""
    if store.dialect.name == "sqlite":
        pytest.skip("a SQLite file carries its numbers along")
    facts = some_exposures(80)
    keep(store, facts[:40])
    fold(store)
    with writing(store) as connection:  # as if the other server had come a million further
        connection.execute(text("UPDATE exposures SET written_by = written_by + 1000000"))
        connection.execute(text("UPDATE exposure_folding SET incarnation = 'another/1', "
                                "folded_until = folded_until + 1000000"))  # fmt: skip
    keep(store, facts[40:])
    with reading(store) as connection:
        assert folded_until(connection) is None
    found = read_facts(store, "gold-q3", 1, unit=UnitKind.HOUSEHOLD, events=[]).exposures
    assert told(found).total() == sum(one.phase == 1 for one in facts)
    assert kept_firsts(store) == summed(facts)


def test_the_migration_keeps_what_is_not_folded(store: Engine, database_url: str) -> None:
    """Down with a tail and up again: every exposure is counted once, whatever was folded."""
    facts = some_exposures(200)
    keep(store, facts[:120])
    fold(store)
    keep(store, facts[120:])
    store.dispose()
    schema.downgrade(database_url, "0007")
    older = open_engine(database_url)
    with reading(older) as connection:
        rows = connection.execute(select(first_exposures)).all()
    older.dispose()
    assert sorted(tuple(row) for row in rows) == summed(facts)
    schema.upgrade(database_url)
    keep(store, some_exposures(50, seed=2))
    assert kept_firsts(store) == summed([*facts, *some_exposures(50, seed=2)])


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
