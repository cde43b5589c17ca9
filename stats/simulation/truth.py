"""Gives the true values of a campaign's variants, from the planted law and not from the draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.outcomes import expected_orders, exposed_members, upgrade_chances
from stats.simulation.plan import demand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from stats.simulation.assignments import Assignments
    from stats.simulation.outcomes import Exposed
    from stats.simulation.plan import Effect
    from stats.simulation.world import World


@dataclass(frozen=True, slots=True)
class TrueValues:
    """What a variant would give on average if every member of the campaign got it.

    All values are per exposed member within the window (cut at the end of the history), expected
    over the draws after exposure, given the members' own rates and prices. Ratios of two variants
    are therefore exactly the planted multipliers for orders and amounts; for upgrades too, unless
    a chance reaches 1.

    Attributes:
        variant: Its key.
        members: How many members the average is taken over: all of the campaign's.
        upgrade_rate: Share that climbs a tier.
        orders_per_member: Orders placed.
        repurchase_rate: Share that places at least one.
        gross_revenue_per_member_minor: Amounts of those orders, in minor units.
        average_order_value_minor: Gross revenue over orders; None where none are placed.
        refunded_revenue_share: Share of that revenue refunded sooner or later, even after the
            window or the history.
        offer_view_rate: Share that sees the offer.
        offer_click_rate: Share that sees and clicks.
        offer_claim_rate: Share that sees, clicks and claims.
        reward_cost_per_member_minor: Cost of the rewards issued.
    """

    variant: str
    members: int
    upgrade_rate: float
    orders_per_member: float
    repurchase_rate: float
    gross_revenue_per_member_minor: float
    average_order_value_minor: float | None
    refunded_revenue_share: float
    offer_view_rate: float
    offer_click_rate: float
    offer_claim_rate: float
    reward_cost_per_member_minor: float


def true_effects(
    world: World,
    assignments: Assignments,
    effects: Mapping[str, Effect],
    *,
    window: timedelta,
) -> tuple[TrueValues, ...]:
    """Compute the true value of every variant, in the order of `effects`.

    Args:
        world: The world before the campaign.
        assignments: Who was exposed when; all of them stand for every variant.
        effects: What each variant does.
        window: How long after exposure it does.

    Raises:
        InvalidSimulation: Nobody is assigned, or see `exposed_members`.
    """
    everyone = exposed_members(world, assignments, effects, window)
    demand(everyone.member.size > 0, "assignments", 0, "at least one member")
    return tuple(
        _true_values(world, _all_getting(everyone, key, effect), effect)
        for key, effect in effects.items()
    )


def _all_getting(everyone: Exposed, key: str, effect: Effect) -> Exposed:
    nobody_else = np.zeros_like(everyone.variant)
    return replace(everyone, variant=nobody_else, keys=(key,), effects=(effect,))


def _true_values(world: World, exposed: Exposed, effect: Effect) -> TrueValues:
    law = world.plan.orders
    orders = effect.order_rate * expected_orders(world, exposed)
    price = world.people.price_minor[exposed.member] * law.mean_factor * effect.amount
    observed = (exposed.ends - exposed.begins) / exposed.window
    refunded = law.refund_share if effect.refund_probability is None else effect.refund_probability
    revenue, ordered = float(np.mean(orders * price)), float(np.mean(orders))
    clicks = effect.offer_view * effect.offer_click
    return TrueValues(
        variant=exposed.keys[0],
        members=exposed.member.size,
        upgrade_rate=float(np.mean(upgrade_chances(world, exposed) * observed)),
        orders_per_member=ordered,
        repurchase_rate=float(np.mean(-np.expm1(-orders))),
        gross_revenue_per_member_minor=revenue,
        average_order_value_minor=revenue / ordered if ordered > 0 else None,
        refunded_revenue_share=refunded * law.mean_refunded,
        offer_view_rate=effect.offer_view,
        offer_click_rate=clicks,
        offer_claim_rate=clicks * effect.offer_claim,
        reward_cost_per_member_minor=clicks * effect.offer_claim * effect.reward_cost_minor,
    )
