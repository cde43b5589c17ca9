"""Takes in facts and members: kept once, or put aside with the reason, never lost.

One item alone is either kept or refused. Of many, the good ones are kept and each bad one goes to
the quarantine, in one transaction: what was answered is what was committed. Small requests share
their transaction with others that come at the same time; large ones have one of their own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from experiments.batch import conversions_from, exposures_from
from experiments.errors import InvalidValues, MemberErased
from experiments.intake import Intake
from experiments.store.conversions import append_conversions
from experiments.store.engine import reading, writing
from experiments.store.erasures import count_late, held_back
from experiments.store.exposures import append_exposures
from experiments.store.group_commit import group_commit
from experiments.store.members import (
    find_member,
    find_members,
    merge_members,
    put_members,
    read_member,
)
from experiments.store.opt_outs import note_consents
from experiments.store.quarantine import Kind, quarantine_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.arrival import Arrival
    from experiments.conversion import Conversion
    from experiments.directory import Directory, Listing
    from experiments.errors import Problem
    from experiments.exposure import Exposure
    from experiments.intake import Fact
    from experiments.member import Member
    from experiments.outcomes import Results
    from experiments.store.appending import Appended

MOST_SHARED: Final = 100
"""Items of a request that may share its transaction; others would wait too long for more."""


def record_exposures(
    engine: Engine,
    directory: Directory,
    items: Sequence[object],
    arrival: Arrival,
    *,
    alone: bool = False,
    keep_refused: bool = True,
    listing: Listing | None = None,
) -> Results:
    """Take in exposures.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        items: As they came; see `experiments.arrival` for their fields.
        arrival: When they came and from whom.
        alone: Whether there is one item that must be good.
        keep_refused: Whether bad items go to the store's quarantine; an import keeps its own.
        listing: The campaigns as the caller knows them, perhaps a moment old; the store is asked
            where there is none, and before anything is refused.

    Raises:
        InvalidValues: `alone`, and the item is not good; nothing was stored.
        Overloaded: Too much waits to be written; nothing was stored.
        StoreError: The database failed; nothing was stored.
    """
    read: list[Exposure | tuple[Problem, ...]] | None = None
    if listing is not None and not _in_households(listing, items):
        read = exposures_from(items, listing.campaigns, arrival)
    # what the caller knows may be a moment old: nothing is refused before the store was asked
    if read is None or any(isinstance(one, tuple) for one in read):
        with reading(engine) as connection:
            listing = directory.current(connection)
            members = find_members(connection, _in_households(listing, items))
        households = {member_id: member.household_id for member_id, member in members.items()}
        read = exposures_from(items, listing.campaigns, arrival, households=households)
    batch = Intake(Kind.EXPOSURE, items, read, arrival, alone=alone, keep_refused=keep_refused)
    return _record(engine, batch, _keep_exposures)


def record_conversions(
    engine: Engine,
    items: Sequence[object],
    arrival: Arrival,
    *,
    alone: bool = False,
    keep_refused: bool = True,
) -> Results:
    """Take in conversions; arguments and errors as for `record_exposures`."""
    read = conversions_from(items, arrival)
    batch = Intake(Kind.CONVERSION, items, read, arrival, alone=alone, keep_refused=keep_refused)
    return _record(engine, batch, _keep_conversions)


def put_member(
    engine: Engine,
    member: Member,
    now: datetime,
    *,
    with_consent: bool = True,
    source: str = "unknown",
) -> Member:
    """Keep a member as given, in place of what was known; give the member as kept.

    Args:
        engine: The store.
        member: As sent.
        now: Aware UTC.
        with_consent: Whether `member` says anything about consent; if not, a known member's stays.
        source: Who told it, for the history of consents.

    Raises:
        MemberErased: The member was erased, and what is late is discarded still.
    """
    with writing(engine) as connection:
        if held_back(connection, [member.member_id], now):
            raise MemberErased(member.member_id)
        if not with_consent:
            known = find_member(connection, member.member_id)
            consents = known is None or known.personalisation_consent
            member = replace(member, personalisation_consent=consents)
        note_consents(connection, [member], now, source)
        put_members(connection, [member], now)
        return member


def known_member(engine: Engine, member_id: str) -> Member:
    """Give a member as the store keeps one.

    Raises:
        UnknownMember: There is none with this id.
    """
    with reading(engine) as connection:
        return read_member(connection, member_id)


def import_members(
    engine: Engine,
    given: Iterable[Member],
    now: datetime,
    *,
    with_consent: bool,
    source: str = "import",
) -> frozenset[str]:
    """Add what is given to what is known of these members, in one transaction.

    Returns:
        Who was left out, since they were erased and what is late is discarded still.
    """
    everybody = list(given)
    with writing(engine) as connection:
        erased = held_back(connection, (one.member_id for one in everybody), now)
        kept = [one for one in everybody if one.member_id not in erased]
        if with_consent:
            note_consents(connection, kept, now, source)
        merge_members(connection, kept, now, with_consent=with_consent)
    return erased


def _record(
    engine: Engine,
    batch: Intake[Fact],
    keep: Callable[[Connection, Sequence[Intake[Fact]]], list[Results]],
) -> Results:
    """Keep a batch, alone or together with those of other threads."""
    if batch.alone and isinstance(refused := batch.read[0], tuple):
        raise InvalidValues(refused)
    if len(batch.items) <= MOST_SHARED:
        results = group_commit(engine).together(keep, batch)
    else:
        with writing(engine) as connection:
            (results,) = keep(connection, [batch])
    if batch.alone and 0 in results.problems:
        raise InvalidValues(results.problems[0])
    return results


def _keep_exposures(connection: Connection, batches: Sequence[Intake[Exposure]]) -> list[Results]:
    return _keep(
        connection,
        batches,
        lambda facts, untimed: append_exposures(connection, facts, untimed=untimed),
    )


def _keep_conversions(
    connection: Connection, batches: Sequence[Intake[Conversion]]
) -> list[Results]:
    return _keep(
        connection,
        batches,
        lambda facts, untimed: append_conversions(connection, facts, untimed=untimed),
    )


def _keep(
    connection: Connection,
    batches: Sequence[Intake[Fact]],
    append: Callable[[Sequence[Fact], AbstractSet[str]], tuple[Appended, ...]],
) -> list[Results]:
    """Append the facts of several requests, put the rest aside, and say what became of each."""
    batches = _without_erased(connection, batches)
    facts = [batch.facts for batch in batches]
    every = list(chain.from_iterable(facts))
    id_of = attrgetter(batches[0].id_field)
    if len(batches) == 1 or len(set(map(id_of, every))) == len(every):
        untimed = set().union(*(batch.untimed() for batch in batches))
        outcomes = iter(append(every, untimed))
        appended = [tuple(islice(outcomes, len(some))) for some in facts]
    else:  # an id that one request sends without a time may come with one in another
        appended = [
            append(some, batch.untimed()) for batch, some in zip(batches, facts, strict=True)
        ]
    results = [batch.results(outcomes) for batch, outcomes in zip(batches, appended, strict=True)]
    quarantine_items(
        connection,
        chain.from_iterable(
            batch.refusals(kept) for batch, kept in zip(batches, results, strict=True)
        ),
    )
    return results


def _without_erased(
    connection: Connection, batches: Sequence[Intake[Fact]]
) -> Sequence[Intake[Fact]]:
    """Leave out what is about erased members, and count it: it arrived too late."""
    now = batches[0].arrival.now
    named = (one for batch in batches for one in batch.members() if one is not None)
    erased = held_back(connection, named, now)
    if not erased:
        return batches
    count_late(
        connection,
        Counter(one for batch in batches for one in batch.members() if one in erased),
        now,
    )
    return [batch.without(erased) for batch in batches]


def _in_households(listing: Listing, items: Sequence[object]) -> list[str]:
    """Give the members in the items whose campaign goes by household."""
    by_household = listing.by_household
    if not by_household:
        return []
    wanted = {
        member_id
        for item in items
        if isinstance(item, dict)
        if isinstance(item.get("campaign"), str) and item["campaign"] in by_household
        if isinstance(member_id := item.get("member_id"), str) and member_id
    }
    return sorted(wanted)
