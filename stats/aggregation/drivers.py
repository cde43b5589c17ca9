"""Units counted by attributes, variant and outcome: unit_values -> driver_patterns.

Attributes are the segments of the plan, as they were at assignment. Only counts leave the database;
there are as many rows as distinct combinations.
"""

import ibis.expr.types as ir

from stats.aggregation.answers import whole
from stats.aggregation.engine import Rows
from stats.aggregation.parameters import Moment
from stats.aggregation.values import is_mature
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import MISSING, DriverPatterns, Pattern

VARIANT = "variant"


def driver_patterns(
    plan: AnalysisPlan, metric: MetricInUse, values: ir.Table, column: str, as_of: Moment
) -> ir.Table:
    """Count the mature units of planned variants, and those whose value is above 0.

    Args:
        plan: The plan, whose segments are the attributes.
        metric: The outcome; what is asked is whether its value is above 0.
        values: `unit_values`.
        column: The column of the metric's value.
        as_of: The analysis time.

    Returns:
        `variant`, `s0`, `s1`, …, `units`, `successes`.
    """
    planned = sorted(variant.key for variant in plan.variants)
    mature = values.filter(
        is_mature(values, metric.effective_window, as_of) & values.variant.isin(planned)
    )
    if metric.definition.among is not None:
        mature = mature.filter(mature[column].notnull())
    attributes = [f"s{i}" for i in range(len(plan.segments))]
    return mature.group_by([VARIANT, *attributes]).agg(
        units=mature.count(), successes=mature.count(where=mature[column] > 0)
    )


def read_driver_patterns(plan: AnalysisPlan, metric: MetricInUse, rows: Rows) -> DriverPatterns:
    """Read `driver_patterns`, sorted by levels; an unknown attribute is a level of its own."""
    columns = (VARIANT, *(f"s{i}" for i in range(len(plan.segments))))
    patterns = [
        Pattern(
            tuple(MISSING if row[name] is None else str(row[name]) for name in columns),
            whole(row["units"]),
            whole(row["successes"]),
        )
        for row in rows
    ]
    return DriverPatterns(
        metric.key,
        (VARIANT, *(segment.key for segment in plan.segments)),
        tuple(sorted(patterns, key=lambda pattern: pattern.levels)),
    )
