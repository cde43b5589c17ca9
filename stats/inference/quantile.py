"""Quantiles of a variant and their difference, from order statistics.

Nothing is assumed of the distribution but that values near the quantile are spread out. Where many
values are equal to it (a p50 of spend where most spend nothing) there is no spacing to measure, and
the difference is refused by name.
"""

from dataclasses import dataclass

from stats.errors import InvalidSummary, QuantileOnTie, TooFewUnits
from stats.inference.difference import point_difference
from stats.inference.outcome import BareValue, Certain, Estimate, Method, Rate
from stats.inference.point import Point
from stats.summary import OrderStatistic, QuantileSummary, quantile_ranks


@dataclass(frozen=True, slots=True)
class QuantilePoint(Point):
    """A quantile with its standard error, as the difference and the lift of any point take it.

    Attributes:
        spacings_df: Degrees of freedom of a standard error made of spacings.
    """

    spacings_df: float = 1.0

    @property
    def df(self) -> float:
        """Degrees of freedom of its standard error."""
        return self.spacings_df


def _bounds(
    summary: QuantileSummary,
) -> tuple[OrderStatistic, OrderStatistic, OrderStatistic, float]:
    """Give the lower bound, the quantile, the upper bound and their width in standard errors.

    Raises:
        TooFewUnits: The values are too few for bounds.
    """
    low, centre, high = summary.low, summary.centre, summary.high
    if low is None or centre is None or high is None or summary.width is None:
        # says how many values are needed
        quantile_ranks(
            summary.n, summary.quantile, alpha=summary.alpha, design_effect=summary.design_effect
        )
        message = f"{summary.n} values are enough for bounds, but none are given"
        raise InvalidSummary(message)
    return low, centre, high, summary.width


def _tie(one: OrderStatistic, summary: QuantileSummary) -> QuantileOnTie:
    return QuantileOnTie(one.value, (one.at_most - one.below) / summary.n)


def quantile_rate(summary: QuantileSummary) -> Rate | BareValue:
    """Give a variant's quantile with its order-statistic interval.

    Returns:
        `BareValue` where the quantile is known and its interval is not: too few values for bounds,
        or one value that so many share that both bounds are it.

    Raises:
        TooFewUnits: There is no value.

    Source: Conover (1999), section 3.2; equals scipy.stats.quantile_test with one value a unit.
    """
    if summary.centre is None:
        raise TooFewUnits(0, 1)
    value = float(summary.centre.value)
    try:
        low, centre, high, _ = _bounds(summary)
        if low.value == high.value:
            raise _tie(centre, summary)
    except (TooFewUnits, QuantileOnTie) as error:
        return BareValue(value, error.sentence, error.status)
    return Rate(value, float(low.value), float(high.value), summary.alpha, Method.ORDER_STATISTICS)


def quantile_point(summary: QuantileSummary) -> QuantilePoint:
    """Give a variant's quantile and the standard error that its interval implies.

    The interval is `width` standard errors wide. It rests on m spacings between order statistics,
    whose sum has a relative variance of about 1/m, and its square one of 4/m: the chi-square with
    that variance has m/2 degrees of freedom.

    Raises:
        TooFewUnits: The values are too few for an interval.
        QuantileOnTie: More than half of the ranks between the bounds have one value.

    Source: Price and Bonett (2001), J. Statist. Comput. Simul. 68, for the standard error; Bloch
    and Gastwirth (1968), Ann. Math. Statist. 39, for the variance of spacings.
    """
    low, centre, high, width = _bounds(summary)
    within = high.rank - low.rank + 1
    tied = max((low, centre, high), key=lambda one: one.tied_within(low.rank, high.rank))
    if low.value == high.value or 2 * tied.tied_within(low.rank, high.rank) > within:
        raise _tie(tied, summary)
    df = (high.rank - low.rank) / (2 * max(1.0, summary.design_effect))
    std_error = (high.value - low.value) / width
    return QuantilePoint(float(centre.value), std_error, summary.n, max(1.0, df))


def quantile_difference(
    control: QuantileSummary, treatment: QuantileSummary, *, alpha: float
) -> Estimate | Certain:
    """Estimate treatment minus control of a quantile, with a t interval.

    Its lift is `stats.inference.lift.lift` of the two `quantile_point`.

    Args:
        control: The control's order statistics.
        treatment: The treatment's.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: A variant has too few values.
        QuantileOnTie: In a variant most values around the quantile are equal.

    Source: Price and Bonett (2002), Comput. Statist. Data Anal. 41; with clusters Deng, Knoblich
    and Lu (2018), KDD, section 4.
    """
    return point_difference(
        quantile_point(control),
        quantile_point(treatment),
        alpha=alpha,
        method=Method.ORDER_STATISTICS,
    )
