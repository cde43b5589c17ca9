"""Counts what arrived last: a bounded look at the newest facts, by the index of their arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Integer, cast, extract, func, literal_column, select

from experiments.store.tables import conversions, exposures
from experiments.store.types import EPOCH

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Subquery

NEWEST: Final = 20_000
"""Facts that one look reads at most, however many there are."""


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """Exposures of a variant that arrived in a minute."""

    variant: str
    minute: datetime
    exposures: int


@dataclass(frozen=True, slots=True)
class RecentExposures:
    """Exposures of a phase among the newest ones of all campaigns.

    Attributes:
        counts: By variant and minute of arrival, those with any.
        complete_from: From when on nothing is left out; later than was asked where too many came.
    """

    counts: tuple[MinuteCount, ...]
    complete_from: datetime


@dataclass(frozen=True, slots=True)
class RecentEvents:
    """Conversions by event among the newest ones.

    Attributes:
        counts: By event, those with any.
        complete_from: As of exposures.
    """

    counts: dict[str, int]
    complete_from: datetime


def recent_exposures(
    connection: Connection, campaign: str, phase: int, since: datetime, newest: int = NEWEST
) -> RecentExposures:
    """Give the exposures of a phase that arrived since a moment, by variant and minute."""
    table = exposures.c
    last = (
        select(table.campaign_key, table.phase, table.variant, table.received_at)
        .order_by(table.written_by.desc())
        .limit(newest)
        .subquery("newest")
    )
    minute = _minute(connection, last.c.received_at)
    query = (
        select(last.c.variant, minute, func.count())
        .where(last.c.campaign_key == campaign, last.c.phase == phase, last.c.received_at >= since)
        .group_by(last.c.variant, minute)
    )
    counts = tuple(
        MinuteCount(variant, EPOCH + timedelta(minutes=number), many)
        for variant, number, many in connection.execute(query)
    )
    return RecentExposures(counts, _complete_from(connection, last, since, newest))


def recent_events(connection: Connection, since: datetime, newest: int = NEWEST) -> RecentEvents:
    """Give the conversions that arrived since a moment, by event."""
    table = conversions.c
    last = (
        select(table.event, table.received_at)
        .order_by(table.written_by.desc())
        .limit(newest)
        .subquery("newest")
    )
    query = (
        select(last.c.event, func.count()).where(last.c.received_at >= since).group_by(last.c.event)
    )
    counts = {event: many for event, many in connection.execute(query)}  # noqa: C416  # rows, not pairs
    return RecentEvents(counts, _complete_from(connection, last, since, newest))


def _complete_from(
    connection: Connection, last: Subquery, since: datetime, newest: int
) -> datetime:
    many, oldest = connection.execute(
        select(func.count(), func.min(last.c.received_at)).select_from(last)
    ).one()
    return max(since, oldest) if many >= newest else since


def _minute(connection: Connection, moment: ColumnElement[datetime]) -> ColumnElement[Any]:
    """Give the number of the minute since 1970; nothing arrives before."""
    if connection.dialect.name == "sqlite":
        return literal_column("(received_at / 60000000)", Integer())
    return cast(func.floor(extract("epoch", moment) / 60), Integer)
