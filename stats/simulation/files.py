"""Writes a simulated campaign as the files that the bulk import takes, with the truth beside."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from stats.simulation.events import PROPERTIES

if TYPE_CHECKING:
    from pathlib import Path

    from stats.simulation.campaign import SimulatedCampaign

_DIGITS: Final = 19  # those of the largest 64-bit integer
_CSV_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"  # seconds with six decimals, as the column has them


class FileFormat(StrEnum):
    """The formats that the bulk import reads."""

    CSV = "csv"
    PARQUET = "parquet"


def write_world(directory: Path, simulated: SimulatedCampaign, file_format: FileFormat) -> None:
    """Write members, exposures, conversions and ``truth.json`` into a directory.

    Columns are those of the bulk import: attributes of members and properties of conversions
    follow the fixed ones; ``amount`` is an exact decimal of the currency. Attributes are those at
    the start of the campaign. The same plans give the same bytes.

    Args:
        directory: Made where it does not exist; files of the same names are replaced.
        simulated: What to write.
        file_format: CSV or Parquet; ``truth.json`` is JSON either way.
    """
    directory.mkdir(parents=True, exist_ok=True)
    world, plan = simulated.world, simulated.plan
    tables = {
        "members": world.members_at(plan.starts_at),
        "exposures": simulated.assignments.exposures(),
        "conversions": with_decimal_amounts(world.conversions(), world.plan.currency_exponent),
    }
    for name, table in tables.items():
        _write(directory / f"{name}.{file_format}", table, file_format)
    (directory / "truth.json").write_text(_truth(simulated), encoding="utf-8")


def with_decimal_amounts(conversions: pa.Table, exponent: int) -> pa.Table:
    """Give conversions with ``amount``, in units of the currency, in place of minor units.

    Args:
        conversions: As a world gives them.
        exponent: Decimals of the currency.
    """
    minor = conversions["amount_minor"].combine_chunks()
    digits = pc.utf8_lpad(pc.cast(minor, pa.string()), width=exponent + 1, padding="0")
    if exponent > 0:
        whole = pc.utf8_slice_codeunits(digits, 0, -exponent)
        digits = pc.binary_join_element_wise(whole, pc.utf8_slice_codeunits(digits, -exponent), ".")
    amount = pc.cast(digits, pa.decimal128(_DIGITS, exponent))
    columns = {
        "conversion_id": conversions["conversion_id"],
        "member_id": conversions["member_id"],
        "event": conversions["event"],
        "occurred_at": conversions["occurred_at"],
        "amount": amount,
        "currency": conversions["currency"],
        **{name: conversions[name] for name in PROPERTIES},
    }
    return pa.table(columns)


def _write(path: Path, table: pa.Table, file_format: FileFormat) -> None:
    match file_format:
        case FileFormat.CSV:
            pyarrow.csv.write_csv(_as_text(table), path)
        case FileFormat.PARQUET:
            pyarrow.parquet.write_table(table, path)
        case _:
            assert_never(file_format)


def _as_text(table: pa.Table) -> pa.Table:
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format=_CSV_TIME)
        elif pa.types.is_decimal(column.type):
            column = pc.cast(column, pa.string())
        columns[name] = column
    return pa.table(columns)


def _truth(simulated: SimulatedCampaign) -> str:
    document = {
        "seed": simulated.world.plan.seed,
        "world": asdict(simulated.world.plan),
        "ladder": [asdict(rung) for rung in simulated.world.ladder],
        "campaign": asdict(simulated.plan),
        "true_values": [asdict(values) for values in simulated.truth],
    }
    return json.dumps(document, indent=2, default=_plain, allow_nan=False) + "\n"


def _plain(value: object) -> str | float:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            message = f"a plan holds {value!r}, which JSON cannot"
            raise TypeError(message)
