"""Hands the facts of one phase to the analysis: Arrow relations, from one snapshot.

The databases filter, so only rows that the analysis reads leave them, and nothing is summed here.
Exposures are read as `experiments.store.folding` sums them up, and the tail that is not folded yet
is summed up on the way: of a member who was exposed a thousand times, one row leaves the database,
and a thousand are made of it here.

PostgreSQL is read through ADBC, which makes Arrow from its binary protocol. SQLite is read through
Python's own driver instead, although ADBC has one, three times as fast: that driver brings a second
copy of the SQLite library, and two copies that open one file in one process break its locks. When
one closes the file, POSIX drops the locks of the other, and a second process may then write at the
same time: https://sqlite.org/howtocorrupt.html, 2.2.1 (a test shows it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import Error as AdbcError
from sqlalchemy import (
    Text,
    and_,
    case,
    cast,
    func,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from experiments.campaign import UnitKind
from experiments.errors import QueryTimedOut
from experiments.store import arrow
from experiments.store.engine import reading, shown
from experiments.store.firsts import Firsts
from experiments.store.folding import FOLDED_UNTIL, folded_until
from experiments.store.tables import (
    assignments,
    conversions,
    erased_members,
    members,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Engine, Select, Subquery
    from sqlalchemy.sql import Selectable
    from sqlalchemy.sql.selectable import CompoundSelect

_Queries: TypeAlias = "Mapping[str, tuple[Selectable, pa.Schema]]"
"""What is asked, by name, and the columns of the answer."""

_MOMENT: Final = pa.timestamp("us", tz="UTC")

EXPOSURES: Final = pa.schema(
    [
        pa.field("member_id", pa.string(), nullable=False),
        pa.field("unit_id", pa.string()),
        pa.field("variant", pa.string(), nullable=False),
        pa.field("exposed_at", _MOMENT, nullable=False),
    ]
)
COUNTED_EXPOSURES: Final = EXPOSURES.append(pa.field("times", pa.int64(), nullable=False))
_SUMMED: Final = EXPOSURES.append(pa.field("last_exposed_at", _MOMENT, nullable=False)).append(
    pa.field("exposures", pa.int64(), nullable=False)
)
CONVERSIONS: Final = pa.schema(
    [
        pa.field("member_id", pa.string(), nullable=False),
        pa.field("event", pa.string(), nullable=False),
        pa.field("occurred_at", _MOMENT, nullable=False),
        pa.field("amount_minor", pa.int64()),
        pa.field("currency", pa.string()),
        pa.field("properties", pa.string()),
    ]
)
UNIT_MEMBERS: Final = pa.schema(
    [
        pa.field("member_id", pa.string(), nullable=False),
        pa.field("unit_id", pa.string(), nullable=False),
    ]
)

ASSIGNMENTS: Final = pa.schema(
    [
        pa.field("unit_id", pa.string(), nullable=False),
        pa.field("variant", pa.string(), nullable=False),
        pa.field("assigned_at", _MOMENT, nullable=False),
    ]
)

OVERLAPS: Final = pa.schema(
    [
        pa.field("unit_id", pa.string(), nullable=False),
        pa.field("campaign", pa.string(), nullable=False),
        pa.field("variant", pa.string(), nullable=False),
        pa.field("exposed_at", _MOMENT, nullable=False),
    ]
)

_STATEMENT_TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class FactRelations:
    """The facts of one campaign phase; rows are in no particular order.

    Attributes:
        exposures: The logged exposures of the phase: `COUNTED_EXPOSURES`. Of several of a member to
            a variant, the last has a row of its own; that of the first stands for all before it,
            however many `times` that was.
        conversions: Those that the analysis reads, of the members of exposed units: `CONVERSIONS`.
        unit_members: Who belongs to which exposed household: `UNIT_MEMBERS`. None where the member
            is the unit.
        assignments: Every remembered assignment of the phase: `ASSIGNMENTS`.
        units: Per assigned unit, `unit_id` and the attributes asked for as they were at assignment,
            each as text, null where the unit had none. None where none was asked for. Units that
            another system assigned have no row: what they were then is not known here.
        overlaps: Per unit, other campaign and variant there the first exposure: `OVERLAPS`.
    """

    exposures: pa.Table
    conversions: pa.Table
    unit_members: pa.Table | None
    assignments: pa.Table | None = None
    units: pa.Table | None = None
    overlaps: pa.Table | None = None


def read_facts(
    engine: Engine,
    campaign: str,
    phase: int,
    *,
    unit: UnitKind,
    events: Collection[str],
    assigned: bool = False,
    attributes: Sequence[str] = (),
    as_of: datetime | None = None,
) -> FactRelations:
    """Give the facts of a phase as they stood at one moment.

    Args:
        engine: Of a database that `open_engine` opened.
        campaign: Key of the campaign.
        phase: Its number.
        unit: What is counted. Of a household campaign, a member belongs to the household that their
            first exposure named, and one who was never exposed to the household known now.
        events: Names of the conversions to read.
        assigned: Whether to read the conversions of all that were assigned, not of the exposed.
        attributes: Names of the attributes to read of assigned units.
        as_of: A moment of the past, up to which exposures are counted exactly: those of members who
            were exposed before it and after it are then read one by one. By default up to now.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
        QueryTimedOut: PostgreSQL took longer than ten minutes.
    """
    dialect = engine.dialect.name

    def asked(until: int | None) -> _Queries:
        firsts = Firsts(campaign, phase, until)
        seen = [firsts.folded(), firsts.tail()]
        if assigned:
            seen.append(_assigned_as_seen(campaign, phase))
        exposed = union_all(*seen).subquery("exposed")
        of_units = _unit_members(exposed) if unit is UnitKind.HOUSEHOLD else None
        counted = exposed if of_units is None else of_units.subquery("unit_members")
        queries: dict[str, tuple[Selectable, pa.Schema]] = {
            "folded": (firsts.folded_sums(as_of, dialect), _SUMMED),
            "tail": (firsts.tail_sums(as_of, dialect), _SUMMED),
            "conversions": (_conversions(counted, events), CONVERSIONS),
            "overlaps": (firsts.overlaps(counted), OVERLAPS),
            "assignments": (_assignments(campaign, phase), ASSIGNMENTS),
        }
        if of_units is not None:
            queries["unit_members"] = (of_units, UNIT_MEMBERS)
        if attributes:
            fields = [pa.field("unit_id", pa.string(), nullable=False)]
            fields += [pa.field(name, pa.string()) for name in attributes]
            queries["units"] = (_units(campaign, phase, attributes, dialect), pa.schema(fields))
        return queries

    read = _read_sqlite if dialect == "sqlite" else _read_postgresql
    tables = read(engine, asked)
    return FactRelations(
        _firsts_and_lasts(_together(tables["folded"], tables["tail"], as_of=as_of)),
        tables["conversions"],
        tables.get("unit_members"),
        tables["assignments"],
        tables.get("units"),
        tables["overlaps"],
    )


def _of_phase(campaign: str, phase: int) -> ColumnElement[bool]:
    return and_(assignments.c.campaign_key == campaign, assignments.c.phase == phase)


def _assignments(campaign: str, phase: int) -> Select[Any]:
    return select(assignments.c.unit_id, assignments.c.variant, assignments.c.assigned_at).where(
        _of_phase(campaign, phase)
    )


def _assigned_as_seen(campaign: str, phase: int) -> Select[Any]:
    """Give assignments in the columns of exposures."""
    return select(
        assignments.c.member_id,
        assignments.c.unit_id,
        assignments.c.variant,
        assignments.c.assigned_at.label("exposed_at"),
    ).where(_of_phase(campaign, phase))


def _units(campaign: str, phase: int, names: Sequence[str], dialect: str) -> Select[Any]:
    held = type_coerce(assignments.c.attributes, Text())
    values = [_sqlite_text(held, name) if dialect == "sqlite" else _postgresql_text(name)
              for name in names]  # fmt: skip
    return select(assignments.c.unit_id, *values).where(_of_phase(campaign, phase))


def _sqlite_text(held: ColumnElement[str], name: str) -> ColumnElement[str]:
    """Give an attribute as text; SQLite has no booleans, so those are spelt here."""
    path = f'$."{name}"'
    kind = func.json_type(held, path)
    return case(
        (kind == "true", "true"),
        (kind == "false", "false"),
        else_=cast(func.json_extract(held, path), Text()),
    )


def _postgresql_text(name: str) -> ColumnElement[str]:
    return type_coerce(assignments.c.attributes, JSONB()).op("->>")(name)


def _together(folded: pa.Table, tail: pa.Table, *, as_of: datetime | None) -> pa.Table:
    """Give one row where both say of the same member, unit and variant."""
    if not tail.num_rows:
        return folded
    both = pa.concat_tables([folded, tail])
    if as_of is not None:  # each row lies before or after that: what is on both sides stays apart
        return both
    keys = ["member_id", "unit_id", "variant"]
    sums = [("exposed_at", "min"), ("last_exposed_at", "max"), ("exposures", "sum")]
    return (
        both.group_by(keys)
        .aggregate(sums)
        .select([*keys, *map("_".join, sums)])
        .rename_columns(_SUMMED.names)
        .cast(_SUMMED)
    )


def _firsts_and_lasts(summed: pa.Table) -> pa.Table:
    """Give a row for what was summed up, and one more for the last of several."""
    times = summed["exposures"]
    several = pc.greater(times, 1)
    earlier = pc.subtract(times, several.cast(pa.int64()))
    firsts = summed.select(EXPOSURES.names).append_column(COUNTED_EXPOSURES.field("times"), earlier)
    last = summed.filter(several).select(["member_id", "unit_id", "variant", "last_exposed_at"])
    once = pa.array(np.ones(len(last), np.int64))
    lasts = last.rename_columns(EXPOSURES.names).append_column("times", once)
    return pa.concat_tables([firsts, lasts.cast(COUNTED_EXPOSURES)])


def _unit_members(exposed: Subquery) -> CompoundSelect[Any]:
    """Give the members of exposed households; each belongs to one."""
    order = func.row_number().over(
        # the household breaks ties, so that both databases answer alike
        partition_by=exposed.c.member_id,
        order_by=(exposed.c.exposed_at, exposed.c.unit_id),
    )
    known = exposed.c.unit_id.is_not(None)
    ranked = select(exposed.c.member_id, exposed.c.unit_id, order.label("place")).where(known)
    firsts = ranked.subquery("ranked")
    frozen = select(firsts.c.member_id, firsts.c.unit_id).where(firsts.c.place == 1)
    units = select(exposed.c.unit_id).where(known)
    decided = select(exposed.c.member_id).where(known)
    others = select(members.c.member_id, members.c.household_id).where(
        members.c.household_id.in_(units), members.c.member_id.not_in(decided)
    )
    # as anonymous as they are, they count for their household as before
    erased = select(erased_members.c.pseudonym, erased_members.c.household_id).where(
        erased_members.c.household_id.in_(units), erased_members.c.pseudonym.not_in(decided)
    )
    return union_all(frozen, others, erased)


def _conversions(counted: Subquery, events: Collection[str]) -> Select[Any]:
    return select(
        conversions.c.member_id,
        conversions.c.event,
        conversions.c.occurred_at,
        conversions.c.amount_minor,
        conversions.c.currency,
        cast(type_coerce(conversions.c.properties, Text()), Text()),
    ).where(
        conversions.c.event.in_(sorted(events)),
        conversions.c.member_id.in_(select(counted.c.member_id)),
    )


def _read_sqlite(engine: Engine, asked: Callable[[int | None], _Queries]) -> dict[str, pa.Table]:
    with reading(engine) as connection:
        queries = asked(folded_until(connection))
        return {
            name: pa.Table.from_batches(arrow.sqlite_batches(connection, query, schema), schema)
            for name, (query, schema) in queries.items()
        }


def _read_postgresql(
    engine: Engine, asked: Callable[[int | None], _Queries]
) -> dict[str, pa.Table]:
    with arrow.open_adbc(engine) as connection, connection.cursor() as cursor:
        arrow.begin_snapshot(cursor, timeout_s=_STATEMENT_TIMEOUT_S)
        cursor.execute(FOLDED_UNTIL["postgresql"])
        row = cursor.fetchone()
        tables = {}
        for name, (query, schema) in asked(None if row is None else row[0]).items():
            try:
                cursor.execute(*arrow.for_adbc(query))
                table = cursor.fetch_arrow_table()
            except AdbcError as error:
                if error.sqlstate == "57014":  # query_canceled
                    raise QueryTimedOut(shown(engine.url), arrow.first_line(error)) from error
                raise
            # by place: the types carry PostgreSQL's names as metadata, which are not ours
            tables[name] = table.rename_columns(schema.names).cast(schema)
        return tables
