"""The mixture sequential probability ratio test: valid at every look, for effects of a known size.

It averages the likelihood ratio over effects drawn from a normal about 0. Its interval is the one
of `stats.inference.confidence_sequence`, tuned by the size of the effects that are expected
(`mixture_sd`, in the metric's unit) instead of by the planned number of units.
"""

import math

from stats.errors import InvalidSizing
from stats.inference.burn_in import BURN_IN, check_burn_in
from stats.inference.confidence_sequence import mixture_interval
from stats.inference.difference import certain_difference
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.point import Point


def msprt_difference(
    control: Point,
    treatment: Point,
    *,
    mixture_sd: float,
    alpha: float,
    burn_in: int = BURN_IN,
    nonzero_units: int | None = None,
) -> Estimate | Certain:
    """Estimate treatment minus control by the mixture test, with its always-valid p-value.

    Lambda = sqrt(V/(V + tau²)) exp(tau² d²/(2 V (V + tau²))) with V the squared standard error of
    the difference d; the p-value is 1/Lambda, at most 1, and the interval holds the differences
    that it does not reject. The smallest p-value of all looks so far is valid, too.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        mixture_sd: Tau: how large effects are expected to be, in the metric's unit, above 0. It
            must be fixed before the data are seen; the planned MDE is a fair choice.
        alpha: Two-sided error rate over all looks.
        burn_in: Units that each variant needs; the normal approximation starts there.
        nonzero_units: See `stats.inference.burn_in.check_burn_in`.

    Returns:
        `Certain` when neither variant varies and their values differ.

    Raises:
        InvalidSizing: The mixture has no size.
        TooFewUnits: A variant has fewer units than the burn-in.
        TooFewNonzero: Outcomes are too rare so far.
        NoVariance: Neither variant varies and their values are equal.

    Source: Robbins (1970), Annals of Mathematical Statistics 41; Johari, Koomen, Pekelis and Walsh
    (2022), Operations Research 70, "Always valid inference".
    """
    if not mixture_sd > 0:
        raise InvalidSizing(mixture_sd, field="mixture_sd", expected="give a size above 0")
    if control.std_error == 0 and treatment.std_error == 0:
        return certain_difference(control, treatment)
    check_burn_in((control.n, treatment.n), nonzero_units=nonzero_units, burn_in=burn_in)
    std_error = math.hypot(control.std_error, treatment.std_error)
    return mixture_interval(
        treatment.value - control.value,
        std_error,
        precision=(mixture_sd / std_error) ** 2,
        alpha=alpha,
        method=Method.MSPRT,
    )
