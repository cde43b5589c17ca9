"""The ordered funnel, every step over all exposed units.

A unit passes step k when one of its events happens at or after its earliest time for step k - 1.
Taking the earliest time of each step loses nobody: whatever passes after a later time also passes
after the earliest.
"""

import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.aggregation.parameters import Moment
from stats.aggregation.properties import Properties
from stats.aggregation.terms import in_window, matches
from stats.aggregation.values import is_mature
from stats.plan import Funnel


def reached_units(
    funnel: Funnel,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
    columns: tuple[str, ...] = ("unit_id", "variant"),
) -> ir.Table:
    """Give the mature units with the earliest time of each step, `at0`, `at1`, …, null if none."""
    windowed = conversions.filter(in_window(conversions, funnel.window))
    reached: ir.Table | None = None
    units = exposed_units.filter(is_mature(exposed_units, funnel.window, as_of)).select(*columns)
    read = Properties(windowed, functions)
    for i, step in enumerate(funnel.steps):
        passing = windowed.filter(matches(read, step.events, step.where)).select(
            "unit_id", "occurred_at"
        )
        if reached is not None:
            joined = passing.join(reached, "unit_id")
            passing = joined.filter(joined.occurred_at >= joined.reached_at)
        reached = passing.group_by("unit_id").agg(reached_at=passing.occurred_at.min())
        step_times = reached.rename({f"at{i}": "reached_at"})
        units = units.left_join(step_times, "unit_id").drop("unit_id_right")
    return units


def funnel_counts(
    funnel: Funnel,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
) -> ir.Table:
    """Count per variant the mature units `n`, and those that passed each step, `s0`, `s1`, …."""
    units = reached_units(funnel, exposed_units, conversions, as_of, functions)
    passed = {
        f"s{i}": units.count(where=units[f"at{i}"].notnull()) for i in range(len(funnel.steps))
    }
    return units.group_by("variant").agg(n=units.count(), **passed)
