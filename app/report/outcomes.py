"""Turns the outcomes of inference into what is shown and into words: where 0 and a margin lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from app.report.formatting import Scale
from app.report.shown import Shown
from stats.inference.outcome import (
    BareValue,
    Certain,
    Estimate,
    Lift,
    Rate,
    UnboundedLift,
    Undefined,
)
from stats.metric import Direction
from stats.sentence import said

if TYPE_CHECKING:
    from decimal import Decimal

    from app.report.formatting import Formats
    from stats.scorecard import Comparison
    from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome, VariantValue


CERTAIN: Final = {
    (1, True): said("It is above control for certain, the wanted direction."),
    (1, False): said("It is above control for certain, against the wanted direction."),
    (-1, True): said("It is below control for certain, the wanted direction."),
    (-1, False): said("It is below control for certain, against the wanted direction."),
}
OUTSIDE: Final = {
    (1, True): said("0 lies outside the interval: it is above control, the wanted direction."),
    (1, False): said(
        "0 lies outside the interval: it is above control, against the wanted direction."
    ),
    (-1, True): said("0 lies outside the interval: it is below control, the wanted direction."),
    (-1, False): said(
        "0 lies outside the interval: it is below control, against the wanted direction."
    ),
}
"""By which side, and whether that is wanted."""


def show_value(value: VariantValue, formats: Formats, scale: Scale) -> Shown:
    """Show a variant's own value."""
    match value:
        case Rate():
            return _with_interval(value, formats, scale, signed=False)
        case BareValue():
            return Shown(
                formats.alone(value.estimate, scale, signed=False), sentence=value.sentence
            )
        case Undefined():
            return Shown(None, sentence=value.sentence)


def show_difference(outcome: DifferenceOutcome, formats: Formats, scale: Scale) -> Shown:
    """Show a difference."""
    match outcome:
        case Estimate():
            return _with_interval(outcome, formats, scale, signed=True)
        case Certain():
            return _certain(outcome, formats, scale)
        case Undefined():
            return Shown(None, sentence=outcome.sentence)


def show_per_thousand(outcome: DifferenceOutcome, formats: Formats) -> Shown | None:
    """Show a difference of money per 1,000 units; `None` where there is no difference."""
    match outcome:
        case Estimate():
            bounds = (outcome.ci_low * 1000, outcome.ci_high * 1000)
            return Shown(
                *formats.with_interval(outcome.estimate * 1000, bounds, Scale.MONEY, signed=True)
            )
        case Certain():
            return Shown(
                formats.alone(outcome.estimate * 1000, Scale.MONEY, signed=True),
                sentence=outcome.sentence,
            )
        case Undefined():
            return None


def show_lift(outcome: LiftOutcome, formats: Formats) -> Shown:
    """Show a lift."""
    match outcome:
        case Lift():
            return _with_interval(outcome, formats, Scale.LIFT, signed=True)
        case Certain():
            return _certain(outcome, formats, Scale.LIFT)
        case UnboundedLift() | Undefined():
            return Shown(None, sentence=outcome.sentence)


def side_of_zero(outcome: DifferenceOutcome | LiftOutcome) -> int | None:
    """Say where the interval lies: 1 above 0, -1 below, 0 around it; `None` without one."""
    match outcome:
        case Estimate() | Lift():
            return (outcome.ci_low > 0) - (outcome.ci_high < 0)
        case Certain():
            return (outcome.estimate > 0) - (outcome.estimate < 0)
        case UnboundedLift() | Undefined():
            return None


def lift_agrees(comparison: Comparison) -> bool:
    """Whether the lift exists and says the same of 0 as the difference, whose test decides."""
    side = side_of_zero(comparison.lift)
    return side is not None and side == side_of_zero(comparison.difference)


def reading_of(comparison: Comparison, direction: Direction) -> str:
    """Say in words what the comparison shows, and where lift and difference disagree."""
    reading = _reading(comparison.difference, direction)
    if side_of_zero(comparison.lift) in {None, side_of_zero(comparison.difference)}:
        return reading
    return said(
        "{reading} This is said of the difference, whose test decides; the "
        "interval of the lift, an approximation, lies otherwise.",
        reading=reading,
    )


def _reading(outcome: DifferenceOutcome, direction: Direction) -> str:
    side = side_of_zero(outcome)
    if side is None:
        return said("No comparison with control is possible here.")
    if side == 0:
        return said("0 lies inside the interval: it cannot be told from control.")
    wanted = (side > 0) == (direction is Direction.HIGHER)
    return CERTAIN[side, wanted] if isinstance(outcome, Certain) else OUTSIDE[side, wanted]


def margin_reading(
    lift: LiftOutcome, margin: Decimal, direction: Direction, formats: Formats
) -> str:
    """Say in words where the interval of the lift lies against a guardrail's margin."""
    share = formats.exact_share(margin).text
    match lift:
        case Lift():
            low, high = lift.ci_low, lift.ci_high
        case Certain():
            low = high = lift.estimate
        case UnboundedLift():
            low = -math.inf if lift.ci_low is None else lift.ci_low
            high = math.inf if lift.ci_high is None else lift.ci_high
        case Undefined():
            return said(
                "Without a lift it cannot be held against the margin of {share}.", share=share
            )
    loss = (-high, -low) if direction is Direction.HIGHER else (low, high)
    allowed = float(margin)
    if loss[1] < allowed:
        return said("The whole interval lies within the margin of {share}.", share=share)
    if loss[0] > allowed:
        return said("The whole interval lies beyond the margin of {share}.", share=share)
    return said(
        "The interval reaches beyond the margin: a loss of {share} is not ruled out.", share=share
    )


def _with_interval(
    outcome: Estimate | Lift | Rate, formats: Formats, scale: Scale, *, signed: bool
) -> Shown:
    bounds = (outcome.ci_low, outcome.ci_high)
    return Shown(*formats.with_interval(outcome.estimate, bounds, scale, signed=signed))


def _certain(outcome: Certain, formats: Formats, scale: Scale) -> Shown:
    number = formats.alone(outcome.estimate, scale, signed=True)
    return Shown(number, number, number, outcome.sentence)
