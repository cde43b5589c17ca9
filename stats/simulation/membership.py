"""Decides where members stand at a moment: spend, tier, distance to the next, lifecycle stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from stats.simulation.events import timestamps
from stats.simulation.seasons import DAY_US, microseconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from stats.simulation.people import People
    from stats.simulation.plan import WorldPlan
    from stats.simulation.purchases import Mask, Purchases
    from stats.simulation.seasons import Floats

_YEAR: Final = 365 * DAY_US
_NEW: Final = 90 * DAY_US
_DORMANT: Final = 180 * DAY_US
_LOYAL_ORDERS: Final = 12
_SPEND_QUANTILE_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier with the 12-month spend in minor units that admits to it."""

    key: str
    entry_threshold_minor: int


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One row a member, at one moment.

    Attributes:
        spend_minor: Orders of the 365 days before, less their refunds made so far.
        orders: Number of orders of the 365 days before.
        last_order: Microseconds of the last order so far, -1 for none.
        rank: Row of the ladder, 0 for the lowest tier.
        by_hand: Whether the tier was set by hand, above what the spend gives.
        missing_minor: Spend still missing to the next tier, 0 at the top.
        progress: Share of the way from the tier's threshold to the next, 0 to 1.
    """

    spend_minor: npt.NDArray[np.int64]
    orders: npt.NDArray[np.int64]
    last_order: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]
    by_hand: Mask
    missing_minor: npt.NDArray[np.int64]
    progress: Floats


def ladder_of(plan: WorldPlan, people: People, purchases: Purchases) -> tuple[Rung, ...]:
    """Set entry thresholds so that about the planned shares reach each tier at the end.

    Thresholds are rounded to two digits, as a business would publish them.
    """
    spend = _spend(people, purchases, microseconds(plan.end))
    below = np.cumsum([0.0, *(tier.share for tier in plan.tiers)])[: len(plan.tiers)]
    rungs = [Rung(plan.tiers[0].key, 0)]
    for tier, share in zip(plan.tiers[1:], below[1:], strict=True):
        exact = round(float(np.quantile(spend, min(share, 1.0))))
        digits = max(len(str(exact)) - _SPEND_QUANTILE_DIGITS, 0)
        threshold = round(exact, -digits)
        rungs.append(Rung(tier.key, max(threshold, rungs[-1].entry_threshold_minor + 1)))
    return tuple(rungs)


def _spend(people: People, purchases: Purchases, moment: int) -> npt.NDArray[np.int64]:
    counted = _last_year(purchases, moment)
    returned = np.where(purchases.refunded_before(moment), purchases.refund_minor, 0)
    net = (purchases.amount_minor - returned)[counted]
    # sums of whole numbers below 2^53 are exact in double precision
    sums = np.bincount(purchases.member[counted], net, people.joined.size)
    return sums.astype(np.int64)


def _last_year(purchases: Purchases, moment: int) -> slice:
    first, end = np.searchsorted(purchases.at, [moment - _YEAR, moment])
    return slice(int(first), int(end))


def standing_at(
    people: People, purchases: Purchases, ladder: tuple[Rung, ...], moment: int
) -> Standing:
    """Give where every member stands at a moment in microseconds since 1970."""
    spend = _spend(people, purchases, moment)
    counted = _last_year(purchases, moment)
    thresholds = np.array([rung.entry_threshold_minor for rung in ladder])
    earned = np.searchsorted(thresholds, spend, side="right") - 1
    top = len(ladder) - 1
    rank = np.minimum(earned + people.raised, top)
    next_threshold = thresholds[np.minimum(rank + 1, top)]
    gap = np.maximum(next_threshold - thresholds[rank], 1)
    last = np.full(people.joined.size, -1)
    so_far = slice(0, counted.stop)
    last[purchases.member[so_far]] = purchases.at[so_far]  # in the order of time: the last stays
    return Standing(
        spend_minor=spend,
        orders=np.bincount(purchases.member[counted], minlength=people.joined.size),
        last_order=last,
        rank=rank,
        by_hand=rank > earned,
        missing_minor=np.where(rank == top, 0, next_threshold - spend),
        progress=np.clip((spend - thresholds[rank]) / gap, 0.0, 1.0),
    )


def members_table(
    people: People, standing: Standing, ladder: tuple[Rung, ...], moment: int
) -> pa.Table:
    """Give those who have joined by a moment, with what the programme knows of them then.

    Returns:
        member_id, household_id, tier, tier_source (spend or manual), region, age_band, channel,
        lifecycle, joined_at, personalisation_consent, orders_12m, spend_12m_minor,
        distance_to_next_minor (null at the top), days_since_order (null without one).
    """
    top = len(ladder) - 1
    since = moment - standing.last_order
    keys, sources = pa.array([rung.key for rung in ladder]), pa.array(["spend", "manual"])
    table = pa.table(
        {
            "member_id": people.member_id,
            "household_id": people.household_id,
            "tier": keys.take(pa.array(standing.rank)),
            "tier_source": sources.take(pa.array(standing.by_hand.astype(np.int64))),
            "region": people.region,
            "age_band": people.age_band,
            "channel": people.channel,
            "lifecycle": _lifecycle(people, standing, moment),
            "joined_at": timestamps(people.joined),
            "personalisation_consent": pa.array(people.consented & (people.opts_out >= moment)),
            "orders_12m": pa.array(standing.orders),
            "spend_12m_minor": pa.array(standing.spend_minor),
            "distance_to_next_minor": pa.array(standing.missing_minor, mask=standing.rank == top),
            "days_since_order": pa.array(since // DAY_US, mask=standing.last_order < 0),
        }
    )
    return table.filter(pa.array(people.joined < moment))


def _lifecycle(people: People, standing: Standing, moment: int) -> pa.Array:
    since = np.where(standing.last_order < 0, 2 * _YEAR, moment - standing.last_order)
    stage = np.select(
        [
            people.joined >= moment - _NEW,
            since > _YEAR,
            since > _DORMANT,
            standing.orders >= _LOYAL_ORDERS,
        ],
        [0, 1, 2, 3],
        default=4,
    )
    return pa.array(["new", "lost", "dormant", "loyal", "active"]).take(pa.array(stage))
