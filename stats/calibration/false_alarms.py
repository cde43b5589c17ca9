"""Type-I error: how often each test calls chance an effect, under A/A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.draw import Draw, drawing
from stats.calibration.methods import (
    EXPOSED_ALONE,
    HOUSEHOLDS_ADJUSTED,
    MEANS,
    MEMBERS_AS_UNITS,
    ONE_SIDED,
    PROPORTIONS,
    RATIO_ADJUSTED,
    RATIOS,
    RAW_MEANS,
    SKEWED,
    WELCH,
)
from stats.calibration.study import Judge, Study, study, without_bar
from stats.simulation.trials import (
    BINARY,
    HOUSEHOLDS,
    NON_COMPLIANCE,
    ORDERS,
    RETENTION,
    REVENUE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stats.simulation.trials import TrialWorld

HOUSEHOLD_JUDGES = (WELCH, *RATIOS, *HOUSEHOLDS_ADJUSTED, MEMBERS_AS_UNITS)


def _aa(
    key: str,
    title: str,
    world: TrialWorld,
    units: tuple[int, int],
    judges: Sequence[Judge[Draw]],
    *,
    chunk: int = 1_000,
) -> Study:
    named = f"{title}; {units[0]:,} units against {units[1]:,}"
    return study(f"false-alarms/{key}", named, drawing(world, *units), judges, chunk=chunk)


EVEN, SPLIT = (5_000, 5_000), (100_000, 5_000)
"""Units of control and treatment."""

SKEWED_SPLIT = (300_000, 15_000)
"""Units where values have a skewness of 10: three times what `edge` asks of two-sided tests."""

ONE_SIDED_SPLIT = (10_000_000, 500_000)
"""And ten times what it asks of one-sided ones, so that less than a Monte Carlo error is left."""

FEW = {judge.name: f"{SKEWED}; it takes some 50,000 units (see below)" for judge in ONE_SIDED}
SYMMETRIC = {
    "lift, delta method": "outside its conditions: its interval is symmetric, and that of a "
    "quotient is so only where the control's error is below a tenth of its value (Cochran, 1977, "
    '"Sampling Techniques", section 6.8). Here it is a seventh, with 50 outcomes; the next table '
    "has 120. Fieller's, the default, agrees with the test of the difference at any size"
}
DELTA = tuple(judge for judge in MEANS if judge.name in SYMMETRIC)
ENOUGH_FOR_DELTA = (12_000, 12_000)
"""Units at which a share of 1 % has an error of an eleventh of its value."""

STUDIES = (
    _aa("binary", "Binary, 1 %", BINARY, EVEN, without_bar((*MEANS, *PROPORTIONS), SYMMETRIC)),
    _aa("binary/delta", "Binary, 1 %", BINARY, ENOUGH_FOR_DELTA, DELTA),
    _aa("revenue", "Skewed revenue", REVENUE, EVEN, MEANS),
    _aa("ratio", "Ratio of revenue to clustered orders", ORDERS, EVEN, (*RATIOS, *RATIO_ADJUSTED)),
    _aa("clustered", "Clustered: households", HOUSEHOLDS, EVEN, HOUSEHOLD_JUDGES),
    _aa("non-compliance", "Not all are exposed", NON_COMPLIANCE, EVEN, (WELCH, EXPOSED_ALONE)),
    _aa("retention", "Active on day 28, 38 %", RETENTION, EVEN, (*RAW_MEANS, *PROPORTIONS)),
    _aa(
        "20-1/binary",
        "20:1 split, binary, 1 %",
        BINARY,
        SKEWED_SPLIT,
        without_bar((*MEANS, *PROPORTIONS), FEW),
    ),
    _aa(
        "20-1/binary/one-sided",
        "20:1 split, binary, 1 %",
        BINARY,
        ONE_SIDED_SPLIT,
        ONE_SIDED,
    ),
    _aa(
        "20-1/retention",
        "20:1 split, active on day 28, 38 %",
        RETENTION,
        SPLIT,
        (*RAW_MEANS, *PROPORTIONS),
    ),
    _aa("20-1/clustered", "20:1 split, households", HOUSEHOLDS, SPLIT, HOUSEHOLD_JUDGES),
    _aa(
        "20-1/revenue",
        "20:1 split, skewed revenue",
        REVENUE,
        SKEWED_SPLIT,
        without_bar(MEANS, FEW),
        chunk=100,
    ),
)
"""A world each."""
