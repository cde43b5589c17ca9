"""The relations that aggregation reads, and what their columns must be.

Who hands them over (the store, a file, a test) is not known here.

- `exposures`: one row per logged exposure of one phase of a campaign: `member_id`, `unit_id` (null
  where the unit is unknown), `variant`, `exposed_at`; and, in memory only, `times`: how many equal
  rows one stands for, 1 where there is no such column.
- `conversions`: one row per event: `member_id`, `event`, `occurred_at`, `amount_minor` (null
  without an amount), `currency` (null without one), `properties` (JSON object as text, or null).
- `unit_members`: which unit a member belongs to, `member_id`, `unit_id`; only where the unit is not
  the member.
- `assignments`: one row per assignment of a unit: `unit_id`, `variant`, `assigned_at`; only where
  the basis is the assigned.
- `units`: one row per unit: `unit_id`, and a text column for every segment of the plan with its
  value as it was at assignment (null where the unit has none); only where the plan has segments.
- `overlaps`: one row per exposure of a unit to another campaign: `unit_id`, `campaign`, `variant`,
  `exposed_at`; only where interference between campaigns is to be checked.

Rows are facts: none is dropped for looking like another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from stats.aggregation.fact_archive import FactArchive
from stats.aggregation.fact_files import FactFiles
from stats.errors import (
    MemberInTwoUnits,
    MissingColumn,
    NullInColumn,
    UnitTwice,
    WrongColumnType,
)

TEXT, WHOLE, TIME = pa.string(), pa.int64(), pa.timestamp("us", "UTC")

EXPOSURES: Mapping[str, pa.DataType] = {
    "member_id": TEXT,
    "unit_id": TEXT,
    "variant": TEXT,
    "exposed_at": TIME,
}
TIMES = "times"
"""The optional column of `exposures`: repeats are counted, so that no row is made of each."""
CONVERSIONS: Mapping[str, pa.DataType] = {
    "member_id": TEXT,
    "event": TEXT,
    "occurred_at": TIME,
    "amount_minor": WHOLE,
    "currency": TEXT,
    "properties": TEXT,
}
UNIT_MEMBERS: Mapping[str, pa.DataType] = {"member_id": TEXT, "unit_id": TEXT}
ASSIGNMENTS: Mapping[str, pa.DataType] = {"unit_id": TEXT, "variant": TEXT, "assigned_at": TIME}
OVERLAPS: Mapping[str, pa.DataType] = {
    "unit_id": TEXT,
    "campaign": TEXT,
    "variant": TEXT,
    "exposed_at": TIME,
}
UNITS: Mapping[str, pa.DataType] = {"unit_id": TEXT}
"""And a nullable column of text for every segment."""

COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "exposures": EXPOSURES,
    "conversions": CONVERSIONS,
    "unit_members": UNIT_MEMBERS,
    "assignments": ASSIGNMENTS,
    "units": UNITS,
    "overlaps": OVERLAPS,
}
NULLABLE = frozenset({"amount_minor", "currency", "properties", "exposures.unit_id"})


@dataclass(frozen=True, slots=True)
class FactTables:
    """The facts of one phase, checked when built.

    Attributes:
        exposures: As described above.
        conversions: As described above.
        unit_members: As described above; `None` where the unit is the member.
        events_elsewhere: Names of events that somebody has had by the analysis time, where
            `conversions` holds those of exposed units only.
        assignments: As described above; `None` where the basis is the exposed.
        units: As described above; `None` without segments.
        overlaps: As described above; `None` where nobody knows other campaigns.

    Raises:
        MissingColumn: A relation lacks a column.
        WrongColumnType: A column does not convert without loss; a time without a zone is refused.
        NullInColumn: A column that may not be null has nulls.
        MemberInTwoUnits: A member belongs to more than one unit.
        UnitTwice: A unit has more than one row of attributes.
    """

    exposures: pa.Table
    conversions: pa.Table
    unit_members: pa.Table | None = None
    events_elsewhere: frozenset[str] = frozenset()
    assignments: pa.Table | None = None
    units: pa.Table | None = None
    overlaps: pa.Table | None = None

    def __post_init__(self) -> None:
        """Check and convert the columns."""
        # object.__setattr__: the one way to convert a field of a frozen dataclass
        counted = {TIMES: WHOLE} if TIMES in self.exposures.column_names else {}
        exposures = _checked("exposures", self.exposures, {**EXPOSURES, **counted})
        object.__setattr__(self, "exposures", exposures)
        conversions = _checked("conversions", self.conversions, CONVERSIONS)
        object.__setattr__(self, "conversions", conversions)
        if self.unit_members is not None:
            unit_members = _checked("unit_members", self.unit_members, UNIT_MEMBERS)
            object.__setattr__(self, "unit_members", unit_members)
            _refuse_two_units(unit_members)
        if self.assignments is not None:
            assignments = _checked("assignments", self.assignments, ASSIGNMENTS)
            object.__setattr__(self, "assignments", assignments)
        if self.units is not None:
            segments = dict.fromkeys(self.units.column_names, TEXT)
            units = _checked("units", self.units, {**UNITS, **segments})
            object.__setattr__(self, "units", units)
            _refuse_two_rows(units)
        if self.overlaps is not None:
            overlaps = _checked("overlaps", self.overlaps, OVERLAPS)
            object.__setattr__(self, "overlaps", overlaps)

    @property
    def relations(self) -> dict[str, pa.Table]:
        """Every relation that is there, by its name."""
        named = {
            "exposures": self.exposures,
            "conversions": self.conversions,
            "unit_members": self.unit_members,
            "assignments": self.assignments,
            "units": self.units,
            "overlaps": self.overlaps,
        }
        return {name: table for name, table in named.items() if table is not None}


Facts: TypeAlias = FactTables | FactFiles | FactArchive
"""Facts in memory, in files of their own, or among those of others."""


def _checked(relation: str, table: pa.Table, columns: Mapping[str, pa.DataType]) -> pa.Table:
    converted = {}
    for name, wanted in columns.items():
        if name not in table.column_names:
            raise MissingColumn(relation, name, table.column_names)
        column = table.column(name)
        came = column.type
        aware = not pa.types.is_timestamp(wanted) or getattr(came, "tz", None) is not None
        if not (aware or pa.types.is_null(came)):
            raise WrongColumnType(relation, name, came, wanted)
        try:
            converted[name] = column.cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise WrongColumnType(relation, name, came, wanted) from error
        if column.null_count and not may_be_null(relation, name):
            raise NullInColumn(relation, name, column.null_count)
    return pa.table(converted)


def may_be_null(relation: str, column: str) -> bool:
    """Whether a column of a relation may have nulls; a segment's value may."""
    segment = relation == "units" and column not in UNITS
    return segment or bool({column, f"{relation}.{column}"} & NULLABLE)


def _refuse_two_rows(units: pa.Table) -> None:
    per_unit = units.group_by("unit_id").aggregate([([], "count_all")])
    twice = per_unit.filter(pc.field("count_all") > 1)
    if twice.num_rows:
        raise UnitTwice(twice.num_rows, twice.column("unit_id")[0].as_py())


def _refuse_two_units(unit_members: pa.Table) -> None:
    distinct = unit_members.group_by(["member_id", "unit_id"]).aggregate([])
    per_member = distinct.group_by("member_id").aggregate([("unit_id", "count")])
    torn = per_member.filter(pc.field("unit_id_count") > 1)
    if torn.num_rows:
        raise MemberInTwoUnits(torn.num_rows, torn.column("member_id")[0].as_py())
