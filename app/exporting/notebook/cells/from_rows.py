"""Adds up the rows of units."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from app.exporting.notebook.cells.sums import Counts, Table, sums_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.exporting.notebook.cells.comparing import Node
    from app.exporting.notebook.cells.sums import Sums


FORMULA = r"^'(?= *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"  # what keeps spreadsheets from computing


def read_rows(name: str) -> pd.DataFrame:
    """Read a file of rows, if the bundle has it; text stays text, and an empty cell is nothing."""
    path = Path("data") / f"{name}.csv"
    if not path.exists():
        return pd.DataFrame()
    columns = pd.read_csv(path, nrows=0).columns
    texts = [
        one for one in columns if one in {"unit", "variant", "tier", "metric"} or "segment." in one
    ]
    rows = pd.read_csv(
        path,
        dtype=dict.fromkeys(texts, str),
        keep_default_na=False,
        na_values=[""],
    )
    for text in texts:
        rows[text] = rows[text].str.replace(FORMULA, "", regex=True)
    return rows


def add_up(report: Node, columns: Node, units: pd.DataFrame) -> Table:
    """Sum up every metric: all units, and by segment and day."""
    plan = report["plan"]
    planned = [variant["key"] for variant in plan["variants"]]
    of_variants = {str(key): int(n) for key, n in units["variant"].value_counts().items()}
    table = Table({}, {}, of_variants, {}, {})
    for metric, named in zip(plan["metrics"], columns["metrics"], strict=True):
        key = named["key"]
        counted = units[units[named["value"]].notna() & units["variant"].isin(planned)]
        mature = counted[counted[named["mature"]]]
        own = [named["value"], *([named["denominator"]] if named["denominator"] else [])]
        read = [*own, *(one["column"] for one in named["covariates"])]
        table.sums.update(_sliced(key, mature, read, columns["segments"]))
        table.counts.update(_counted(key, counted, mature, named["value"], planned))
        if metric["cap"] is not None:
            _cap(table, key, mature, named["value"], metric["cap"])
        if metric["role"] == "oec":
            for horizon in columns["horizons"]:
                name = f"{key}@{horizon['days']}"
                over = [horizon["value"], *filter(None, [horizon["denominator"]])]
                table.sums.update(_by_variant(name, "all", None, mature, over))
    if columns["money"]:
        mature = units[units[columns["money_mature"]] & units["variant"].isin(planned)]
        amounts = list(columns["money"].values())
        table.sums.update(_sliced("money", mature, amounts, columns["segments"]))
    return table


def _sliced(
    key: str, mature: pd.DataFrame, read: list[str], segments: dict[str, str]
) -> Iterator[tuple[tuple[str, str, str | None, str], Sums]]:
    yield from _by_variant(key, "all", None, mature, read)
    for by, column in {**segments, "day": "day"}.items():
        for value, rows in mature.groupby(column, dropna=False):
            name = None if pd.isna(value) else str(value)[:10] if by == "day" else str(value)
            yield from _by_variant(key, by, name, rows, read)


def _by_variant(
    key: str, by: str, value: str | None, rows: pd.DataFrame, read: list[str]
) -> Iterator[tuple[tuple[str, str, str | None, str], Sums]]:
    for variant, own in rows.groupby("variant"):
        yield (key, by, value, str(variant)), sums_of(own, read)


def _counted(
    key: str, counted: pd.DataFrame, mature: pd.DataFrame, column: str, planned: list[str]
) -> Iterator[tuple[tuple[str, str], Counts]]:
    for variant in planned:
        values = mature.loc[mature["variant"] == variant, column]
        ends = (float(values.min()), float(values.max())) if len(values) else (None, None)
        units = int((counted["variant"] == variant).sum())
        yield (key, variant), Counts(units, int((values != 0).sum()), *ends)


def _cap(table: Table, key: str, mature: pd.DataFrame, column: str, cap: Node) -> None:
    """Hold the values of a metric at its cap, a fixed one or a percentile of all together."""
    values = mature[column].to_numpy(dtype=float)
    if cap["value"] is not None:
        held = float(cap["value"])
    elif not len(values):
        return
    else:
        rank = math.ceil(Decimal(cap["percentile"]) * len(values))
        held = float(np.sort(values)[rank - 1])
    table.caps[key] = held
    capped = pd.DataFrame({"variant": mature["variant"], "value": np.minimum(values, held)})
    table.sums.update(_by_variant(f"{key}/capped", "all", None, capped, ["value"]))
    for variant, own in mature.groupby("variant"):
        known = table.counts[key, str(variant)]
        above = int((own[column] > held).sum())
        table.counts[key, str(variant)] = known._replace(capped_units=above)
