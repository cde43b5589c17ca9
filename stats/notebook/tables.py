"""Tables as an analyst has them, turned into Arrow with the columns that aggregation reads.

A pandas or Polars frame, an Arrow table and an Ibis table all hand themselves over as Arrow; an
Ibis table is executed by its own backend then, and its result must fit into memory. Paths of
Parquet files may be patterns. What a table leaves out and aggregation takes as "none" is filled in
here; nothing that is there is changed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from glob import glob
from pathlib import Path
from typing import TypeAlias, TypeGuard

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stats.aggregation.fact_files import Files
from stats.aggregation.facts import TIME
from stats.aggregation.unit_tables import Source
from stats.errors import MissingColumn, MissingRelation, UnusableValues, WrongColumnType

Texts: TypeAlias = Mapping[str, str]

OPTIONAL: Mapping[str, pa.DataType] = {
    "amount_minor": pa.int64(),
    "currency": pa.string(),
    "properties": pa.string(),
}
"""Columns of `conversions` that may be left out: nobody has any."""


def is_files(source: Source) -> TypeGuard[Files]:
    """Whether a source is a path, a pattern, or several of them."""
    return isinstance(source, str | Path | Sequence)


def as_arrow(source: Source, relation: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Load a table, from memory or from files.

    Args:
        source: A table, or paths of Parquet files.
        relation: Its name, for errors.
        columns: Those that are needed of files; by default all.

    Raises:
        MissingRelation: A path matches no file.
        MissingColumn: A file lacks one of the columns.
    """
    if not is_files(source):
        return pa.table(source)
    patterns = [source] if isinstance(source, str | Path) else source
    files = [file for pattern in patterns for file in _matching(str(pattern))]
    if not files:
        came = ", ".join(str(pattern) for pattern in patterns)
        raise MissingRelation(relation, f"no file matches {came}")
    parts = []
    for file in files:
        present = pq.read_schema(file).names
        for column in columns or ():
            if column not in present:
                raise MissingColumn(relation, column, present)
        parts.append(pq.read_table(file, columns=None if columns is None else list(columns)))
    return pa.concat_tables(parts, promote_options="default")


def _matching(pattern: str) -> list[str]:
    # Path.glob takes no absolute pattern
    return sorted(glob(pattern, recursive=True))  # noqa: PTH207 - said above


def exposures_of(table: pa.Table) -> pa.Table:
    """Give exposures with a unit: the member, where the table has no column `unit_id`."""
    if "unit_id" in table.column_names or "member_id" not in table.column_names:
        return table
    return table.append_column("unit_id", table.column("member_id"))


def conversions_of(table: pa.Table, currency: str, exponent: int) -> pa.Table:
    """Give conversions with every column: amounts in minor units, properties as JSON.

    Args:
        table: May have `amount`, in major units, in place of `amount_minor`.
        currency: Of all amounts, where the table has no column `currency`.
        exponent: Its decimal places.

    Raises:
        WrongColumnType: An amount is not a whole number of minor units.
    """
    if "amount" in table.column_names and "amount_minor" not in table.column_names:
        table = table.append_column("amount_minor", _minor(table.column("amount"), exponent))
    if "properties" in table.column_names and not _is_text(table.column("properties").type):
        texts = [_json(value) for value in table.column("properties").to_pylist()]
        place = table.column_names.index("properties")
        table = table.set_column(place, "properties", pa.array(texts, pa.string()))
    if "amount_minor" in table.column_names and "currency" not in table.column_names:
        known = pc.if_else(pc.is_valid(table.column("amount_minor")), currency, None)
        table = table.append_column("currency", known)
    for name, kind in OPTIONAL.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    )


def _json(value: object) -> str | None:
    """Write one unit's properties, without those that an Arrow struct only pads."""
    if isinstance(value, Mapping):
        value = {name: one for name, one in value.items() if one is not None}
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _minor(amounts: pa.ChunkedArray, exponent: int) -> pa.ChunkedArray:
    """Give amounts in minor units; floating-point ones may miss them by their rounding only."""
    wanted = f"an amount in major units with at most {exponent} decimals"
    fault = WrongColumnType("conversions", "amount", amounts.type, wanted)
    try:
        exact = pc.multiply(amounts.cast(pa.float64()), float(10**exponent))
        whole = pc.round(exact)
        off = pc.max(pc.abs(pc.subtract(exact, whole))).as_py() or 0.0
        if off > 1e-6 * max(1.0, (pc.max(pc.abs(whole)).as_py() or 0.0) * 1e-6):
            raise fault
        return whole.cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise fault from error


def variants_of(table: pa.Table, relation: str, column: str) -> tuple[str, ...]:
    """Name the variants that a table has, sorted.

    Raises:
        MissingColumn: It has no such column.
        UnusableValues: A row has none.
    """
    if column not in table.column_names:
        raise MissingColumn(relation, column, table.column_names)
    found = table.column(column)
    if found.null_count:
        raise UnusableValues(column, found.null_count)
    if pa.types.is_boolean(found.type):
        found = found.cast(pa.string())  # `true`, as the engine writes it
    return tuple(sorted(str(value) for value in pc.unique(found).to_pylist()))


def latest(columns: Iterable[tuple[str, pa.Table, str]]) -> datetime | None:
    """Give the latest time in these columns (relation, table, name); `None` without any.

    Raises:
        MissingColumn: A table has no such column.
        WrongColumnType: Its times have no zone.
    """
    found = []
    for relation, table, name in columns:
        if name not in table.column_names:
            raise MissingColumn(relation, name, table.column_names)
        time = pc.max(table.column(name)).as_py() if table.num_rows else None
        if isinstance(time, datetime) and time.tzinfo is not None:
            found.append(time.astimezone(UTC))
        elif time is not None:
            raise WrongColumnType(relation, name, table.column(name).type, TIME)
    return max(found, default=None)


def only(table: pa.Table, column: str) -> tuple[str, ...]:
    """Name the distinct texts of a column that are not null, sorted."""
    if column not in table.column_names:
        return ()
    values = pc.unique(table.column(column)).to_pylist()
    return tuple(sorted(str(value) for value in values if value is not None))
