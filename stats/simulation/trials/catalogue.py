"""The worlds that calibration, tests and `tierlift simulate` know by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.simulation.trials.counted import binary, households, non_compliance, retention
from stats.simulation.trials.orders import OrdersWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.simulation.trials.world import TrialWorld

BINARY: Final = binary("binary", rate=0.01, before=0.02, correlation=0.3)
"""1 % of members upgrade; 2 % did something like it before."""

REVENUE: Final = OrdersWorld(
    "revenue", (0.8, 0.2), level=3, spread_between=1, loyal=0.5, correlation=0.6
)
"""A fifth of members spends log-normal amounts; the skewness of revenue per member is 10."""

ORDERS: Final = OrdersWorld(
    "orders",
    (0.55, 0.2, 0.1, 0.06, 0.04, 0.03, 0.01, 0.006, 0.004),
    level=3,
    spread_between=0.6,
    spread_within=0.5,
    loyal=0.4,
    correlation=0.6,
    counts_orders=True,
)
"""Members with up to eight orders that are alike: revenue over orders is a ratio metric."""

HOUSEHOLDS: Final = households(
    "households", sizes=(0.35, 0.3, 0.2, 0.1, 0.05), keen=0.2, rates=(0.03, 0.4)
)
"""Households of one to five members who share a fate, so that members are no independent draws."""

RETENTION: Final = retention("retention", days=(1, 7, 28), kinds=((0.4, 0.99), (0.6, 0.93)))
"""Members who are active, or not, on day 1, 7 and 28."""

NON_COMPLIANCE: Final = non_compliance(
    "non-compliance", compliance=(0.3, 0.8), rates=(0.02, 0.1), share=0.5
)
"""Members assigned to an offer that 55 % of them ever see, the active ones more often."""

WORLDS: Final[Mapping[str, TrialWorld]] = {
    world.key: world for world in (BINARY, REVENUE, ORDERS, HOUSEHOLDS, RETENTION, NON_COMPLIANCE)
}
"""Worlds by key."""
