"""The logarithm of treatment over control: the scale on which effects of studies are pooled.

Metrics differ in unit and baseline; their ratios do not. On the logarithm, twice as much and half
as much are equally far from no effect, and errors are closer to normal.

Treatments that are compared with one control share its error, so their effects are no independent
studies. With t_i the squared relative error of treatment i and c that of the control, the log
ratios have the variances t_i + c and the covariance c (Lajeunesse, 2011). Their mean of the least
variance therefore has weights 1 / t_i, and the variance c + 1 / Σ(1 / t_i): the control is counted
once.
"""

import math
from collections.abc import Sequence

from stats.errors import BaselineNearZero, InvalidSummary, NotPositive, NoVariance
from stats.inference.point import Point
from stats.inference.random_effects import Study
from stats.sentence import said

STANDARD_ERRORS = 3
"""So many standard errors a value is above 0 where its logarithm is taken: nearer to 0, the error
of the logarithm is skewed, and its first-order variance wrong by more than a tenth."""


def log_ratio(control: Point, treatments: Sequence[Point]) -> Study:
    """Give ln(treatment / control), joined to one effect where several treatments share a control.

    Args:
        control: The control's value and error.
        treatments: At least one, each with units of its own.

    Raises:
        InvalidSummary: There is no treatment.
        BaselineNearZero: The control is not clearly above 0.
        NotPositive: A treatment is not clearly above 0.
        NoVariance: Nothing varies, so there is no error to weigh by.

    Source: Hedges, Gurevitch and Curtis (1999), Ecology 80; Lajeunesse (2011), Ecology 92.
    """
    if not treatments:
        message = "a ratio takes at least one treatment"
        raise InvalidSummary(message)
    if control.value <= STANDARD_ERRORS * control.std_error:
        raise BaselineNearZero
    for one in treatments:
        if one.value <= STANDARD_ERRORS * one.std_error:
            raise NotPositive(one.value)
    squares = [(one.std_error / one.value) ** 2 for one in treatments]
    ratios = [math.log(one.value / control.value) for one in treatments]
    estimate, own = _weighted(ratios, squares)
    variance = own + (control.std_error / control.value) ** 2
    if variance == 0:
        raise NoVariance(
            said("Every unit of both variants has the same value, so a lift has no error.")
        )
    return Study(estimate, math.sqrt(variance))


def _weighted(ratios: Sequence[float], squares: Sequence[float]) -> tuple[float, float]:
    """Give the mean with weights 1 / t_i and what the treatments add to its variance."""
    certain = [ratio for ratio, square in zip(ratios, squares, strict=True) if square == 0]
    if certain:
        return math.fsum(certain) / len(certain), 0.0
    smallest = min(squares)
    weights = [smallest / square for square in squares]
    total = math.fsum(weights)
    mean = math.fsum(w * ratio for w, ratio in zip(weights, ratios, strict=True)) / total
    return mean, smallest / total
