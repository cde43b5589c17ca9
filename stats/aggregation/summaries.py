"""Units to sufficient statistics: unit_totals -> unit_values -> summaries.

All metrics are computed in one pass. Values are whole numbers (counts, days, minor units), so sums
and sums of products are exact decimals: the same facts give the same bits on every engine, in any
order of rows, and a large mean loses nothing of a small variance.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from stats.aggregation.relations import moment
from stats.aggregation.terms import EngineFunctions, UnitTotal
from stats.metric import MetricKind, Term, Window
from stats.plan import AnalysisPlan, MetricInUse

WHOLE = "decimal(19, 0)"  # any int64
SUM = "decimal(38, 0)"  # a product of two of them, summed; engines raise when it overflows


def unit_totals_of(plan: AnalysisPlan) -> tuple[UnitTotal, ...]:
    """Name every total that some metric needs, each once."""
    return tuple(
        dict.fromkeys(
            UnitTotal.of(term, metric.effective_window)
            for metric in plan.metrics
            for term in metric.definition.terms
        )
    )


def unit_totals(plan: AnalysisPlan, conversions: ir.Table, functions: EngineFunctions) -> ir.Table:
    """Add up the conversions of each unit that has any."""
    needed = unit_totals_of(plan)
    read = conversions.filter(
        conversions.event.isin(sorted({event for total in needed for event in total.events}))
    )
    return read.group_by("unit_id").agg(
        **{f"t{i}": total.expression(read, functions) for i, total in enumerate(needed)}
    )


def unit_values(plan: AnalysisPlan, exposed_units: ir.Table, totals: ir.Table) -> ir.Table:
    """Give every unit its numerator `y…` (and denominator `d…`) of every metric.

    A unit without conversions has zeros: it is counted like any other.
    """
    columns = {total: f"t{i}" for i, total in enumerate(unit_totals_of(plan))}
    joined = exposed_units.left_join(totals, "unit_id")

    def signed(terms: Iterable[Term], window: Window) -> ir.IntegerValue:
        parts = [(joined[columns[UnitTotal.of(term, window)]], term.sign) for term in terms]
        value = ibis.literal(0, type="int64")
        for column, sign in parts:
            part = column.fill_null(0)
            value = value + part if sign > 0 else value - part
        return value

    values: dict[str, ir.IntegerValue] = {}
    for i, metric in enumerate(plan.metrics):
        definition, window = metric.definition, metric.effective_window
        numerator = signed(definition.numerator, window)
        if definition.kind in (MetricKind.PROPORTION, MetricKind.SURVIVAL):
            counted = numerator <= 0 if definition.absence else numerator > 0
            numerator = counted.cast("int64")
        values[f"y{i}"] = numerator
        if definition.kind is MetricKind.RATIO:
            values[f"d{i}"] = signed(definition.denominator, window)
    return joined.select("variant", "first_exposed_at", **values)


def summaries(
    plan: AnalysisPlan, values: ir.Table, as_of: datetime, *, by: tuple[str, ...] = ("variant",)
) -> ir.Table:
    """Reduce unit values to sums per variant, over the units whose window has closed.

    Args:
        plan: The plan, whose metrics number the columns.
        values: `unit_values`.
        as_of: The analysis time.
        by: What a row of the result is; later also segment and exposure day.

    Returns:
        Per row: `n…`, `y…`, `yy…` and of ratio metrics `d…`, `dd…`, `yd…`, numbered by metric.
    """
    sums: dict[str, ir.Scalar] = {}
    for i, metric in enumerate(plan.metrics):
        mature = is_mature(values, metric.effective_window, as_of)
        sums |= {f"{name}{i}": sum_ for name, sum_ in _sums(values, i, metric, mature).items()}
    return values.group_by(list(by)).agg(**sums)


def is_mature(units: ir.Table, window: Window, as_of: datetime) -> ir.BooleanValue:
    """Whether a unit's window has closed by the analysis time."""
    return units.first_exposed_at <= moment(as_of - timedelta(days=window.end_days))


def _sums(
    values: ir.Table, i: int, metric: MetricInUse, mature: ir.BooleanValue
) -> dict[str, ir.Scalar]:
    def total(*columns: str) -> ir.Scalar:
        product = values[columns[0]].cast(WHOLE)
        for column in columns[1:]:
            product = product * values[column].cast(WHOLE)
        return product.sum(where=mature).fill_null(0).cast(SUM)

    y, d = f"y{i}", f"d{i}"
    sums = {"n": values.count(where=mature), "y": total(y)}
    match metric.definition.kind:
        case MetricKind.PROPORTION | MetricKind.SURVIVAL:
            return sums  # 0 and 1: the sum of squares is the sum
        case MetricKind.MEAN | MetricKind.QUANTILE:
            return sums | {"yy": total(y, y)}
        case MetricKind.RATIO:
            return sums | {"yy": total(y, y), "d": total(d), "dd": total(d, d), "yd": total(y, d)}
