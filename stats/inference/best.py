"""How likely each variant is the best of all.

Variants are compared through their own values, which are independent: differences from one control
are not, because they share it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from stats.errors import NoVariance
from stats.inference.bayes import FLAT, EffectPrior
from stats.inference.point import Point
from stats.inference.quadrature import Floats, quadrature
from stats.metric import Direction
from stats.sentence import said

REACH = 9.0
OUTER_PANELS = 60
STEPS = (-9.0, -6.0, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5, 6.0, 9.0)


@dataclass(frozen=True, slots=True)
class ChanceToBeBest:
    """Probabilities that add up to 1.

    Attributes:
        control: That no treatment is better than the control.
        treatments: That this treatment is better than all others, in the order given.
    """

    control: float
    treatments: tuple[float, ...]


def chance_to_be_best(
    control: Point,
    treatments: Sequence[Point],
    *,
    prior: EffectPrior = FLAT,
    direction: Direction = Direction.HIGHER,
) -> ChanceToBeBest:
    """Give the probability of each variant that its true value is the best.

    P(i is best) is the integral of i's density times the others' distribution functions: exact, not
    simulated. With a flat prior every value has its own normal posterior. With a declared prior on
    the effects, the same integral is taken given the control's true value, and averaged over that.

    Args:
        control: The control's value and error.
        treatments: The others'.
        prior: Belief about each treatment's difference from the control, before the data.
        direction: Which way is better.

    Raises:
        NoVariance: A variant does not vary, so it has no posterior.
    """
    variants = (control, *treatments)
    if any(point.std_error == 0 for point in variants):
        message = said(
            "A variant does not vary, so nothing can be said of how likely it is the best."
        )
        raise NoVariance(message)
    sign = 1.0 if direction is Direction.HIGHER else -1.0
    # in units of the largest error about the control, so that 1e8 ± 1 loses nothing
    scale = max(point.std_error for point in variants)
    values = np.array([sign * (point.value - control.value) / scale for point in variants])
    errors = np.array([point.std_error / scale for point in variants])
    if prior.sd is None:
        chances = [_wins(i, values, errors) for i in range(len(variants))]
        return ChanceToBeBest(chances[0], tuple(chances[1:]))
    return _with_prior(values, errors, sign * prior.mean / scale, prior.sd / scale)


def _wins(i: int, means: Floats, sds: Floats, *, above: float = -math.inf) -> float:
    """Give the probability that normal i exceeds the others and a fixed value."""
    low, high = max(means[i] - REACH * sds[i], above), means[i] + REACH * sds[i]
    if low >= high:
        return 0.0
    steps = (means[:, None] + sds[:, None] * np.array(STEPS)).ravel()
    x, weights = quadrature([low, *steps[(steps > low) & (steps < high)], high])
    z = (x - means[i]) / sds[i]
    density = np.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * sds[i])
    others = np.ones_like(x)
    for j in range(len(means)):
        if j != i:
            others *= ndtr((x - means[j]) / sds[j])
    return float(weights @ (density * others))


def _with_prior(
    values: Floats, errors: Floats, prior_mean: float, prior_sd: float
) -> ChanceToBeBest:
    """Average over the control's true value, given which the treatments' are independent."""
    variance, prior_variance = errors**2, prior_sd**2
    told = np.array([1 / variance[0], *(1 / (variance[1:] + prior_variance))])
    centre = float(told @ np.array([values[0], *(values[1:] - prior_mean)]) / told.sum())
    reach = REACH / math.sqrt(told.sum())
    truths, weights = quadrature(np.linspace(centre - reach, centre + reach, OUTER_PANELS + 1))
    z = (truths - centre) * math.sqrt(told.sum())
    weights = weights * np.exp(-z * z / 2) * math.sqrt(told.sum() / (2 * math.pi))
    share = prior_variance / (prior_variance + variance[1:])
    sds = np.sqrt(share * variance[1:])
    control, wins = 0.0, np.zeros(len(sds))
    for truth, weight in zip(truths, weights, strict=True):
        if weight < np.finfo(float).tiny:
            continue
        means = truth + share * (values[1:] - truth) + (1 - share) * prior_mean
        control += weight * float(np.prod(ndtr((truth - means) / sds)))
        wins += weight * np.array([_wins(i, means, sds, above=truth) for i in range(len(sds))])
    return ChanceToBeBest(control, tuple(map(float, wins)))
