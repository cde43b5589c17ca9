"""The files of an archive as the relations of one phase, for every engine that reads Parquet.

The same rows as `duckdb_archive` gives, written as Ibis expressions. The cluster reads the files
where they lie, so their addresses have to be ones that it understands.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stats.aggregation.declared_relations import DeclaredSource
from stats.aggregation.declared_sources import SourceEngine, selected
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.fact_archive import FactArchive
from stats.aggregation.facts import ASSIGNMENTS, CONVERSIONS, EXPOSURES, TEXT, TIME

ARCHIVED_ASSIGNMENTS: Final[Mapping[str, pa.DataType]] = {
    **ASSIGNMENTS,
    "member_id": TEXT,
    "attributes": TEXT,
}
ELSEWHERE: Final[Mapping[str, pa.DataType]] = {
    "member_id": TEXT,
    "campaign_key": TEXT,
    "variant": TEXT,
    "exposed_at": TIME,
}
HOUSEHOLDS: Final[Mapping[str, pa.DataType]] = {"member_id": TEXT, "household_id": TEXT}


class FileEngine(SourceEngine, Protocol):
    """What an engine offers to those who read an archive."""

    def functions(self, time_zone: str) -> EngineFunctions:
        """Give its functions, days cut in a zone."""

    def load(self, name: str, table: pa.Table) -> None:
        """Take a small relation from memory."""

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Compute a relation once, under a name."""


def open_archive(engine: FileEngine, facts: FactArchive) -> dict[str, frozenset[str]]:
    """Make the relations of one phase known to an engine; gives their columns.

    Raises:
        MissingRelation: A file is not there, or is no Parquet file.
        MissingColumn: A file lacks a column.
        WrongColumnType: A column is not of the documented type.
    """
    exposures = _rows(engine, "exposures", facts.exposures, EXPOSURES)
    assignments = _rows(engine, "archived_assignments", facts.assignments, ARCHIVED_ASSIGNMENTS)
    seen = exposures.select("member_id", "unit_id", seen_at="exposed_at")
    if facts.assigned:
        seen = seen.union(assignments.select("member_id", "unit_id", seen_at="assigned_at"))
    relations = {"exposures": exposures}
    counted = seen
    if facts.by_household:
        paths = () if facts.households is None else (facts.households,)
        households = _rows(engine, "households", paths, HOUSEHOLDS)
        # read by conversions and by every metric: once is enough
        counted = engine.keep("unit_members", _unit_members(seen, households))
    everybody = _rows(engine, "conversions", facts.conversions, CONVERSIONS)
    relations["conversions"] = everybody.filter(
        everybody.event.isin(sorted(facts.events))
    ).semi_join(counted, "member_id")
    elsewhere = _rows(engine, "exposures_elsewhere", facts.exposures_elsewhere, ELSEWHERE)
    owners = counted.filter(counted.unit_id.notnull()).select("member_id", "unit_id").distinct()
    relations["overlaps"] = elsewhere.join(owners, "member_id").select(
        "unit_id", "variant", "exposed_at", campaign="campaign_key"
    )
    relations["assignments"] = assignments.select("unit_id", "variant", "assigned_at")
    if facts.segments:
        text = engine.functions("UTC").property_text
        relations["units"] = assignments.select(
            "unit_id", **{name: text(assignments.attributes, name) for name in facts.segments}
        )
    for name, relation in relations.items():
        engine.define(name, relation)
    if facts.by_household:
        relations["unit_members"] = counted
    return {name: frozenset(relation.columns) for name, relation in relations.items()}


def _unit_members(seen: ir.Table, households: ir.Table) -> ir.Table:
    """Give each member the unit that first named them, or else the household known now."""
    known = seen.filter(seen.unit_id.notnull())
    by_time = ibis.window(group_by="member_id", order_by=["seen_at", "unit_id"])
    placed = known.mutate(place=ibis.row_number().over(by_time))
    decided = placed.filter(placed.place == 0).select("member_id", "unit_id")
    now = households.select("member_id", unit_id="household_id")
    return decided.union(
        now.semi_join(known, "unit_id")
        .anti_join(decided, "member_id")
        .select("member_id", "unit_id")
    )


def _rows(
    engine: FileEngine, relation: str, paths: Sequence[str], columns: Mapping[str, pa.DataType]
) -> ir.Table:
    """Give the columns of a relation's files; without any file, no rows."""
    source = DeclaredSource({name: name for name in columns}, path=tuple(paths))
    if paths:
        return selected(relation, source, engine.describe(relation, source), columns)
    schema = pa.schema(list(columns.items()))
    engine.load(f"no_{relation}", schema.empty_table())
    kinds = {
        name: {TIME: "timestamp(6)", TEXT: "string"}.get(k, "int64") for name, k in columns.items()
    }
    return ibis.table(kinds, name=f"no_{relation}")
