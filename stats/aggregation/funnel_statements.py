"""The SQL of a plan's funnel, over the exposed or over all assigned."""

from dataclasses import dataclass
from typing import Protocol

import ibis.expr.types as ir

from stats.aggregation.assigned_funnel import (
    assigned_step_times,
    assigned_units,
    funnel_cells,
    funnel_conversions,
    reached_assigned,
)
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.funnel import funnel_counts
from stats.aggregation.parameters import AS_OF
from stats.aggregation.step_times import step_times
from stats.plan import AnalysisPlan


class Compiler(Protocol):
    """What compiles relations, those to be kept under their names."""

    def sql(self, relation: ir.Table) -> str:
        """Give the SQL of a relation."""

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Have a relation computed once."""


@dataclass(frozen=True, slots=True)
class FunnelStatements:
    """The SQL of a funnel.

    Attributes:
        counts: Units per step.
        times: Time between steps.
    """

    counts: str
    times: str


def compile_funnel(
    plan: AnalysisPlan,
    over_exposed: tuple[ir.Table, ir.Table],
    functions: EngineFunctions,
    compiler: Compiler,
    *,
    remembered: bool,
    tiered: bool,
) -> FunnelStatements | None:
    """Compile the funnel of a plan; `None` without one.

    Args:
        plan: The plan.
        over_exposed: `exposed_units` and `unit_conversions`, which a funnel over the exposed reads.
        functions: The engine's own.
        compiler: Where relations are compiled and kept.
        remembered: Whether the facts have assignments.
        tiered: Whether they know each assigned unit's tier.
    """
    funnel = plan.funnel
    if funnel is None:
        return None
    if not funnel.is_over_assigned:
        return FunnelStatements(
            compiler.sql(funnel_counts(funnel, *over_exposed, AS_OF, functions)),
            compiler.sql(step_times(funnel, *over_exposed, AS_OF, functions)),
        )
    with_tier = tiered and bool(funnel.tiers)
    assigned = assigned_units(plan, funnel, AS_OF, remembered=remembered, with_tier=with_tier)
    units = compiler.keep("funnel_units", assigned)
    conversions = compiler.keep(
        "funnel_conversions", funnel_conversions(plan, funnel, units, AS_OF)
    )
    reached = compiler.keep(
        "funnel_reached", reached_assigned(funnel, units, conversions, functions)
    )
    return FunnelStatements(
        compiler.sql(funnel_cells(funnel, reached, AS_OF)),
        compiler.sql(assigned_step_times(funnel, reached, AS_OF, functions)),
    )
