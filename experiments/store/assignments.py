"""Remembers which variant a unit was assigned to: the first one decided stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from sqlalchemy import bindparam, delete, select, text

from experiments.store.tables import assignments
from experiments.store.writes import in_chunks, insert_into, numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from experiments.member import Attribute

AssignmentKey: TypeAlias = tuple[str, int, str]
"""Campaign, phase and unit: there is one assignment for each."""

_STANDING_SQLITE: Final = text(
    "SELECT a.campaign_key, a.phase, a.unit_id, a.variant FROM json_each(:wanted) AS w "
    "CROSS JOIN assignments AS a ON a.campaign_key = json_extract(w.value, '$[0]') "
    "AND a.phase = json_extract(w.value, '$[1]') AND a.unit_id = json_extract(w.value, '$[2]')"
)
_STANDING_POSTGRESQL: Final = text(
    "SELECT a.campaign_key, a.phase, a.unit_id, a.variant FROM unnest("
    "CAST(:campaigns AS text[]), CAST(:phases AS integer[]), CAST(:units AS text[])"
    ") AS w(campaign_key, phase, unit_id) "
    "JOIN assignments AS a USING (campaign_key, phase, unit_id)"
)
_SINCE: Final = (
    select(
        assignments.c.campaign_key,
        assignments.c.phase,
        assignments.c.unit_id,
        assignments.c.variant,
    )
    .where(assignments.c.written_by >= bindparam("since"))
    .limit(bindparam("most"))
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
    older = standing_variants(connection, [key for key in keys if key not in inserted])
    standing = []
    for one in decided:
        key = _key(one)
        new = key in inserted
        standing.append(Standing(rows[key]["variant"] if new else older[key], new))
        inserted.discard(key)  # the same unit once more in this call is not new
        older.setdefault(key, rows[key]["variant"])
    return tuple(standing)


def withdraw(connection: Connection, key: AssignmentKey) -> None:
    """Take back an assignment that the same transaction has made: there was no place left."""
    campaign, phase, unit_id = key
    connection.execute(
        delete(assignments).where(
            assignments.c.campaign_key == campaign,
            assignments.c.phase == phase,
            assignments.c.unit_id == unit_id,
        )
    )


def standing_variants(
    connection: Connection, wanted: Sequence[AssignmentKey]
) -> dict[AssignmentKey, str]:
    """Give the variants that stand for units in phases of campaigns, of those that have one.

    One look-up by primary key each. (Compared as rows, `(a, b, c) IN (…)`, SQLite would read the
    whole table.)
    """
    found: dict[AssignmentKey, str] = {}
    for some in in_chunks(wanted):
        campaigns, phases, units = zip(*some, strict=True)
        if connection.dialect.name == "sqlite":
            rows = connection.execute(_STANDING_SQLITE, {"wanted": orjson.dumps(some).decode()})
        else:
            values = {"campaigns": [*campaigns], "phases": [*phases], "units": [*units]}
            rows = connection.execute(_STANDING_POSTGRESQL, values)
        for campaign, phase, unit_id, variant in rows:
            found[campaign, phase, unit_id] = variant
    return found


def assigned_since(
    connection: Connection, since: int, limit: int
) -> list[tuple[AssignmentKey, str]] | None:
    """Give the assignments that transactions from number `since` on have made.

    Args:
        connection: In a read transaction.
        since: As for `experiments.store.members.changed_members`.
        limit: At most so many.

    Returns:
        Them, some perhaps once more than needed; None where there are more than `limit`.
    """
    rows = connection.execute(_SINCE, {"since": since, "most": limit + 1}).all()
    if len(rows) > limit:
        return None
    return [((campaign, phase, unit_id), variant) for campaign, phase, unit_id, variant in rows]


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
    return None if row is None else _assignment(row)


def find_assignments(
    connection: Connection, keys: Collection[AssignmentKey]
) -> dict[AssignmentKey, RecordedAssignment]:
    """Give the whole assignments of a member's units in many campaigns, those that there are."""
    found: dict[AssignmentKey, RecordedAssignment] = {}
    phases = sorted({phase for _, phase, _ in keys})
    units = sorted({unit_id for _, _, unit_id in keys})
    for some in in_chunks(sorted({campaign for campaign, _, _ in keys})):
        query = select(assignments).where(
            assignments.c.campaign_key.in_(some),
            assignments.c.phase.in_(phases),
            assignments.c.unit_id.in_(units),
        )
        made = (_assignment(row) for row in connection.execute(query).mappings())
        found |= {key: one for one in made if (key := _key(one)) in keys}
    return found


def _assignment(row: RowMapping) -> RecordedAssignment:
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
