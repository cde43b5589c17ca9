"""Remembers which variant a unit was assigned to: the first one decided stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, tuple_

from experiments.store.tables import assignments
from experiments.store.writes import in_chunks, insert_into, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from experiments.member import Attribute

# built once: every offer asks it, and building costs as much as asking
_PRIOR_VARIANT: Final = select(assignments.c.variant).where(
    assignments.c.campaign_key == bindparam("campaign"),
    assignments.c.phase == bindparam("phase"),
    assignments.c.unit_id == bindparam("unit_id"),
)


@dataclass(frozen=True, slots=True)
class RecordedAssignment:
    """An assignment with what was known when it was made.

    Attributes:
        variant: Key of the variant.
        member_id: The member for whom it was made, of a household perhaps the first.
        attributes: The member's attributes at that moment, which decided that it was eligible.
    """

    campaign: str
    phase: int
    unit_id: str
    variant: str
    member_id: str
    assigned_at: datetime
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for a unit.

    Attributes:
        variant: Key of the variant that stands.
        new: Whether it is the one just offered; False where another was there first.
    """

    variant: str
    new: bool


def remember(connection: Connection, assignment: RecordedAssignment) -> Standing:
    """Keep an assignment, unless the unit has one; give what stands."""
    return remember_all(connection, [assignment])[0]


def remember_all(
    connection: Connection, decided: Sequence[RecordedAssignment]
) -> tuple[Standing, ...]:
    """Keep the assignments of units that have none; give what stands for each, in order.

    Two processes that decide at once agree: the database lets one insert, the other reads it.
    """
    rows: dict[tuple[str, int, str], dict[str, Any]] = {}
    for one in decided:
        rows.setdefault(_key(one), _row(one))
    keys = sorted(rows)  # one order for all writers, so that no two can deadlock
    columns = (assignments.c.campaign_key, assignments.c.phase, assignments.c.unit_id)
    statement = insert_into(connection, assignments).on_conflict_do_nothing(
        index_elements=list(columns)
    )
    inserted = (
        {
            (campaign, phase, unit_id)
            for campaign, phase, unit_id in connection.execute(
                statement.returning(*columns),
                numbered(connection, [rows[key] for key in keys]),
            )
        }
        if keys
        else set()
    )
    older: dict[tuple[str, int, str], str] = {}
    for some in in_chunks([key for key in keys if key not in inserted]):
        query = select(*columns, assignments.c.variant).where(tuple_(*columns).in_(some))
        older |= {
            (campaign, phase, unit_id): variant
            for campaign, phase, unit_id, variant in connection.execute(query)
        }
    standing = []
    for one in decided:
        key = _key(one)
        new = key in inserted
        standing.append(Standing(rows[key]["variant"] if new else older[key], new))
        inserted.discard(key)  # the same unit once more in this call is not new
        older.setdefault(key, rows[key]["variant"])
    return tuple(standing)


def prior_variant(connection: Connection, campaign: str, phase: int, unit_id: str) -> str | None:
    """Give the variant that the unit was assigned to in this phase, or None."""
    values = {"campaign": campaign, "phase": phase, "unit_id": unit_id}
    return connection.scalar(_PRIOR_VARIANT, values)


def prior_variants(
    connection: Connection, campaign: str, phase: int, unit_ids: Sequence[str]
) -> dict[str, str]:
    """Give the variants of those of the units that were assigned in this phase."""
    found: dict[str, str] = {}
    for some in in_chunks(unit_ids):
        query = select(assignments.c.unit_id, assignments.c.variant).where(
            assignments.c.campaign_key == campaign,
            assignments.c.phase == phase,
            assignments.c.unit_id.in_(some),
        )
        found |= {row.unit_id: row.variant for row in connection.execute(query)}
    return found


def find_assignment(
    connection: Connection, campaign: str, phase: int, unit_id: str
) -> RecordedAssignment | None:
    """Give the whole assignment of a unit, with what was known when it was made."""
    query = select(assignments).where(
        assignments.c.campaign_key == campaign,
        assignments.c.phase == phase,
        assignments.c.unit_id == unit_id,
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return RecordedAssignment(
        campaign=row["campaign_key"],
        phase=row["phase"],
        unit_id=row["unit_id"],
        variant=row["variant"],
        member_id=row["member_id"],
        assigned_at=row["assigned_at"],
        attributes=MappingProxyType(row["attributes"]),
    )


def _key(one: RecordedAssignment) -> tuple[str, int, str]:
    return one.campaign, one.phase, one.unit_id


def _row(one: RecordedAssignment) -> dict[str, Any]:
    return {
        "campaign_key": one.campaign,
        "phase": one.phase,
        "unit_id": one.unit_id,
        "variant": one.variant,
        "member_id": one.member_id,
        "assigned_at": one.assigned_at,
        "attributes": dict(one.attributes),
    }
