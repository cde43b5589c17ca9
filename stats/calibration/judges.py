"""How a result of `stats.inference` is counted: does it hold a value, does it call it wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from stats.errors import CannotEstimate
from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ALPHA = 0.05
"""The error rate that everything is calibrated at."""

P = TypeVar("P")
Result = Estimate | Lift | UnboundedLift | Certain


def holds(result: Result, truth: float) -> bool:
    """Tell whether an interval holds a value; an end that is missing is at infinity."""
    if isinstance(result, Certain):
        return math.isclose(result.estimate, truth, rel_tol=1e-12, abs_tol=1e-12)
    low = -math.inf if result.ci_low is None else result.ci_low
    high = math.inf if result.ci_high is None else result.ci_high
    return low <= truth <= high


def each(cases: Iterable[P], infer: Callable[[P], Result]) -> Iterator[Result | None]:
    """Infer from each run; None where there is no result."""
    for case in cases:
        try:
            yield infer(case)
        except CannotEstimate:
            yield None


def covering(
    cases: Iterable[P], infer: Callable[[P], Result], truth: float
) -> Iterator[bool | None]:
    """Tell for each run whether the interval holds the truth."""
    for result in each(cases, infer):
        yield None if result is None else holds(result, truth)


def rejecting(cases: Iterable[P], infer: Callable[[P], Result]) -> Iterator[bool | None]:
    """Tell for each run whether zero is rejected: by the p-value where there is one."""
    for result in each(cases, infer):
        if result is None:
            yield None
        elif isinstance(result, Estimate):
            yield result.p_value < ALPHA
        else:
            yield not holds(result, 0.0)
