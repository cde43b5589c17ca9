"""The Bayesian view of one comparison: how likely the treatment is better, and at what risk.

The likelihood is the estimate's normal; the prior on the effect is normal or flat, declared in the
plan. With the flat prior, the default, the posterior is the fixed-horizon interval read another
way. Looking often does not change a posterior, but deciding by a posterior at every look does not
keep an error rate: see `docs/explanation/bayesian-view.md`.
"""

import math
from dataclasses import dataclass

from scipy.special import erfcx, ndtr, ndtri

from stats.errors import InvalidSizing
from stats.inference.outcome import Estimate
from stats.metric import Direction

ROOT_2PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class EffectPrior:
    """What is believed of an effect before the data.

    Attributes:
        mean: Most likely difference, in the metric's unit.
        sd: How far effects spread about it, in the metric's unit; `None` for flat: no belief.
    """

    mean: float = 0.0
    sd: float | None = None

    def __post_init__(self) -> None:
        """Refuse a prior that is no distribution."""
        if not math.isfinite(self.mean):
            raise InvalidSizing(self.mean, field="prior.mean", expected="give a number")
        if self.sd is not None and not (self.sd > 0 and math.isfinite(self.sd)):
            raise InvalidSizing(self.sd, field="prior.sd", expected="give a size above 0")

    @classmethod
    def of_lift(cls, baseline: float, *, mean: float, sd: float) -> "EffectPrior":
        """Give the prior in the metric's unit of one declared for the lift over a baseline."""
        return cls(mean * abs(baseline), sd * abs(baseline))


FLAT = EffectPrior()
"""No belief: every effect is equally likely beforehand."""


@dataclass(frozen=True, slots=True)
class EffectPosterior:
    """What is believed of an effect after the data.

    Attributes:
        mean: Expected difference, treatment minus control, in the metric's unit.
        sd: Its standard deviation.
        ci_low: Lower end of the central credible interval of probability 1 - alpha.
        ci_high: Upper end.
        alpha: Probability outside of it.
        chance_to_beat_control: Probability that the treatment is better, in the metric's
            direction.
        loss_if_shipped: Expected loss, in the metric's unit: E[max(control - treatment, 0)] where
            more is better.
        loss_if_kept: Expected loss of keeping the control: E[max(treatment - control, 0)].
    """

    mean: float
    sd: float
    ci_low: float
    ci_high: float
    alpha: float
    chance_to_beat_control: float
    loss_if_shipped: float
    loss_if_kept: float


def effect_posterior(
    estimate: Estimate,
    *,
    prior: EffectPrior = FLAT,
    direction: Direction = Direction.HIGHER,
    alpha: float = 0.05,
) -> EffectPosterior:
    """Combine a difference with the prior.

    Args:
        estimate: Difference and standard error; both are taken as normal.
        prior: Belief about the difference before the data.
        direction: Which way is better.
        alpha: Probability outside of the credible interval.

    Source: Gelman and others (2013), Bayesian Data Analysis, section 2.5; expected loss as in
    Stucchio (2015), "Bayesian A/B testing at VWO".
    """
    mean, sd = estimate.estimate, estimate.std_error
    if prior.sd is not None:
        # weights by precision, written so that neither square can overflow
        spread = math.hypot(prior.sd, sd)
        share = (prior.sd / spread) ** 2
        mean, sd = share * mean + (1 - share) * prior.mean, prior.sd / spread * sd
    half = -float(ndtri(alpha / 2)) * sd
    gain = mean if direction is Direction.HIGHER else -mean
    return EffectPosterior(
        mean,
        sd,
        mean - half,
        mean + half,
        alpha,
        float(ndtr(gain / sd)),
        expected_excess(-gain, sd),
        expected_excess(gain, sd),
    )


def expected_excess(mean: float, sd: float) -> float:
    """Give E[max(X, 0)] of a normal X, to full relative precision in either tail."""
    size = abs(mean) / sd
    density = math.exp(-size * size / 2) / ROOT_2PI
    if density == 0:
        return max(mean, 0.0)
    # phi(u) - u Phi(-u) with Phi(-u) = phi(u) · Mills(u): nothing underflows before phi itself
    beyond = sd * density * (1 - size * ROOT_2PI / 2 * float(erfcx(size / math.sqrt(2))))
    return beyond + max(mean, 0.0)
