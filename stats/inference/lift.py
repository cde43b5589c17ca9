"""Treatment over control, less one.

The sign is fixed here once: the difference is divided by the *size* of the control's value, so that
a lift above 0 always means that the treatment's value is the higher one. From -1.5 to -1.0 is a
lift of +1/3.
"""

import math

from stats.errors import BaselineNearZero, NoVariance, ZeroBaseline
from stats.inference.difference import welch_df
from stats.inference.outcome import Certain, Lift, Method
from stats.inference.point import Point, t_quantile


def lift(control: Point, treatment: Point, *, alpha: float) -> Lift | Certain:
    """Estimate (treatment - control) / |control|, with a delta-method interval.

    Var(T/C) = (Var(T) + (T/C)² Var(C)) / C²; t with Satterthwaite's degrees of freedom.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        ZeroBaseline: The control's value is zero.
        BaselineNearZero: The control's own 1 - alpha interval includes zero: a lift could be of
            any size and either sign, and a delta-method interval would hide that.
        NoVariance: Neither variant varies and their values are equal.

    Source: Kohavi, Tang and Xu (2020), section 18 (percent delta).
    """
    if control.value == 0:
        raise ZeroBaseline
    size = abs(control.value)
    estimate = (treatment.value - control.value) / size
    if control.std_error == 0 and treatment.std_error == 0:
        if estimate == 0:
            message = "Every unit of both variants has the same value, so a lift has no error."
            raise NoVariance(message)
        sentence = "Neither variant varies: the lift is certain, its interval is a point."
        return Certain(estimate, sentence)
    if size <= t_quantile(control.df, alpha) * control.std_error:
        raise BaselineNearZero
    from_treatment = treatment.std_error / size
    from_control = abs(treatment.value / size) * control.std_error / size
    std_error = math.hypot(from_treatment, from_control)
    if std_error == 0:  # a treatment of constant 0 against a control that varies: -100 %, exactly
        return Certain(estimate, "Every unit of the treatment has the value 0: the lift is -100 %.")
    df = welch_df(from_treatment**2, treatment.df, from_control**2, control.df)
    half = t_quantile(df, alpha) * std_error
    return Lift(estimate, std_error, estimate - half, estimate + half, df, alpha, Method.DELTA)
