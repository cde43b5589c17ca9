"""Keeps members: replaced as a whole when sent one by one, merged when imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    String,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)

from experiments.errors import UnknownMember
from experiments.member import HOUSEHOLD, Member, stored_member
from experiments.store.tables import WritingTransaction, members, write_counter
from experiments.store.types import JsonText
from experiments.store.writes import in_chunks, insert_into, numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping
    from sqlalchemy.dialects import postgresql, sqlite

# built once: every offer asks it, and building costs as much as asking
_COLUMNS: Final = (
    members.c.member_id,
    members.c.attributes,
    members.c.personalisation_consent,
    members.c.computed,
    members.c.computed_by,
)
_MEMBER: Final = select(*_COLUMNS).where(members.c.member_id == bindparam("wanted"))


_COUNTED: Final = select(write_counter.c.number)
_OLDEST_RUNNING: Final = select(
    literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())
)
_CHANGED: Final = (
    select(members.c.member_id)
    .where(members.c.written_by >= bindparam("since"))
    .limit(bindparam("most"))
)


def put_members(connection: Connection, given: Iterable[Member], now: datetime) -> None:
    """Keep each member as given, in place of what was known; of a repeated id the last counts."""
    statement = insert_into(connection, members)
    new = statement.excluded
    _upsert(
        connection,
        statement,
        given,
        now,
        {
            "household_id": new.household_id,
            "attributes": new.attributes,
            "personalisation_consent": new.personalisation_consent,
            "updated_at": new.updated_at,
            "written_by": new.written_by,
        },
    )


def merge_members(
    connection: Connection, given: Iterable[Member], now: datetime, *, with_consent: bool
) -> None:
    """Add what is given to what is known: attributes not given stay as they are.

    Args:
        connection: In a write transaction.
        given: Members with the attributes to set; of a repeated id the last counts.
        now: When it was told.
        with_consent: Whether `given` says anything about consent; if not, a known member's stays
            and a new member's is as given.
    """
    statement = insert_into(connection, members)
    new = statement.excluded
    changes: dict[str, Any] = {
        "household_id": case(
            (_has_household(connection, statement), new.household_id),
            else_=members.c.household_id,
        ),
        "attributes": _merged(connection, statement),
        "updated_at": new.updated_at,
        "written_by": new.written_by,
    }
    if with_consent:
        changes["personalisation_consent"] = new.personalisation_consent
    _upsert(connection, statement, given, now, changes)


def read_member(connection: Connection, member_id: str) -> Member:
    """Give the member with this id.

    Raises:
        UnknownMember: There is none.
    """
    member = find_member(connection, member_id)
    if member is None:
        raise UnknownMember(member_id)
    return member


def find_member(connection: Connection, member_id: str) -> Member | None:
    """Give the member with this id, or None."""
    row = connection.execute(_MEMBER, {"wanted": member_id}).mappings().first()
    return None if row is None else _member(row)


def find_members(connection: Connection, member_ids: Sequence[str]) -> dict[str, Member]:
    """Give those of the members that are known, by id."""
    found: dict[str, Member] = {}
    for some in in_chunks(member_ids):
        query = select(*_COLUMNS).where(members.c.member_id.in_(some))
        found |= {row["member_id"]: _member(row) for row in connection.execute(query).mappings()}
    return found


def some_members(connection: Connection, limit: int) -> list[Member]:
    """Give at most so many members, whichever come first."""
    rows = connection.execute(select(*_COLUMNS).limit(limit)).mappings()
    return [_member(row) for row in rows]


def merged_attributes(dialect: str) -> ColumnElement[Any]:
    """Give SQL for what `Member.attributes` is: what was computed, with what was said over it.

    Args:
        dialect: Name of the database's dialect.
    """
    said, computed = members.c.attributes, members.c.computed
    merged = func.json_patch(computed, said) if dialect == "sqlite" else computed.op("||")(said)
    return type_coerce(case((computed.is_(None), said), else_=merged), JsonText())


def changes_until(connection: Connection) -> int:
    """Give the number from which changes that cannot be seen yet will be counted.

    Args:
        connection: In a read transaction; what it sees of members has a lower number, or is asked
            for again from the number given here.
    """
    if connection.dialect.name == "sqlite":
        return (connection.scalar(_COUNTED) or 1) + 1
    return connection.scalar(_OLDEST_RUNNING) or 0


def changed_members(connection: Connection, since: int, limit: int) -> list[str] | None:
    """Give the ids of members that were changed by transactions from number `since` on.

    Args:
        connection: In a read transaction.
        since: What `changes_until` gave when it was asked before.
        limit: At most so many.

    Returns:
        The ids, some perhaps once more than needed; None where there are more than `limit`.
    """
    found = connection.scalars(_CHANGED, {"since": since, "most": limit + 1}).all()
    return None if len(found) > limit else list(found)


def count_members(connection: Connection) -> int:
    """Give the number of members."""
    return connection.scalar(select(func.count()).select_from(members)) or 0


def _upsert(
    connection: Connection,
    statement: sqlite.Insert | postgresql.Insert,
    given: Iterable[Member],
    now: datetime,
    changes: dict[str, Any],
) -> None:
    by_id = {member.member_id: member for member in given}
    rows = [
        {
            "member_id": member.member_id,
            "household_id": member.household_id,
            "attributes": dict(member.imported),
            "personalisation_consent": member.personalisation_consent,
            "created_at": now,
            "updated_at": now,
        }
        for _, member in sorted(by_id.items())  # one order for all writers: no deadlocks
    ]
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        statement = statement.values(written_by=WritingTransaction())
    # a member who stays the same is not written: nobody has to read it anew
    changed = or_(
        *(
            members.c[name].is_distinct_from(value)
            for name, value in changes.items()
            if name not in {"updated_at", "written_by"}
        )
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["member_id"], set_=changes, where=changed),
        numbered(connection, rows),
    )


def _merged(
    connection: Connection, statement: sqlite.Insert | postgresql.Insert
) -> ColumnElement[Any]:
    """Give known attributes with the new ones over them, merged by the database: no lost update."""
    known, new = members.c.attributes, statement.excluded.attributes
    if connection.dialect.name == "sqlite":
        return func.json_patch(known, new)
    return known.op("||")(new)


def _has_household(
    connection: Connection, statement: sqlite.Insert | postgresql.Insert
) -> ColumnElement[bool]:
    """Give whether the new attributes say anything about the household."""
    new = statement.excluded.attributes
    if connection.dialect.name == "sqlite":
        return func.json_type(new, f"$.{HOUSEHOLD}").is_not(None)
    return new.op("?")(literal(HOUSEHOLD, String()))


def _member(row: RowMapping) -> Member:
    return stored_member(
        row["member_id"],
        row["attributes"],
        personalisation_consent=row["personalisation_consent"],
        computed=row["computed"],
        computed_by=row["computed_by"],
    )
