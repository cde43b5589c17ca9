"""Order statistics of a quantile metric: values -> value_counts -> order_statistics.

Which ranks are needed depends on how many values there are, so that a quantile takes two small
queries, and with several values a unit four. Only counts and the values at those ranks leave the
database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from stats.aggregation.answers import whole
from stats.aggregation.engine import EngineFunctions, Rows
from stats.aggregation.parameters import Moment
from stats.aggregation.properties import Properties
from stats.aggregation.terms import in_window, matches
from stats.aggregation.values import is_mature
from stats.errors import TooFewUnits
from stats.metric import MetricKind
from stats.moments import in_unit
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import (
    OrderStatistic,
    QuantileRanks,
    QuantileSummary,
    RatioSummary,
    centre_rank,
    quantile_ranks,
)

WHOLE = "decimal(19, 0)"  # any int64
SUM = "decimal(38, 0)"  # a product of two of them, summed
Fetch: TypeAlias = Callable[[ir.Table], Rows]
"""How a small relation is computed: `DuckDBEngine.fetch`."""


def unit_quantile_values(
    metric: MetricInUse, values: ir.Table, column: str, as_of: Moment
) -> ir.Table:
    """Take the metric's column of mature units from `unit_values`: `variant`, `value`."""
    counted = is_mature(values, metric.effective_window, as_of)
    if metric.definition.among is not None:
        counted = counted & values[column].notnull()
    mature = values.filter(counted)
    return mature.select("variant", value=mature[column])


def event_quantile_values(
    metric: MetricInUse,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
) -> ir.Table:
    """Take the amounts of single events of mature units: `variant`, `unit_id`, `value`."""
    (term,) = metric.definition.numerator
    window = metric.effective_window
    counted = (
        matches(Properties(conversions, functions), term.events, term.where)
        & in_window(conversions, window)
        & conversions.amount_minor.notnull()
    )
    mature = exposed_units.filter(is_mature(exposed_units, window, as_of))
    joined = conversions.filter(counted).join(mature.select("unit_id", "variant"), "unit_id")
    return joined.select("variant", "unit_id", value=joined.amount_minor)


def value_counts(values: ir.Table) -> ir.Table:
    """Count per variant and value: `below` (smaller values), `at_most` (those and equal ones)."""
    counts = values.group_by(["variant", "value"]).agg(tied=values.count())
    upwards = ibis.window(group_by="variant", order_by="value", preceding=None, following=0)
    running = counts.mutate(at_most=counts.tied.sum().over(upwards))
    return running.select(
        "variant", "value", below=running.at_most - running.tied, at_most=running.at_most
    )


def order_statistics(values: ir.Table, ranks: Mapping[str, Sequence[int]]) -> ir.Table:
    """Give, per variant, the values at these ranks: `variant`, `value`, `below`, `at_most`."""
    counts = value_counts(values)
    wanted = [
        (counts.variant == variant) & (counts.below < rank) & (counts.at_most >= rank)
        for variant, of_variant in ranks.items()
        for rank in sorted(set(of_variant))
    ]
    return counts.filter(ibis.or_(*wanted))


def sizes(values: ir.Table) -> ir.Table:
    """Count the values per variant."""
    return values.group_by("variant").agg(rows=values.count())


def indicator_sums(values: ir.Table, centres: Mapping[str, int]) -> ir.Table:
    """Sum, over units, how many values lie at or below their variant's quantile, and how many are.

    Returns:
        Per variant `n`, `y`, `d`, `yy`, `dd`, `yd`, as `RatioSummary.from_sums` takes them.
    """
    centre = ibis.cases(
        *((values.variant == variant, value) for variant, value in centres.items()), else_=None
    )
    marked = values.mutate(is_low=(values.value <= centre).cast("int64"))
    per_unit = marked.group_by(["variant", "unit_id"]).agg(
        low=marked.is_low.sum().cast(WHOLE), rows=marked.count().cast(WHOLE)
    )

    def total(value: ir.NumericColumn) -> ir.Scalar:
        return value.sum().cast(SUM)

    low, rows = per_unit.low, per_unit.rows
    return per_unit.group_by("variant").agg(
        n=per_unit.count(),
        y=total(low),
        d=total(rows),
        yy=total(low * low),
        dd=total(rows * rows),
        yd=total(low * rows),
    )


def quantile_summaries(
    plan: AnalysisPlan, metric: MetricInUse, values: ir.Table, fetch: Fetch
) -> dict[str, QuantileSummary]:
    """Compute the order statistics of a quantile metric in every planned variant.

    Args:
        plan: The plan.
        metric: A quantile metric.
        values: `unit_quantile_values`, or `event_quantile_values` for a metric over single events;
            worth keeping in the engine first, as it is read two or four times.
        fetch: Computes a small relation.
    """
    quantile = metric.definition.quantile
    if metric.definition.kind is not MetricKind.QUANTILE or quantile is None:
        message = f"{metric.key} is no quantile metric"
        raise ValueError(message)
    counted = {str(row["variant"]): whole(row["rows"]) for row in fetch(sizes(values))}
    n = {variant.key: counted.get(variant.key, 0) for variant in plan.variants}
    effects = dict.fromkeys(n, 1.0)
    units: dict[str, int | None] = dict.fromkeys(n)
    if metric.definition.is_per_event:
        for key, (effect, behind) in _design_effects(values, n, quantile, fetch).items():
            effects[key], units[key] = effect, behind
    ranks = {
        key: _ranks(count, quantile, plan.alpha, effects[key]) for key, count in n.items() if count
    }
    widths = {key: of.width for key, of in ranks.items() if isinstance(of, QuantileRanks)}
    wanted = {
        key: (of.centre, of.low, of.high) if isinstance(of, QuantileRanks) else (of,)
        for key, of in ranks.items()
    }
    found = (
        _read_order_statistics(fetch(order_statistics(values, wanted)), wanted) if wanted else {}
    )
    result = {}
    for key, count in n.items():
        scale = metric.definition.scale
        statistics = tuple(
            replace(one, value=in_unit(int(one.value), scale)) for one in found.get(key, ())
        )
        centre, low, high = (*statistics, None, None, None)[:3]
        result[key] = QuantileSummary(
            count,
            quantile,
            plan.alpha,
            centre,
            low,
            high,
            width=widths.get(key),
            design_effect=effects[key],
            units=units[key],
        )
    return result


def _ranks(n: int, quantile: Decimal, alpha: float, effect: float) -> QuantileRanks | int:
    """Give the ranks of the quantile and its bounds, or without bounds its own."""
    try:
        return quantile_ranks(n, quantile, alpha=alpha, design_effect=effect)
    except TooFewUnits:
        return centre_rank(n, quantile)


def _read_order_statistics(
    rows: Rows, wanted: Mapping[str, Sequence[int]]
) -> dict[str, tuple[OrderStatistic, ...]]:
    found: dict[str, tuple[OrderStatistic, ...]] = {}
    for key, ranks in wanted.items():
        spans = [
            (whole(row["value"]), whole(row["below"]), whole(row["at_most"]))
            for row in rows
            if row["variant"] == key
        ]
        found[key] = tuple(
            OrderStatistic(rank, value, below, at_most)
            for rank in ranks
            for value, below, at_most in spans
            if below < rank <= at_most
        )
    return found


def _design_effects(
    values: ir.Table, n: Mapping[str, int], quantile: Decimal, fetch: Fetch
) -> dict[str, tuple[float, int]]:
    """Give how much more the share at or below the quantile varies than of independent values."""
    wanted = {key: (centre_rank(count, quantile),) for key, count in n.items() if count}
    if not wanted:
        return {}
    centres = {
        key: int(found[0].value)
        for key, found in _read_order_statistics(
            fetch(order_statistics(values, wanted)), wanted
        ).items()
    }
    effects: dict[str, tuple[float, int]] = {}
    for row in fetch(indicator_sums(values, centres)):
        key = str(row["variant"])
        if key in centres:
            sums = {name: whole(row[name]) for name in ("n", "y", "d", "yy", "dd", "yd")}
            effects[key] = (_design_effect(RatioSummary.from_sums(**sums)), sums["n"])
    return effects


def _design_effect(sums: RatioSummary) -> float:
    """Compare the delta-method variance of a share with that of independent values.

    At least 1, and 1 where it cannot be told: fewer than two units, or all values at or below the
    quantile.
    """
    rows = sums.denominator.total
    share = sums.numerator.total / rows
    independent = share * (1 - share) / rows
    if sums.n < 2 or independent == 0:  # noqa: PLR2004 - a variance takes two
        return 1.0
    residual = (
        sums.numerator.centred_squares
        - 2 * share * sums.co_moment
        + share * share * sums.denominator.centred_squares
    )
    clustered = max(0.0, residual) * sums.n / (sums.n - 1) / rows**2
    return max(1.0, clustered / independent)
