"""Asks for first exposures, as analysis reads them: the folded ones, and those of the tail.

`experiments.store.folding` says which are which. What is folded is one row per variant, member and
unit; of the tail such a row is made on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    and_,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    union_all,
)

from experiments.store.appending import microseconds
from experiments.store.tables import exposures, first_exposures

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.sql import Selectable


@dataclass(frozen=True, slots=True)
class Firsts:
    """Asks for the first exposures of a phase: those that are folded, and those of the tail.

    Attributes:
        campaign: Key of the campaign.
        phase: Its number.
        until: The highest number that is folded. As a value, not as a subquery: PostgreSQL would
            take that for a third of all exposures. None where nothing is folded.
    """

    campaign: str
    phase: int
    until: int | None

    def folded(self) -> Select[Any]:
        """Select member, unit, variant and first moment, of what is folded."""
        first = first_exposures.c
        unit_id = func.nullif(first.unit_id, "").label("unit_id")
        return select(first.member_id, unit_id, first.variant, first.exposed_at).where(
            first.campaign_key == self.campaign, first.phase == self.phase, self._any_folded()
        )

    def tail(self) -> Select[Any]:
        """Select the same, of the tail."""
        logged = exposures.c
        keys = (logged.member_id, logged.unit_id, logged.variant)
        return (
            select(*keys, func.min(logged.exposed_at).label("exposed_at"))
            .where(
                self._in_tail(), logged.campaign_key == self.campaign, logged.phase == self.phase
            )
            .group_by(*keys)
        )

    def folded_sums(self, as_of: datetime | None, dialect: str) -> Selectable:
        """Select last moment and number, too; what lies about a moment of the past one by one."""
        first = first_exposures.c
        summed = self.folded().add_columns(first.last_exposed_at, first.exposures)
        if as_of is None:
            return summed
        # of one or two, first and last are all there is
        at = _bound(as_of, dialect)
        torn = and_(first.exposed_at <= at, first.last_exposed_at > at, first.exposures > 2)  # noqa: PLR2004  # as said
        logged = exposures.c
        of_torn = exists().where(
            first.campaign_key == self.campaign,
            first.phase == self.phase,
            first.variant == logged.variant,
            first.member_id == logged.member_id,
            first.unit_id == func.coalesce(logged.unit_id, ""),
            torn,
        )
        apart = select(
            logged.member_id,
            logged.unit_id,
            logged.variant,
            logged.exposed_at,
            logged.exposed_at.label("last_exposed_at"),
            literal(1).label("exposures"),
        ).where(
            logged.campaign_key == self.campaign,
            logged.phase == self.phase,
            not_(self._in_tail()),
            of_torn,
        )
        return union_all(summed.where(not_(torn)), apart)

    def tail_sums(self, as_of: datetime | None, dialect: str) -> Select[Any]:
        """Select the same of the tail: before and after a moment of the past apart."""
        logged = exposures.c
        query = self.tail().add_columns(
            func.max(logged.exposed_at).label("last_exposed_at"),
            func.count().label("exposures"),
        )
        if as_of is None:
            return query
        return query.group_by(logged.exposed_at <= _bound(as_of, dialect))

    def overlaps(self, counted: Subquery) -> Select[Any]:
        """Select who of the counted was exposed to other campaigns, and to what there."""
        owners = select(counted.c.member_id, counted.c.unit_id).distinct().subquery("owners")
        # one table to be joined: SQLite indexes it by itself, and neither of the two
        seen = union_all(self._folded_elsewhere(), self._tail_elsewhere()).subquery("seen")
        keys = (owners.c.unit_id, seen.c.campaign_key, seen.c.variant)
        return (
            select(*keys, func.min(seen.c.exposed_at))
            .join(owners, owners.c.member_id == seen.c.member_id)
            .where(owners.c.unit_id.is_not(None))
            .group_by(*keys)
        )

    def _folded_elsewhere(self) -> Select[Any]:
        first = first_exposures.c
        query = select(first.member_id, first.campaign_key, first.variant, first.exposed_at)
        return query.where(self._any_folded(), first.campaign_key != self.campaign)

    def _tail_elsewhere(self) -> Select[Any]:
        logged = exposures.c
        keys = (logged.member_id, logged.campaign_key, logged.variant)
        return (
            select(*keys, func.min(logged.exposed_at).label("exposed_at"))
            .where(self._in_tail(), logged.campaign_key != self.campaign)
            .group_by(*keys)
        )

    def _any_folded(self) -> ColumnElement[bool]:
        return literal_column("1") == (1 if self.until is not None else 0)

    def _in_tail(self) -> ColumnElement[bool]:
        return exposures.c.written_by > (0 if self.until is None else self.until)


def _bound(moment: datetime, dialect: str) -> ColumnElement[Any]:
    """Give a moment as the database keeps it: `arrow` hands values to the drivers as they are."""
    return literal(microseconds(moment), BigInteger()) if dialect == "sqlite" else literal(moment)
