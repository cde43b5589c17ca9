"""Declared tables and files as relations of an engine, checked before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Final, Protocol

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from stats.aggregation.answers import text, whole
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource, segments_of
from stats.aggregation.engine import Rows
from stats.aggregation.facts import COLUMNS, TEXT, WHOLE, may_be_null
from stats.aggregation.parameters import TIME
from stats.errors import (
    InvalidDeclaration,
    MemberInTwoUnits,
    MissingColumn,
    NullInColumn,
    UnitTwice,
    WrongColumnType,
)

NEEDS_TEXT: Final = "text, a whole number or a UUID"
NEEDS_WHOLE: Final = (
    "a whole number (of money with decimals: a view that has it in minor units, declared instead)"
)
NEEDS_TIME: Final = "a time with its zone (or one that is UTC, with `times_are_utc: true`)"


class SourceEngine(Protocol):
    """What an engine offers to those who read tables that it has already."""

    def describe(self, relation: str, source: DeclaredSource) -> ir.Table:
        """Give a source with its own columns and types, unbound.

        Raises:
            MissingRelation: There is no such table or file, or it may not be read.
        """

    def define(self, name: str, relation: ir.Table) -> None:
        """Make a relation known under a name, without computing it."""

    def fetch(self, relation: ir.Table) -> Rows:
        """Give the rows of a small relation."""


def open_declared(engine: SourceEngine, declared: DeclaredRelations) -> dict[str, frozenset[str]]:
    """Make every declared relation known to an engine; gives their columns.

    Raises:
        MissingRelation: A table or a file is not there, or may not be read.
        MissingColumn: A table lacks a declared column.
        WrongColumnType: A column does not convert without loss.
        NullInColumn: A column that may not be null has nulls.
        MemberInTwoUnits: A member belongs to more than one unit.
        UnitTwice: A unit has more than one row of attributes.
    """
    described = {  # all of them first: the names defined below may hide tables
        name: [_described(engine, name, source) for source in sources]
        for name, sources in declared.relations.items()
    }
    relations = {}
    for name, sources in described.items():
        columns = _columns(name, [source for source, _ in sources])
        parts = [selected(name, source, table, columns) for source, table in sources]
        for (source, _), part in zip(sources, parts, strict=True):
            _refuse_nulls(engine, name, source, part)
        relations[name] = reduce(lambda left, right: left.union(right), parts)
    _refuse_twice(engine, relations)
    for name, relation in relations.items():
        engine.define(name, relation)
    return {name: frozenset(relation.columns) for name, relation in relations.items()}


def _described(
    engine: SourceEngine, relation: str, source: DeclaredSource
) -> tuple[DeclaredSource, ir.Table]:
    table = engine.describe(relation, source)
    if not source.segments_by_name:
        return source, table
    used = set(source.columns.values())
    texts = {name: name for name, kind in table.schema().items() if kind.is_string()}
    segments = {name: name for name in texts if name not in used}
    return replace(source, columns={**segments, **source.columns}), table


def _columns(relation: str, sources: Sequence[DeclaredSource]) -> Mapping[str, pa.DataType]:
    documented = dict(COLUMNS[relation])
    if relation == "units":
        documented |= dict.fromkeys(segments_of(sources), TEXT)
    return documented


def selected(
    relation: str, source: DeclaredSource, table: ir.Table, columns: Mapping[str, pa.DataType]
) -> ir.Table:
    """Select the rows and columns of a source that are declared, in the documented types."""
    shown = f"{relation} ({source.shown})"
    for needed in (*source.columns.values(), *source.where):
        if needed not in table.columns:
            raise MissingColumn(shown, needed, table.columns)
    conditions = [_equals(shown, table[name], value) for name, value in source.where.items()]
    counted = table.filter(*conditions) if conditions else table
    return counted.select(
        **{name: _converted(shown, source, counted, name, kind) for name, kind in columns.items()}
    )


def _equals(relation: str, column: ir.Column, value: str | int) -> ir.BooleanValue:
    kind = column.type()
    fits = kind.is_string() if isinstance(value, str) else kind.is_integer()
    if not fits:
        wanted = "text" if isinstance(value, str) else "a whole number"
        expected = f"{wanted}, to equal {value!r},"
        raise WrongColumnType(relation, column.get_name(), kind, expected)
    return column == value


def _converted(
    relation: str, source: DeclaredSource, table: ir.Table, name: str, kind: pa.DataType
) -> ir.Value:
    wanted = {TEXT: "string", WHOLE: "int64"}.get(kind, TIME)
    if name not in source.columns:
        return _constant(relation, name, source.constants.get(name), wanted)
    column = table[source.columns[name]]
    came: dt.DataType = column.type()
    if kind == TEXT:
        fits = came.is_string() or came.is_integer() or came.is_uuid()
        fits |= name == "properties" and came.is_json()
        expected = NEEDS_TEXT
    elif kind == WHOLE:
        fits = came.is_integer() or (came.is_decimal() and came.scale == 0)
        expected = NEEDS_WHOLE
    else:
        fits = came.is_timestamp() and (came.timezone is not None or source.times_are_utc)
        expected = NEEDS_TIME
    if not fits:
        raise WrongColumnType(relation, source.columns[name], came, expected)
    return column.cast(wanted)


def _constant(relation: str, name: str, value: str | int | None, wanted: str) -> ir.Value:
    if value is None:
        return ibis.null(wanted)
    if (wanted == "string") != isinstance(value, str) or wanted == TIME:
        way_out = (
            "give a text, of amount_minor a whole number; a time is never the same in all rows"
        )
        raise InvalidDeclaration(value, field=f"{relation}.constants.{name}", expected=way_out)
    return ibis.literal(value, type=wanted)


def _refuse_nulls(engine: SourceEngine, name: str, source: DeclaredSource, part: ir.Table) -> None:
    strict = [
        column
        for column in part.columns
        if column in source.columns and not may_be_null(name, column)
    ]
    counts = {column: part[column].isnull().cast("int64").sum() for column in strict}
    if not counts:
        return
    found = engine.fetch(part.agg(**counts))[0]
    for column in strict:
        nulls = whole(found[column] or 0)  # null where there is no row
        if nulls:
            shown = f"{name} ({source.shown})"
            raise NullInColumn(shown, source.columns[column], nulls)


def _refuse_twice(engine: SourceEngine, relations: Mapping[str, ir.Table]) -> None:
    if "unit_members" in relations:
        table = relations["unit_members"]
        per = table.group_by("member_id").agg(low=table.unit_id.min(), high=table.unit_id.max())
        torn = _offenders(engine, per.filter(per.low != per.high), "member_id")
        if torn is not None:
            raise MemberInTwoUnits(*torn)
    if "units" in relations:
        table = relations["units"]
        per = table.group_by("unit_id").agg(rows=table.count())
        twice = _offenders(engine, per.filter(per.rows > 1), "unit_id")
        if twice is not None:
            raise UnitTwice(*twice)


def _offenders(engine: SourceEngine, table: ir.Table, key: str) -> tuple[int, str] | None:
    row = engine.fetch(table.agg(n=table.count(), example=table[key].min()))[0]
    return None if row["n"] == 0 else (whole(row["n"]), text(row["example"]))
