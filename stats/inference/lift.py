"""Treatment over control, less one.

The sign is fixed here once: the difference is divided by the *size* of the control's value, so that
a lift above 0 always means that the treatment's value is the higher one. From -1.5 to -1.0 is a
lift of +1/3.

Fieller's interval holds every lift L that the t test of treatment - (1 + L) control = 0 does not
reject. Its degrees of freedom are those of Welch's test of L = 0 for every L, so that it leaves out
0 exactly when the difference is significant.

The delta method's interval is symmetric about the estimate, as that of a quotient is where the
control's error is below a tenth of its value: of rare outcomes it takes 100. With 50 against 50 it
leaves out 0 in 5.4 % of A/A runs instead of 5 % (Cochran, 1977, "Sampling Techniques", section 6.8;
the calibration has the tables).
"""

import math

from stats.errors import BaselineNearZero, NotPositive, NoVariance, ZeroBaseline
from stats.inference.difference import judge, welch_df, welch_spread
from stats.inference.fieller import Span, span_of_lift
from stats.inference.outcome import Certain, Lift, Method, UnboundedLift
from stats.inference.point import Point, t_quantile
from stats.plan.metrics import LiftMethod
from stats.sentence import said


def lift(
    control: Point, treatment: Point, *, alpha: float, method: LiftMethod = LiftMethod.FIELLER
) -> Lift | UnboundedLift | Certain:
    """Estimate (treatment - control) / |control|.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        alpha: Two-sided error rate, strictly between 0 and 1.
        method: How its interval is made. Only Fieller's always agrees with the difference.

    Returns:
        `UnboundedLift` when the control cannot be told from 0 (Fieller only), `Certain` when
        nothing is left to chance.

    Raises:
        ZeroBaseline: The control's value is zero.
        BaselineNearZero: The control cannot be told from zero, and the delta or the log method
            would hide that.
        NotPositive: The log method, and a value that is not above zero.
        NoVariance: Neither variant varies and their values are equal.

    Source: Fieller (1954), JRSS B 16; Kohavi, Tang and Xu (2020), section 18 (percent delta).
    """
    size = abs(control.value)
    if size == 0:
        raise ZeroBaseline
    estimate = (treatment.value - control.value) / size
    if not math.isfinite(estimate):  # a control so small that the quotient exceeds every number
        raise BaselineNearZero
    if control.std_error == 0 and treatment.std_error == 0:
        if estimate == 0:
            message = said(
                "Every unit of both variants has the same value, so a lift has no error."
            )
            raise NoVariance(message)
        sentence = said("Neither variant varies: the lift is certain, its interval is a point.")
        return Certain(estimate, sentence)
    match method:
        case LiftMethod.FIELLER:
            return _fieller(control, treatment, estimate, alpha)
        case LiftMethod.DELTA:
            return _delta(control, treatment, estimate, alpha)
        case LiftMethod.LOG:
            return _log(control, treatment, estimate, alpha)


def _fieller(
    control: Point, treatment: Point, estimate: float, alpha: float
) -> Lift | UnboundedLift | Certain:
    spread, df = welch_spread(control, treatment)
    _, half = judge(treatment.value - control.value, spread, df, alpha)
    low, high = span_of_lift(control, treatment, half=half, critical=half / spread)
    if low is None or high is None:
        return _unbounded(estimate, Span(low, high), alpha)
    if treatment.std_error == 0 and treatment.value == 0:
        return _all_zero(estimate)
    std_error = math.hypot(*_relative_errors(control, treatment))
    # rounding may leave an end on the wrong side of the estimate by its last digit
    return Lift(
        estimate, std_error, min(low, estimate), max(high, estimate), df, alpha, Method.FIELLER
    )


def _unbounded(estimate: float, span: Span, alpha: float) -> UnboundedLift:
    if span.low is not None:
        sentence = said(
            "The control's value cannot be told from 0, so a lift over it is at least {low}, "
            "without an upper bound.",
            low=f"{span.low:+.1%}",
        )
    elif span.high is not None:
        sentence = said(
            "The control's value cannot be told from 0, so a lift over it is at most {high}, "
            "without a lower bound.",
            high=f"{span.high:+.1%}",
        )
    else:
        sentence = said(
            "The control's value cannot be told from 0, so a lift over it has no bounds."
        )
    return UnboundedLift(estimate, span.low, span.high, alpha, Method.FIELLER, sentence)


def _all_zero(estimate: float) -> Certain:
    return Certain(
        estimate,
        said(
            "Every unit of the treatment has the value 0: the lift is {estimate}.",
            estimate=f"{estimate:+.0%}",
        ),
    )


def _relative_errors(control: Point, treatment: Point) -> tuple[float, float]:
    """Give the parts of a lift's error that come from the treatment and from the control."""
    size = abs(control.value)
    return (
        treatment.std_error / size,
        abs(treatment.value / size) * (control.std_error / size),
    )


def _refuse_near_zero(control: Point, alpha: float) -> None:
    if abs(control.value) <= t_quantile(control.df, alpha) * control.std_error:
        raise BaselineNearZero


def _delta(control: Point, treatment: Point, estimate: float, alpha: float) -> Lift | Certain:
    """Var(T/C) = (Var(T) + (T/C)² Var(C)) / C²; t with Satterthwaite's degrees of freedom."""
    _refuse_near_zero(control, alpha)
    from_treatment, from_control = _relative_errors(control, treatment)
    std_error = math.hypot(from_treatment, from_control)
    if std_error == 0:  # a treatment of constant 0 against a control that varies
        return _all_zero(estimate)
    df = _relative_df(from_treatment / std_error, treatment, control)
    half = t_quantile(df, alpha) * std_error
    return Lift(estimate, std_error, estimate - half, estimate + half, df, alpha, Method.DELTA)


def _log(control: Point, treatment: Point, estimate: float, alpha: float) -> Lift:
    """Var(ln T/C) = Var(T)/T² + Var(C)/C²; the interval is that of ln T/C, taken back."""
    for value in (control.value, treatment.value):
        if value <= 0:
            raise NotPositive(value)
    _refuse_near_zero(control, alpha)
    ratio = treatment.value / control.value
    from_treatment, from_control = _relative_errors(control, treatment)
    std_error = math.hypot(from_treatment, from_control)
    df = _relative_df(from_treatment / std_error, treatment, control)
    half = t_quantile(df, alpha) * std_error / ratio
    centre = math.log(ratio)
    try:
        low, high = math.expm1(centre - half), math.expm1(centre + half)
    except OverflowError as error:  # the treatment cannot be told from 0 by far
        raise NotPositive(treatment.value) from error
    return Lift(estimate, std_error, low, high, df, alpha, Method.LOG)


def _relative_df(share: float, treatment: Point, control: Point) -> float:
    return welch_df(share * share, treatment.df, 1 - share * share, control.df)
