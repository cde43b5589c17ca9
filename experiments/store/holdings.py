"""Says which tables hold something about members, so that none is forgotten.

Whatever tells, exports, erases or forgets what is held about a member goes through `HOLDINGS`; a
test fails where a table has a column of members, units or households and stands neither here nor
in `NOT_OF_MEMBERS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import Table, or_, select

from experiments.store import tables
from experiments.store.arrivals import unhurried

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import ColumnElement, Connection

IDENTITIES: Final = ("member_id", "unit_id", "household_id")
"""Columns that may hold the id of a member; a unit is a member, or a household."""

_FETCHED_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Holding:
    """A table with rows about members.

    Attributes:
        table: Which one.
        key: The columns by which a row is known in an export and in the archive.
        is_derived: Whether its rows are made of another holding's, and are no facts of their own.
        is_removed: Whether an erasure removes its rows: no number is made of them.
    """

    table: Table
    key: tuple[str, ...]
    is_derived: bool = False
    is_removed: bool = False

    @property
    def name(self) -> str:
        """Name of the table, under which an export has its rows."""
        return str(self.table.name)  # SQLAlchemy's own kind of text is no key of JSON

    @property
    def identities(self) -> tuple[str, ...]:
        """The columns that may hold the member's id."""
        return tuple(name for name in IDENTITIES[:2] if name in self.table.c)

    def about(self, ids: Collection[str]) -> ColumnElement[bool]:
        """Give the condition for rows about any of these members or units."""
        return or_(*(self.table.c[name].in_(sorted(ids)) for name in self.identities))


HOLDINGS: Final[tuple[Holding, ...]] = (
    Holding(tables.assignments, ("campaign_key", "phase", "unit_id")),
    Holding(tables.exposures, ("exposure_id",)),
    Holding(
        tables.first_exposures,
        ("campaign_key", "phase", "variant", "member_id", "unit_id"),
        is_derived=True,
    ),
    Holding(tables.conversions, ("conversion_id",)),
    Holding(tables.grants, ("grant_id",)),
    Holding(tables.grant_moves, ("grant_id", "step")),
    Holding(tables.opt_outs, ("id",), is_removed=True),
    Holding(tables.webhook_messages, ("message_id",), is_removed=True),
)
"""Every table with rows about members, beside `members` and `quarantine`, which are read apart."""

APART: Final = frozenset({"members", "quarantine"})
"""Tables that hold something about members, and are not read by a column with an id alone."""

NOT_OF_MEMBERS: Final[Mapping[str, str]] = {
    "erased_members": "pseudonyms, by which nobody is known",
}
"""Tables with such a column that say nothing about a person, and why."""


def rows_about(
    connection: Connection, holding: Holding, ids: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Give the rows about members or units, without the number of who wrote them.

    Reads the whole table where no index leads to them.
    """
    unhurried(connection)
    columns = [one for one in holding.table.columns if one.name != tables.WRITTEN_BY]
    query = (
        select(*columns)
        .where(holding.about(ids))
        .order_by(*(holding.table.c[one] for one in holding.key))
    )
    options = {"yield_per": _FETCHED_ROWS}
    with connection.execute(query, execution_options=options) as found:
        for row in found.mappings():
            yield dict(row)


def mentions(payload: str, member_id: str) -> bool:
    """Say whether text that came names a member: as a value of its JSON, or as a word of it."""
    if member_id not in payload and orjson.dumps(member_id).decode()[1:-1] not in payload:
        return False
    try:
        return _has(orjson.loads(payload), member_id)
    except orjson.JSONDecodeError:
        word = rf"(?<![\w-]){re.escape(member_id)}(?![\w-])"
        return re.search(word, payload) is not None


def _has(value: object, member_id: str) -> bool:
    match value:
        case str():
            return value == member_id
        case dict():
            return any(_has(one, member_id) for pair in value.items() for one in pair)
        case list():
            return any(_has(one, member_id) for one in value)
        case _:
            return False


def quarantined_about(connection: Connection, member_id: str) -> Iterator[dict[str, Any]]:
    """Give the quarantined items that name a member, as they came or as they were corrected."""
    unhurried(connection)
    table = tables.quarantine
    for row in connection.execute(select(table).order_by(table.c.id)).mappings():
        texts = (row["payload"], row["correction"] or "", row["item_id"] or "")
        if any(mentions(text, member_id) for text in texts):
            yield {name: value for name, value in row.items() if name != "digest"}
