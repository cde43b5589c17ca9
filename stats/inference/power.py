"""How likely a test finds an effect of a given size, from what is known before the campaign.

Needs the outcome's spread, the number of units and the test; knows nothing of days
(`stats.inference.duration`) and solves for nothing (`stats.inference.sample_size`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, assert_never

from scipy.special import nctdtr, ndtr, ndtri

from stats.errors import InvalidSizing, NoVariance
from stats.inference.difference import welch_df
from stats.inference.point import Point, t_quantile
from stats.plan.rules import Multiplicity
from stats.sentence import said


class Reference(StrEnum):
    """The distribution that the test statistic is compared with."""

    WELCH = "welch"  # t, unequal variances: the test of the scorecard
    STUDENT = "student"  # t, with the units of both variants less two
    NORMAL = "normal"
    POOLED = "pooled"  # normal, rates only: the error under no effect from the pooled rate


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """The test that will decide.

    Attributes:
        alpha: Error rate of all comparisons together, strictly between 0 and 1.
        two_sided: Whether effects of either sign are looked for.
        comparisons: Treatments that share alpha. Each is sized for alpha over this number: what
            Bonferroni uses and Holm uses at worst.
        reference: The distribution of its statistic.
    """

    alpha: float = 0.05
    two_sided: bool = True
    comparisons: int = 1
    reference: Reference = Reference.WELCH

    def __post_init__(self) -> None:
        """Refuse an error rate that is none and a campaign without comparisons."""
        if not 0 < self.alpha < 1:
            way_out = "give an error rate strictly between 0 and 1"
            raise InvalidSizing(self.alpha, field="alpha", expected=way_out)
        if self.comparisons < 1:
            way_out = "give 1 or more treatments"
            raise InvalidSizing(self.comparisons, field="comparisons", expected=way_out)

    @classmethod
    def of_plan(cls, *, alpha: float, treatments: int, multiplicity: Multiplicity) -> Self:
        """Give the two-sided test of a plan's OEC."""
        corrected = multiplicity is not Multiplicity.NONE
        return cls(alpha, comparisons=treatments if corrected else 1)

    @property
    def level(self) -> float:
        """The two-sided error rate whose quantile is the critical value of one comparison."""
        return self.alpha / self.comparisons * (1 if self.two_sided else 2)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The control's outcome, as known before the campaign.

    Attributes:
        value: Its mean, rate or ratio, in the metric's unit.
        sd: Standard deviation over units; of a ratio metric that of the linearised values. Of a
            rate it follows from the value.
        is_rate: Whether each unit counts 0 or 1; then the treatment's spread follows its rate.
        explained: Share of the variance that covariates explain (CUPED: the squared correlation),
            0 to below 1.
    """

    value: float
    sd: float
    is_rate: bool = False
    explained: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no outcome has."""
        if not math.isfinite(self.value):
            raise InvalidSizing(self.value, field="baseline.value", expected="give a number")
        if not (self.sd >= 0 and math.isfinite(self.sd)):
            raise InvalidSizing(self.sd, field="baseline.sd", expected="give 0 or more")
        if not 0 <= self.explained < 1:
            way_out = "give a share from 0 to below 1"
            raise InvalidSizing(self.explained, field="baseline.explained", expected=way_out)

    @classmethod
    def rate(cls, value: float, *, explained: float = 0.0) -> Self:
        """Give a proportion; its spread follows from it."""
        if not 0 < value < 1:
            way_out = "give a rate strictly between 0 and 1"
            raise InvalidSizing(value, field="baseline.value", expected=way_out)
        return cls(value, math.sqrt(value * (1 - value)), is_rate=True, explained=explained)

    @classmethod
    def of_point(cls, point: Point, *, explained: float = 0.0) -> Self:
        """Give what an earlier campaign or the days so far showed, of a mean or a ratio."""
        return cls(point.value, point.std_error * math.sqrt(point.n), explained=explained)

    def effect_of(self, lift: float) -> float:
        """Give the difference that a lift over this baseline is, in the metric's unit."""
        return lift * abs(self.value)

    def spreads(self, effect: float) -> tuple[float, float]:
        """Give the standard deviations of control and treatment, after covariates.

        Raises:
            InvalidSizing: The treatment's rate would not lie strictly between 0 and 1.
            NoVariance: The outcome does not vary.
        """
        kept = math.sqrt(1 - self.explained)
        treated = self.sd
        if self.is_rate:
            rate = self.value + effect
            if not 0 < rate < 1:
                way_out = f"over a rate of {self.value:g}, the treatment's must stay within 0 and 1"
                raise InvalidSizing(effect, field="effect", expected=way_out)
            treated = math.sqrt(rate * (1 - rate))
        if self.sd == 0:
            message = said("The outcome does not vary, so any difference at all would be certain.")
            raise NoVariance(message)
        return self.sd * kept, treated * kept


@dataclass(frozen=True, slots=True)
class Sizes:
    """Units of control and treatment; fractions are allowed while planning.

    Attributes:
        control: Units of the control, more than 1.
        treatment: Units of the treatment, more than 1.
    """

    control: float
    treatment: float

    def __post_init__(self) -> None:
        """Refuse sizes without a variance."""
        smallest = min(self.control, self.treatment)
        if not (smallest > 1 and math.isfinite(self.control + self.treatment)):
            raise InvalidSizing(
                (self.control, self.treatment), field="sizes", expected="give more than 1 unit each"
            )

    @property
    def whole(self) -> tuple[int, int]:
        """The next whole units, of control and treatment."""
        return next_whole(self.control), next_whole(self.treatment)


def next_whole(units: float) -> int:
    """Round up, but not for a solver's last digits: they must not cost a unit."""
    return math.ceil(units * (1 - 1e-12))


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """One point of a power curve."""

    effect: float
    power: float


def power(
    baseline: Baseline, effect: float, sizes: Sizes, test: PlannedTest, *, margin: float = 0.0
) -> float:
    """Give the probability that the test finds this effect.

    A two-sided test may find it on either side. A one-sided test looks in the effect's direction.

    Args:
        baseline: The control's outcome.
        effect: True difference, in the metric's unit; any sign.
        sizes: Units per variant.
        test: The test.
        margin: How far beyond the effect the null hypothesis lies; above 0 for non-inferiority.

    Raises:
        InvalidSizing: The treatment's rate would leave 0 to 1.
        NoVariance: The outcome does not vary.

    Source: noncentral t as in R's power.t.test(strict = TRUE) and statsmodels' TTestIndPower; with
    `Reference.POOLED` R's power.prop.test(strict = TRUE).
    """
    sd_c, sd_t = baseline.spreads(effect)
    error_c, error_t = sd_c / math.sqrt(sizes.control), sd_t / math.sqrt(sizes.treatment)
    error = math.hypot(error_c, error_t)
    size = abs(effect) + margin
    match test.reference:
        case Reference.NORMAL:
            return power_at(size, error, None, test)
        case Reference.POOLED:
            return _pooled(baseline, effect, sizes, test, error)
        case Reference.STUDENT:
            return power_at(size, error, sizes.control + sizes.treatment - 2, test)
        case Reference.WELCH:
            share = (error_c / error) ** 2
            df = welch_df(share, sizes.control - 1, 1 - share, sizes.treatment - 1)
            return power_at(size, error, df, test)
        case _:
            assert_never(test.reference)


def power_at(effect: float, std_error: float, df: float | None, test: PlannedTest) -> float:
    """Give the power for an effect whose standard error is known, as it is mid-campaign.

    Args:
        effect: True difference; only its size matters.
        std_error: Standard error that the difference has or will have, above 0.
        df: Degrees of freedom of the t distribution; `None` where it is normal.
        test: The test; its reference does not matter here.
    """
    away = abs(effect) / std_error
    if df is None:
        critical = -float(ndtri(test.level / 2))
        found = float(ndtr(away - critical))
        return found + (float(ndtr(-away - critical)) if test.two_sided else 0.0)
    critical = t_quantile(df, test.level)
    # the tail itself, by the mirror image: P(T > c | away) = P(T < -c | -away)
    found = 1 - noncentral_t(critical, df, away)
    return found + (noncentral_t(-critical, df, away) if test.two_sided else 0.0)


def noncentral_t(t: float, df: float, away: float) -> float:
    """Give the distribution function of the noncentral t, by a normal one where SciPy has none.

    Source: Abramowitz and Stegun (1972), 26.7.10, for the normal tail.
    """
    exact = float(nctdtr(df, away, t))
    if math.isfinite(exact) and 0 <= exact <= 1:
        return exact
    return float(ndtr((t * (1 - 1 / (4 * df)) - away) / math.sqrt(1 + t * t / (2 * df))))


def _pooled(
    baseline: Baseline, effect: float, sizes: Sizes, test: PlannedTest, error: float
) -> float:
    if not baseline.is_rate:
        way_out = "the pooled test is for rates; choose welch, student or normal"
        raise InvalidSizing(test.reference.value, field="reference", expected=way_out)
    total = sizes.control + sizes.treatment
    rate = baseline.value + effect * sizes.treatment / total
    spread = math.sqrt(rate * (1 - rate) * (1 - baseline.explained))
    under_none = spread * math.sqrt(1 / sizes.control + 1 / sizes.treatment)
    critical = -float(ndtri(test.level / 2)) * under_none
    found = float(ndtr((abs(effect) - critical) / error))
    return found + (float(ndtr((-abs(effect) - critical) / error)) if test.two_sided else 0.0)


def noninferiority_power(
    baseline: Baseline,
    margin: float,
    sizes: Sizes,
    *,
    alpha: float,
    reference: Reference = Reference.WELCH,
) -> float:
    """Give the probability to show that a treatment without effect is not worse than the margin.

    Args:
        baseline: The control's outcome.
        margin: How much worse is tolerated, in the metric's unit, above 0.
        sizes: Units per variant.
        alpha: One-sided error rate.
        reference: The distribution of the test's statistic; not the pooled one, which assumes the
            rates to be equal.
    """
    if not margin > 0:
        raise InvalidSizing(margin, field="margin", expected="give a size above 0")
    if reference is Reference.POOLED:
        way_out = "choose welch, student or normal"
        raise InvalidSizing(reference.value, field="reference", expected=way_out)
    test = PlannedTest(alpha, two_sided=False, reference=reference)
    return power(baseline, 0.0, sizes, test, margin=margin)


def power_curve(
    baseline: Baseline, effects: Sequence[float], sizes: Sizes, test: PlannedTest
) -> tuple[PowerPoint, ...]:
    """Give the power at each of these effects, for a plot."""
    return tuple(PowerPoint(effect, power(baseline, effect, sizes, test)) for effect in effects)
