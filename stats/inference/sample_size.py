"""How many units, or how large an effect: the inverse of `stats.inference.power`.

Solved numerically on the very function that gives the power, so that one is the inverse of the
other at any ratio of the variants, whatever the test.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.special import ndtri

from stats.errors import InvalidSizing
from stats.inference.power import Baseline, PlannedTest, Sizes, next_whole, power

FEWEST = 2.0
"""Units that the smaller variant has at least."""
MOST = 1e15
PRECISION = 1e-13


@dataclass(frozen=True, slots=True)
class CampaignSize:
    """Whole units of a campaign.

    Attributes:
        control: Units of the control.
        treatments: Units of each treatment, in the order given.
    """

    control: int
    treatments: tuple[int, ...]

    @property
    def total(self) -> int:
        """Units of all variants together."""
        return self.control + sum(self.treatments)


def units_needed(
    baseline: Baseline,
    effect: float,
    test: PlannedTest,
    *,
    goal: float,
    ratio: float = 1.0,
    margin: float = 0.0,
) -> Sizes:
    """Give the units at which the test has exactly this power.

    Args:
        baseline: The control's outcome.
        effect: True difference to be found, in the metric's unit; not 0 unless there is a margin.
        test: The test.
        goal: Its power, above the error rate and below 1.
        ratio: Units of the treatment per unit of the control, above 0.
        margin: Of a non-inferiority test, which is one-sided; else 0.

    Returns:
        Fractional units; `.whole` rounds them up. At least 2 in the smaller variant, where the
        power may then be higher.

    Raises:
        InvalidSizing: No size has this power: no effect, a goal out of reach, a ratio that is none.
        NoVariance: The outcome does not vary.
    """
    _check_goal(goal, test)
    if not (ratio > 0 and math.isfinite(ratio)):
        raise InvalidSizing(ratio, field="ratio", expected="give a number above 0")
    if abs(effect) + margin <= 0:
        way_out = "an effect of 0 is never found; give a size"
        raise InvalidSizing(effect, field="effect", expected=way_out)

    def sizes(log_units: float) -> Sizes:
        units = math.exp(log_units)
        return Sizes(units, units * ratio)

    def missing(log_units: float) -> float:
        return power(baseline, effect, sizes(log_units), test, margin=margin) - goal

    low = math.log(FEWEST / min(1.0, ratio))
    if missing(low) >= 0:
        return sizes(low)
    high = max(low, math.log(_guess(baseline, effect, test, goal, ratio, margin))) + 1
    while missing(high) < 0:
        high += 1
        if high > math.log(MOST):
            way_out = f"it takes more than {MOST:.0e} units; give a larger effect"
            raise InvalidSizing(effect, field="effect", expected=way_out)
    return sizes(_root(missing, low, high))


def smallest_effect(
    baseline: Baseline, sizes: Sizes, test: PlannedTest, *, goal: float, rising: bool = True
) -> float:
    """Give the smallest effect that the test finds with this power (the MDE).

    Args:
        baseline: The control's outcome.
        sizes: Units per variant.
        test: The test.
        goal: Its power, above the error rate and below 1.
        rising: Whether the treatment is to be above the control; of a rate this matters.

    Returns:
        In the metric's unit, negative when not rising. Over |baseline| it is the relative MDE.

    Raises:
        InvalidSizing: Of a rate: not even the largest possible effect has this power.
        NoVariance: The outcome does not vary.
    """
    _check_goal(goal, test)
    sign = 1.0 if rising else -1.0

    def missing(log_effect: float) -> float:
        return power(baseline, sign * math.exp(log_effect), sizes, test) - goal

    sd_c, sd_t = baseline.spreads(0.0)
    error = math.hypot(sd_c / math.sqrt(sizes.control), sd_t / math.sqrt(sizes.treatment))
    if baseline.is_rate:
        room = 1 - baseline.value if rising else baseline.value
        high = math.log(room * (1 - PRECISION))
        if missing(high) < 0:
            way_out = "with so few units not even the largest possible effect has it; take more"
            raise InvalidSizing(goal, field="power", expected=way_out)
        low = min(math.log(error), high - 1)
    else:
        low = high = math.log(error)
        while missing(high) < 0:
            high += 1
    while missing(low) > 0:
        low -= 1
    return sign * math.exp(_root(missing, low, high))


def campaign_size(
    baseline: Baseline,
    effect: float,
    test: PlannedTest,
    *,
    goal: float,
    control_share: float,
    treatment_shares: Sequence[float],
    inflation: float = 1.0,
) -> CampaignSize:
    """Give the units of a campaign in which every comparison has at least this power.

    Args:
        baseline: The control's outcome.
        effect: True difference to be found, in the metric's unit.
        test: The test, with as many comparisons as its correction counts.
        goal: Power of each comparison.
        control_share: Planned share of the control, above 0, in any scale.
        treatment_shares: Planned share of each treatment, above 0, in the same scale.
        inflation: What planned looks cost, from `stats.inference.inflation`.

    Raises:
        InvalidSizing: A share is not above 0, or no size has this power.
        NoVariance: The outcome does not vary.
    """
    shares = (control_share, *treatment_shares)
    if len(shares) < 2 or not all(s > 0 and math.isfinite(s) for s in shares):  # noqa: PLR2004 - a comparison takes two
        way_out = "give the control and each treatment a share above 0"
        raise InvalidSizing(shares, field="shares", expected=way_out)
    # the smallest treatment needs the most
    ratio = min(treatment_shares) / control_share
    control = units_needed(baseline, effect, test, goal=goal, ratio=ratio).control * inflation
    whole = [next_whole(control * share / control_share) for share in shares]
    return CampaignSize(whole[0], tuple(whole[1:]))


def _check_goal(goal: float, test: PlannedTest) -> None:
    if not test.alpha / test.comparisons < goal < 1:
        way_out = "give a probability above the error rate and below 1, such as 0.8"
        raise InvalidSizing(goal, field="power", expected=way_out)


def _guess(
    baseline: Baseline, effect: float, test: PlannedTest, goal: float, ratio: float, margin: float
) -> float:
    """Give the control's units by the normal formula: where the search begins."""
    sd_c, sd_t = baseline.spreads(effect)
    away = float(ndtri(goal)) - float(ndtri(test.level / 2))
    units = (sd_c**2 + sd_t**2 / ratio) * (away / (abs(effect) + margin)) ** 2
    return min(max(units, FEWEST), MOST / 10)


def _root(missing: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 - takes long to import

    return float(brentq(missing, low, high, xtol=PRECISION, rtol=1e-14))
