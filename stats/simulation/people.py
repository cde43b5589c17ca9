"""Decides who the members of a simulated programme are, and how each of them truly behaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stats.simulation.seasons import YEAR_US, microseconds
from stats.simulation.streams import stream

if TYPE_CHECKING:
    import numpy.typing as npt

    from stats.simulation.plan import WorldPlan
    from stats.simulation.seasons import Floats, Microseconds

_MOST_YEARS: Final = 1_000.0  # stands for never
_TENURE_YEARS: Final = 3.0
_MOST_TENURE_YEARS: Final = 12.0
_LARGEST_HOUSEHOLD: Final = 4
_PREFIXES: Final = ("m-", "會員-", "membré-", "m🦊-")

REGIONS: Final = (("north", 0.22), ("south", 0.31), ("east", 0.17), ("west", 0.3))
AGE_BANDS: Final = (
    ("18-24", 0.12),
    ("25-34", 0.26),
    ("35-44", 0.24),
    ("45-54", 0.18),
    ("55-64", 0.12),
    ("65+", 0.08),
)
CHANNELS: Final = (("app", 0.42), ("web", 0.33), ("email", 0.15), ("store", 0.1))


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row a member: what is known of them, and the truth behind their behaviour.

    Attributes:
        member_id: Text, unique.
        household_id: Text, null for those who live alone.
        region: Text.
        age_band: Text.
        channel: Text, the one they prefer.
        consented: Whether they consented to personalisation when joining.
        raised: Whether their tier was set by hand, one above their spend.
        joined: Microseconds since 1970.
        leaves: Microseconds; no order after it. May be after the history.
        opts_out: Microseconds; may be after the history.
        orders_per_year: Their own rate, averaged over the seasons.
        price_minor: The median amount of their orders.
    """

    member_id: pa.Array
    household_id: pa.Array
    region: pa.Array
    age_band: pa.Array
    channel: pa.Array
    consented: npt.NDArray[np.bool_]
    raised: npt.NDArray[np.bool_]
    joined: Microseconds
    leaves: Microseconds
    opts_out: Microseconds
    orders_per_year: Floats
    price_minor: Floats


def numbered(prefix: str, count: int, *, width: int = 6) -> pa.Array:
    """Give the texts ``prefix000001`` and on, wider where six digits do not suffice."""
    digits = pc.utf8_lpad(
        pc.cast(pa.array(np.arange(1, count + 1)), pa.string()),
        width=max(width, len(str(count))),
        padding="0",
    )
    return pc.binary_join_element_wise(prefix, digits, "")


def draw_people(plan: WorldPlan) -> People:
    """Draw the members of a programme."""
    count, orders = plan.members, plan.orders
    habit = _pick(plan, "habit", [tier.share for tier in plan.tiers])
    own_rate = stream(plan.seed, "order rate").gamma(orders.dispersion, size=count)
    own_price = stream(plan.seed, "price").normal(scale=orders.member_sigma, size=count)
    rates = np.array([tier.order_rate_multiplier for tier in plan.tiers])
    prices = np.array([tier.amount_multiplier for tier in plan.tiers])
    joined = _joined(plan)
    present = np.maximum(joined, microseconds(plan.start))
    return People(
        member_id=_member_ids(plan),
        household_id=_household_ids(plan),
        region=_label(plan, "region", REGIONS),
        age_band=_label(plan, "age band", AGE_BANDS),
        channel=_label(plan, "channel", CHANNELS),
        consented=stream(plan.seed, "consent").random(count) < plan.consent_share,
        raised=stream(plan.seed, "manual tier").random(count) < plan.manual_tier_share,
        joined=joined,
        leaves=present + _waiting(plan, "churn", plan.yearly_churn),
        opts_out=present + _waiting(plan, "opt-out", plan.yearly_opt_out),
        orders_per_year=orders.per_year * rates[habit] * own_rate / orders.dispersion,
        price_minor=orders.median_minor * prices[habit] * np.exp(own_price),
    )


def _pick(plan: WorldPlan, purpose: str, shares: list[float]) -> npt.NDArray[np.int64]:
    borders = np.cumsum(shares)[:-1]  # the last one is open, so that rounding leaves nobody out
    uniform = stream(plan.seed, purpose).random(plan.members)
    return np.searchsorted(borders, uniform, side="right")


def _label(plan: WorldPlan, purpose: str, choices: tuple[tuple[str, float], ...]) -> pa.Array:
    picked = _pick(plan, purpose, [share for _, share in choices])
    return pa.array([name for name, _ in choices]).take(pa.array(picked))


def _waiting(plan: WorldPlan, purpose: str, yearly_rate: float) -> Microseconds:
    drawn = stream(plan.seed, purpose).exponential(size=plan.members)
    years = drawn / max(yearly_rate, 1 / _MOST_YEARS**2)
    return (np.minimum(years, _MOST_YEARS) * YEAR_US).astype(np.int64)


def _joined(plan: WorldPlan) -> Microseconds:
    start, end = microseconds(plan.start), microseconds(plan.end)
    random = stream(plan.seed, "joining")
    newcomer = random.random(plan.members) < plan.newcomer_share
    within = start + (random.random(plan.members) * (end - start)).astype(np.int64)
    tenure = np.minimum(random.exponential(_TENURE_YEARS, plan.members), _MOST_TENURE_YEARS)
    before = start - 1 - (tenure * YEAR_US).astype(np.int64)
    return np.where(newcomer, np.minimum(within, end - 1), before)


def _member_ids(plan: WorldPlan) -> pa.Array:
    random = stream(plan.seed, "ids")
    unusual = random.random(plan.members) < plan.non_ascii_share
    prefix = np.where(unusual, random.integers(1, len(_PREFIXES), plan.members), 0)
    prefixes = pa.array(_PREFIXES).take(pa.array(prefix))
    return pc.binary_join_element_wise(prefixes, numbered("", plan.members), "")


def _household_ids(plan: WorldPlan) -> pa.Array:
    random = stream(plan.seed, "households")
    living_together = random.permutation(plan.members)[: int(plan.members * plan.household_share)]
    sizes = random.integers(2, _LARGEST_HOUSEHOLD + 1, living_together.size // 2 + 1)
    household = np.repeat(np.arange(sizes.size), sizes)[: living_together.size]
    codes = np.full(plan.members, -1)
    codes[living_together] = household
    return numbered("h-", sizes.size).take(pa.array(codes, mask=codes < 0))
