"""What must not decide: metrics that are wrong by construction in the role that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.errors import Problem
from stats.plan import MetricRole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stats.plan import MetricInUse

ENGAGEMENT: Final = frozenset({"offer_view", "offer_click", "offer_claim"})
"""Events that only happen where there is an offer."""
BASKET, SPEND = "average_order_value", "spend_per_member"


def traps(metrics: Sequence[MetricInUse]) -> Iterator[Problem]:
    """Give the metrics that cannot have the role that they have."""
    keys = {metric.key for metric in metrics}
    for index, metric in enumerate(metrics):
        field = f"metrics[{index}].role"
        if metric.role is MetricRole.DIAGNOSTIC:
            continue
        if set(metric.definition.events) <= ENGAGEMENT:
            yield Problem(
                field,
                metric.role.value,
                f"cannot be that of {metric.key}: a control without an offer always has 0",
                "Make it a diagnostic; judge by what members of every variant can do.",
            )
        if metric.role is MetricRole.OEC and metric.key == BASKET and SPEND not in keys:
            yield Problem(
                field,
                metric.role.value,
                f"cannot be that of {BASKET} alone: it can fall while spend rises",
                f"Add {SPEND} beside it, or let {SPEND} decide.",
            )
