"""The interval of a single proportion, and large-sample methods for two of them."""

import math
from dataclasses import dataclass
from typing import Self

from scipy.special import ndtri

from stats.errors import InvalidSummary, NoVariance, TooFewUnits
from stats.inference.difference import judge
from stats.inference.outcome import Estimate, Method, Rate, ScoreDifference
from stats.sentence import said
from stats.summary import MeanSummary


@dataclass(frozen=True, slots=True)
class Proportion:
    """Units with the outcome among all units of a variant.

    Attributes:
        successes: Units with the outcome.
        n: Units.
    """

    successes: int
    n: int

    def __post_init__(self) -> None:
        """Refuse more successes than units, or fewer than none."""
        if not 0 <= self.successes <= self.n:
            message = (
                f"{self.successes} successes among {self.n} units; there must be 0 to {self.n}"
            )
            raise InvalidSummary(message)

    @classmethod
    def of(cls, summary: MeanSummary) -> Self:
        """Read a summary of values that are 0 or 1."""
        return cls(int(summary.total), summary.n)

    @property
    def share(self) -> float:
        """Successes over units.

        Raises:
            TooFewUnits: There is no unit.
        """
        if self.n == 0:
            raise TooFewUnits(0, 1)
        return self.successes / self.n


def wilson(successes: int, n: int, *, alpha: float) -> Rate:
    """Estimate one proportion with Wilson's score interval.

    Args:
        successes: Units with the outcome.
        n: Units.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: There is no unit.
        InvalidSummary: More successes than units, or fewer than none.

    Source: Wilson (1927), JASA 22; equals statsmodels' proportion_confint(method="wilson").
    """
    share = Proportion(successes, n).share
    z2 = float(ndtri(alpha / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # the ends are exactly 0 and 1 there; rounding leaves 1e-17
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Rate(share, low, high, alpha, Method.WILSON)


def pooled_z_difference(control: Proportion, treatment: Proportion, *, alpha: float) -> Estimate:
    """Estimate treatment minus control of a proportion by the z test with a pooled variance.

    The interval uses the pooled error, too, so that it leaves out 0 exactly when p < alpha.

    Args:
        control: Successes and units of the control.
        treatment: The same, of the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: A variant has no unit.
        NoVariance: Nobody had the outcome, or everybody.

    Source: equals statsmodels' proportions_ztest and R's prop.test(correct = FALSE).
    """
    difference = treatment.share - control.share
    units = control.n + treatment.n
    yes = control.successes + treatment.successes
    if yes in (0, units):
        message = said(
            "Nobody had the outcome, or everybody: there is nothing to judge a difference by."
        )
        raise NoVariance(message)
    pooled = yes / units
    std_error = math.sqrt(pooled * (1 - pooled) * (1 / control.n + 1 / treatment.n))
    p_value, half = judge(difference, std_error, None, alpha)
    return Estimate(
        difference,
        std_error,
        difference - half,
        difference + half,
        p_value,
        None,
        alpha,
        Method.POOLED_Z,
    )


def newcombe_difference(
    control: Proportion, treatment: Proportion, *, alpha: float
) -> ScoreDifference:
    """Estimate treatment minus control of a proportion with Newcombe's hybrid score interval.

    It stays within -1 and 1, and exists for every table with a unit on each side.

    Args:
        control: Successes and units of the control.
        treatment: The same, of the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: A variant has no unit.

    Source: Newcombe (1998), Statistics in Medicine 17, method 10; equals statsmodels'
    confint_proportions_2indep(method="newcomb").
    """
    of_control = wilson(control.successes, control.n, alpha=alpha)
    of_treatment = wilson(treatment.successes, treatment.n, alpha=alpha)
    difference = of_treatment.estimate - of_control.estimate
    below = math.hypot(
        of_treatment.estimate - of_treatment.ci_low, of_control.ci_high - of_control.estimate
    )
    above = math.hypot(
        of_treatment.ci_high - of_treatment.estimate, of_control.estimate - of_control.ci_low
    )
    return ScoreDifference(
        difference, difference - below, difference + above, alpha, Method.NEWCOMBE
    )
