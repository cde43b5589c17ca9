"""A bootstrap of a difference of quantiles, for those who hold the values themselves.

The scorecard never holds values; this is for the library's reader who does, as a second opinion.
Resampling n values and taking the one of rank r picks the value of rank ceil(n U), where U is
beta-distributed with r and n - r + 1: drawing U gives the bootstrap's own distribution without
resampling anything.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stats.errors import NonFiniteValue, TooFewUnits
from stats.summary import centre_rank

Values: TypeAlias = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BootstrapDifference:
    """A difference of quantiles with a percentile interval.

    Attributes:
        estimate: Treatment minus control.
        std_error: Standard deviation over the replicates.
        ci_low: The alpha / 2 quantile of the replicates.
        ci_high: The 1 - alpha / 2 quantile.
        alpha: Two-sided error rate.
        replicates: How many.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    alpha: float
    replicates: int


def bootstrap_quantile_difference(
    control: Values,
    treatment: Values,
    quantile: Decimal,
    *,
    alpha: float,
    rng: np.random.Generator,
    replicates: int = 10_000,
) -> BootstrapDifference:
    """Resample units, one value each, and take the difference of quantiles each time.

    With heavy ties, where the order-statistic test is refused, the replicates show the jumps; its
    interval may then be a point, which says that no resample moved the quantile.

    Args:
        control: One value per unit.
        treatment: The same.
        quantile: Share of the values at or below the quantile, strictly between 0 and 1.
        alpha: Two-sided error rate, strictly between 0 and 1.
        rng: The source of chance.
        replicates: How often.

    Raises:
        TooFewUnits: A variant has fewer than two values.
        NonFiniteValue: A value is NaN or infinite.

    Source: Efron (1979), Ann. Statist. 7; the distribution of a resampled order statistic, section
    on the median.
    """
    draws = []
    centres = []
    for values in (control, treatment):
        if len(values) < 2:  # noqa: PLR2004 - one value resampled is itself
            raise TooFewUnits(len(values), 2)
        if not np.isfinite(values).all():
            name = "a value"
            raise NonFiniteValue(name, float(values[~np.isfinite(values)][0]))
        ordered = np.sort(values)
        n = len(ordered)
        rank = centre_rank(n, quantile)
        centres.append(float(ordered[rank - 1]))
        share = rng.beta(rank, n - rank + 1, replicates)
        draws.append(ordered[np.clip(np.ceil(n * share).astype(np.int64), 1, n) - 1])
    differences = draws[1] - draws[0]
    low, high = np.quantile(differences, [alpha / 2, 1 - alpha / 2])
    return BootstrapDifference(
        centres[1] - centres[0],
        float(differences.std(ddof=1)),
        float(low),
        float(high),
        alpha,
        replicates,
    )
