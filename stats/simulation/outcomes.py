"""Decides what a campaign does to the members of a simulated world.

Common random numbers: who climbs, views, clicks, claims, and which orders vanish or come back, is
one uniform draw per member or order, compared with a chance; extra orders come from a stream of
the variant. So, for one seed, the members of a variant fare the same whatever the effects of the
other variants, and a control fares exactly as without the campaign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stats.simulation.events import conversions, gathered, record
from stats.simulation.plan import demand, demand_seed, demand_window
from stats.simulation.purchases import Presence, draw_purchases, merged
from stats.simulation.seasons import HOUR_US, microseconds
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    import numpy.typing as npt

    from stats.simulation.assignments import Assignments
    from stats.simulation.events import Events
    from stats.simulation.plan import Effect
    from stats.simulation.purchases import Mask, Purchases, Rows
    from stats.simulation.seasons import Floats, Microseconds
    from stats.simulation.world import World

_FUNNEL_DELAY: Final = 8 * HOUR_US
_FUNNEL_STEPS: Final = 3
_LEAST_TIME: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """The exposed members as columns of equal length.

    Attributes:
        campaign: The campaign's key.
        member: Rows of `People`.
        variant: Rows of `keys`.
        keys: Variants, sorted.
        effects: What each of them does.
        begins: Exposure, in microseconds since 1970.
        ends: End of the window, or of the history if that comes first.
        window: Length of the window in microseconds.
    """

    campaign: str
    member: Rows
    variant: Rows
    keys: tuple[str, ...]
    effects: tuple[Effect, ...]
    begins: Microseconds
    ends: Microseconds
    window: int

    def each(self, name: str) -> Floats:
        """Give one field of the effect for every exposed member; None becomes NaN."""
        values = [getattr(effect, name) for effect in self.effects]
        return np.array(values, dtype=np.float64)[self.variant]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What happened in and after a campaign.

    Attributes:
        world: The world in which the campaign took place; simulate the next one in it.
        conversions: What the exposed did from exposure to the end of their window.
    """

    world: World
    conversions: pa.Table


def exposed_members(
    world: World,
    assignments: Assignments,
    effects: Mapping[str, Effect],
    window: timedelta,
) -> Exposed:
    """Match assignments with a world.

    Raises:
        InvalidSimulation: A member or a variant is unknown, an exposure lies outside the history
            or before the member joined, or the window is shorter than an hour.
    """
    demand_window(window)
    table = assignments.table
    member = pc.index_in(table["member_id"], world.people.member_id)
    strangers = table.filter(pc.is_null(member))["member_id"].to_pylist()
    demand(not strangers, "assigned members", strangers[:3], "members of the world")
    rows = member.to_numpy().astype(np.int64)
    keys = tuple(sorted(pc.unique(table["variant"]).to_pylist()))
    missing = [key for key in keys if key not in effects]
    demand(not missing, "variants without an effect", missing, "none; NO_EFFECT says so")
    begins = table["exposed_at"].cast(pa.int64()).to_numpy()
    outside = (begins < microseconds(world.plan.start)) | (begins > world.end - _LEAST_TIME)
    demand(
        not outside.any(),
        "exposures outside the history",
        int(outside.sum()),
        f"none: from {world.plan.start} to a second before {world.plan.end}",
    )
    early = int((begins < world.people.joined[rows]).sum())
    demand(early == 0, "exposures before the member joined", early, "none")
    length = microseconds(world.plan.start + window) - microseconds(world.plan.start)
    return Exposed(
        campaign=assignments.campaign,
        member=rows,
        variant=pc.index_in(table["variant"], pa.array(keys)).to_numpy().astype(np.int64),
        keys=keys,
        effects=tuple(effects[key] for key in keys),
        begins=begins,
        ends=np.minimum(begins + length, world.end),
        window=length,
    )


def simulate_outcomes(
    world: World,
    assignments: Assignments,
    effects: Mapping[str, Effect],
    *,
    window: timedelta,
    seed: int,
) -> Outcomes:
    """Let a campaign act on a world.

    Orders in the window keep the member's own rate and amounts, multiplied as the effect says:
    fewer by thinning, more by adding orders from the same law. Events after the end of the world
    have not happened yet.

    Args:
        world: The world; it is not changed.
        assignments: Who got what and when.
        effects: The planted truth of every variant; use `NO_EFFECT` for none.
        window: How long after exposure the effects last.
        seed: Of the campaign's own draws.

    Raises:
        InvalidSimulation: See `exposed_members`.
    """
    demand_seed(seed)
    exposed = exposed_members(world, assignments, effects, window)
    purchases = _purchases(world, exposed, seed)
    others = gathered(
        [world.others, *_funnel(world, exposed, seed), _upgrades(world, exposed, seed)]
    )
    after = replace(world, purchases=purchases, others=others)
    events = after.events()
    return Outcomes(
        after, conversions(world.people, events.take(_within(exposed, events, world.plan.members)))
    )


def _spread(exposed: Exposed, values: Floats, members: int, default: float) -> Floats:
    everyone = np.full(members, default)
    everyone[exposed.member] = values
    return everyone


def _within(exposed: Exposed, happened: Events | Purchases, members: int) -> Mask:
    begins = np.full(members, np.iinfo(np.int64).max)
    ends = np.zeros(members, np.int64)
    begins[exposed.member], ends[exposed.member] = exposed.begins, exposed.ends
    return (happened.at >= begins[happened.member]) & (happened.at < ends[happened.member])


def _purchases(world: World, exposed: Exposed, seed: int) -> Purchases:
    members = world.plan.members
    kept = _kept(world, exposed, seed)
    extra = [_extra(world, exposed, variant, seed) for variant in range(len(exposed.keys))]
    purchases = merged([kept, *extra])
    inside = _within(exposed, purchases, members)
    factor = _spread(exposed, exposed.each("amount"), members, 1.0)[purchases.member]
    chance = _spread(exposed, exposed.each("refund_probability"), members, np.nan)
    changed = chance[purchases.member]
    return purchases.with_terms(
        np.where(inside, factor, 1.0),
        np.where(inside & ~np.isnan(changed), changed, purchases.refund_probability),
    )


def _kept(world: World, exposed: Exposed, seed: int) -> Purchases:
    rate = _spread(exposed, exposed.each("order_rate"), world.plan.members, 1.0)
    drawn = stream(seed, "kept orders", exposed.campaign).random(world.purchases.at.size)
    inside = _within(exposed, world.purchases, world.plan.members)
    return world.purchases.take(~inside | (drawn < rate[world.purchases.member]))


def expected_orders(world: World, exposed: Exposed) -> Floats:
    """Give how many orders each exposed member would place in the window without an effect."""
    ends = np.minimum(exposed.ends, world.people.leaves[exposed.member])
    elapsed = world.clock.elapsed(exposed.begins, ends)
    return world.people.orders_per_year[exposed.member] * elapsed


def _extra(world: World, exposed: Exposed, variant: int, seed: int) -> Purchases:
    chosen = exposed.variant == variant
    added = max(exposed.effects[variant].order_rate - 1.0, 0.0)
    ends = np.minimum(exposed.ends, world.people.leaves[exposed.member])
    key = exposed.keys[variant]
    return draw_purchases(
        world.plan.orders,
        world.clock,
        world.people,
        Presence(
            exposed.member[chosen],
            exposed.begins[chosen],
            ends[chosen],
            added * expected_orders(world, exposed)[chosen],
        ),
        random=stream(seed, "extra orders", exposed.campaign, key),
        prefix=f"o-{exposed.campaign}-{key}-",
    )


def _draws(world: World, exposed: Exposed, seed: int, purpose: str) -> Floats:
    # one draw for every member of the world, so that it does not depend on who else is exposed
    drawn = stream(seed, purpose, exposed.campaign).random(world.plan.members)
    return drawn[exposed.member]


def upgrade_chances(world: World, exposed: Exposed) -> Floats:
    """Give each exposed member's chance to climb within a whole window, effect included."""
    standing = world.standing_at(int(exposed.begins.min(initial=world.end)))
    chance = world.plan.upgrade_probability * (0.5 + standing.progress[exposed.member])
    below_top = standing.rank[exposed.member] < len(world.ladder) - 1
    return np.where(below_top, np.clip(chance * exposed.each("upgrade"), 0.0, 1.0), 0.0)


def _upgrades(world: World, exposed: Exposed, seed: int) -> Events:
    chosen = _draws(world, exposed, seed, "upgrade") < upgrade_chances(world, exposed)
    waited = _draws(world, exposed, seed, "upgrade time") * exposed.window
    at = exposed.begins + waited.astype(np.int64)
    chosen &= at < exposed.ends
    claimed, claimed_at = _funnel_times(world, exposed, seed)
    by_offer = claimed[-1] & (claimed_at[-1] <= at)
    rank = world.standing_at(int(exposed.begins.min(initial=world.end))).rank[exposed.member]
    keys, causes = pa.array([rung.key for rung in world.ladder]), pa.array(["organic", "offer"])
    rows = exposed.member[chosen]
    return record(
        "tier_change",
        _ids(world, exposed, "t", rows),
        rows,
        at[chosen],
        {
            "campaign": exposed.campaign,
            "from": keys.take(pa.array(rank[chosen])),
            "to": keys.take(pa.array(rank[chosen] + 1)),
            "cause": causes.take(pa.array(by_offer[chosen].astype(np.int64))),
        },
    )


def _ids(world: World, exposed: Exposed, prefix: str, rows: npt.NDArray[np.int64]) -> pa.Array:
    members = world.people.member_id.take(pa.array(rows))
    return pc.binary_join_element_wise(f"{prefix}-{exposed.campaign}-", members, "")


def _funnel_times(
    world: World, exposed: Exposed, seed: int
) -> tuple[list[Mask], list[Microseconds]]:
    """Say who views, clicks, claims, and when: each step in what is left of the window."""
    reached, times = [], []
    so_far, at = np.ones(exposed.member.size, dtype=np.bool_), exposed.begins
    for step, name in enumerate(("offer_view", "offer_click", "offer_claim")):
        so_far = so_far & (_draws(world, exposed, seed, name) < exposed.each(name))
        # a microsecond for each step to come, so that all of them fit before the end
        left = (exposed.ends - at - (_FUNNEL_STEPS - step)).astype(np.float64)
        uniform = _draws(world, exposed, seed, f"{name} time")
        # exponential, truncated at the end of the window, by inversion
        waited = -_FUNNEL_DELAY * np.log1p(uniform * np.expm1(-left / _FUNNEL_DELAY))
        at = at + 1 + np.clip(waited, 0, left).astype(np.int64)
        at = np.minimum(at, exposed.ends - (_FUNNEL_STEPS - step))
        reached.append(so_far)
        times.append(at)
    return reached, times


def _funnel(world: World, exposed: Exposed, seed: int) -> list[Events]:
    reached, times = _funnel_times(world, exposed, seed)
    campaign = {"campaign": exposed.campaign}
    steps = [
        record(
            name,
            _ids(world, exposed, prefix, exposed.member[chosen]),
            exposed.member[chosen],
            at[chosen],
            campaign,
        )
        for name, prefix, chosen, at in zip(
            ("offer_view", "offer_click", "offer_claim"), "vck", reached, times, strict=True
        )
    ]
    cost = exposed.each("reward_cost_minor")
    issued = reached[-1] & (cost > 0)
    rewards = record(
        "reward_issue",
        _ids(world, exposed, "w", exposed.member[issued]),
        exposed.member[issued],
        times[-1][issued],
        campaign
        | {
            "amount_minor": pa.array(cost[issued].astype(np.int64)),
            "currency": world.plan.currency,
        },
    )
    return [*steps, rewards]
