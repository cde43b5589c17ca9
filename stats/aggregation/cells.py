"""Units to sufficient statistics: unit_values -> cells, one pass for all metrics.

A cell is variant x segment x calendar day of first exposure x how many windows have closed. It has
`n`, the range of clock starts, and of the columns that metrics read: the sum (`sum_v0`), the sums
of products of two (`sum_v0_v1`), and of outcomes the lowest, the highest and the number of non-zero
values (`low_v0`, `high_v0`, `nonzero_v0`); of winsorised ones how many were above the cap
(`over_c0`). Cells add up: `rolled_up` gives those of fewer keys.

Values of facts are whole numbers, so that sums are exact: the same facts give the same bits on
every engine, in any order of rows, and a large mean loses nothing of a small variance. Products are
taken in 64 bits where they fit, which costs nothing; an engine says when they do not, and decimals
take over. Floating-point values, which only whoever brings unit values of their own can have, are
summed about a pilot mean of each column, a parameter that `pilot` names, so that a large mean costs
a small variance no digits.

No sum has a condition of its own, which would cost more than the sum: what a unit is mature for is
a key of the cell instead.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import reduce
from operator import mul
from typing import TypeVar

import ibis.expr.types as ir

from stats.aggregation.layout import MetricColumns
from stats.aggregation.parameters import parameter

WHOLE = "decimal(19, 0)"  # any int64
SUM = "decimal(38, 0)"  # a product of two of them, summed; engines raise when it overflows


T = TypeVar("T")


class Arithmetic(StrEnum):
    """How whole numbers are multiplied."""

    INTEGERS = "integers"  # 64 bits, summed in more; the engine raises where they do not suffice
    DECIMALS = "decimals"  # 38 digits


def sum_name(left: str, right: str | None = None) -> str:
    """Name the sum of a column, or of the product of two in either order."""
    if right is None:
        return f"sum_{left}"
    return "sum_" + "_".join(sorted((left, right), key=lambda name: (len(name), name)))


def cells(
    values: ir.Table,
    metrics: Sequence[MetricColumns],
    by: Sequence[str],
    *,
    binary: frozenset[str] = frozenset(),
    arithmetic: Arithmetic = Arithmetic.INTEGERS,
    counted: Sequence[str] = (),
) -> ir.Table:
    """Reduce unit values to cells, as described above.

    Args:
        values: One row per unit.
        metrics: What is summed.
        by: The keys of a cell.
        binary: Columns of 0 and 1, whose squares need no sum.
        arithmetic: How whole numbers are multiplied.
        counted: Columns that may have nulls, of which `count_v0` counts the other values.
    """
    sums: dict[str, ir.Scalar] = {"n": values.count()}
    if "first_exposed_at" in values.columns:
        sums |= {
            "low_start": values.first_exposed_at.min(),
            "high_start": values.first_exposed_at.max(),
        }
    floating = {name for metric in metrics if metric.floating for name in _columns(metric)}
    wide = {name for metric in metrics for name in _wide(metric)}

    def total(*columns: str) -> ir.Scalar:
        if columns[0] in floating:
            return _product([values[name] - pilot(name) for name in columns]).sum()
        if arithmetic is Arithmetic.INTEGERS and not (len(columns) > 1 and wide & set(columns)):
            return _product([values[name] for name in columns]).sum()
        return _product([values[name].cast(WHOLE) for name in columns]).sum().cast(SUM)

    for name in _distinct(name for metric in metrics for name in _columns(metric)):
        sums[sum_name(name)] = total(name)
    for left, right in _distinct(pair for metric in metrics for pair in metric.pairs):
        if left != right or left not in binary:
            sums[sum_name(left, right)] = total(left, right)
    counted = _distinct((*counted, *(m.outcome for m in metrics if m.is_among)))
    sums |= {f"count_{name}": values[name].count() for name in counted}
    for name in _distinct(m.outcome for m in metrics if m.ranged and m.outcome not in binary):
        column = values[name]
        sums[f"nonzero_{name}"] = (column != 0).cast("int64").sum()
        sums[f"low_{name}"] = column.min()
        sums[f"high_{name}"] = column.max()
    sums |= {
        f"over_{metric.capped}": (values[metric.outcome] > values[metric.capped])
        .cast("int64")
        .sum()
        for metric in metrics
        if metric.capped is not None
    }
    return values.group_by(list(by)).agg(**sums)


def rolled_up(kept: ir.Table, by: Sequence[str]) -> ir.Table:
    """Add up cells to those of fewer keys."""
    sums: dict[str, ir.Scalar] = {}
    for name in kept.columns:
        column = kept[name]
        if name.startswith("low_"):
            sums[name] = column.min()
        elif name.startswith("high_"):
            sums[name] = column.max()
        elif name == "n" or name.startswith(("sum_", "nonzero_", "over_", "count_")):
            sums[name] = column.sum()
    return kept.group_by(list(by)).agg(**sums)


def _columns(metric: MetricColumns) -> tuple[str, ...]:
    return metric.columns if metric.capped is None else (*metric.columns, metric.capped)


def _wide(metric: MetricColumns) -> frozenset[str]:
    """Give the columns in fixed point: a product of two of them seldom fits into 64 bits."""
    capped = frozenset() if metric.capped is None or metric.scale == 1 else {metric.capped}
    return metric.fixed_point | capped


def pilot(column: str) -> ir.FloatingScalar:
    """Give the parameter about which a floating-point column is summed."""
    return parameter(f"pilot_{column}", "float64")


def _product(factors: Sequence[ir.NumericColumn]) -> ir.NumericColumn:
    return reduce(mul, factors)


def _distinct(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
