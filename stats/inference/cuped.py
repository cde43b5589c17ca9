"""CUPED: an outcome less what its covariates, known before exposure, foretold of it.

Which covariates there are is the plan's choice; this module decides their weights. θ is pooled over
all variants, so that a variant has one adjusted value whichever other it is compared with.
"""

import math
from collections.abc import Sequence

from stats.inference.adjustment import AdjustedVariant, Adjustment
from stats.inference.linearised import (
    AdjustedPoint,
    DroppedCovariate,
    Linearised,
    Theta,
    gap_to_pooled,
    linearise_all,
    solve,
)
from stats.inference.outcome import Method
from stats.moments import Moments


def cuped(
    variants: Sequence[tuple[str, Moments]], *, covariates: Sequence[str], ratio: bool = False
) -> Adjustment:
    """Adjust every variant by θ'(x̄ of the variant - x̄ of all units), one θ for all variants.

    θ = S⁻¹ c with S and c the co-moments within variants, summed over the variants: the
    coefficients of the covariates in ordinary least squares of the outcome on one dummy per
    variant and the covariates. The adjusted difference is that regression's, too. The error is
    not: here each variant keeps its own residual variance (Welch), and the spread of θ̂ itself, of
    order 1/n², is left out. The squares are divided so that, pooled over the variants, they give
    the regression's residual variance, with N - variants - covariates degrees of freedom.

    A variant of fewer than two units has no adjusted value and takes no part in θ and x̄.

    Args:
        variants: Key and moments (outcome, for a ratio its denominator, the covariates), of *all*
            variants of the campaign, once for all comparisons.
        covariates: A key for every covariate column, in order.
        ratio: Whether column 1 is a denominator. The ratio is linearised; then all covariate
            columns weigh in, of which Deng's linearised pre-period ratio is one combination.

    Raises:
        InvalidSummary: Columns or keys do not fit.

    Source: Deng, Xu, Kohavi and Walker (2013), WSDM, sections 3 and 4 and appendix B (ratios).
    """
    usable, refused = linearise_all(variants, covariates, ratio=ratio)
    pooled = tuple(usable.values())
    columns = range(len(covariates))
    # degrees of freedom of the residuals about one mean per variant
    df = sum(one.n - 1 for one in pooled)
    solution = solve(
        tuple(
            tuple(math.fsum(one.covariates[i][j] for one in pooled) for j in columns)
            for i in columns
        ),
        [math.fsum(one.co_moments[j] for one in pooled) for j in columns],
        most=df - 1,
    )
    left_over = 1 - solution.used / df if df else 1.0
    dropped = dict(solution.dropped)
    return Adjustment(
        tuple(
            AdjustedVariant(
                key, usable[key].raw, _point(usable[key], pooled, solution.theta, left_over)
            )
            if key in usable
            else AdjustedVariant(key, refused[key], refused[key])
            for key, _ in variants
        ),
        tuple(Theta(covariates[j], solution.theta[j]) for j in columns if j not in dropped),
        tuple(DroppedCovariate(covariates[j], reason) for j, reason in solution.dropped),
        Method.DELTA_CUPED if ratio else Method.CUPED,
    )


def _point(
    variant: Linearised, pooled: Sequence[Linearised], theta: Sequence[float], left_over: float
) -> AdjustedPoint:
    """Give the value at the pooled covariate means; `left_over` is the share of the df kept."""
    gap = gap_to_pooled(variant, pooled)
    value = variant.raw.value - math.fsum(t * g for t, g in zip(theta, gap, strict=True))
    df = (variant.n - 1) * left_over
    variance = variant.residual_spread(theta) / df / variant.n
    # the product may miss a whole number by its rounding
    return AdjustedPoint(value, math.sqrt(variance), variant.n, max(1, math.floor(df + 1e-9)))
