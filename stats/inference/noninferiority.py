"""Guardrails: is the treatment shown not to be worse than a margin allows?

The margin is a share m of the size of the control's value, so the test is of treatment against
(1 - m) control (or 1 + m, where lower is better), with the error of both. It is read off Fieller's
set of lifts, so verdict and interval agree: safe means that the one-sided bound of the lift lies
within the margin.

A breach does not wait for proof that the margin itself is exceeded. Shown harm that is not shown to
be tolerable is a breach; `beyond_margin` tells the two apart. A treatment that is a little worse,
and shown to be so only within the margin, is safe: that is what the margin is for.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from scipy.special import stdtr, stdtrit

from stats.errors import InvalidMargin, ZeroBaseline
from stats.inference.difference import certain_difference, welch_spread
from stats.inference.fieller import Span, span_of_lift
from stats.inference.point import Point
from stats.metric import Direction


class GuardrailVerdict(StrEnum):
    """What is shown of a guardrail."""

    SAFE = "safe"  # not worse than the margin allows
    BREACHED = "breached"  # worse than control, and not shown to be within the margin
    UNRESOLVED = "unresolved"  # neither


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """A guardrail held against its margin.

    Attributes:
        verdict: What is shown.
        margin: How much worse it may get, as a share of the size of the control's value.
        direction: Which way is better.
        estimate: The lift.
        worst: The one-sided 1 - alpha bound of the lift on the bad side; `None` without one.
        p_value: One-sided, of being worse than the margin allows: small is safe. `None` where
            neither variant varies.
        p_harm: One-sided, of being no worse than control: small is harm. `None` likewise.
        beyond_margin: Whether the margin itself is shown to be exceeded.
        alpha: One-sided error rate of each of these tests.
        df: Degrees of freedom; `None` where neither variant varies.
        status: Always `tested`.
    """

    verdict: GuardrailVerdict
    margin: float
    direction: Direction
    estimate: float
    worst: float | None
    p_value: float | None
    p_harm: float | None
    beyond_margin: bool
    alpha: float
    df: float | None
    status: Literal["tested"] = "tested"


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests: is the lift within the margin on either side?

    Attributes:
        shown: Whether it is.
        margin: As a share of the size of the control's value.
        estimate: The lift.
        ci_low: Lower end of the 1 - 2 alpha interval; `None` without one.
        ci_high: Upper end; `None` without one.
        p_value: The larger of the two one-sided p-values; `None` where neither variant varies.
        alpha: One-sided error rate of each test, which is that of both together.
        df: Degrees of freedom; `None` where neither variant varies.
        status: Always `tested`.
    """

    shown: bool
    margin: float
    estimate: float
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    alpha: float
    df: float | None
    status: Literal["tested"] = "tested"


def non_inferiority(
    control: Point, treatment: Point, *, margin: float, direction: Direction, alpha: float
) -> NonInferiority:
    """Test whether the treatment is worse than a margin below (or above) control allows.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        margin: How much worse it may get, as a share of the size of the control's value; above 0.
        direction: Which way is better.
        alpha: One-sided error rate. A scorecard gives half of the plan's two-sided one, so that
            the verdict agrees with the interval of the lift that it shows (ICH E9, 1998, 5.5).

    Raises:
        InvalidMargin: The margin is not a share above 0.
        ZeroBaseline: The control's value is zero, and so is every share of it.
        NoVariance: Neither variant varies and their values are equal.

    Source: Hauschke, Kieser, Diletti and Burke (1999), Statistics in Medicine 18 (ratio of means);
    degrees of freedom are those of Welch's test of no difference.
    """
    sign = 1.0 if direction is Direction.HIGHER else -1.0
    judged = _Judged.of(control, treatment, margin, alpha)
    p_value, span = judged.at(-sign * margin, sign)
    p_harm, _ = judged.at(0.0, -sign)
    worst, best = (span.low, span.high) if sign > 0 else (span.high, span.low)
    if p_value is None or p_harm is None:  # nothing is left to chance
        safe, harmful = sign * judged.estimate >= -margin, sign * judged.estimate < 0
    else:
        safe, harmful = p_value < alpha, p_harm < alpha
    verdict = GuardrailVerdict.UNRESOLVED
    if safe:
        verdict = GuardrailVerdict.SAFE
    elif harmful:
        verdict = GuardrailVerdict.BREACHED
    return NonInferiority(
        verdict=verdict,
        margin=margin,
        direction=direction,
        estimate=judged.estimate,
        worst=worst,
        p_value=p_value,
        p_harm=p_harm,
        beyond_margin=best is not None and sign * best < -margin,
        alpha=alpha,
        df=judged.df,
    )


def equivalence(control: Point, treatment: Point, *, margin: float, alpha: float) -> Equivalence:
    """Test whether the lift lies within the margin on either side, by two one-sided tests.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        margin: As a share of the size of the control's value; above 0.
        alpha: One-sided error rate of each test.

    Raises:
        InvalidMargin: The margin is not a share above 0.
        ZeroBaseline: The control's value is zero, and so is every share of it.
        NoVariance: Neither variant varies and their values are equal.

    Source: Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15.
    """
    judged = _Judged.of(control, treatment, margin, alpha)
    p_above, lower = judged.at(-margin, 1.0)
    p_below, upper = judged.at(margin, -1.0)
    if p_above is None or p_below is None:  # nothing is left to chance
        p_value, shown = None, abs(judged.estimate) <= margin
    else:
        p_value = max(p_above, p_below)
        shown = p_value < alpha
    return Equivalence(
        shown, margin, judged.estimate, lower.low, upper.high, p_value, alpha, judged.df
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """Two points whose lift is held against several values, each with its one-sided test."""

    control: Point
    treatment: Point
    estimate: float
    alpha: float
    df: float | None

    @classmethod
    def of(cls, control: Point, treatment: Point, margin: float, alpha: float) -> Self:
        if not (math.isfinite(margin) and margin > 0):
            raise InvalidMargin(margin)
        if control.value == 0:
            raise ZeroBaseline
        estimate = (treatment.value - control.value) / abs(control.value)
        if control.std_error == 0 and treatment.std_error == 0:
            certain_difference(control, treatment)  # raises where they are equal
            return cls(control, treatment, estimate, alpha, None)
        return cls(control, treatment, estimate, alpha, welch_spread(control, treatment)[1])

    def at(self, lift: float, sign: float) -> tuple[float | None, Span]:
        """Give the p-value of being above (sign 1) or below (-1) a lift, and the set it stems from.

        The test is of treatment - (1 + lift) control for a control above 0.
        """
        size = abs(self.control.value)
        ratio = math.copysign(1.0, self.control.value) + lift
        gap = sign * (self.treatment.value - self.control.value - lift * size)
        std_error = math.hypot(self.treatment.std_error, ratio * self.control.std_error)
        if self.df is None or std_error == 0:
            return None, Span(self.estimate, self.estimate)
        p_value = float(stdtr(self.df, -gap / std_error))
        half = -float(stdtrit(self.df, self.alpha)) * std_error
        if (p_value < self.alpha) != (half < gap):
            # quantile and tail are rounded apart; the p-value has the last word
            half = math.nextafter(gap, 0) if p_value < self.alpha else max(gap, half)
        span = span_of_lift(
            self.control, self.treatment, half=half, critical=half / std_error, at=lift
        )
        return p_value, span
