"""Error rates of guardrails: a treatment that is exactly as bad as the margin allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.bar import NOMINAL, SAFE
from stats.calibration.draw import Draw, drawing
from stats.calibration.judges import ALPHA
from stats.calibration.methods import SKEWED, points
from stats.calibration.study import Judge, Study, study
from stats.errors import CannotEstimate
from stats.inference.noninferiority import GuardrailVerdict, equivalence, non_inferiority
from stats.metric import Direction
from stats.simulation.trials import BINARY, HOUSEHOLDS, ORDERS, REVENUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stats.simulation.trials import TrialWorld

MARGIN = 0.05
"""How much worse a guardrail may get, as a share of the control's value."""


def _safe(draw: Draw, *, ratio: bool) -> Iterator[bool | None]:
    for pair in points(draw, ratio=ratio):
        try:
            result = non_inferiority(*pair, margin=MARGIN, direction=Direction.HIGHER, alpha=ALPHA)
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


def _judges(*, ratio: bool, miss: str) -> Sequence[Judge[Draw]]:
    cautious = "both tests have to be passed, so it is conservative where units are few"
    return (
        Judge("non-inferiority", lambda draw: _safe(draw, ratio=ratio), NOMINAL, miss=miss),
        Judge("equivalence", lambda draw: _equivalent(draw, ratio=ratio), SAFE, cautious),
    )


def _study(  # what distinguishes one study from another
    key: str,
    words: str,
    world: TrialWorld,
    units: tuple[int, int],
    *,
    ratio: bool = False,
    chunk: int = 1_000,
    miss: str = "",
) -> Study:
    title = f"{words}; {units[0]:,} units against {units[1]:,}, true lift {-MARGIN:+.0%}"
    draw = drawing(world, *units, lift=-MARGIN)
    judges = _judges(ratio=ratio, miss=miss)
    return study(f"guardrails/{key}", title, draw, judges, chunk=chunk)


EVEN, SPLIT = (5_000, 5_000), (100_000, 5_000)

STUDIES = (
    _study("binary", "Binary, 1 %", BINARY, EVEN),
    _study("revenue", "Skewed revenue", REVENUE, EVEN),
    _study("ratio", "Ratio of revenue to clustered orders", ORDERS, EVEN, ratio=True),
    _study("clustered", "Households", HOUSEHOLDS, EVEN, ratio=True),
    _study("20-1/binary", "20:1 split, binary, 1 %", BINARY, SPLIT, miss=SKEWED),
    _study("20-1/clustered", "20:1 split, households", HOUSEHOLDS, SPLIT, ratio=True),
    _study(
        "20-1/revenue", "20:1 split, skewed revenue", REVENUE, SPLIT, chunk=250, miss=SKEWED
    ),
)  # fmt: skip
"""A world each."""
