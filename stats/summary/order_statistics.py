"""Order statistics of one variant: what a quantile and its interval need of the values."""

import math
from dataclasses import dataclass
from decimal import Decimal

from stats.errors import InvalidSummary, NonFiniteValue, TooFewUnits


@dataclass(frozen=True, slots=True)
class QuantileRanks:
    """Which order statistics estimate a quantile and bound it.

    Attributes:
        low: Rank of the lower bound, from 1.
        centre: Rank of the estimate.
        high: Rank of the upper bound, at most the number of values.
        width: Width of the interval in standard errors of the estimate.
    """

    low: int
    centre: int
    high: int
    width: float


def centre_rank(n: int, quantile: Decimal) -> int:
    """Give the rank of the smallest value that the share `quantile` of `n` values lies at or below.

    Equals numpy.quantile(method="inverted_cdf") and R's quantile(type = 1).
    """
    return max(1, math.ceil(n * quantile))


def quantile_ranks(
    n: int, quantile: Decimal, *, alpha: float, design_effect: float = 1.0
) -> QuantileRanks:
    """Choose the ranks whose values bound a quantile with confidence of at least 1 - alpha.

    The number of values at or below the quantile is binomial, so that the ranks hold whatever the
    distribution. Where one unit brings several values, its variance is `design_effect` times the
    binomial one, and the ranks are those of a normal count.

    Args:
        n: Values.
        quantile: Share of the values at or below the quantile, strictly between 0 and 1.
        alpha: Two-sided error rate, strictly between 0 and 1.
        design_effect: Variance of the share of values at or below the quantile, over the variance
            of as many independent values.

    Raises:
        TooFewUnits: Even the lowest and the highest value do not bound it with that confidence.

    Source: Conover (1999), Practical Nonparametric Statistics, section 3.2, equals
    scipy.stats.quantile_test; with clusters Deng, Knoblich and Lu (2018), KDD, section 4.
    """
    # 14 MB, which nobody who reads other summaries needs
    from scipy.special import bdtr, bdtrc, ndtri  # noqa: PLC0415

    share = float(quantile)
    # with fewer values the extremes miss the quantile too often
    needed = max(
        math.ceil(math.log(alpha / 2) / math.log(share)),
        math.ceil(math.log(alpha / 2) / math.log1p(-share)),
    )
    needed = math.ceil(needed * max(1.0, design_effect))
    if n < needed:
        raise TooFewUnits(n, needed)
    sd = math.sqrt(n * share * (1 - share) * design_effect)
    z = -float(ndtri(alpha / 2))
    low = max(1, math.floor(n * share - z * sd))
    high = min(n, math.ceil(n * share + z * sd) + 1)
    if design_effect == 1:
        while bdtr(low, n, share) <= alpha / 2:
            low += 1
        while bdtr(low - 1, n, share) > alpha / 2:
            low -= 1
        while bdtrc(high - 2, n, share) <= alpha / 2:
            high -= 1
        while bdtrc(high - 1, n, share) > alpha / 2:
            high += 1
        missed = float(bdtr(low - 1, n, share) + bdtrc(high - 1, n, share))
        width = -2 * float(ndtri(missed / 2))
    else:
        width = (high - low) / sd if sd > 0 else math.inf
    return QuantileRanks(low, centre_rank(n, quantile), high, width)


@dataclass(frozen=True, slots=True)
class OrderStatistic:
    """The value at a rank, and how many values equal it.

    Attributes:
        rank: Its place among the sorted values, from 1.
        value: In the metric's unit.
        below: Values smaller than it.
        at_most: Values not larger than it.
    """

    rank: int
    value: int | float
    below: int
    at_most: int

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        if not isinstance(self.value, int) and not math.isfinite(self.value):
            name = "an order statistic"
            raise NonFiniteValue(name, self.value)
        if not 0 <= self.below < self.rank <= self.at_most:
            message = f"rank {self.rank}, but {self.below} values below, {self.at_most} at most"
            raise InvalidSummary(message)

    def tied_within(self, low: int, high: int) -> int:
        """Count the ranks from `low` to `high` that have this value."""
        return max(0, min(high, self.at_most) - max(low, self.below + 1) + 1)


@dataclass(frozen=True, slots=True)
class QuantileSummary:
    """What inference needs of a quantile in one variant.

    Attributes:
        n: Values: one per unit, or one per order.
        quantile: Share of the values at or below the quantile.
        alpha: Two-sided error rate of the bounds.
        centre: The quantile; `None` without values.
        low: Its lower bound; `None` where the values are too few for bounds.
        high: Its upper bound; `None` likewise.
        width: Width of the bounds in standard errors, see `QuantileRanks`; `None` likewise.
        design_effect: See `quantile_ranks`; 1 where every unit brings one value.
        units: Units behind the values.
    """

    n: int
    quantile: Decimal
    alpha: float
    centre: OrderStatistic | None
    low: OrderStatistic | None
    high: OrderStatistic | None
    width: float | None = None
    design_effect: float = 1.0
    units: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        if (self.n == 0) != (self.centre is None):
            message = f"{self.n} values; there is a quantile exactly where there are values"
            raise InvalidSummary(message)
        if not (self.low is None) == (self.high is None) == (self.width is None):
            message = "one bound of two, or no width; give all or none"
            raise InvalidSummary(message)
        if not math.isfinite(self.design_effect) or self.design_effect < 0:
            name = "design_effect"
            raise NonFiniteValue(name, self.design_effect)
        if self.low is not None and self.high is not None and self.centre is not None:
            order = (self.low.value, self.centre.value, self.high.value)
            if sorted(order) != list(order):
                message = f"bounds and quantile {order} are out of order"
                raise InvalidSummary(message)
