"""Streams members and facts out of the store: every one, ordered by id, a few thousand at a time.

The order is that of the characters' numbers on both databases, whatever a server's locale says, so
that the same data stream alike. Run all streams of one purpose in one `reading`, one after another,
and close one that is not read to its end.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import collate, select

from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.member import stored_member
from experiments.store.tables import conversions, exposures, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Select

    from experiments.member import Member

_FETCHED_ROWS: Final = 2_000
_STATEMENT_TIMEOUT_S: Final = 600
"""How long PostgreSQL may sort before the first row comes."""


def stream_members(connection: Connection) -> Iterator[Member]:
    """Give every member."""
    query = select(
        members.c.member_id,
        members.c.attributes,
        members.c.personalisation_consent,
        members.c.computed,
        members.c.computed_by,
    ).order_by(_by_id(connection, members.c.member_id))
    for member_id, imported, consent, computed, computed_by in _rows(connection, query):
        yield stored_member(
            member_id,
            imported,
            personalisation_consent=consent,
            computed=computed,
            computed_by=computed_by,
        )


def stream_exposures(connection: Connection, campaign: str | None = None) -> Iterator[Exposure]:
    """Give every exposure, or those to one campaign."""
    table = exposures.c
    query = select(
        table.exposure_id,
        table.campaign_key,
        table.phase,
        table.variant,
        table.member_id,
        table.unit_id,
        table.exposed_at,
        table.received_at,
        table.sender,
    ).order_by(_by_id(connection, table.exposure_id))
    if campaign is not None:
        # an expression, which keeps SQLite in the order of the ids: it would sort in memory
        query = query.where(table.campaign_key.concat("") == campaign)
    for row in _rows(connection, query):
        yield Exposure(*row)


def stream_conversions(connection: Connection) -> Iterator[Conversion]:
    """Give every conversion."""
    table = conversions.c
    query = select(
        table.conversion_id,
        table.member_id,
        table.event,
        table.occurred_at,
        table.received_at,
        table.amount_minor,
        table.currency,
        table.properties,
    ).order_by(_by_id(connection, table.conversion_id))
    for row in _rows(connection, query):
        properties = MappingProxyType(row[-1] or {})
        yield Conversion(*row[:-1], properties=properties)  # type: ignore[misc]  # every value but the last, which mypy cannot count


def stream_attributes(connection: Connection) -> Iterator[Mapping[str, object]]:
    """Give the attributes of every member, in no particular order."""
    for (attributes,) in _rows(connection, select(members.c.attributes)):
        yield attributes


def stream_properties(connection: Connection) -> Iterator[Mapping[str, object]]:
    """Give the properties of every conversion that has some, in no particular order."""
    query = select(conversions.c.properties).where(conversions.c.properties.is_not(None))
    for (properties,) in _rows(connection, query):
        yield properties


def _by_id(connection: Connection, column: Column[str]) -> ColumnElement[str]:
    """Order by the numbers of characters, as SQLite does by itself."""
    return column if connection.dialect.name == "sqlite" else collate(column, "C")


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT_S}s'")
    with connection.execute(query, execution_options={"yield_per": _FETCHED_ROWS}) as result:
        yield from result
