"""What needs the distribution of a metric's values, and so a pass of its own.

Pooled means over the units of all planned variants that are mature for the metric.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.aggregation.layout import MetricColumns
from stats.aggregation.parameters import parameter


def cap_of(metric: MetricColumns) -> ir.IntegerScalar:
    """Give where a metric is winsorised: its fixed cap, or the parameter that `caps` fills."""
    if metric.cap is not None and metric.cap.value is not None:
        return ibis.literal(metric.cap.value * metric.scale, type="int64")
    return parameter(f"cap_{metric.key}", "float64" if metric.floating else "int64")


def with_caps(values: ir.Table, metrics: Sequence[MetricColumns]) -> ir.Table:
    """Add the winsorised columns of metrics that have a cap."""
    capped = {
        metric.capped: _capped(values[metric.outcome], metric)
        for metric in metrics
        if metric.capped is not None
    }
    return values.mutate(**capped) if capped else values


def _capped(outcome: ir.NumericColumn, metric: MetricColumns) -> ir.NumericValue:
    capped = ibis.least(outcome, cap_of(metric))
    # some engines take the cap for the least of it and nothing
    return ibis.cases((outcome.notnull(), capped)) if metric.is_among else capped


def pooled(values: ir.Table, metric: MetricColumns, variants: Sequence[str]) -> ir.Table:
    """Give the units over which a metric is pooled."""
    planned = values.variant.isin(sorted(variants))
    if metric.is_among:
        planned = planned & values[metric.outcome].notnull()
    if "closed" not in values.columns:
        return values.filter(planned)
    return values.filter(planned & (values.closed >= metric.closed))


def pooled_units(
    values: ir.Table, metrics: Sequence[MetricColumns], variants: Sequence[str]
) -> ir.Table:
    """Count the pooled units of every metric with a cap by percentile: `n_` and its key."""
    planned = values.filter(values.variant.isin(sorted(variants)))
    counts = {}
    for metric in metrics:
        one = planned.closed >= metric.closed if "closed" in values.columns else ibis.literal(True)
        if metric.is_among:
            one = one & planned[metric.outcome].notnull()
        counts[f"n_{metric.key}"] = one.cast("int64").sum().fill_null(0)
    return planned.agg(**counts)


def order_statistic(
    values: ir.Table, metric: MetricColumns, variants: Sequence[str], functions: EngineFunctions
) -> ir.Table:
    """Give the pooled value of the rank that the parameter `share` stands for: `value`."""
    units = pooled(values, metric, variants)
    share = parameter("share", "float64")
    return units.agg(value=functions.order_statistic(units[metric.outcome], share))


def high_statistic(
    values: ir.Table, metric: MetricColumns, variants: Sequence[str], functions: EngineFunctions
) -> ir.Table:
    """Give the same among the pooled values above the parameter `floor`: `value`."""
    units = pooled(values, metric, variants)
    high = units.filter(units[metric.outcome] > parameter("floor", "int64"))
    share = parameter("share", "float64")
    return high.agg(value=functions.order_statistic(high[metric.outcome], share))


def above(values: ir.Table, metric: MetricColumns, variants: Sequence[str]) -> ir.Table:
    """Count and add up the pooled values above the parameter `threshold`: `units`, `total`."""
    units = pooled(values, metric, variants)
    high = units.filter(units[metric.outcome] > parameter("threshold", "int64"))
    return high.agg(units=high.count(), total=high[metric.outcome].sum().fill_null(0))


def rank_of(percentile: Decimal, units: int) -> int:
    """Give the rank, from 1, of a percentile: the lowest value that so many do not exceed.

    NumPy calls it `inverted_cdf`: no value is interpolated, so that a cap is a value that occurs.
    """
    return int((percentile * units).to_integral_value(rounding=ROUND_CEILING))


def share_of_rank(rank: int, units: int) -> str:
    """Give the share that stands for a rank, from 1, in the middle of its step.

    So that neither rounding nor an engine's rule for ties can move it to the next.
    """
    return repr((rank - 0.5) / units)
