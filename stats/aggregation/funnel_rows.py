"""The units of a funnel as rows: which steps each passed, and how long it took."""

from collections.abc import Callable
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from stats.aggregation.assigned_funnel import (
    TIER,
    assigned_units,
    column_before,
    funnel_conversions,
    reached_assigned,
)
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.funnel import reached_units
from stats.aggregation.parameters import AS_OF
from stats.aggregation.survival import seconds_between
from stats.aggregation.unit_row_columns import StepRowColumns
from stats.aggregation.values import is_closed
from stats.plan import AnalysisPlan, Funnel
from stats.plan.funnel import EXPOSED

Keep = Callable[[str, ir.Table], ir.Table]
"""Computes a relation once, under a name."""


def step_columns(funnel: Funnel) -> tuple[StepRowColumns, ...]:
    """Name the columns of every step; over the assigned, the exposure comes first."""
    exposed = (EXPOSED,) if funnel.is_over_assigned else ()
    return tuple(
        StepRowColumns(key, f"{key}.mature", f"{key}.before", f"{key}.seconds")
        for key in (*exposed, *(step.key for step in funnel.steps))
    )


def funnel_rows(
    plan: AnalysisPlan,
    funnel: Funnel,
    over_exposed: tuple[ir.Table, ir.Table],
    functions: EngineFunctions,
    keep: Keep,
    *,
    columns_of: dict[str, frozenset[str]],
) -> ir.Table:
    """Give `unit_id`, `variant`, `tier`, and the columns of every step.

    Args:
        plan: The plan.
        funnel: Its funnel.
        over_exposed: `exposed_units` and `unit_conversions`, which a funnel over the exposed reads.
        functions: The engine's own.
        keep: Computes what is read more than once.
        columns_of: The relations that the facts have, each with its columns.
    """
    if funnel.is_over_assigned:
        tiered = TIER in columns_of.get("units", frozenset()) and bool(funnel.tiers)
        assigned = assigned_units(
            plan, funnel, AS_OF, remembered="assignments" in columns_of, with_tier=tiered
        )
        units = keep("row_funnel_units", assigned)
        conversions = keep("row_funnel_events", funnel_conversions(plan, funnel, units, AS_OF))
        reached = keep("row_reached", reached_assigned(funnel, units, conversions, functions))
        ends = [("first_exposed_at", "at_exposed", funnel.window.end_days)]
        ends += [
            (column_before(funnel, i), f"at{i}", funnel.closes_after(i))
            for i in range(len(funnel.steps))
        ]
    else:
        kept = ("unit_id", "variant", "first_exposed_at")
        found = reached_units(funnel, *over_exposed, AS_OF, functions, kept)
        reached = found.mutate(tier=ibis.null("string"))
        times = ["first_exposed_at", *(f"at{i}" for i in range(len(funnel.steps)))]
        days = funnel.window.end_days
        ends = [(start, end, days) for start, end in pairwise(times)]
    chosen: dict[str, ir.Value] = {}
    for one, (start, end, days) in zip(step_columns(funnel), ends, strict=True):
        chosen |= {
            one.mature: is_closed(reached, days, AS_OF),
            one.before: reached[start].notnull(),
            one.seconds: seconds_between(reached[start], reached[end]),
        }
    return reached.select("unit_id", "variant", "tier", **chosen)
