"""Time between the steps of a funnel: reached_units -> step_times.

Only a unit that passed a step has a time to it, and who passes depends on the variant: these times
describe, they are no effect of a treatment. A survival metric compares times of all units.
"""

import ibis
import ibis.expr.types as ir

from stats.aggregation.aggregates import StepTime, VariantStepTimes
from stats.aggregation.answers import whole
from stats.aggregation.engine import EngineFunctions, Rows
from stats.aggregation.funnel import reached_units
from stats.aggregation.parameters import Moment
from stats.aggregation.survival import SECONDS_PER_DAY, seconds_between
from stats.plan import AnalysisPlan, Funnel

HALF = 0.5


def step_times(
    funnel: Funnel,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
) -> ir.Table:
    """Sum up, per variant and step, the seconds since the step before.

    Returns:
        `variant`, and per step `n0` (units that passed it), `total0` and `median0` in seconds.
    """
    columns = ("unit_id", "variant", "first_exposed_at")
    units = reached_units(funnel, exposed_units, conversions, as_of, functions, columns)
    ends = ["first_exposed_at", *(f"at{i}" for i in range(len(funnel.steps)))]
    taken = units.select(
        "variant",
        **{
            f"seconds{i}": seconds_between(units[ends[i]], units[ends[i + 1]])
            for i in range(len(funnel.steps))
        },
    )
    half = ibis.literal(HALF)
    sums: dict[str, ir.Scalar] = {}
    for i in range(len(funnel.steps)):
        seconds = taken[f"seconds{i}"]
        sums |= {
            f"n{i}": seconds.count(),
            f"total{i}": seconds.sum(),
            f"median{i}": functions.order_statistic(seconds, half),
        }
    return taken.group_by("variant").agg(**sums)


def read_step_times(plan: AnalysisPlan, rows: Rows) -> tuple[VariantStepTimes, ...]:
    """Read `step_times` of every planned variant, in its order; nothing without a funnel."""
    if plan.funnel is None:
        return ()
    by_variant = {str(row["variant"]): row for row in rows}
    result = []
    for variant in plan.variants:
        row = by_variant.get(variant.key)
        steps = []
        for i, step in enumerate(plan.funnel.steps):
            passed = whole(row[f"n{i}"]) if row else 0
            if row is None or passed == 0:
                steps.append(StepTime(step.key, 0, None, None))
                continue
            median = whole(row[f"median{i}"]) / SECONDS_PER_DAY
            mean = whole(row[f"total{i}"]) / passed / SECONDS_PER_DAY
            steps.append(StepTime(step.key, passed, median, mean))
        result.append(VariantStepTimes(variant.key, tuple(steps)))
    return tuple(result)
