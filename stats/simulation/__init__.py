"""A seeded membership programme with planted truths: to demonstrate, to test, to practise on.

Read `plan` first (what can be planted), then `world` (the history), `outcomes` (what a campaign
does to it), `engagement` (what members do beside buying) and `truth` (what an analysis should
find). Nothing of the history loops over rows.

    world = simulate_world(WorldPlan(members=30_000, seed=7))
    members = world.members_at(starts_at)            # attributes as they were at that moment
    outcomes = simulate_outcomes(world, assignments, effects, window=window, seed=7)
    truth = true_effects(world, assignments, effects, window=window)
    everything = outcomes.world.conversions()        # and the next campaign acts on this world
"""

from stats.simulation.assignments import Assignments, assign_members, drop_exposures
from stats.simulation.campaign import SimulatedCampaign, simulate_campaign
from stats.simulation.engagement import Engagement, simulate_engagement, with_margins
from stats.simulation.events import PROPERTIES, with_json_properties
from stats.simulation.files import FileFormat, with_decimal_amounts, write_world
from stats.simulation.membership import Rung
from stats.simulation.outcomes import Outcomes, simulate_outcomes
from stats.simulation.plan import (
    FOUR_TIERS,
    NO_EFFECT,
    CampaignPlan,
    Effect,
    OrderPlan,
    SeasonPlan,
    TierPlan,
    VariantPlan,
    WorldPlan,
)
from stats.simulation.truth import TrueValues, true_effects
from stats.simulation.world import World, simulate_world

__all__ = [
    "FOUR_TIERS",
    "NO_EFFECT",
    "PROPERTIES",
    "Assignments",
    "CampaignPlan",
    "Effect",
    "Engagement",
    "FileFormat",
    "OrderPlan",
    "Outcomes",
    "Rung",
    "SeasonPlan",
    "SimulatedCampaign",
    "TierPlan",
    "TrueValues",
    "VariantPlan",
    "World",
    "WorldPlan",
    "assign_members",
    "drop_exposures",
    "simulate_campaign",
    "simulate_engagement",
    "simulate_outcomes",
    "simulate_world",
    "true_effects",
    "with_decimal_amounts",
    "with_json_properties",
    "with_margins",
    "write_world",
]
