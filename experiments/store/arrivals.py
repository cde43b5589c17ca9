"""Tells what arrived since, so that a copy can follow the database: nothing skipped, nothing twice.

Ids and sequence numbers are given before a transaction commits, so under concurrent writers they
become visible out of order: whoever remembers the highest one seen skips what commits later with a
lower one. A row is therefore numbered by the transaction that wrote it (`written_by`), and only
numbers below the *frontier* are handed out: those of transactions that are over.

- PostgreSQL gives transaction numbers in order, and says which is the oldest that still runs
  (``pg_snapshot_xmin``). All below it have committed or will never, and later ones are not below
  it. So the rows with ``since <= written_by < frontier`` are complete, and the next run begins
  where this one ended. A transaction that stays open holds the frontier back; it loses nothing.
- SQLite's writers take turns. Each takes the next number from a counter in its own transaction, so
  numbers become visible in order and the frontier is one above the counter. Row ids would not do:
  VACUUM renumbers them, and one that is deleted comes again.

Deleting rows disturbs neither, since no number is used twice. What does disturb it is a database
that was restored: `incarnation` changes when PostgreSQL's numbers begin anew, and the record of
commits in `experiments.store.archives` goes back when the facts do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Text,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql import type_coerce

from experiments.store.arrow import stream_arrow
from experiments.store.tables import (
    assignments,
    conversions,
    erased_members,
    exposures,
    grant_moves,
    members,
    phases,
    write_counter,
)
from experiments.store.types import JsonText, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Engine, Select

_MOMENT: Final = pa.timestamp("us", tz="UTC")
_NUMBER: Final = "written_by"
_DAY_MICROSECONDS: Final = 86_400_000_000
_HALF: Final = 1_000_000_000
"""Amounts are summed in two halves, whose sums cannot overflow where that of the whole could."""


class FactKind(StrEnum):
    """What is archived row by row; its value is the name of its table."""

    EXPOSURES = "exposures"
    CONVERSIONS = "conversions"
    ASSIGNMENTS = "assignments"
    GRANTS = "grant_moves"


@dataclass(frozen=True, slots=True)
class FactShape:
    """What the rows of a kind look like, in the database and as Arrow.

    Attributes:
        table: Where they are; the archive has the same columns without the writer's number.
        happened_at: The column with the moment at which it happened, whose UTC day it belongs to.
        campaign: The columns that say of which campaign (and phase) it is; none for conversions.
        sorted_by: The order within a file: what is asked for together stands together.
        amount: The column with money in minor units, and None where there is none.
    """

    table: SqlTable
    happened_at: str
    campaign: tuple[str, ...]
    sorted_by: tuple[str, ...]
    amount: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The columns as Arrow."""
        return pa.schema(
            pa.field(column.name, _arrow_type(column.type), nullable=bool(column.nullable))
            for column in self.table.columns
            if column.name != _NUMBER
        )


SHAPES: Final[Mapping[FactKind, FactShape]] = MappingProxyType(
    {
        FactKind.EXPOSURES: FactShape(
            exposures, "exposed_at", ("campaign_key", "phase"), ("member_id", "exposed_at")
        ),
        FactKind.CONVERSIONS: FactShape(
            conversions, "occurred_at", (), ("event", "member_id", "occurred_at"), "amount_minor"
        ),
        FactKind.ASSIGNMENTS: FactShape(
            assignments, "assigned_at", ("campaign_key", "phase"), ("unit_id",)
        ),
        FactKind.GRANTS: FactShape(
            grant_moves,
            "moved_at",
            ("campaign_key", "phase"),
            ("member_id", "moved_at"),
            "cost_minor",
        ),
    }
)

HOUSEHOLDS: Final = pa.schema(
    [
        pa.field("member_id", pa.string(), nullable=False),
        pa.field("household_id", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class Frontier:
    """Up to where the database can be followed now.

    Attributes:
        number: Rows with a lower number are there for good; none will be added among them.
        is_held_back: Whether a transaction that may still write keeps it from going further.
    """

    number: int
    is_held_back: bool


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What there is of one kind on one UTC day.

    Attributes:
        rows: How many.
        sums: Money in minor units by currency, of rows that have some.
    """

    kind: FactKind
    day: date
    rows: int
    sums: Mapping[str, int]


def incarnation(connection: Connection) -> str:
    """Name the numbering that `written_by` belongs to.

    A PostgreSQL dump that is restored into another database keeps its numbers, which mean nothing
    there. A SQLite file carries its counter along.
    """
    if connection.dialect.name == "sqlite":
        return "sqlite"
    query = (
        "SELECT system_identifier || '/' || oid FROM pg_control_system(), pg_database "
        "WHERE datname = current_database()"
    )
    return str(connection.scalar(text(query)))


def frontier(connection: Connection) -> Frontier:
    """Give how far the database can be followed.

    Args:
        connection: In a read transaction; every row below the frontier is visible to it and to
            any later one.
    """
    if connection.dialect.name == "sqlite":
        return Frontier((connection.scalar(select(write_counter.c.number)) or 1) + 1, False)
    query = (
        "SELECT pg_snapshot_xmin(now_)::text::bigint, pg_snapshot_xmax(now_)::text::bigint "
        "FROM pg_current_snapshot() AS now_"
    )
    oldest, newest = connection.execute(text(query)).one()
    return Frontier(oldest, oldest < newest)


def unhurried(connection: Connection) -> None:
    """Let statements of this transaction take as long as they need."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def count_arrivals(
    connection: Connection, kind: FactKind, since: int, until: int
) -> tuple[int, int]:
    """Give the number of rows with ``since <= written_by < until``, and of those above.

    An index look-up where there are none.
    """
    table = SHAPES[kind].table
    ready = func.count().filter(table.c[_NUMBER] < until)
    query = select(ready, func.count()).select_from(table).where(*_between(table, since, None))
    below, both = connection.execute(query).one()
    return below, both - below


def has_arrivals(connection: Connection, kind: FactKind, since: int) -> bool:
    """Say whether any row has ``since <= written_by``: one index look-up, however many do."""
    number = SHAPES[kind].table.c[_NUMBER]
    return connection.scalar(select(literal(1)).where(number >= since).limit(1)) is not None


def stream_arrivals(
    engine: Engine, kind: FactKind, since: int, until: int
) -> Iterator[pa.RecordBatch]:
    """Give the rows with ``since <= written_by < until`` as Arrow, in no particular order.

    Raises:
        StoreError: The database cannot be read.
    """
    shape = SHAPES[kind]
    columns: list[ColumnElement[Any]] = [
        cast(type_coerce(column, Text()), Text()).label(column.name)
        if isinstance(column.type, JsonText)
        else column
        for column in shape.table.columns
        if column.name != _NUMBER
    ]
    query = select(*columns).where(*_between(shape.table, since, until))
    return stream_arrow(engine, query, shape.schema)


def stream_households(engine: Engine) -> Iterator[pa.RecordBatch]:
    """Give who belongs to which household now: `HOUSEHOLDS`."""
    query = select(members.c.member_id, members.c.household_id)
    known = query.where(members.c.household_id.is_not(None))
    erased = select(erased_members.c.pseudonym, erased_members.c.household_id)
    return stream_arrow(engine, union_all(known, erased), HOUSEHOLDS)


def households_mark(connection: Connection) -> str:
    """Give what changes whenever somebody's household may have changed; empty without households.

    Reads the whole table of members, and only where a campaign goes by household.
    """
    unit = "randomization_unit"
    design = phases.c.design
    by_household = (
        func.json_extract(design, f"$.{unit}")
        if connection.dialect.name == "sqlite"
        else func.jsonb_extract_path_text(design, unit)
    )
    if (
        connection.scalar(select(literal(1)).where(exists().where(by_household == "household")))
        is None
    ):
        return ""
    at = members.c.updated_at
    query = select(func.count(members.c.household_id), func.count(), func.max(at))
    households, known, latest = connection.execute(query).one()
    erased = connection.scalar(select(func.count()).select_from(erased_members)) or 0
    if not households and not erased:
        return ""
    at_latest = latest.isoformat() if latest is not None else "no time"
    return f"{households} of {known} at {at_latest}" + (f", {erased} erased" if erased else "")


def day_totals(connection: Connection, kind: FactKind, until: int) -> tuple[DayTotal, ...]:
    """Give rows and money per UTC day, of the rows with ``written_by < until``, in order of days.

    Reads the whole table.
    """
    shape = SHAPES[kind]
    table = shape.table
    day = _day(connection, shape).label("day")
    columns: list[ColumnElement[Any]] = [day, func.count().label("rows")]
    grouped = ["day"]
    if shape.amount is not None:
        amount = table.c[shape.amount]
        currency = table.c.currency
        high = func.sum(amount.op("/", return_type=BigInteger())(literal_column(str(_HALF))))
        low = func.sum(amount.op("%", return_type=BigInteger())(literal_column(str(_HALF))))
        columns += [currency, func.count(amount), high, low]
        grouped.append("currency")
    query: Select[Any] = select(*columns).where(*_between(table, None, until))
    query = query.group_by(*map(literal_column, grouped)).order_by(literal_column("day"))
    found: dict[int, DayTotal] = {}
    for row in connection.execute(query):
        number = int(row[0])
        before = found.get(number) or DayTotal(kind, _date(number), 0, {})
        sums = dict(before.sums)
        if shape.amount is not None and row[3]:
            sums[row[2]] = int(row[4]) * _HALF + int(row[5])
        found[number] = DayTotal(kind, before.day, before.rows + row[1], sums)
    return tuple(found.values())


def renumber(connection: Connection) -> int:
    """Number anew what carries a number that no transaction of this server has had yet.

    A dump that is restored into a younger server has such rows; they would be taken for new ones
    once the server comes to those numbers.

    Args:
        connection: In a write transaction.

    Returns:
        How many rows were renumbered.
    """
    if connection.dialect.name == "sqlite":
        return 0
    unhurried(connection)
    now = "(pg_current_xact_id()::text)::bigint"
    changed = 0
    for shape in SHAPES.values():
        statement = f"UPDATE {shape.table.name} SET {_NUMBER} = {now} WHERE {_NUMBER} > {now}"  # noqa: S608  # our own names
        changed += connection.execute(text(statement)).rowcount
    # no copy follows the members: a number that says nothing is better than one that is ahead
    statement = f"UPDATE members SET {_NUMBER} = NULL WHERE {_NUMBER} > {now}"  # noqa: S608  # as above
    connection.execute(text(statement))
    return changed


def _between(
    table: SqlTable, since: int | None, until: int | None
) -> Sequence[ColumnElement[bool]]:
    number = table.c[_NUMBER]
    bounds = []
    if since is not None:
        bounds.append(number >= since)
    if until is not None:
        bounds.append(number < until)
    return bounds


def _day(connection: Connection, shape: FactShape) -> ColumnElement[int]:
    """Give the number of the UTC day since 1970, which is negative before."""
    moment = shape.table.c[shape.happened_at]
    if connection.dialect.name == "sqlite":
        name, size = moment.name, _DAY_MICROSECONDS
        # SQLite divides towards zero, and a day before 1970 must not be the day after
        return literal_column(
            f"(({name} - (({name} % {size}) + {size}) % {size}) / {size})", Integer()
        )
    epoch: ColumnElement[Any] = literal_column("DATE '1970-01-01'")
    return cast(func.timezone("UTC", moment), Date()).op("-", return_type=Integer())(epoch)


def _date(number: int) -> date:
    days: date = pa.scalar(number, pa.int32()).cast(pa.date32()).as_py()
    return days


def _arrow_type(kept: object) -> pa.DataType:
    match kept:
        case UtcDateTime():
            return _MOMENT
        case Integer():
            return pa.int64()
        case _:
            return pa.string()
