"""How much of a metric's pooled total its highest units hold: the highest one, the highest 1 %."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from stats.aggregation.aggregates import TopShare
from stats.aggregation.answers import whole
from stats.aggregation.cell_groups import CellGroups
from stats.aggregation.engine import Rows
from stats.aggregation.layout import MetricColumns
from stats.aggregation.prepass import share_of_rank

Fetch: TypeAlias = Callable[[str, Mapping[str, str]], Rows]
"""Answers a compiled relation, with parameters put in."""


LOWEST = str(-(2**63))


def top_shares(
    metric: MetricColumns, groups: CellGroups, ranked: str, above: str, fetch: Fetch
) -> tuple[TopShare, ...]:
    """Give the share of the highest unit, and of the highest 1 % of units, rounded up.

    Args:
        metric: A metric whose values are whole numbers.
        groups: Its cells.
        ranked: Compiled `high_statistic`.
        above: Compiled `above`.
        fetch: Answers them.

    Returns:
        Nothing without mature units.
    """
    pooled = groups.pooled(metric.closed)
    lowest, highest = pooled.lowest(metric), pooled.highest(metric)
    if lowest is None or highest is None:
        return ()
    total, percent = pooled.total(metric.outcome), -(-pooled.n // 100)
    if total <= 0:
        return (TopShare(1, None), TopShare(percent, None))
    if lowest >= 0 and pooled.nonzero(metric) <= percent:
        held: int | float = total  # all that is not zero
    else:
        # among all, or only those above zero where the others are all zero
        ranked_units = pooled.n if lowest < 0 else pooled.nonzero(metric)
        share = share_of_rank(ranked_units - percent + 1, ranked_units)
        floor = "0" if lowest >= 0 else LOWEST
        threshold = whole(fetch(ranked, {"share": share, "floor": floor})[0]["value"])
        high = fetch(above, {"threshold": str(threshold)})[0]
        # of units that tie at the threshold, as many as are still wanted
        held = whole(high["total"]) + (percent - whole(high["units"])) * threshold
    return (TopShare(1, highest / total), TopShare(percent, held / total))
