"""Keeps the moments at which enrolment in a phase closed, and those at which it opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import literal, select, update

from experiments.budget import IN_UNITS, Exhaustion, Resource, bounds_of, is_exhausted, used_of
from experiments.store.budgets import read_tallies
from experiments.store.catalogue_state import bump_revision
from experiments.store.enrolments import read_enrolled
from experiments.store.tables import exhaustions
from experiments.store.webhooks import announce
from experiments.store.writes import insert_into
from experiments.webhooks import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping
    from sqlalchemy.sql.dml import ReturningInsert

    from experiments.budget import Bound
    from experiments.campaign import CampaignDesign

_STANDING: Final = exhaustions.c.reopened_at.is_(None)


def close_enrolment(connection: Connection, exhausted: Iterable[Exhaustion]) -> None:
    """Keep what was exhausted, unless it is known, and let every process learn of it."""
    new = [one for one in exhausted if connection.scalar(_made(connection, one)) is not None]
    if not new:
        return
    bump_revision(connection)
    for one in new:
        told = {
            "campaign": one.campaign,
            "phase": one.phase,
            "resource": str(one.resource),
            "subject": one.subject,
            "bound": one.bound,
        }
        announce(connection, EventKind.ENROLMENT_CLOSED, told, one.at)


def is_closed(connection: Connection, campaign: str, phase: int) -> bool:
    """Say whether enrolment in a phase is closed."""
    query = select(literal(1)).where(_of(campaign, phase), _STANDING).limit(1)
    return connection.scalar(query) is not None


def closed_phases(connection: Connection) -> frozenset[tuple[str, int]]:
    """Give the campaigns and phases whose enrolment is closed."""
    query = select(exhaustions.c.campaign_key, exhaustions.c.phase).where(_STANDING).distinct()
    return frozenset((key, phase) for key, phase in connection.execute(query))


def read_exhaustions(
    connection: Connection, keys: Sequence[str], *, standing: bool = False
) -> tuple[Exhaustion, ...]:
    """Give what was exhausted in campaigns, the oldest first.

    Args:
        connection: In any transaction.
        keys: Of the campaigns.
        standing: Only what keeps enrolment closed now.
    """
    query = select(exhaustions).where(exhaustions.c.campaign_key.in_(list(keys)))
    if standing:
        query = query.where(_STANDING)
    rows = connection.execute(query.order_by(exhaustions.c.at, exhaustions.c.id)).mappings()
    return tuple(map(_exhaustion, rows))


def reopen_raised(
    connection: Connection, design: CampaignDesign, phase: int, now: datetime
) -> tuple[Exhaustion, ...]:
    """Note which bounds an operator has raised far enough, and give them.

    Enrolment is open again once none is left; the campaign was saved, which every process sees.
    """
    bounds = {bound.name: bound for bound in bounds_of(design)}
    raised = []
    for one in read_exhaustions(connection, [design.key], standing=True):
        bound = bounds.get((one.resource, one.subject))
        if one.phase != phase or not _is_raised(connection, design.key, one, bound):
            continue
        raised.append(one)
        connection.execute(
            update(exhaustions)
            .where(
                _of(one.campaign, one.phase),
                _STANDING,
                exhaustions.c.resource == str(one.resource),
                exhaustions.c.subject == one.subject,
            )
            .values(reopened_at=now)
        )
    return tuple(raised)


def _is_raised(
    connection: Connection, campaign: str, before: Exhaustion, bound: Bound | None
) -> bool:
    """Say whether a bound is gone, or above what it was with room for one more."""
    if bound is None:
        return True
    if bound.limit <= before.bound:
        return False
    if bound.resource in IN_UNITS:
        used = read_enrolled(connection, campaign, before.phase, before.subject)
    else:
        used = used_of(bound, read_tallies(connection, [campaign]))
    return not is_exhausted(bound, used)


def _made(connection: Connection, one: Exhaustion) -> ReturningInsert[tuple[int]]:
    statement = insert_into(connection, exhaustions).values(
        campaign_key=one.campaign,
        phase=one.phase,
        resource=str(one.resource),
        subject=one.subject,
        bound=one.bound,
        at=one.at,
    )
    once = statement.on_conflict_do_nothing(
        index_elements=["campaign_key", "phase", "resource", "subject"], index_where=_STANDING
    )
    return once.returning(exhaustions.c.id)


def _of(campaign: str, phase: int) -> ColumnElement[bool]:
    return (exhaustions.c.campaign_key == campaign) & (exhaustions.c.phase == phase)


def _exhaustion(row: RowMapping) -> Exhaustion:
    return Exhaustion(
        campaign=row["campaign_key"],
        phase=row["phase"],
        resource=Resource(row["resource"]),
        subject=row["subject"],
        bound=row["bound"],
        at=row["at"],
        reopened_at=row["reopened_at"],
    )
