"""Tells what other rules would make of the members of today, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from experiments.document import Document, Key
from experiments.errors import InvalidValues, Problem, UnknownProgramme
from experiments.programme import Programme
from experiments.programme_run.days import Days
from experiments.programme_run.judging import FULL, NO_TIER, judge_members, key_of
from experiments.programme_run.opening import opened
from experiments.programme_run.recomputing import checked_moment, load
from experiments.programme_run.totals import sum_facts
from experiments.score import Points
from experiments.store.engine import reading
from experiments.store.programme import read_programme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

    from experiments.programme_run.recomputing import Source
    from experiments.tier import Tier

NEAR_PERCENT: Final = Decimal(20)
"""How much of the way may be missing for a member to be near a tier, unless it is said."""

_NOW, _THEN = "judged_now", "judged_then"


class TierChange(Document):
    """Another threshold of a tier; what is left out stays as it is."""

    key: Key
    entry_threshold_minor: Annotated[int, Field(strict=True, ge=0)] | None = None
    entry_score: Points | None = None


@dataclass(frozen=True, slots=True)
class TierPreview:
    """What becomes of a tier.

    Attributes:
        now: Members that a computation by today's rules gives it.
        then: Members that a computation by the other rules gives it.
        settled: The same, once every tier that is only kept for its validity has run out.
        near_now: Members whose next tier it is and who are near it, by today's rules.
        near_then: The same by the other rules.
        benefit_cost_minor: What its benefits cost per member and year; None where it is not said.
        cost_minor: What the difference between then and now costs a year; None where unknown.
    """

    key: str
    now: int
    then: int
    settled: int
    near_now: int
    near_then: int
    benefit_cost_minor: int | None
    cost_minor: int | None


@dataclass(frozen=True, slots=True)
class TierMove:
    """Members who would have another tier.

    Attributes:
        before: Their tier by today's rules; None for none.
        after: Their tier by the other rules; None for none.
    """

    before: str | None
    after: str | None
    members: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What other rules would make of the members.

    Attributes:
        as_of: The moment up to which facts count.
        members: All members.
        imported: Members whose tier the business imports: theirs wins over any rule.
        without_tier_now: Members whom today's rules give no tier.
        without_tier_then: Members whom the other rules give no tier.
        tiers: The tiers of the other ladder, lowest first, then those that it has no more.
        moves: Who moves, by tier.
        moved_up: Members who would have a higher tier, on the other ladder.
        moved_down: Members who would have a lower one.
        cost_minor: What the benefits cost more a year, over all tiers; None where it is unknown.
        currency: Of the cost.
        unknown_cost: The tiers that gain or lose members and do not say what they cost.
    """

    as_of: datetime
    members: int
    imported: int
    without_tier_now: int
    without_tier_then: int
    tiers: tuple[TierPreview, ...]
    moves: tuple[TierMove, ...]
    moved_up: int
    moved_down: int
    cost_minor: int | None
    currency: str
    unknown_cost: tuple[str, ...]


def preview(
    engine: Engine,
    source: Source,
    other: Programme | Sequence[TierChange],
    *,
    now: datetime,
    as_of: datetime | None = None,
    near_percent: Decimal = NEAR_PERCENT,
) -> Preview:
    """Compute all members by today's rules and by others, and compare.

    Args:
        engine: The store, of which nothing is changed.
        source: Where facts are read.
        other: The other programme, or what is other in tiers of today's.
        now: Aware UTC.
        as_of: Facts count that occurred before it; now unless it is given.
        near_percent: How much of the way to a tier may be missing to be near it.

    Raises:
        UnknownProgramme: None is set.
        InvalidValues: A tier is not on the ladder, or a value is out of range.
        ArchiveError: The archive cannot be extended or read.
        StoreError: The database failed.
    """
    at = checked_moment(as_of, now)
    with reading(engine) as store:
        today = read_programme(store)
    if today is None:
        raise UnknownProgramme
    proposed = other if isinstance(other, Programme) else with_changes(today, other)
    near = int((100 - near_percent) * FULL // 100)
    with opened(source.room) as connection:
        people = load(engine, connection, source, at, now)
        for programme, table in ((today, _NOW), (proposed, _THEN)):
            days = Days(programme.time_zone, at)
            sum_facts(connection, programme, days)
            judge_members(connection, programme, days, judged=table, imported_counts=False)
        return _compared(connection, today, proposed, at, people, near)


def with_changes(programme: Programme, changes: Sequence[TierChange]) -> Programme:
    """Give the programme with other thresholds.

    Raises:
        InvalidValues: A tier is not on the ladder, or has a score that the programme lacks.
    """
    ladder = programme.ladder.keys()
    problems = [
        Problem(f"tiers[{i}].key", change.key, "is not on the ladder", f"Use {', '.join(ladder)}.")
        for i, change in enumerate(changes)
        if change.key not in ladder
    ]
    problems += [
        Problem(f"tiers[{i}].entry_score", float(change.entry_score), "needs a score",
                "Give the programme a score, or preview a whole programme that has one.")
        for i, change in enumerate(changes)
        if change.entry_score is not None and programme.score is None
    ]  # fmt: skip
    if problems:
        raise InvalidValues(problems)
    said = {change.key: change.model_dump(exclude={"key"}, exclude_none=True) for change in changes}
    tiers = tuple(tier.model_copy(update=said.get(tier.key, {})) for tier in programme.tiers)
    return programme.model_copy(update={"tiers": tiers})


def _compared(
    connection: duckdb.DuckDBPyConnection,
    today: Programme,
    proposed: Programme,
    as_of: datetime,
    people: int,
    near: int,
) -> Preview:
    now, near_now = _counts(connection, _NOW, today, near)
    then, near_then = _counts(connection, _THEN, proposed, near)
    settled = _settled(connection, proposed)
    keys = dict.fromkeys([*proposed.ladder.keys(), *today.ladder.keys()])
    stated: dict[str, Tier] = {tier.key: tier for tier in (*today.tiers, *proposed.tiers)}
    tiers = []
    for key in keys:
        cost, more = stated[key].benefit_cost_minor, then.get(key, 0) - now.get(key, 0)
        tiers.append(
            TierPreview(
                key=key,
                now=now.get(key, 0),
                then=then.get(key, 0),
                settled=settled.get(key, 0),
                near_now=near_now.get(key, 0),
                near_then=near_then.get(key, 0),
                benefit_cost_minor=cost,
                cost_minor=0 if more == 0 else None if cost is None else more * cost,
            )
        )
    moves = _moves(connection, today, proposed)
    ranks: dict[str | None, int] = {None: NO_TIER}
    ranks |= {key: place for place, key in enumerate(proposed.ladder.keys())}
    # a tier that the other ladder has no more is neither above nor below
    rises = [
        (ranks[one.after] - ranks[one.before], one.members) for one in moves if one.before in ranks
    ]
    unknown = tuple(tier.key for tier in tiers if tier.cost_minor is None)
    imported = connection.execute(f"SELECT count(*) FILTER (is_imported) FROM {_NOW}").fetchall()  # noqa: S608  # our own name
    return Preview(
        as_of=as_of,
        members=people,
        imported=imported[0][0],
        without_tier_now=now.get(None, 0),
        without_tier_then=then.get(None, 0),
        tiers=tuple(tiers),
        moves=moves,
        moved_up=sum(members for rise, members in rises if rise > 0),
        moved_down=sum(members for rise, members in rises if rise < 0),
        cost_minor=None if unknown else sum(tier.cost_minor or 0 for tier in tiers),
        currency=proposed.currency,
        unknown_cost=unknown,
    )


def _counts(
    connection: duckdb.DuckDBPyConnection, table: str, programme: Programme, near: int
) -> tuple[dict[str | None, int], dict[str | None, int]]:
    """Give the members by tier, and those near each tier."""
    ladder = programme.ladder.keys()
    has = connection.execute(
        f"SELECT {key_of('has', ladder)} AS tier, count(*) FROM {table} GROUP BY ALL"  # noqa: S608  # quoted keys
    ).fetchall()
    close = connection.execute(
        f"SELECT {key_of('next', ladder)} AS tier, count(*) FROM {table} "  # noqa: S608  # quoted keys
        f"WHERE next_progress >= {near} GROUP BY ALL"
    ).fetchall()
    return dict(has), dict(close)


def _settled(connection: duckdb.DuckDBPyConnection, programme: Programme) -> dict[str | None, int]:
    """Give the members by tier once validities have run out; manual tiers stay."""
    ladder = programme.ladder.keys()
    manual = [str(place) for place, tier in enumerate(programme.tiers) if tier.manual]
    kept = f"has IN ({', '.join(manual)})" if manual else "FALSE"
    if programme.tier_validity_days is None:
        kept = "TRUE"  # nothing ever runs out
    tier = key_of(f"CASE WHEN {kept} THEN has ELSE reached END", ladder)
    found = connection.execute(f"SELECT {tier} AS tier, count(*) FROM {_THEN} GROUP BY ALL")  # noqa: S608  # quoted keys
    return dict(found.fetchall())


def _moves(
    connection: duckdb.DuckDBPyConnection, today: Programme, proposed: Programme
) -> tuple[TierMove, ...]:
    before = key_of("n.has", today.ladder.keys())
    after = key_of("t.has", proposed.ladder.keys())
    found = connection.execute(
        f"SELECT * FROM (SELECT {before} AS before, {after} AS after, count(*) AS members "  # noqa: S608  # quoted keys
        f"FROM {_NOW} n JOIN {_THEN} t USING (member_id) GROUP BY ALL) "
        "WHERE before IS DISTINCT FROM after ORDER BY members DESC, before, after"
    ).fetchall()
    return tuple(TierMove(*row) for row in found)
