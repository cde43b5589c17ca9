"""Time between the steps of a funnel: reached_units -> step_times.

Only a unit that passed a step has a time to it, and who passes depends on the variant: these times
describe, they are no effect of a treatment. A survival metric compares times of all units.
"""

import ibis
import ibis.expr.types as ir

from stats.aggregation.aggregates import StepTime, VariantStepTimes
from stats.aggregation.answers import whole
from stats.aggregation.engine import EngineFunctions, Row, Rows
from stats.aggregation.funnel import reached_units
from stats.aggregation.parameters import Moment
from stats.aggregation.survival import SECONDS_PER_DAY, seconds_between
from stats.plan import AnalysisPlan, Funnel
from stats.plan.funnel import EXPOSED

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
    """Read the times of every planned variant, in its order; nothing without a funnel.

    Over the assigned, the exposure is the first step.
    """
    if plan.funnel is None:
        return ()
    by_variant = {str(row["variant"]): row for row in rows}
    names = {step.key: str(i) for i, step in enumerate(plan.funnel.steps)}
    if plan.funnel.is_over_assigned:
        names = {EXPOSED: "_exposed", **names}
    return tuple(
        VariantStepTimes(
            variant.key,
            tuple(_step(key, name, by_variant.get(variant.key)) for key, name in names.items()),
        )
        for variant in plan.variants
    )


def _step(key: str, name: str, row: Row | None) -> StepTime:
    passed = whole(row[f"n{name}"]) if row else 0
    if row is None or passed == 0:
        return StepTime(key, 0, None, None)
    median = whole(row[f"median{name}"]) / SECONDS_PER_DAY
    return StepTime(key, passed, median, whole(row[f"total{name}"]) / passed / SECONDS_PER_DAY)
