"""Says where the members are: the store, or a file of those who keep their base elsewhere.

Members of the store are copied into DuckDB, a batch at a time, since they are read more than once
and neither database's types are DuckDB's. A file is read where it lies, as often as needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from sqlalchemy import Integer, Text, cast, select, type_coerce

from experiments.bulk import literals
from experiments.bulk.readings import Form, json_value
from experiments.errors import InvalidValues, Problem
from experiments.member import MAX_ATTRIBUTES
from experiments.store.arrow import stream_arrow
from experiments.store.members import merged_attributes
from experiments.store.tables import members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb
    from sqlalchemy import Engine
    from sqlalchemy.sql import Selectable

MEMBERS: Final = "members"
FIELD: Final = "members"
"""What an error calls a file of members."""

_COPIED_ROWS: Final = 100_000
_SCHEMA: Final = pa.schema(
    [
        pa.field("member_id", pa.string(), nullable=False),
        pa.field("consent", pa.int32(), nullable=False),
        pa.field("household_id", pa.string()),
        pa.field("attributes", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class MemberRelation:
    """The members as DuckDB reads them; every value but `unfit` is SQL.

    Attributes:
        source: What stands after FROM.
        member_id: The id.
        new_id: The same, of a member who is assigned, from the column `member_id`: checked.
        consent: Whether the member agreed to personalised offers.
        household: The household, or null.
        carried: Columns that `attributes` is made of, beside the others, for a select list.
        attributes: All attributes as JSON, without those that are null, from what is carried.
        columns: Form of each attribute that is a column; None where all are in `attributes`.
        unfit: Type of each column that cannot be an attribute.
    """

    source: str
    member_id: str
    new_id: str
    consent: str
    household: str
    carried: str
    attributes: str
    columns: Mapping[str, Form] | None = None
    unfit: Mapping[str, str] = field(default_factory=dict)

    def value(self, attribute: str) -> tuple[Form, str] | None:
        """Give the form and the SQL of an attribute's value, None where nobody has it.

        Raises:
            InvalidValues: The column of this name cannot be an attribute.
        """
        if self.columns is None:
            return Form.JSON, json_value("attributes", attribute)
        if attribute in self.unfit:
            raise InvalidValues([_unfit(attribute, self.unfit[attribute])])
        form = self.columns.get(attribute)
        return None if form is None else (form, literals.name(attribute))

    def check_all(self) -> None:
        """Refuse columns that cannot be attributes, where all attributes are to be remembered.

        Raises:
            InvalidValues: There are some, or too many columns.
        """
        problems = [_unfit(name, kind) for name, kind in self.unfit.items()]
        count = len(self.columns or ())
        if count > MAX_ATTRIBUTES:
            message = f"has {count} columns of attributes; a member has at most {MAX_ATTRIBUTES}"
            problems.append(Problem(FIELD, None, message, "Leave some out."))
        if problems:
            raise InvalidValues(problems)


def members_of_store(engine: Engine, connection: duckdb.DuckDBPyConnection) -> MemberRelation:
    """Copy the members of the store, as of one moment, into DuckDB.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    held = type_coerce(merged_attributes(engine.dialect.name), Text())
    query = select(
        members.c.member_id,
        cast(members.c.personalisation_consent, Integer()),
        members.c.household_id,
        held if engine.dialect.name == "sqlite" else cast(held, Text()),
    )
    copy_rows(connection, MEMBERS, engine, query, _SCHEMA)
    return MemberRelation(
        source=MEMBERS,
        member_id="member_id",
        new_id="member_id",
        consent="consent = 1",
        household="household_id",
        carried=", attributes AS attributes",
        attributes="attributes",
    )


def copy_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    engine: Engine,
    query: Selectable,
    schema: pa.Schema,
) -> int:
    """Copy what a query of the store selects into a new table of DuckDB; give the rows."""
    connection.register("batch", schema.empty_table())
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM batch")
    rows = 0
    for batch in _larger(stream_arrow(engine, query, schema), schema):
        connection.register("batch", batch)
        connection.execute(f"INSERT INTO {table} FROM batch")
        rows += batch.num_rows
    connection.unregister("batch")
    return rows


def _larger(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += batch.num_rows
        if rows >= _COPIED_ROWS:
            yield pa.Table.from_batches(gathered, schema)
            gathered, rows = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered, schema)


def _unfit(name: str, kind: str) -> Problem:
    message = f"the column {name!r} has the type {kind}"
    return Problem(FIELD, None, message, "Write it as text, numbers or booleans, or leave it out.")
