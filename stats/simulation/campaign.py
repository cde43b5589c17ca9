"""Runs a whole simulated campaign, split by the simulator itself (externally assigned)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stats.simulation.assignments import assign_members, drop_exposures
from stats.simulation.outcomes import simulate_outcomes
from stats.simulation.truth import true_effects

if TYPE_CHECKING:
    from stats.simulation.assignments import Assignments
    from stats.simulation.plan import CampaignPlan
    from stats.simulation.truth import TrueValues
    from stats.simulation.world import World


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCampaign:
    """A campaign that took place in a simulated world.

    Attributes:
        plan: What was planned.
        world: The world afterwards.
        assignments: The exposures that were logged, without those that got lost.
        truth: The true value of every variant.
    """

    plan: CampaignPlan
    world: World
    assignments: Assignments
    truth: tuple[TrueValues, ...]


def simulate_campaign(world: World, plan: CampaignPlan) -> SimulatedCampaign:
    """Split the audience, expose it, let the effects act, and lose what the logging loses.

    Raises:
        InvalidSimulation: The campaign does not fit the world's time or ladder.
    """
    effects = {variant.key: variant.effect for variant in plan.variants}
    assigned = assign_members(world, plan)
    outcomes = simulate_outcomes(world, assigned, effects, window=plan.window, seed=plan.seed)
    logged = assigned
    for variant in plan.variants:
        if variant.lost_exposures > 0:
            logged = drop_exposures(logged, variant.key, variant.lost_exposures, seed=plan.seed)
    return SimulatedCampaign(
        plan, outcomes.world, logged, true_effects(world, assigned, effects, window=plan.window)
    )
