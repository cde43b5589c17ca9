"""One variant as a regression on covariates sees it: an outcome that averages to its value.

A ratio metric is linearised, L = (y - r d) / d̄ with the variant's own r and d̄: a ratio then moves
as a mean of L does, to first order (the delta method). A mean is the case of d = 1. What follows
the linearisation (CUPED, Lin) is the same for both.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from stats.errors import CannotEstimate, InvalidSummary
from stats.inference.outcome import Undefined
from stats.inference.point import Point, mean_point, ratio_point
from stats.moments import Matrix, Moments
from stats.sentence import said

COLLINEAR = 1e-9
"""A covariate of which the others leave less than this share of its variance adds nothing."""

ROUNDING = 1e-12
"""Residual variance below this share of its parts is the rounding error of a zero."""


@dataclass(frozen=True, slots=True)
class AdjustedPoint(Point):
    """A point whose error does not have n - 1 degrees of freedom.

    Attributes:
        error_df: Degrees of freedom of its standard error, at least 1; whole, rounded down.
    """

    error_df: int = 1

    @property
    def df(self) -> int:
        """Degrees of freedom of its standard error."""
        return self.error_df


class DropReason(StrEnum):
    """Why a covariate was left out of an adjustment."""

    CONSTANT = "constant"
    COLLINEAR = "collinear"
    TOO_FEW_UNITS = "too_few_units"


_SENTENCES = {
    DropReason.CONSTANT: said("does not vary within a variant, so it explains nothing"),
    DropReason.COLLINEAR: said(
        "is a linear combination of the covariates before it, so it adds nothing"
    ),
    DropReason.TOO_FEW_UNITS: said("would leave no units to estimate an error from"),
}


@dataclass(frozen=True, slots=True)
class DroppedCovariate:
    """A covariate that was declared and could not be used.

    Attributes:
        covariate: Its key.
        reason: Why, for programs.
        variant: Where; empty for all variants.
    """

    covariate: str
    reason: DropReason
    variant: str = ""

    @property
    def sentence(self) -> str:
        """Why, for readers."""
        where = said(" in variant {variant}", variant=self.variant) if self.variant else ""
        return said(
            "The covariate {covariate}{where} {why}; it was left out.",
            covariate=self.covariate,
            where=where,
            why=_SENTENCES[self.reason],
        )


@dataclass(frozen=True, slots=True)
class Theta:
    """The weight of one covariate.

    Attributes:
        covariate: Its key.
        value: In the metric's unit per unit of the covariate.
        variant: Where; empty for all variants.
    """

    covariate: str
    value: float
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Linearised:
    """Moments of the linearised outcome L (mean 0) and of the covariates x of one variant.

    Attributes:
        raw: The unadjusted value with its error.
        spread: ΣL².
        co_moments: ΣL(x - x̄), one per covariate.
        totals: Σx, one per covariate.
        covariates: Σ(x - x̄)(x' - x̄'), of every pair of covariates.
    """

    raw: Point
    spread: float
    co_moments: tuple[float, ...]
    totals: tuple[int | float, ...]
    covariates: Matrix

    @property
    def n(self) -> int:
        """Units."""
        return self.raw.n

    def residual_spread(self, theta: Sequence[float]) -> float:
        """Give Σ(L - θ'(x - x̄))², 0 where it is the rounding error of a zero."""
        explained = math.fsum(t * c for t, c in zip(theta, self.co_moments, strict=True))
        own = math.fsum(
            a * b * self.covariates[i][j] for i, a in enumerate(theta) for j, b in enumerate(theta)
        )
        residual = math.fsum((self.spread, -2 * explained, own))
        return residual if residual > ROUNDING * (self.spread + own) else 0.0


def linearise(moments: Moments, *, ratio: bool) -> Linearised:
    """Turn a variant's moments into those of its linearised outcome.

    Args:
        moments: Outcome, for a ratio the denominator, then the covariates.
        ratio: Whether column 1 is a denominator.

    Raises:
        TooFewUnits: Fewer than two units.
        ZeroDenominator: The denominator totals zero.
    """
    centred, first = moments.centred, 2 if ratio else 1
    k = range(first, moments.columns)
    if ratio:
        summary = moments.ratio_summary()
        raw, mean = ratio_point(summary), summary.denominator.mean
        spread = raw.std_error**2 * raw.n * (raw.n - 1)
        co_moments = tuple((centred[0][j] - raw.value * centred[1][j]) / mean for j in k)
    else:
        raw, spread = mean_point(moments.mean_summary()), centred[0][0]
        co_moments = tuple(centred[0][j] for j in k)
    return Linearised(
        raw,
        spread,
        co_moments,
        moments.totals[first:],
        tuple(tuple(centred[i][j] for j in k) for i in k),
    )


def linearise_all(
    variants: Sequence[tuple[str, Moments]], covariates: Sequence[str], *, ratio: bool
) -> tuple[dict[str, Linearised], dict[str, Undefined]]:
    """Linearise the variants that can be, and say of the others why they cannot.

    Raises:
        InvalidSummary: A variant comes twice, or its columns are not the outcome and `covariates`.
    """
    usable: dict[str, Linearised] = {}
    refused: dict[str, Undefined] = {}
    first = 2 if ratio else 1
    for key, moments in variants:
        if key in usable or key in refused:
            message = f"variant {key} comes twice; each must come once"
            raise InvalidSummary(message)
        if moments.columns != first + len(covariates):
            message = (
                f"{moments.columns} columns in variant {key}; {first} of the outcome and "
                f"{len(covariates)} covariates are needed"
            )
            raise InvalidSummary(message)
        try:
            usable[key] = linearise(moments, ratio=ratio)
        except CannotEstimate as fault:
            refused[key] = Undefined.because(fault)
    return usable, refused


def gap_to_pooled(variant: Linearised, pooled: Sequence[Linearised]) -> tuple[float, ...]:
    """Give x̄ of a variant minus x̄ over all units of `pooled`."""
    n, units = variant.n, sum(one.n for one in pooled)
    gaps = []
    for i, own in enumerate(variant.totals):
        # one division at the end: whole totals lose nothing, however close the two means are
        total = sum(one.totals[i] for one in pooled)
        gaps.append((own * units - total * n) / (n * units))
    return tuple(gaps)


@dataclass(frozen=True, slots=True)
class Solution:
    """The least-squares weights of the covariates.

    Attributes:
        theta: One per covariate; 0 for those left out.
        dropped: Which were left out, by position, and why.
    """

    theta: tuple[float, ...]
    dropped: tuple[tuple[int, DropReason], ...]

    @property
    def used(self) -> int:
        """How many covariates have a weight."""
        return len(self.theta) - len(self.dropped)


def solve(covariates: Matrix, co_moments: Sequence[float], *, most: int) -> Solution:
    """Solve S θ = c for the covariates that are neither constant nor collinear.

    Cholesky's decomposition of the correlation matrix, in the order of the covariates: of two that
    say the same, the first stays.

    Args:
        covariates: S, co-moments of the covariates.
        co_moments: c, co-moments with the outcome.
        most: How many covariates the degrees of freedom allow.
    """
    kept: list[int] = []
    rows: list[list[float]] = []
    dropped: list[tuple[int, DropReason]] = []
    scale = [math.sqrt(covariates[i][i]) for i in range(len(co_moments))]
    for j in range(len(co_moments)):
        if scale[j] == 0:
            dropped.append((j, DropReason.CONSTANT))
            continue
        correlations = [covariates[i][j] / scale[i] / scale[j] for i in kept]
        row = _forward(rows, correlations)
        pivot = 1 - math.fsum(value * value for value in row)
        if pivot <= COLLINEAR:
            dropped.append((j, DropReason.COLLINEAR))
        elif len(kept) >= most:
            dropped.append((j, DropReason.TOO_FEW_UNITS))
        else:
            rows.append([*row, math.sqrt(pivot)])
            kept.append(j)
    half = _forward(rows, [co_moments[j] / scale[j] for j in kept])
    weights = _backward(rows, half)
    theta = [0.0] * len(co_moments)
    for j, weight in zip(kept, weights, strict=True):
        theta[j] = weight / scale[j]
    return Solution(tuple(theta), tuple(dropped))


def _forward(rows: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve R z = right, R lower triangular."""
    z: list[float] = []
    for row, value in zip(rows, right, strict=True):
        known = math.fsum(a * b for a, b in zip(row, z, strict=False))
        z.append((value - known) / row[-1])
    return z


def _backward(rows: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve R' z = right, R lower triangular."""
    z = [0.0] * len(right)
    for i in reversed(range(len(right))):
        known = math.fsum(rows[j][i] * z[j] for j in range(i + 1, len(right)))
        z[i] = (right[i] - known) / rows[i][i]
    return z
