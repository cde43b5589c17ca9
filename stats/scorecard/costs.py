"""What a treatment costs beyond its control that no event says, by the plan."""

from collections.abc import Mapping

from stats.aggregation.aggregates import Aggregates
from stats.inference.money import Costs
from stats.plan import AnalysisPlan


def counted_units(aggregates: Aggregates) -> dict[str, int]:
    """Count the units of every variant, mature or not."""
    return {row.variant: row.units for row in aggregates.variants}


def costs_of(plan: AnalysisPlan, treatment: str, counted: Mapping[str, int]) -> Costs:
    """Give what a treatment costs beyond the control, and over whom a fixed cost is spread.

    A decision taken before the campaign has its planned size spreads the fixed cost over the units
    planned: spread over the few of an early look it would stop what pays in the end.

    Args:
        plan: With the costs of both; without any the treatment costs nothing more.
        treatment: Its key.
        counted: Units per variant so far.
    """
    units = max(1, counted.get(treatment, 0))
    share = next(v.planned_share for v in plan.variants if v.key == treatment)
    if plan.looks.planned_units is not None and share is not None:
        units = max(units, round(plan.looks.planned_units * share))
    return spread_over(plan, treatment, units)


def spread_over(plan: AnalysisPlan, treatment: str, units: int) -> Costs:
    """Give what a treatment costs beyond the control, over so many units treated."""
    if plan.money is None:
        return Costs(units)
    own, control = plan.money.cost_of(treatment), plan.money.cost_of(plan.control.key)
    return Costs(
        units,
        fixed=float(own.fixed_minor - control.fixed_minor),
        contact=float(own.contact_minor - control.contact_minor),
    )
