"""How likely a campaign that is under way will find its effect, and what it still needs.

A conditional power answers for an effect that one assumes. The planned effect is the honest one;
the observed trend takes chance so far for truth, and is shown beside it, not instead.
"""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from stats.errors import InvalidLooks, InvalidSizing
from stats.inference.boundary import Boundary, boundaries, crossings, started
from stats.inference.group_sequential import Monitoring
from stats.inference.outcome import Estimate
from stats.inference.power import PlannedTest, power_at


@dataclass(frozen=True, slots=True)
class ConditionalPower:
    """Probability to find an effect at the looks to come, by its sign.

    Attributes:
        above: The treatment is found to be above the control.
        below: It is found to be below.
    """

    above: float
    below: float


@dataclass(frozen=True, slots=True)
class MidCampaign:
    """Where a campaign stands between launch and its planned end.

    Attributes:
        fraction: Information so far over the information planned.
        achieved_power: Power that a single look at the present units would have for the planned
            effect, with the error as it is now.
        if_planned: Conditional power if the true effect is the planned one; `None` when no look is
            ahead any more.
        if_observed: Conditional power if the true effect is the one observed; `None` likewise.
        units_needed: Units, counted as those so far, at which the planned effect is found with
            the planned power, with the error as it is now.
    """

    fraction: float
    achieved_power: float
    if_planned: ConditionalPower | None
    if_observed: ConditionalPower | None
    units_needed: int


def single_end(alpha: float) -> tuple[Boundary, ...]:
    """Give the one look that a campaign with a fixed horizon has ahead of it."""
    return (Boundary(1.0, -float(ndtri(alpha / 2)), alpha, alpha),)


def looks_ahead(monitoring: Monitoring, planned: tuple[float, ...]) -> tuple[Boundary, ...]:
    """Give the boundaries of the planned looks that are still to come.

    Args:
        monitoring: The looks so far; their boundaries are used up.
        planned: Information fractions of all planned looks; those so far are left out.

    Returns:
        None of them when the last planned look is past.
    """
    seen = monitoring.fractions[-1]
    ahead = tuple(fraction for fraction in planned if fraction > seen)
    if not ahead:
        return ()
    looks = boundaries(
        (*monitoring.fractions, *ahead),
        alpha=monitoring.alpha,
        spending=monitoring.spending,
        final=True,
    )
    return looks[len(monitoring.fractions) :]


def conditional_power(
    z: float, fraction: float, drift: float, ahead: tuple[Boundary, ...]
) -> ConditionalPower:
    """Give the probability that a look to come crosses its boundary, given the data so far.

    Args:
        z: Difference over its standard error so far.
        fraction: Information so far over the information planned, above 0.
        drift: Expected z at fraction 1 under the effect assumed.
        ahead: The looks to come.

    Raises:
        InvalidLooks: No look is ahead, or one lies at or before the present.

    Source: Lan, Simon and Halperin (1982), Communications in Statistics C 1; for one look,
    1 - Phi((c - z sqrt(t) - drift (1 - t))/sqrt(1 - t)).
    """
    if not ahead or not 0 < fraction < ahead[0].fraction:
        came = (fraction, *(look.fraction for look in ahead))
        raise InvalidLooks(came, expected="give looks that lie beyond the present one")
    found = crossings(
        tuple(look.fraction for look in ahead),
        tuple(look.z for look in ahead),
        drift=drift,
        start=started(fraction, z * math.sqrt(fraction)),
    )
    return ConditionalPower(
        math.fsum(look.above for look in found), math.fsum(look.below for look in found)
    )


def mid_campaign(
    estimate: Estimate,
    *,
    units: int,
    planned_units: int,
    planned_effect: float,
    goal: float,
    test: PlannedTest,
    ahead: tuple[Boundary, ...],
    inflation: float = 1.0,
) -> MidCampaign:
    """Say where a campaign stands.

    Args:
        estimate: The fixed-horizon estimate so far, raw or adjusted.
        units: Units that it rests on, of all variants together or of the two compared.
        planned_units: Units planned, counted alike.
        planned_effect: The MDE, as a difference in the metric's unit, signed as hoped for.
        goal: The planned power.
        test: The test at the planned end.
        ahead: The looks to come, from `looks_ahead` or `single_end`; those that so many units have
            passed are left out.
        inflation: What planned looks cost, from `stats.inference.inflation`.

    Raises:
        InvalidSizing: No effect, no units or no power is planned.
    """
    if planned_effect == 0 or not math.isfinite(planned_effect):
        way_out = "give the effect planned for, not 0"
        raise InvalidSizing(planned_effect, field="planned_effect", expected=way_out)
    if min(units, planned_units) <= 0:
        way_out = "give numbers of units above 0"
        raise InvalidSizing((units, planned_units), field="units", expected=way_out)
    fraction = units / planned_units
    z = estimate.estimate / estimate.std_error
    error_at_end = estimate.std_error * math.sqrt(fraction)
    beyond = tuple(look for look in ahead if look.fraction > fraction)

    def given(effect: float) -> ConditionalPower | None:
        return conditional_power(z, fraction, effect / error_at_end, beyond) if beyond else None

    return MidCampaign(
        fraction,
        power_at(planned_effect, estimate.std_error, estimate.df, test),
        given(planned_effect),
        given(estimate.estimate),
        units_for(estimate, planned_effect, units=units, goal=goal, test=test, inflation=inflation),
    )


def units_for(
    estimate: Estimate,
    effect: float,
    *,
    units: int,
    goal: float,
    test: PlannedTest,
    inflation: float = 1.0,
) -> int:
    """Give the units at which this effect is found with this power, with the error as it is now.

    Args:
        estimate: Gives the standard error, raw or adjusted, of any kind of metric.
        effect: A difference in the metric's unit, not 0.
        units: Units that the estimate rests on; the answer is counted alike.
        goal: Power, above the error rate and below 1.
        test: The test.
        inflation: What planned looks cost.

    Raises:
        InvalidSizing: The goal is no power, or the effect is 0.
    """
    if effect == 0 or not test.alpha / test.comparisons < goal < 1:
        way_out = "give an effect that is not 0 and a power above the error rate"
        raise InvalidSizing((effect, goal), field="effect, power", expected=way_out)

    df = estimate.df

    def missing(log_factor: float) -> float:
        factor = math.exp(log_factor)
        error = estimate.std_error / math.sqrt(factor)
        return power_at(effect, error, None if df is None else df * factor, test) - goal

    from scipy.optimize import brentq  # noqa: PLC0415 - takes long to import

    # no fewer than two units, or two degrees of freedom
    low, high = math.log(2 / (df or units)), 1.0
    if missing(low) >= 0:
        factor = math.exp(low)
    else:
        while missing(high) < 0:
            high += 2
        factor = math.exp(brentq(missing, low, high, xtol=1e-12))
    return math.ceil(units * factor * inflation * (1 - 1e-9))
