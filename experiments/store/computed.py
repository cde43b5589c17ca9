"""Keeps what is computed of members: read for the next computation, written where it changed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, Text, cast, func, literal, select, text, type_coerce

from experiments.store.tables import assignments, conversions, members
from experiments.store.writes import next_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

JOINED_ON: Final = "joined_on"
"""The imported attribute with the day on which a member joined."""

PEOPLE_COLUMNS: Final = ("member_id", "imported_tier", "joined_on", "computed")
FACT_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "conversion_id": "VARCHAR",
        "member_id": "VARCHAR",
        "event": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "amount_minor": "BIGINT",
        "currency": "VARCHAR",
        "properties": "VARCHAR",
    }
)

_UPDATE_SQLITE: Final = (
    "UPDATE members SET computed = ?, computed_by = ?, written_by = ? WHERE member_id = ?"
)
_MAKE_SENT: Final = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS sent_computed "
    "(member_id text, computed text) ON COMMIT DELETE ROWS"
)
_COPY_SENT: Final = "COPY sent_computed (member_id, computed) FROM STDIN"
# locked in one order by all writers first: an UPDATE alone would lock in any order
_LOCK_SENT: Final = text(
    "SELECT m.member_id FROM members m JOIN sent_computed s USING (member_id) "
    'ORDER BY m.member_id COLLATE "C" FOR NO KEY UPDATE OF m'
)
_UPDATE_SENT: Final = text(
    "UPDATE members m SET computed = s.computed::jsonb, computed_by = :version, "
    "written_by = (pg_current_xact_id()::text)::bigint "
    "FROM sent_computed s WHERE s.member_id = m.member_id"
)


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed of a member, as JSON."""

    member_id: str
    attributes: str


def people_query(dialect: str) -> Select[Any]:
    """Give the query of `PEOPLE_COLUMNS`: every member, with what a computation begins from."""
    computed: ColumnElement[Any] = type_coerce(members.c.computed, Text())
    return select(
        members.c.member_id,
        _text_of(dialect, members.c.attributes, "tier"),
        _text_of(dialect, members.c.attributes, JOINED_ON),
        computed if dialect == "sqlite" else cast(computed, Text()),
    )


def facts_query(dialect: str, events: Sequence[str], as_of: datetime) -> Select[Any]:
    """Give the query of `FACT_COLUMNS`: the facts of these events up to a moment."""
    properties: ColumnElement[Any] = type_coerce(conversions.c.properties, Text())
    return select(
        conversions.c.conversion_id,
        conversions.c.member_id,
        conversions.c.event,
        conversions.c.occurred_at,
        conversions.c.amount_minor,
        conversions.c.currency,
        properties if dialect == "sqlite" else cast(properties, Text()),
    ).where(conversions.c.event.in_(events), conversions.c.occurred_at <= as_of)


def beginnings_query(dialect: str, phase: tuple[str, int], as_of: datetime) -> Select[Any]:
    """Give the query of who was assigned in a phase, and how near the next tier was then."""
    campaign, number = phase
    return select(
        assignments.c.member_id,
        *(
            _text_of(dialect, assignments.c.attributes, name)
            for name in ("next_tier", "tier_progress")
        ),
    ).where(
        assignments.c.campaign_key == campaign,
        assignments.c.phase == number,
        assignments.c.assigned_at <= as_of,
    )


def write_computed(
    connection: Connection, rows: Sequence[Computed], version: str
) -> frozenset[str]:
    """Keep what was computed of some members.

    Args:
        connection: In a write transaction.
        rows: Each member once, in the order of the characters' numbers.
        version: Of the rules.

    Returns:
        The members that are there; whoever was erased meanwhile is not.
    """
    if connection.dialect.name == "sqlite":
        query = select(members.c.member_id).where(
            members.c.member_id.between(rows[0].member_id, rows[-1].member_id)
        )
        there = frozenset(connection.scalars(query)) & {one.member_id for one in rows}
        number = next_number(connection)
        values = [(one.attributes, version, number, one.member_id) for one in rows]
        connection.exec_driver_sql(_UPDATE_SQLITE, values)
        return there
    connection.exec_driver_sql(_MAKE_SENT)
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY_SENT) as copy:  # type: ignore[union-attr]  # psycopg's
        for one in rows:
            copy.write_row((one.member_id, one.attributes))
    there = frozenset(connection.scalars(_LOCK_SENT))
    connection.execute(_UPDATE_SENT, {"version": version})
    return there


def _text_of(dialect: str, document: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """Give the value of a JSON object's field, as text."""
    if dialect == "sqlite":
        return cast(func.json_extract(document, f"$.{name}"), Text())
    return func.jsonb_extract_path_text(document, literal(name, String()))
