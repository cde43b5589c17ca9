"""Lin's regression adjustment: CUPED with weights of its own for every variant.

It is the regression of the outcome on the variant, the covariates about their mean over all units,
and their products. That separates into one regression per variant, read at the common covariate
means, so that here, too, a variant has one value in every comparison.

Its usual errors, HC2, need the leverage of each unit, which no sufficient statistics hold. So there
are two functions: `lin_hc2` from unit rows, exact, and `lin_from_moments` with the classical error
of each variant's own regression. Both estimate the same variance without bias where the residuals
of a variant have equal variances. They come together as units grow, like 1/√n and from either side,
because the weight of a unit in the fitted value at the mean tends to 1/n, whatever its covariates.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.errors import CannotEstimate, FullLeverage, InvalidSummary, NonFiniteValue
from stats.inference.adjustment import AdjustedVariant, Adjustment
from stats.inference.linearised import (
    AdjustedPoint,
    DroppedCovariate,
    Linearised,
    Solution,
    Theta,
    gap_to_pooled,
    linearise_all,
    solve,
)
from stats.inference.outcome import Method, Undefined
from stats.moments import Moments

Array = npt.NDArray[np.float64]

FULL_LEVERAGE = 1 - 1e-9
"""From here on, a unit's fitted value is its own value, and its residual tells nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class UnitRows:
    """The units of one variant, row by row: for analysts who have them at hand.

    Attributes:
        outcome: One value per unit, n long.
        covariates: One row per unit, n by k.
    """

    outcome: Array
    covariates: Array

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit, NaN and infinity."""
        shape = (*self.outcome.shape, *self.covariates.shape[1:])
        if len(shape) != 2 or len(self.outcome) != len(self.covariates):  # noqa: PLR2004 - n by k
            message = (
                f"outcomes of shape {self.outcome.shape} and covariates of shape "
                f"{self.covariates.shape}; n and n by k are needed"
            )
            raise InvalidSummary(message)
        for name, values in (("an outcome", self.outcome), ("a covariate", self.covariates)):
            wrong = values[~np.isfinite(values)]
            if wrong.size:
                raise NonFiniteValue(name, float(wrong.flat[0]))

    def moments(self) -> Moments:
        """Give the outcome's and the covariates' moments."""
        rows = np.column_stack([self.outcome, self.covariates])
        centred = rows - rows.mean(axis=0) if len(rows) else rows
        products = centred.T @ centred
        return Moments(
            len(rows),
            tuple(float(total) for total in rows.sum(axis=0)),
            tuple(tuple(float(value) for value in row) for row in products),
        )


def lin_from_moments(
    variants: Sequence[tuple[str, Moments]], *, covariates: Sequence[str], ratio: bool = False
) -> Adjustment:
    """Adjust every variant by weights of its own, with the error of its own regression.

    The error of a value is s² (1/n + (x̄ - x̄ᵥ)' Sᵥ⁻¹ (x̄ - x̄ᵥ)), s² with n - 1 - covariates
    degrees of freedom: that of the fitted mean at x̄ in ordinary least squares within the variant.
    It differs from HC2 in that it takes residuals to spread equally at all values of the
    covariates; see the module. x̄ counts as fixed, as in Lin's design-based theory.

    Args:
        variants: Key and moments (outcome, for a ratio its denominator, the covariates), of *all*
            variants of the campaign.
        covariates: A key for every covariate column, in order.
        ratio: Whether column 1 is a denominator; the ratio is linearised.

    Raises:
        InvalidSummary: Columns or keys do not fit.

    Source: Lin (2013), Annals of Applied Statistics 7, with the errors of Neyman (1923) for the
    residuals; Freedman (2008) for why every variant has its own weights.
    """
    usable, refused = linearise_all(variants, covariates, ratio=ratio)
    fits = _fit(usable)
    errors = {key: fit.classical_variance() for key, fit in fits.items()}
    method = Method.DELTA_LIN if ratio else Method.LIN
    return _assemble(variants, fits, errors, refused, covariates, method)


def lin_hc2(variants: Sequence[tuple[str, UnitRows]], *, covariates: Sequence[str]) -> Adjustment:
    """Adjust every variant by weights of its own, with HC2 errors from unit rows.

    Value and error of a difference are those of `OLS(y, [1, T, x - x̄, T(x - x̄)]).fit(
    cov_type="HC2")` in statsmodels and `sandwich::vcovHC(lm(y ~ T * xc), "HC2")` in R, for any
    number of variants. Degrees of freedom are not: those programs take a normal or N - 2(k + 1)
    for both variants together, here each variant has n - 1 - k and Satterthwaite's rule joins two,
    which without covariates is Welch's test exactly.

    Args:
        variants: Key and rows, of all variants of the campaign.
        covariates: A key for every covariate column, in order.

    Raises:
        InvalidSummary: Columns or keys do not fit.

    Source: Lin (2013), Annals of Applied Statistics 7; MacKinnon and White (1985) for HC2.
    """
    summaries = [(key, rows.moments()) for key, rows in variants]
    usable, refused = linearise_all(summaries, covariates, ratio=False)
    fits = _fit(usable)
    errors: dict[str, float] = {}
    for key, rows in variants:
        if key in fits:
            try:
                errors[key] = _hc2_variance(rows, fits[key])
            except CannotEstimate as fault:
                refused[key] = Undefined.because(fault)
    return _assemble(summaries, fits, errors, refused, covariates, Method.LIN_HC2)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The regression within one variant.

    Attributes:
        variant: What was regressed.
        solution: The weights.
        gap: x̄ of the variant minus x̄ of all units, per covariate.
    """

    variant: Linearised
    solution: Solution
    gap: tuple[float, ...]

    @property
    def df(self) -> int:
        """Degrees of freedom of the residuals."""
        return self.variant.n - 1 - self.solution.used

    @property
    def value(self) -> float:
        """The fitted mean at the covariate means of all units."""
        theta = self.solution.theta
        return self.variant.raw.value - math.fsum(
            t * gap for t, gap in zip(theta, self.gap, strict=True)
        )

    def classical_variance(self) -> float:
        """Give s² (1/n + gap' S⁻¹ gap)."""
        residual = self.variant.residual_spread(self.solution.theta) / self.df
        away = solve(self.variant.covariates, self.gap, most=self.solution.used).theta
        leverage = math.fsum(a * gap for a, gap in zip(away, self.gap, strict=True))
        return residual * (1 / self.variant.n + leverage)


def _fit(usable: Mapping[str, Linearised]) -> dict[str, _Fit]:
    pooled = tuple(usable.values())
    return {
        key: _Fit(
            one,
            solve(one.covariates, one.co_moments, most=one.n - 2),
            gap_to_pooled(one, pooled),
        )
        for key, one in usable.items()
    }


def _hc2_variance(rows: UnitRows, fit: _Fit) -> float:
    """Give Σ a² e² / (1 - h): a the weight of a unit in the value, e its residual, h its leverage.

    Raises:
        CannotEstimate: A unit has all the leverage, so that its residual is 0 whatever it did.
    """
    left_out = {j for j, _ in fit.solution.dropped}
    used = [j for j in range(rows.covariates.shape[1]) if j not in left_out]
    x = rows.covariates[:, used]
    x = x - x.mean(axis=0)
    y = rows.outcome - rows.outcome.mean()
    # in their own units, columns of very different size would cost digits
    scale = np.sqrt((x * x).sum(axis=0))
    q, r = np.linalg.qr(x / scale)
    residual = y - q @ (q.T @ y)
    leverage = 1 / len(y) + (q * q).sum(axis=1)
    if (leverage > FULL_LEVERAGE).any():
        raise FullLeverage
    away = np.array([fit.gap[j] for j in used]) / scale
    weight = 1 / len(y) - q @ np.linalg.solve(r.T, away)
    return float((weight * weight * residual * residual / (1 - leverage)).sum())


def _assemble(
    variants: Sequence[tuple[str, Moments]],
    fits: Mapping[str, _Fit],
    errors: Mapping[str, float],
    refused: Mapping[str, Undefined],
    covariates: Sequence[str],
    method: Method,
) -> Adjustment:
    return Adjustment(
        tuple(
            AdjustedVariant(
                key,
                fits[key].variant.raw if key in fits else refused[key],
                AdjustedPoint(
                    fits[key].value, math.sqrt(errors[key]), fits[key].variant.n, fits[key].df
                )
                if key in errors
                else refused[key],
            )
            for key, _ in variants
        ),
        tuple(
            Theta(covariates[j], theta, key)
            for key, fit in fits.items()
            for j, theta in enumerate(fit.solution.theta)
            if j not in dict(fit.solution.dropped)
        ),
        _dropped(fits, covariates),
        method,
    )


def _dropped(fits: Mapping[str, _Fit], covariates: Sequence[str]) -> tuple[DroppedCovariate, ...]:
    """Name what was left out: once where it was in every variant, for the same reason."""
    reasons = {key: dict(fit.solution.dropped) for key, fit in fits.items()}
    notes: list[DroppedCovariate] = []
    for j, covariate in enumerate(covariates):
        found = {key: own[j] for key, own in reasons.items() if j in own}
        if len(found) == len(fits) and len(set(found.values())) == 1:
            notes.append(DroppedCovariate(covariate, next(iter(found.values()))))
        else:
            notes.extend(DroppedCovariate(covariate, why, key) for key, why in found.items())
    return tuple(notes)
