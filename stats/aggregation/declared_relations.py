"""Which tables of a business hold the facts, column by column: a document, read and checked.

A declaration has no expressions: a column is another table's column under our name, or one value
for all rows. Where that does not do (money with decimals, a day without its time), the business
makes a view and declares the view. Whether the tables and columns exist is checked by the engine
that reads them (`declared_sources`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, TypeAlias

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import COLUMNS, UNITS, may_be_null
from stats.errors import InvalidDeclaration, MissingRelation

FORBID: Final = ConfigDict(extra="forbid", strict=True)
Constant: TypeAlias = str | int | None
CAMPAIGN, PHASE = "{campaign}", "{phase}"
"""Stand for the key of the campaign and the number of its phase, as values of `where`."""


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """One table, or one set of Parquet files, with rows of a relation.

    Attributes:
        columns: Its columns by ours: `{"member_id": "customer_id"}`.
        table: Its name, as SQL has it: `orders`, `shop.orders`, `lake.shop.orders`.
        path: Or where its Parquet files are, a pattern or several, on an engine that reads files.
        constants: Columns of ours that have one value in all of its rows; those that may be null
            and are named neither here nor in `columns` are null.
        where: Values that its columns must have for a row to count.
        times_are_utc: Whether its times, which have no zone, are UTC.
        segments_by_name: Of the relation `units`: whether each of its columns of text that is not
            declared is a segment of its own name.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    path: str | tuple[str, ...] | None = None
    constants: Mapping[str, Constant] = field(default_factory=dict)
    where: Mapping[str, str | int] = field(default_factory=dict)
    times_are_utc: bool = False
    segments_by_name: bool = False
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    @property
    def shown(self) -> str:
        """How faults name it."""
        if self.table is not None:
            return f"table {self.table}"
        paths = self.paths
        return f"files {paths[0]}" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")

    @property
    def paths(self) -> tuple[str, ...]:
        """Where its files are; none of a table."""
        if self.path is None:
            return ()
        return (self.path,) if isinstance(self.path, str) else self.path


@dataclass(frozen=True, slots=True)
class DeclaredRelations:
    """Where the relations of `facts` are, checked when built.

    Attributes:
        relations: The sources of every relation that is there, by its name.
        events_elsewhere: As in `FactTables`.

    Raises:
        InvalidDeclaration: A relation that nobody knows, a source that is neither table nor files,
            a column that is missing, declared twice, or unknown.
        MissingRelation: Exposures or conversions are not declared.
    """

    relations: Mapping[str, tuple[DeclaredSource, ...]]
    events_elsewhere: frozenset[str] = frozenset()
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse what cannot be read as facts."""
        for name in ("exposures", "conversions"):
            if not self.relations.get(name):
                raise MissingRelation(name, "declare the table that has them")
        for name, sources in self.relations.items():
            if name not in COLUMNS:
                way_out = f"declare {', '.join(COLUMNS)}"
                raise InvalidDeclaration(name, field="relations", expected=way_out)
            for i, source in enumerate(sources):
                _check(name, source, f"relations.{name}.{i}")

    @classmethod
    def from_text(cls, document: str) -> "DeclaredRelations":
        """Read a YAML or JSON document.

        Raises:
            InvalidDeclaration: It cannot be read; names the field.
            MissingRelation: Exposures or conversions are not declared.
        """
        try:
            came = yaml.safe_load(document)
        except yaml.YAMLError as error:
            way_out = "give a YAML or JSON document"
            raise InvalidDeclaration(str(error), field="document", expected=way_out) from error
        try:
            return TypeAdapter(cls).validate_json(json.dumps(_listed(came), default=str))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "document"
            raise InvalidDeclaration(first["input"], field=place, expected=first["msg"]) from error

    @classmethod
    def of_files(cls, facts: FactFiles) -> "DeclaredRelations":
        """Declare Parquet files whose columns have the documented names."""
        return cls(
            {
                name: (
                    DeclaredSource(
                        {column: column for column in COLUMNS[name]},
                        path=paths,
                        segments_by_name=name == "units",
                    ),
                )
                for name, paths in facts.relations.items()
            },
            facts.events_elsewhere,
        )

    def for_phase(self, campaign: str, phase: int) -> "DeclaredRelations":
        """Put the campaign and its phase into the conditions that ask for them."""

        def filled(source: DeclaredSource) -> DeclaredSource:
            known: dict[str | int, str | int] = {CAMPAIGN: campaign, PHASE: phase}
            where = {column: known.get(value, value) for column, value in source.where.items()}
            return replace(source, where=where)

        return replace(
            self,
            relations={
                name: tuple(filled(source) for source in sources)
                for name, sources in self.relations.items()
            },
        )


def _listed(came: object) -> object:
    """Give every relation a list of sources; a single one may stand without."""
    if not isinstance(came, dict) or not isinstance(came.get("relations"), dict):
        return came
    listed = {
        name: sources if isinstance(sources, list) else [sources]
        for name, sources in came["relations"].items()
    }
    return {**came, "relations": listed}


def _check(relation: str, source: DeclaredSource, place: str) -> None:
    if (source.table is None) == (not source.paths):
        came = {"table": source.table, "path": source.path}
        raise InvalidDeclaration(came, field=place, expected="give either a table or a path")
    known = COLUMNS[relation]
    for name in (*source.columns, *source.constants):
        if name not in known and relation != "units":  # each of its other columns is a segment
            way_out = f"the relation has the columns {', '.join(known)}"
            raise InvalidDeclaration(name, field=f"{place}.columns", expected=way_out)
    for name in known:
        if name in source.columns and name in source.constants:
            way_out = "take it from a column or give one value for all rows, not both"
            raise InvalidDeclaration(name, field=place, expected=way_out)
    if source.segments_by_name and relation != "units":
        way_out = "leave it out: only the relation units has segments"
        raise InvalidDeclaration(relation, field=f"{place}.segments_by_name", expected=way_out)
    for name in known:
        if _is_missing(relation, source, name):
            way_out = f"name the column of the {source.shown} that holds {name}"
            raise InvalidDeclaration(
                list(source.columns), field=f"{place}.columns", expected=way_out
            )


def _is_missing(relation: str, source: DeclaredSource, name: str) -> bool:
    if name in source.columns:
        return False
    if name in source.constants:
        return source.constants[name] is None and not may_be_null(relation, name)
    return not may_be_null(relation, name)


def segments_of(sources: Sequence[DeclaredSource]) -> tuple[str, ...]:
    """Give the segments that all sources of the relation `units` declare."""
    declared = [set(source.columns) | set(source.constants) for source in sources]
    common = set.intersection(*declared) if declared else set()
    return tuple(sorted(common - set(UNITS)))
