"""Error rates of guardrails: a treatment that is exactly as bad as the margin allows.

For a guardrail that is better when higher that is a lift of -5 %, otherwise one of 5 %: every run
has a treatment for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stats.calibration.bar import NEVER_ABOVE, NOMINAL
from stats.calibration.draw import Draw
from stats.calibration.judges import ALPHA
from stats.calibration.methods import points
from stats.calibration.study import Judge, Study, study
from stats.errors import CannotEstimate
from stats.inference.noninferiority import GuardrailVerdict, equivalence, non_inferiority
from stats.metric import Direction
from stats.simulation.trials import BINARY, HOUSEHOLDS, ORDERS, RETENTION, REVENUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from stats.simulation.trials import TrialWorld

MARGIN = 0.05
"""How much worse a guardrail may get, as a share of the control's value."""


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Many runs of a control with treatments at both margins.

    Attributes:
        lower: The control, and a treatment that has so much less.
        higher: The same control, and a treatment that has so much more.
    """

    lower: Draw
    higher: Draw


def margins(
    world: TrialWorld, control: int, treatment: int
) -> Callable[[np.random.Generator, int], Margins]:
    """Give what draws runs with these units of the control and of each treatment."""

    def draw(rng: np.random.Generator, runs: int) -> Margins:
        compared = world.batch(rng, runs=runs, units=control)
        lower, higher = (
            Draw(compared, world.batch(rng, runs=runs, units=treatment, lift=lift))
            for lift in (-MARGIN, MARGIN)
        )
        return Margins(lower, higher)

    return draw


def _safe(draw: Draw, direction: Direction, *, ratio: bool) -> Iterator[bool | None]:
    for pair in points(draw, ratio=ratio):
        try:
            result = non_inferiority(*pair, margin=MARGIN, direction=direction, alpha=ALPHA)
        except CannotEstimate:
            yield None
        else:
            yield result.verdict is GuardrailVerdict.SAFE


def _equivalent(draw: Draw, *, ratio: bool) -> Iterator[bool | None]:
    for pair in points(draw, ratio=ratio):
        try:
            yield equivalence(*pair, margin=MARGIN, alpha=ALPHA).shown
        except CannotEstimate:
            yield None


def judges(*, ratio: bool = False) -> tuple[Judge[Margins], ...]:
    """Give the tests of a guardrail, of a mean or of a ratio metric."""
    cautious = "both tests have to be passed: 5 % at most, and less where units are few"
    return (
        Judge(
            "non-inferiority, higher is better",
            lambda drawn: _safe(drawn.lower, Direction.HIGHER, ratio=ratio),
            NOMINAL,
        ),
        Judge(
            "non-inferiority, lower is better",
            lambda drawn: _safe(drawn.higher, Direction.LOWER, ratio=ratio),
            NOMINAL,
        ),
        Judge(
            "equivalence",
            lambda drawn: _equivalent(drawn.lower, ratio=ratio),
            NEVER_ABOVE,
            cautious,
        ),
    )


def _study(
    key: str, words: str, world: TrialWorld, units: tuple[int, int], *, ratio: bool = False
) -> Study:
    title = f"{words}; {units[0]:,} units against {units[1]:,}"
    return study(f"guardrails/{key}", title, margins(world, *units), judges(ratio=ratio))


EVEN, SPLIT, LARGE_SPLIT = (5_000, 5_000), (100_000, 5_000), (10_000_000, 500_000)

STUDIES = (
    _study("binary", "Binary, 1 %", BINARY, EVEN),
    _study("revenue", "Skewed revenue", REVENUE, EVEN),
    _study("ratio", "Ratio of revenue to clustered orders", ORDERS, EVEN, ratio=True),
    _study("clustered", "Households", HOUSEHOLDS, EVEN, ratio=True),
    _study("20-1/binary", "20:1 split, binary, 1 %", BINARY, LARGE_SPLIT),
    _study("20-1/clustered", "20:1 split, households", HOUSEHOLDS, SPLIT, ratio=True),
    _study("20-1/retention", "20:1 split, active on day 28, 38 %", RETENTION, SPLIT),
)
"""A world each."""
