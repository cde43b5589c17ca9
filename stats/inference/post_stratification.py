"""Post-stratification: compare within strata, then weigh them by their share of all units.

Strata are known before exposure (tier, country). The weights are the same in every variant, so that
a variant with more of the big spenders by chance no longer gains from it. Post-stratification is
regression adjustment by the strata's dummies, with weights of each variant's own.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from scipy.special import gammaln

from stats.errors import SmallStratum, TooFewUnits, ZeroDenominator
from stats.inference.cell_effect import Summary, add_up, summary_point
from stats.inference.difference import point_difference
from stats.inference.linearised import AdjustedPoint
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.point import Point
from stats.sentence import said
from stats.summary import MeanSummary, RatioSummary

ROUNDING = 1e-12
"""Residual variance below this share of its parts is the rounding error of a zero."""

WIDTH = 12
"""Standard deviations about its mean that hold all of a hypergeometric count, for a float."""

Strata: TypeAlias = dict[tuple[str | None, ...], dict[str, Summary]]
"""The values in each stratum, and its summary per variant."""


class SmallStrata(StrEnum):
    """What becomes of strata with too few units of a variant."""

    REFUSE = "refuse"  # there is no estimate, and the fault names the stratum
    MERGE = "merge"  # they become one stratum, with the next smallest if that is needed


@dataclass(frozen=True, slots=True)
class StratifiedVariant:
    """A variant weighted to the strata of all units.

    Attributes:
        variant: Its key.
        raw: Its value as it is.
        point: Its post-stratified value; the error takes the units per stratum as they came out.
        unconditional_std_error: The error over all the ways in which assignment might have spread
            the units over the strata, a little larger.
    """

    variant: str
    raw: Point
    point: AdjustedPoint
    unconditional_std_error: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum in use, and its weight.

    Attributes:
        segment_values: The value that its units share, `None` for those without; several where
            small strata were merged.
        weight: Its share of the units of all variants.
    """

    segment_values: tuple[str | None, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class PostStratification:
    """Every variant of a metric, weighted by the same strata.

    Attributes:
        strata: In use, with their weights.
        variants: In the order in which they came.
    """

    strata: tuple[Stratum, ...]
    variants: tuple[StratifiedVariant, ...]

    def variant(self, key: str) -> StratifiedVariant:
        """Give a variant.

        Raises:
            TooFewUnits: None of its units came.
        """
        for one in self.variants:
            if one.variant == key:
                return one
        raise TooFewUnits(0, 2)


@dataclass(frozen=True, slots=True)
class StratifiedDifference:
    """A post-stratified difference beside what it gained.

    Attributes:
        difference: Treatment minus control, with the error given the units per stratum.
        unconditional_std_error: Its error over all possible assignments.
        variance_reduction: 1 - Var(post-stratified) / Var(raw), by the error given the units per
            stratum; `None` where the raw difference has no error.
    """

    difference: Estimate | Certain
    unconditional_std_error: float
    variance_reduction: float | None


def post_stratify(
    cells: Iterable[tuple[str, Summary, str | None]],
    *,
    minimum_units: int = 2,
    small: SmallStrata = SmallStrata.REFUSE,
) -> PostStratification:
    """Weigh every variant's strata by their share of the units of all variants.

    A ratio is the weighted numerator over the weighted denominator, with delta-method errors.

    Args:
        cells: Variant, summary and stratum (`None` where a unit has no such attribute, which is a
            stratum, too), of all variants of the campaign.
        minimum_units: Units of every variant that a stratum must have, at least 2.
        small: What becomes of strata with fewer. Merging looks at units only, never at outcomes,
            so it cannot be steered by them.

    Raises:
        SmallStratum: A stratum has too few units of a variant, and may not or cannot be merged.
        TooFewUnits: There are no units at all.
        ZeroDenominator: The weighted denominator of a variant is zero.

    Source: Miratrix, Sekhon and Yu (2013), JRSS B 75, for the estimator and for the error over all
    assignments: E(1/n) of a hypergeometric count, given that it is not 0, in place of 1/n, and
    without their term for effects that differ within a stratum, which no data show and which would
    only make the error smaller.
    """
    needed = max(2, minimum_units)
    grid: Strata = {}
    variants: dict[str, Summary] = {}
    for variant, summary, value in cells:
        if summary.n > 0:
            _include(grid.setdefault((value,), {}), variant, summary)
            _include(variants, variant, summary)
    if not variants:
        raise TooFewUnits(0, needed)
    if small is SmallStrata.MERGE:
        grid = _merge(grid, list(variants), needed)
    for values, row in grid.items():
        for variant in variants:
            if _units(row, variant) < needed:
                name = " + ".join("(none)" if value is None else value for value in values)
                raise SmallStratum(name, variant, _units(row, variant), needed)
    sizes = [sum(summary.n for summary in row.values()) for row in grid.values()]
    return PostStratification(
        tuple(Stratum(values, size / sum(sizes)) for values, size in zip(grid, sizes, strict=True)),
        tuple(
            _weighted(variant, whole, [row[variant] for row in grid.values()], sizes)
            for variant, whole in variants.items()
        ),
    )


def post_stratified_difference(
    strata: PostStratification, *, control: str, treatment: str, alpha: float
) -> StratifiedDifference:
    """Estimate treatment minus control of the post-stratified values.

    Args:
        strata: All variants, post-stratified.
        control: Key of the control.
        treatment: Key of the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: None of a variant's units came.
        NoVariance: No stratum varies in either variant, and the values are equal.
    """
    left, right = strata.variant(control), strata.variant(treatment)
    difference = point_difference(
        left.point, right.point, alpha=alpha, method=Method.POST_STRATIFIED
    )
    if isinstance(difference, Certain):
        sentence = said("No stratum varies in either variant: the difference is certain.")
        difference = Certain(difference.estimate, sentence)
    before = left.raw.std_error**2 + right.raw.std_error**2
    after = left.point.std_error**2 + right.point.std_error**2
    return StratifiedDifference(
        difference,
        math.hypot(left.unconditional_std_error, right.unconditional_std_error),
        1 - after / before if before > 0 else None,
    )


def _include(row: dict[str, Summary], variant: str, summary: Summary) -> None:
    row[variant] = add_up(row[variant], summary) if variant in row else summary


def _units(row: Mapping[str, Summary], variant: str) -> int:
    return row[variant].n if variant in row else 0


def _merge(grid: Strata, variants: Sequence[str], needed: int) -> Strata:
    """Merge the small strata into one; while that is small, too, add the smallest of the others."""

    def smallest(row: Mapping[str, Summary]) -> int:
        return min(_units(row, variant) for variant in variants)

    rest: dict[str, Summary] = {}
    merged: list[tuple[str | None, ...]] = []
    for values in sorted(grid, key=lambda values: smallest(grid[values])):
        if smallest(grid[values]) >= needed and (not merged or smallest(rest) >= needed):
            break
        merged.append(values)
        for variant, summary in grid[values].items():
            _include(rest, variant, summary)
    if not merged:
        return grid
    kept = {values: row for values, row in grid.items() if values not in merged}
    return {**kept, tuple(value for values in merged for value in values): rest}


def _weighted(
    variant: str, whole: Summary, strata: Sequence[Summary], sizes: Sequence[int]
) -> StratifiedVariant:
    """Weigh one variant's strata: Σ w ȳ, with variance Σ w² s²/n, or E(1/n) in place of 1/n."""
    total = sum(sizes)
    weights = [size / total for size in sizes]
    value, scale, ratio = _value(strata, weights)
    parts = [
        (weight / scale) ** 2 * _variance(summary, ratio)
        for weight, summary in zip(weights, strata, strict=True)
    ]
    terms = [part / summary.n for part, summary in zip(parts, strata, strict=True)]
    over_all = math.fsum(
        part * _mean_inverse(size, whole.n, total) for part, size in zip(parts, sizes, strict=True)
    )
    variance = math.fsum(terms)
    df = float(whole.n - len(strata))
    if variance > 0:
        # Satterthwaite's rule, in shares of the variance so that squares cannot underflow
        df = 1 / math.fsum(
            (term / variance) ** 2 / (summary.n - 1)
            for term, summary in zip(terms, strata, strict=True)
        )
    point = AdjustedPoint(value, math.sqrt(variance), whole.n, max(1, math.floor(df + 1e-9)))
    return StratifiedVariant(variant, summary_point(whole), point, math.sqrt(over_all))


def _value(strata: Sequence[Summary], weights: Sequence[float]) -> tuple[float, float, float]:
    """Give the value, what its errors are divided by, and the ratio to linearise about.

    Raises:
        ZeroDenominator: The weighted denominator of a ratio is zero.
    """
    means = [one.mean for one in strata if isinstance(one, MeanSummary)]
    if means:
        return math.fsum(w * mean for w, mean in zip(weights, means, strict=True)), 1.0, 0.0
    ratios = [one for one in strata if isinstance(one, RatioSummary)]
    numerator, denominator = (
        math.fsum(w * one.mean for w, one in zip(weights, column, strict=True))
        for column in ([r.numerator for r in ratios], [r.denominator for r in ratios])
    )
    if denominator == 0:
        raise ZeroDenominator
    return numerator / denominator, denominator, numerator / denominator


def _variance(summary: Summary, ratio: float) -> float:
    """Give s² of y - ratio·d within a stratum."""
    if isinstance(summary, MeanSummary):
        return summary.centred_squares / (summary.n - 1)
    spread_y = summary.numerator.centred_squares
    spread_d = ratio * ratio * summary.denominator.centred_squares
    residual = spread_y - 2 * ratio * summary.co_moment + spread_d
    return residual / (summary.n - 1) if residual > ROUNDING * (spread_y + spread_d) else 0.0


def _mean_inverse(stratum: int, variant: int, total: int) -> float:
    """Give E(1/K | K > 0), K units of a variant in a stratum, all assignments equally likely.

    K is hypergeometric: `variant` draws without replacement from `total`, `stratum` of them marked.
    """
    mean = stratum * variant / total
    variance = mean * (1 - variant / total) * (total - stratum) / max(1, total - 1)
    reach = WIDTH * math.sqrt(variance) + WIDTH
    low = max(1, stratum + variant - total, math.floor(mean - reach))
    high = min(stratum, variant, math.ceil(mean + reach))
    k = np.arange(low, high + 1, dtype=float)
    log_chance = -(
        gammaln(k + 1)
        + gammaln(stratum - k + 1)
        + gammaln(variant - k + 1)
        + gammaln(total - stratum - variant + k + 1)
    )
    chance = np.exp(log_chance - log_chance.max())
    return float((chance / k).sum() / chance.sum())
