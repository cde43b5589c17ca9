"""The Bayesian view of a proportion: beta priors, binomial data.

Exact where the normal view is not: few units, or rates near 0 or 1.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincc, betaincinv, betaln, xlogy

from stats.errors import InvalidSizing, InvalidSummary, TooFewUnits
from stats.inference.quadrature import Floats, quadrature
from stats.metric import Direction

SMALLEST_SHAPE = 0.5
REACH = 16


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What is believed of a rate before the data, as if these units had been seen.

    Attributes:
        successes: Shape a, at least 0.5.
        failures: Shape b, at least 0.5.
    """

    successes: float = 1.0
    failures: float = 1.0

    def __post_init__(self) -> None:
        """Refuse shapes below Jeffreys' 1/2, whose density has no finite integral near its ends."""
        if not (
            min(self.successes, self.failures) >= SMALLEST_SHAPE
            and math.isfinite(self.successes + self.failures)
        ):
            raise InvalidSizing(
                (self.successes, self.failures), field="prior", expected="give shapes from 0.5 on"
            )


UNIFORM = BetaPrior()
"""Every rate from 0 to 1 is equally likely beforehand."""


@dataclass(frozen=True, slots=True)
class RatePosterior:
    """What is believed of one rate after the data: a beta distribution.

    Attributes:
        successes: Shape a.
        failures: Shape b.
    """

    successes: float
    failures: float

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.successes / (self.successes + self.failures)

    def interval(self, alpha: float) -> tuple[float, float]:
        """Give the central credible interval of probability 1 - alpha."""
        low = float(betaincinv(self.successes, self.failures, alpha / 2))
        # 1 - low of the mirrored rate keeps the digits that 1 - alpha/2 would lose
        high = 1 - float(betaincinv(self.failures, self.successes, alpha / 2))
        return low, high

    def density(self, angle: Floats) -> Floats:
        """Give the density of the angle whose squared sine is the rate: it has no pole."""
        a, b = self.successes, self.failures
        logs = xlogy(2 * a - 1, np.sin(angle)) + xlogy(2 * b - 1, np.cos(angle))
        density: Floats = 2 * np.exp(logs - betaln(a, b))
        return density

    def breaks(self) -> Floats:
        """Give angles that part the distribution into smooth pieces."""
        centre, sd = (
            math.asin(math.sqrt(self.mean)),
            0.5 / math.sqrt(self.successes + self.failures),
        )
        steps: Floats = np.clip(centre + sd * np.arange(-REACH, REACH + 1), 0, math.pi / 2)
        return steps


@dataclass(frozen=True, slots=True)
class RateComparison:
    """Two rates, as believed after the data.

    Attributes:
        difference: Expected treatment minus control.
        chance_to_beat_control: Probability that the treatment's rate is the better one.
        loss_if_shipped: Expected loss of rate: E[max(control - treatment, 0)] where more is better.
        loss_if_kept: Expected loss of keeping the control.
    """

    difference: float
    chance_to_beat_control: float
    loss_if_shipped: float
    loss_if_kept: float


def rate_posterior(successes: int, n: int, *, prior: BetaPrior = UNIFORM) -> RatePosterior:
    """Combine a count with the prior.

    Raises:
        TooFewUnits: There is no unit.
        InvalidSummary: More successes than units, or fewer than none.
    """
    if n == 0:
        raise TooFewUnits(0, 1)
    if not 0 <= successes <= n:
        message = f"{successes} successes among {n} units; there must be 0 to {n}"
        raise InvalidSummary(message)
    return RatePosterior(prior.successes + successes, prior.failures + n - successes)


def compare_rates(
    control: RatePosterior, treatment: RatePosterior, *, direction: Direction = Direction.HIGHER
) -> RateComparison:
    """Compare two rates by numerical integration, not simulation.

    P(B > A) is the integral of A's density times P(B > x), and E[max(B - A, 0)] that of
    P(A < x) P(B > x).

    Source: Miller (2015), "Formulas for Bayesian A/B testing" gives the sums for whole shapes.
    """
    angles, weights = quadrature([0.0, *control.breaks(), *treatment.breaks(), math.pi / 2])
    rates = np.sin(angles) ** 2
    slopes = np.sin(2 * angles)
    below_c = betainc(control.successes, control.failures, rates)
    above_c = betaincc(control.successes, control.failures, rates)
    below_t = betainc(treatment.successes, treatment.failures, rates)
    above_t = betaincc(treatment.successes, treatment.failures, rates)
    higher = float(weights @ (control.density(angles) * above_t))
    lower = float(weights @ (control.density(angles) * below_t))
    rises = float(weights @ (slopes * below_c * above_t))
    falls = float(weights @ (slopes * above_c * below_t))
    difference = treatment.mean - control.mean
    if direction is Direction.HIGHER:
        return RateComparison(difference, min(higher, 1.0), falls, rises)
    return RateComparison(difference, min(lower, 1.0), rises, falls)
