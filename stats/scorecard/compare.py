"""One treatment against the control, with every fault turned into a status."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from stats.errors import CannotEstimate
from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.outcome import Method, Undefined
from stats.inference.point import Point, mean_point, ratio_point
from stats.inference.proportion import wilson
from stats.inference.single import mean_rate, ratio_rate
from stats.metric import MetricKind
from stats.plan import LiftMethod
from stats.scorecard.document import Comparison, VariantValue
from stats.summary import MeanSummary, RatioSummary

Outcome = TypeVar("Outcome")
Summary: TypeAlias = MeanSummary | RatioSummary


def point_of(summary: Summary) -> Point:
    """Give the value and error of a summary of either kind.

    Raises:
        CannotEstimate: It has none.
    """
    if isinstance(summary, RatioSummary):
        return ratio_point(summary)
    return mean_point(summary)


def value_of(summary: Summary, kind: MetricKind, *, alpha: float) -> VariantValue:
    """Give a variant's own value with its interval, or why there is none."""
    try:
        if isinstance(summary, RatioSummary):
            return ratio_rate(summary, alpha=alpha)
        if kind is MetricKind.PROPORTION:
            return wilson(int(summary.total), summary.n, alpha=alpha)
        return mean_rate(summary, alpha=alpha)
    except CannotEstimate as error:
        return Undefined.because(error)


def compare(
    control: tuple[str, Summary],
    treatment: tuple[str, Summary],
    *,
    alpha: float,
    lift_method: LiftMethod = LiftMethod.FIELLER,
) -> Comparison:
    """Compare a treatment with the control; each is a key and its summary."""
    method = Method.DELTA_WELCH if isinstance(control[1], RatioSummary) else Method.WELCH

    return Comparison(
        treatment=treatment[0],
        control=control[0],
        difference=_defined(
            lambda c, t: point_difference(c, t, alpha=alpha, method=method),
            control[1],
            treatment[1],
        ),
        lift=_defined(
            lambda c, t: lift(c, t, alpha=alpha, method=lift_method), control[1], treatment[1]
        ),
    )


def _defined(
    infer: Callable[[Point, Point], Outcome], control: Summary, treatment: Summary
) -> Outcome | Undefined:
    try:
        return infer(point_of(control), point_of(treatment))
    except CannotEstimate as error:
        return Undefined.because(error)
