"""The money by tier: where the treatment earns and where it does not. Exploratory."""

from collections.abc import Mapping, Sequence

from stats.aggregation.money import MoneyCell
from stats.errors import CannotEstimate, TooFewUnits
from stats.inference.cell_effect import CellEffect
from stats.inference.interaction import interaction
from stats.inference.money import Incremental
from stats.inference.outcome import Undefined
from stats.inference.ratio_of_differences import Pair
from stats.moments import Moments
from stats.plan import AnalysisPlan, MoneyPlan, SegmentBy
from stats.scorecard.costs import spread_over
from stats.scorecard.money import MoneyInteraction, MoneyTier, MoneyTiers
from stats.scorecard.values import or_undefined

THOUSAND = 1000
MOST_TIERS = 50


def money_tiers(
    plan: AnalysisPlan, money: MoneyPlan, cells: Sequence[MoneyCell], counted: Mapping[str, int]
) -> MoneyTiers | None:
    """Give the money of every tier; `None` where the plan does not slice by it.

    Fixed costs are no tier's, so they are left out here.
    """
    segment = next((one for one in plan.segments if one.key == money.tier), None)
    if segment is None:
        return None
    grid: dict[str | None, dict[str, Moments]] = {}
    for cell in cells:
        grid.setdefault(cell.tier, {})[cell.variant] = cell.moments
    sizes = {tier: sum(one.n for one in row.values()) for tier, row in grid.items()}
    order = sorted(sizes, key=lambda tier: (-sizes[tier], tier is None, tier or ""))[:MOST_TIERS]
    effects = tuple(
        _tier(plan, money, segment, tier, grid[tier], treatment.key, counted)
        for tier in order
        for treatment in plan.treatments
    )
    return MoneyTiers(
        key=segment.key,
        name=segment.name or segment.key,
        minimum_units=segment.minimum_units,
        effects=effects,
        interactions=tuple(
            _interaction(treatment.key, [one for one in effects if one.treatment == treatment.key])
            for treatment in plan.treatments
        ),
    )


def _tier(
    plan: AnalysisPlan,
    money: MoneyPlan,
    segment: SegmentBy,
    tier: str | None,
    row: Mapping[str, Moments],
    treatment: str,
    counted: Mapping[str, int],
) -> MoneyTier:
    sizes = {v.key: row[v.key].n if v.key in row else 0 for v in plan.variants}
    costs = spread_over(plan, treatment, max(1, counted.get(treatment, 0)))

    def found() -> Incremental:
        """Give what there is to estimate from.

        Raises:
            TooFewUnits: A variant has fewer units in this tier than the plan asks for.
        """
        needed, smallest = max(segment.minimum_units, 2), min(sizes.values())
        if smallest < needed:
            raise TooFewUnits(smallest, needed)
        pair = Pair(row[plan.control.key], row[treatment])
        return Incremental(pair, costs, plan.alpha)

    return MoneyTier(
        tier=tier,
        treatment=treatment,
        control_units=sizes[plan.control.key],
        treatment_units=sizes[treatment],
        gross_margin=or_undefined(lambda: found().difference(1)),
        cost=or_undefined(lambda: found().cost(0, 1, 1, known=costs.contact)),
        contribution_margin=or_undefined(lambda: found().margin(units=1, fixed=0)),
        per_thousand=or_undefined(lambda: found().margin(units=THOUSAND, fixed=0)),
        cost_per_upgrade=or_undefined(lambda: found().cost_per_upgrade())
        if money.upgrade
        else None,
    )


def _interaction(treatment: str, rows: Sequence[MoneyTier]) -> MoneyInteraction:
    effects = [
        CellEffect(row.tier, row.control_units, row.treatment_units, row.contribution_margin)
        for row in rows
    ]
    try:
        return MoneyInteraction(treatment, interaction(effects))
    except CannotEstimate as error:
        return MoneyInteraction(treatment, Undefined.because(error))
